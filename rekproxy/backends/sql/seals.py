"""The sealed batches of the audit: what can be sealed, and the seals themselves, which only ever grow."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, RowMapping, func, select, text

from ...domain.sealing import Seal
from ...errors import CatalogUnavailableError
from ...interfaces import AuditLine
from .engine import Database, now_ms
from .schema import audit, audit_seals

#: Seconds that the sealer waits for writes that have begun.
PATIENCE: Final = 10.0

#: Who has written a line and not yet ended. PostgreSQL itself takes this lock for every INSERT, before the
#: line gets its id, and keeps it until the transaction ends: no writer can forget it, none waits for us.
_WRITERS: Final = text(
    "SELECT virtualtransaction FROM pg_locks"
    " WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND relation = 'audit'::regclass"
)


class Seals:
    """The part of the catalog about the sealed batches of the audit."""

    _database: Database

    def settled_line(self) -> int:
        """See `Catalog.settled_line`. PostgreSQL gives out ids before commits; SQLite has one writer."""
        with self._database.read() as connection:
            last: int = connection.scalar(select(func.coalesce(func.max(audit.c.id), 0))) or 0
            if connection.dialect.name == "postgresql":
                _wait_for_writers(connection)
            return last

    def lines_between(self, first: int, last: int, limit: int) -> tuple[AuditLine, ...]:
        """See `Catalog.lines_between`."""
        query = select(audit).where(audit.c.id.between(first, last)).order_by(audit.c.id).limit(limit)
        with self._database.read() as connection:
            return tuple(AuditLine(**row) for row in connection.execute(query).mappings())

    def lines_from(
        self,
        cloud: str,
        *,
        asset_id: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        after: int | None = None,
        newest_first: bool = True,
        limit: int = 50,
    ) -> tuple[AuditLine, ...]:
        """See `Catalog.lines_from`."""
        query = select(audit).where(audit.c.cloud == cloud)
        for column, value in ((audit.c.asset_id, asset_id), (audit.c.actor, actor), (audit.c.action, action)):
            if value is not None:
                query = query.where(column == value)
        if after is not None:
            query = query.where(audit.c.id < after if newest_first else audit.c.id > after)
        query = query.order_by(audit.c.id.desc() if newest_first else audit.c.id).limit(limit)
        with self._database.read() as connection:
            return tuple(AuditLine(**row) for row in connection.execute(query).mappings())

    def unsealed(self) -> tuple[int, int | None]:
        """See `Catalog.unsealed`."""
        sealed = select(func.coalesce(func.max(audit_seals.c.last_id), 0)).scalar_subquery()
        query = select(func.count(), func.min(audit.c.at)).where(audit.c.id > sealed)
        with self._database.read() as connection:
            count, oldest = connection.execute(query).one()
            return count, oldest

    def seals_after(self, last_id: int, limit: int) -> Sequence[Seal]:
        """See `Catalog.seals_after`."""
        query = (
            select(audit_seals)
            .where(audit_seals.c.last_id > last_id)
            .order_by(audit_seals.c.last_id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(_seal(row) for row in connection.execute(query).mappings())

    def last_seal(self) -> Seal | None:
        """See `Catalog.last_seal`."""
        query = select(audit_seals).order_by(audit_seals.c.last_id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
            return _seal(row) if row else None

    def add_seal(self, seal: Seal) -> bool:
        """See `Catalog.add_seal`."""
        with self._database.write() as tx:
            statement = tx.upsert(audit_seals).values(**asdict(seal)).on_conflict_do_nothing()
            return tx.connection.scalar(statement.returning(audit_seals.c.last_id)) is not None

    def clock(self) -> int:
        """See `Catalog.clock`."""
        with self._database.read() as connection:
            return connection.scalar(select(now_ms())) or 0


def _wait_for_writers(connection: Connection) -> None:
    """Wait until every transaction has ended that has written a line until now; new ones do not matter."""
    until = time.monotonic() + PATIENCE
    waiting = set(connection.scalars(_WRITERS))
    while waiting:
        if time.monotonic() > until:
            raise CatalogUnavailableError("A write to the audit does not end: it is sealed later")
        time.sleep(0.01)
        waiting &= set(connection.scalars(_WRITERS))


def _seal(row: RowMapping) -> Seal:
    return Seal(**row)
