"""Updates: what is said of an asset, and what a person decides about it, in one transaction."""

from collections.abc import Mapping
from typing import Any

from ...domain.asset import Asset, Hidden
from ...errors import NotFoundError
from ...interfaces.changes import Change
from ...interfaces.updating import Decision, Updated
from .decisions import as_looked_at, decide, is_current
from .engine import Database, Transaction
from .revising import revise
from .writing import lock


class Updating:
    """The part of the catalog about updates."""

    _database: Database

    def update(
        self,
        cloud: str,
        asset_id: str,
        fields: Mapping[str, Any],
        decision: Decision | None,
        *,
        actor: str,
        notification_url: str | None = None,
    ) -> Updated:
        """See `Catalog.update`. A decision may take a picture down: no lock of others stops it."""

        def write() -> Updated | None:
            with self._database.write() as tx:
                asset = lock(tx, cloud=cloud, asset_id=asset_id)
                if asset is None or (fields and asset.hidden is Hidden.DELETED):
                    raise NotFoundError(f"Resource not found - {asset.public_id if asset else asset_id}")
                return _update(tx, asset, fields, decision, actor, notification_url)

        done = self._database.at_any_cost(write) if decision else write()
        return as_looked_at(done)


def _update(
    tx: Transaction,
    before: Asset,
    fields: Mapping[str, Any],
    decision: Decision | None,
    actor: str,
    notification_url: str | None,
) -> Updated | None:
    if decision is not None and not is_current(
        tx, before, decision.status, actor, decision.version_id, decision.revision
    ):
        return None
    asset = before
    if fields:
        asset = revise(tx, before, Change(fields), actor=actor, notification_url=notification_url)
    if decision is None:
        return Updated(before, asset, decided=False)
    done = decide(
        tx,
        asset,
        decision.status,
        actor,
        decision.reason,
        decision.note,
        notification_url=notification_url,
    )
    return Updated(before, done.asset, decided=done.changed)
