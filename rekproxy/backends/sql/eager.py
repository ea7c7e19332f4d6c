"""Derived images that were asked for beforehand: a job that waits for an approval, and what is told then."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import insert, select

from ...domain.asset import Asset, Job, Status
from ...domain.eager import Batch
from . import jobs, snapshots
from .announcing import whom, write
from .engine import Database, Transaction
from .rebuilding import eager_key
from .rows import load_one
from .schema import asset_versions
from .schema import jobs as rows
from .writing import lock_owner

#: Seconds for which an approval is waited for; whatever is approved later is made when it is asked for.
_WAIT: Final = 30 * 86_400.0


def put(tx: Transaction, asset: Asset, batch: Batch, actor: str) -> None:
    """Write the job of a batch; it is due once the asset is shown. Several may wait for one version."""
    version_id = asset.current.version_id
    payload = {"version_id": version_id, "actor": actor, **batch.as_json()}
    wait = 0.0 if asset.standing is Status.APPROVED else _WAIT
    due = {"run_after": tx.now + round(wait * 1000)}
    row = jobs.row(tx, asset.cloud, "eager", payload, eager_key(version_id))
    tx.connection.execute(insert(rows).values(row | due))


class Eager:
    """The catalog's part about what is made before anybody asks for it."""

    _database: Database

    def want_eager(self, cloud: str, version_id: str, batch: Batch, *, actor: str) -> bool:
        """See `Catalog.want_eager`."""
        with self._database.write() as tx:
            asset = lock_owner(tx, cloud, version_id)
            if asset is None or asset.current.version_id != version_id:
                return False
            put(tx, asset, batch, actor)
            return True

    def end_eager(self, job: Job, facts: Mapping[str, Any] | None = None) -> bool:
        """See `Catalog.end_eager`."""
        with self._database.write() as tx:
            if not jobs.end(tx, job):
                return False
            if facts is not None:
                _tell(tx, job, facts)
            return True


def _tell(tx: Transaction, job: Job, facts: Mapping[str, Any]) -> None:
    """Announce it to the address of the batch, else to whoever is told of the asset."""
    owner = select(asset_versions.c.asset_id).where(asset_versions.c.version_id == job.payload["version_id"])
    asset_id = tx.connection.scalar(owner)
    asset = load_one(tx.connection, asset_id=asset_id) if asset_id else None
    if asset is None or asset.cloud != job.cloud:
        return
    told = whom(tx, job.cloud, "eager", job.payload["notification_url"] or asset.notification_url)
    if told:
        seen = snapshots.keep(asset, described=False)
        kept = {"asset": seen, "said": dict(facts), "actor": job.payload["actor"]}
        write(tx, job.cloud, asset.asset_id, "eager", told, kept)
