"""The audit: what happened to an asset, by whom; the database refuses to change a line."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import insert, select

from ...domain.asset import Asset
from ...interfaces import AuditLine
from .engine import Database, Transaction
from .schema import audit as lines

_WRITE: Final = insert(lines)


def note(
    tx: Transaction,
    cloud: str,
    asset_id: str,
    action: str,
    *,
    actor: str,
    version_id: str | None = None,
    before: str | None = None,
    after: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one line in the transaction of what it tells."""
    note_all(
        tx,
        [
            {
                "cloud": cloud,
                "asset_id": asset_id,
                "version_id": version_id,
                "actor": actor,
                "action": action,
                "before": before,
                "after": after,
                "detail": dict(detail or {}),
            }
        ],
    )


def note_all(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write several lines, each with every column but `id` and `at`."""
    if rows:
        tx.connection.execute(_WRITE, [{"at": tx.now, **row} for row in rows])


class Audit:
    """The audit's part of the catalog."""

    _database: Database

    def audit(self, cloud: str, asset_id: str, limit: int = 100) -> tuple[AuditLine, ...]:
        """See `Catalog.audit`."""
        query = (
            select(lines)
            .where(lines.c.cloud == cloud, lines.c.asset_id == asset_id)
            .order_by(lines.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(AuditLine(**row) for row in connection.execute(query).mappings())

    def note(self, cloud: str, asset: Asset, *, actor: str, action: str) -> None:
        """See `Catalog.note`."""
        with self._database.write() as tx:
            note(tx, cloud, asset.asset_id, action, actor=actor, version_id=asset.current.version_id)
