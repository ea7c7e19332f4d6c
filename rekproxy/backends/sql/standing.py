"""The standing door: one indexed read of what may be served, on a connection of its own for each thread."""

import os
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...domain.asset import Hidden, Standing, Standings, Status
from ...errors import CatalogUnavailableError
from .address import Address
from .engine import answering, connect_sqlite
from .walindex import WalIndex

_STATUSES: dict[str, Status | Hidden] = {status.value: status for status in (*Status, *Hidden)}

#: What stands for the type in the row of a transformation, and for the status of one that may pass.
_DEFINITION, _ALLOWED = "transformation", "allowed"

#: Standings remembered while nothing is committed: the hot ones, and a bound for what strangers ask for.
MOST_SEEN = 16_384

#: Connections that a fork brought along: closing them would end the parent's session, so they are only kept.
_inherited: list[Any] = []


class _Held:
    """A thread's connection, closed with its thread, but only in the process that opened it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.process = os.getpid()

    def __del__(self) -> None:
        if self.process == os.getpid():
            self.connection.close()
        else:
            _inherited.append(self.connection)


class StandingDoor(ABC):
    """Reads standings in autocommit mode and consumes every row, so that no snapshot is ever kept open."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._local = threading.local()

    def read(
        self, cloud: str, names: Sequence[tuple[str, str]], definitions: Sequence[str] = ()
    ) -> Standings:
        """See `Catalog.standing`."""
        parameters: list[str] = []
        for name in names:
            parameters += (cloud, *name)
        for definition in definitions:
            parameters += (cloud, definition)
        epoch = ""
        by_name, defined = {}, {}
        counts = len(names), len(definitions)
        for value, type_, public_id, asset_id, revision, status, access in self._rows(counts, parameters):
            if type_ == _DEFINITION:
                defined[public_id] = (asset_id, status == _ALLOWED)
            elif value is None:
                standing = Standing(type_, public_id, asset_id, revision, _STATUSES[status], access)
                by_name[type_, public_id] = standing
            else:
                epoch = value
        if not epoch:
            raise CatalogUnavailableError("The catalog has no epoch")
        return Standings(epoch, by_name, defined)

    def close(self) -> None:
        """Let go of every thread's connection; a thread that reads again opens a new one."""
        self._local = threading.local()

    def _connection(self) -> Any:
        held: _Held | None = getattr(self._local, "held", None)
        if held is None or held.process != os.getpid():
            held = self._local.held = _Held(self._connect())
        return held.connection

    @abstractmethod
    def _connect(self) -> Any: ...

    @abstractmethod
    def _rows(self, counts: tuple[int, int], parameters: Sequence[str]) -> Sequence[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """Standings that were read while the WAL-index had one header: they hold for as long as it has."""

    header: bytes
    standings: dict[tuple[object, ...], Standings]


class SqliteStanding(StandingDoor):
    """SQLite without SQLAlchemy between, and without a query where nothing was committed since the last."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._index: WalIndex | None = None
        self._seen = _Seen(b"", {})

    def read(
        self, cloud: str, names: Sequence[tuple[str, str]], definitions: Sequence[str] = ()
    ) -> Standings:
        """See `Catalog.standing`."""
        index = self._open_index()
        header, seen, asked = index.header(), self._seen, (cloud, *names, *definitions)
        if header == seen.header and asked in seen.standings:
            return seen.standings[asked]
        found = super().read(cloud, names, definitions)
        if header is not None and header == index.header():
            self._remember(header, asked, found)
        return found

    def close(self) -> None:
        """See `StandingDoor.close`."""
        super().close()
        self._index, self._seen = None, _Seen(b"", {})

    def _remember(self, header: bytes, asked: tuple[object, ...], found: Standings) -> None:
        seen = self._seen
        if header != seen.header or len(seen.standings) >= MOST_SEEN:
            seen = self._seen = _Seen(header, {})
        seen.standings[asked] = found

    def _open_index(self) -> WalIndex:
        index = self._index
        if index is not None and not index.is_current:
            self.close()  # another file lies there now, or none
            index = None
        if index is None or not index.is_ours:
            assert self._address.sqlite_path  # noqa: S101
            with answering():
                index = self._index = WalIndex(self._address.sqlite_path, connect_sqlite)
        return index

    def _connect(self) -> Any:
        assert self._address.sqlite_path  # noqa: S101
        connection = connect_sqlite(self._address.sqlite_path)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _rows(self, counts: tuple[int, int], parameters: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        try:
            rows: list[tuple[Any, ...]] = (
                self._connection().execute(sqlite_statement(*counts), parameters).fetchall()
            )
        except sqlite3.Error:
            with answering():
                raise
        return rows


class PostgresStanding(StandingDoor):
    """psycopg without SQLAlchemy between, on the primary."""

    def _connect(self) -> Any:
        import psycopg

        url = self._address.url
        _, arguments = url.get_dialect()().create_connect_args(url)
        return psycopg.connect(**arguments, autocommit=True, prepare_threshold=0)

    def _rows(self, counts: tuple[int, int], parameters: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        import psycopg

        try:
            try:
                return self._ask(counts, parameters)
            except psycopg.OperationalError:
                if not self._drop_broken():
                    raise
                return self._ask(counts, parameters)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise CatalogUnavailableError("The catalog does not answer") from error

    def _drop_broken(self) -> bool:
        """Forget this thread's connection if the server has closed it; a new one may well answer."""
        held: _Held | None = getattr(self._local, "held", None)
        if held is None or not held.connection.closed:
            return False
        del self._local.held
        return True

    def _ask(self, counts: tuple[int, int], parameters: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = (
            self._connection().execute(_postgres_statement(*counts), parameters).fetchall()
        )
        return rows


def _statement(count: int, definitions: int, source: str, marker: str) -> str:
    """The epoch, which comes whatever exists, and a row for each name that does, of either kind."""
    epoch = "SELECT value, NULL, NULL, NULL, NULL, NULL, NULL FROM meta WHERE name = 'epoch'"
    name = (
        f" UNION ALL SELECT NULL, type, public_id, asset_id, revision, status, access_control FROM {source}"  # noqa: S608
        f" WHERE cloud = {marker} AND type = {marker} AND public_id = {marker}"
    )
    definition = (
        f" UNION ALL SELECT NULL, '{_DEFINITION}', name, definition, revision,"  # noqa: S608
        f" CASE WHEN allowed THEN '{_ALLOWED}' ELSE 'strict' END, NULL"
        f" FROM transformations WHERE cloud = {marker} AND name = {marker}"
    )
    return epoch + name * count + definition * definitions


@lru_cache
def sqlite_statement(count: int, definitions: int = 0) -> str:
    """The statement for `count` names of assets, and so many `definitions`.

    The index of assets holds all that is read, so that their table is never touched.
    """
    return _statement(count, definitions, "assets INDEXED BY ix_assets_standing", "?")


@lru_cache
def _postgres_statement(count: int, definitions: int) -> str:
    return _statement(count, definitions, "assets", "%s")
