"""The catalog's part about versions that can be brought back."""

from collections.abc import Iterable

from sqlalchemy import update

from ...domain.asset import Asset
from . import blobs, jobs
from .engine import Database, Transaction
from .schema import asset_versions


def erase_versions(tx: Transaction, asset: Asset, version_ids: Iterable[str]) -> dict[str, str]:
    """Say of versions of a locked asset that their bytes are gone for good, and have a job free these.

    The rows stay, with what was decided about them. Bytes that another version has, of whatever asset, stay
    for that one. Gives the digest of each version that was not erased before. Whether a hold or the place of
    the current version forbids it, and what the audit says of it, is the caller's to know.
    """
    own = (asset_versions.c.asset_id == asset.asset_id, asset_versions.c.version_id.in_(tuple(version_ids)))
    erased = (
        update(asset_versions)
        .where(*own, asset_versions.c.erased_at.is_(None))
        .values(erased_at=tx.now)
        .returning(asset_versions.c.version_id, asset_versions.c.digest)
    )
    digests: dict[str, str] = {row.version_id: row.digest for row in tx.connection.execute(erased)}
    if digests:
        freed = {"digests": sorted(set(digests.values()))}
        jobs.put(tx, asset.cloud, "sweep_original", freed, delay=blobs.LATELY)
    return digests


class Backups:
    """The part of the catalog about versions that can be brought back."""

    _database: Database
