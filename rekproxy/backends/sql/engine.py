"""The read door and the write door: connections, transactions, the database's clock, its errors."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from sqlalchemy import BigInteger, Connection, Engine, Table, bindparam, create_engine, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from ...errors import CatalogFullError, CatalogUnavailableError
from ...interfaces.edge import NO_EDGES, EdgePlan
from . import schema
from .address import Address
from .reserve import Reserve

T = TypeVar("T")

#: `synchronous=FULL`: a rejection that was acknowledged must survive a power cut, and NORMAL can lose it.
_PRAGMAS = ("PRAGMA busy_timeout = 5000", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")

#: Memory for pages, a connection; SQLite takes 2 MB, where a deep page of a large catalog reads most anew.
_CACHE_KIB = 32_768

#: How often a takedown is tried that PostgreSQL chose to end a deadlock with.
_TRIES = 5


def connect_sqlite(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; a file that is not there is an error, never a new empty catalog."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _connect_reading_much(path: Path) -> sqlite3.Connection:
    """A connection for listings too: the upper pages of every index of a million assets fit its cache."""
    connection = connect_sqlite(path)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


@contextmanager
def answering() -> Iterator[None]:
    """Translate a database that does not answer; a mistake of ours in a statement stays what it is."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError, sqlite3.OperationalError) as error:
        if "database or disk is full" in str(error):
            raise CatalogFullError("The catalog's disk is full") from error
        raise CatalogUnavailableError("The catalog does not answer") from error
    except (DBAPIError, sqlite3.DatabaseError) as error:
        # itself, not a child of it: SQLite's word for a damaged file or one that is no database
        damaged = type(error) in (DatabaseError, sqlite3.DatabaseError)
        if damaged or getattr(error, "connection_invalidated", False):
            raise CatalogUnavailableError("The catalog does not answer") from error
        raise


def _is_deadlock(error: CatalogUnavailableError) -> bool:
    """Whether a transaction was rolled back for others to go on: tried again, it may well go through."""
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) == "40P01"


class now_ms(GenericFunction[int]):  # noqa: N801
    """The database's clock, in milliseconds since 1970."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_ms, "sqlite")
def _now_in_sqlite(element: now_ms, compiler: SQLCompiler, **options: Any) -> str:
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(now_ms, "postgresql")
def _now_in_postgresql(element: now_ms, compiler: SQLCompiler, **options: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


# Written once: to write a statement anew costs more processor time than to run it.
_NOW: Final = select(now_ms())
_DRAW: Final = (
    update(schema.sequence)
    .where(schema.sequence.c.name == "revision")
    .values(value=schema.sequence.c.value + bindparam("count"))
    .returning(schema.sequence.c.value)
)


@cache
def insert_into(on_postgresql: bool, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what to do when the key is taken."""
    return postgresql.insert(table) if on_postgresql else sqlite.insert(table)


@cache
def _overwriting(
    on_postgresql: bool, table: Table, columns: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    fresh = insert_into(on_postgresql, table)
    anew = {name: fresh.excluded[name] for name in columns}
    return fresh.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=anew)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open write. `now` is the database's clock when it began, in milliseconds.

    `notification_urls` is who is told of what happens in a cloud, where nobody else is named; `edges` are
    purged of what changes.
    """

    connection: Connection
    now: int
    notification_urls: Mapping[str, str] = field(default_factory=dict)
    edges: EdgePlan = NO_EDGES

    @property
    def on_postgresql(self) -> bool:
        """Whether rows are locked one by one; in SQLite the transaction has the whole file."""
        return self.connection.dialect.name == "postgresql"

    def upsert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that can say what to do when the key is taken."""
        return insert_into(self.on_postgresql, table)

    def overwriting(self, table: Table, *columns: str) -> sqlite.Insert | postgresql.Insert:
        """An INSERT of a row that sets these columns of it anew where its primary key is taken."""
        return _overwriting(self.on_postgresql, table, columns)

    def revision(self) -> int:
        """The next number of the installation-wide sequence."""
        return self.revisions(1)[0]

    def revisions(self, count: int) -> Sequence[int]:
        """The next `count` numbers of the installation-wide sequence."""
        if self.on_postgresql:
            drawn = text("SELECT nextval('revisions') FROM generate_series(1, :count)")
            return sorted(self.connection.scalars(drawn, {"count": count}))
        last = self.connection.scalar(_DRAW, {"count": count})
        assert last is not None, "the first migration makes this row"  # noqa: S101
        return range(last - count + 1, last + 1)


class Database:
    """One catalog's connections. Nothing is opened before first use, and a forked child opens its own."""

    def __init__(
        self,
        address: Address,
        notification_urls: Mapping[str, str] | None = None,
        edges: EdgePlan = NO_EDGES,
    ) -> None:
        self.address = address
        self.edges = edges
        self._notification_urls = notification_urls or {}
        self.reserve = Reserve(Path(f"{address.sqlite_path}.reserve")) if address.sqlite_path else None
        self._engines: dict[int, Engine] = {}

    @property
    def advice(self) -> str:
        """What an operator should look at; the address without its password."""
        if self.address.sqlite_path:
            return f"see that {self.address.sqlite_path} exists and can be read and written"
        return f"see that {self.address.url.host or 'the server'} runs, lets us in, and is a primary"

    @property
    def engine(self) -> Engine:
        """This process' engine. What a fork brought along stays untouched: it is the parent's."""
        process = os.getpid()
        return self._engines.get(process) or self._engines.setdefault(process, self._build())

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in autocommit mode: every statement sees what is committed when it starts."""
        with answering(), self.engine.connect() as connection:
            if self.address.sqlite_path is None:
                connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction, committed at the end of the block and rolled back by any exception."""
        with answering(), self.engine.connect() as connection:
            if self.address.sqlite_path:
                # a deferred transaction that reads first fails at once when another one writes
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            now = connection.scalar(_NOW) or 0
            yield Transaction(connection, now, self._notification_urls, self.edges)
            connection.commit()

    def at_any_cost(self, write: Callable[[], T]) -> T:
        """A takedown's write: others' locks do not stop it, nor, where there is a reserve, a full disk."""
        for _ in range(_TRIES - 1):
            try:
                return self._in_reserve(write)
            except CatalogUnavailableError as error:
                if not _is_deadlock(error):
                    raise
        return self._in_reserve(write)

    def _in_reserve(self, write: Callable[[], T]) -> T:
        return self.reserve.at_any_cost(write) if self.reserve else write()

    def close(self) -> None:
        """Let go of this process' connections."""
        engine = self._engines.pop(os.getpid(), None)
        if engine:
            engine.dispose()

    def _build(self) -> Engine:
        if self.address.sqlite_path:
            return create_engine(
                "sqlite+pysqlite://",
                creator=partial(_connect_reading_much, self.address.sqlite_path),
                poolclass=QueuePool,
                hide_parameters=True,
                pool_timeout=5,
            )
        return create_engine(
            self.address.url,
            pool_size=8,
            max_overflow=8,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,
        )
