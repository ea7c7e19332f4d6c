"""What people decided about pixels: kept beyond the asset, and carried to everything that shows the same."""

from typing import Final

from sqlalchemy import Connection, Select, bindparam, delete, exists, select

from ...domain.asset import Asset, Status, is_import, is_machine
from . import jobs
from .engine import Transaction
from .schema import asset_versions, assets, decisions

#: The kind of the job that carries a rejection to the same pixels elsewhere.
FOLLOW: Final = "follow_rejection"

_DECIDED: Final = select(decisions.c.asset_id, decisions.c.status, decisions.c.decided_at).where(
    decisions.c.cloud == bindparam("cloud"), decisions.c.pixel_digest == bindparam("pixel_digest")
)
_FORGET: Final = delete(decisions).where(
    decisions.c.cloud == bindparam("of_cloud"),
    decisions.c.pixel_digest == bindparam("of_pixels"),
    decisions.c.asset_id == bindparam("of_asset"),
)
_PIXELS: Final = select(asset_versions.c.pixel_digest).where(
    asset_versions.c.version_id == bindparam("version_id")
)


def decided_on(connection: Connection, cloud: str, pixel_digest: str, asset_id: str | None) -> Status | None:
    """What people decided about pixels. Within one millisecond a rejection is the later."""
    rows = connection.execute(_DECIDED, {"cloud": cloud, "pixel_digest": pixel_digest}).all()
    rejected_at = max((row.decided_at for row in rows if row.status == Status.REJECTED), default=-1)
    for row in rows:
        approved = row.asset_id == asset_id and row.status == Status.APPROVED
        if approved and row.decided_at > rejected_at:
            return Status.APPROVED
    return Status.REJECTED if rejected_at >= 0 else None


def lock_pixels(tx: Transaction, cloud: str, pixel_digest: str) -> None:
    """Let nobody approve pixels that somebody is rejecting. Taken after an asset's lock, never before."""
    if tx.on_postgresql:
        tx.connection.execute(jobs.KEY_LOCK, {"key": f"pixels:{cloud}:{pixel_digest}"})


def remember(tx: Transaction, asset: Asset, status: Status, actor: str, reason: str | None) -> None:
    """Keep what a person decided about an asset's pixels, whatever becomes of the asset.

    A rejection is carried to everything else of the cloud that was approved with the same pixels. Rejections
    that an import brings are kept beside a person's, and until a person decides; its approvals are nobody's
    word.
    """
    if is_machine(actor):
        return
    digest = asset.current.pixel_digest
    lock_pixels(tx, asset.cloud, digest)
    brought = _brought(asset)
    if is_import(actor):
        _write(tx, asset, brought, Status.PENDING if status is Status.APPROVED else status)
    else:
        _write(tx, asset, asset.asset_id, status)
        tx.connection.execute(_FORGET, {"of_cloud": asset.cloud, "of_pixels": digest, "of_asset": brought})
    if status is Status.REJECTED and _is_shown_elsewhere(tx, asset):
        _follow(tx, asset.cloud, digest, reason)


def _brought(asset: Asset) -> str:
    """What stands for an asset where an import, and no person, decided about its pixels."""
    return f"import:{asset.asset_id}"


def _write(tx: Transaction, asset: Asset, asset_id: str, status: Status) -> None:
    said = {"status": status.value, "decided_at": tx.now}
    key = {"cloud": asset.cloud, "pixel_digest": asset.current.pixel_digest, "asset_id": asset_id}
    tx.connection.execute(tx.overwriting(decisions, *said), key | said)


def forbid(tx: Transaction, asset: Asset, actor: str) -> bool:
    """Whether `actor` may not approve a locked asset: an import that meets a rejection of its pixels.

    What the import itself has brought for this asset it takes back.
    """
    if not is_import(actor):
        return False
    remember(tx, asset, Status.PENDING, actor, None)
    return rejected(tx, asset, asset.current.version_id)


def heed(tx: Transaction, asset: Asset) -> None:
    """Have the current version of a locked asset rejected, if it stands approved with rejected pixels."""
    if asset.status is not Status.APPROVED:
        return
    digest = asset.current.pixel_digest
    lock_pixels(tx, asset.cloud, digest)
    if decided_on(tx.connection, asset.cloud, digest, asset.asset_id) is Status.REJECTED:
        _follow(tx, asset.cloud, digest, None)


def rejected(tx: Transaction, asset: Asset, version_id: str) -> bool:
    """Whether a person's last word on the pixels of a version is a rejection."""
    digest: str | None = asset.current.pixel_digest
    if version_id != asset.current.version_id:
        digest = tx.connection.scalar(_PIXELS, {"version_id": version_id})
    if digest is None:
        return False
    lock_pixels(tx, asset.cloud, digest)
    return decided_on(tx.connection, asset.cloud, digest, asset.asset_id) is Status.REJECTED


def approved_alike(
    connection: Connection, cloud: str, pixel_digest: str, after: str, limit: int
) -> tuple[str, ...]:
    """Ids of versions of a cloud, behind `after`, that stand approved with these pixels."""
    query = _approved_with(cloud, pixel_digest).where(asset_versions.c.version_id > after)
    return tuple(connection.scalars(query.order_by(asset_versions.c.version_id).limit(limit)))


def _is_shown_elsewhere(tx: Transaction, asset: Asset) -> bool:
    other = asset_versions.c.version_id != asset.current.version_id
    query = _approved_with(asset.cloud, asset.current.pixel_digest).where(other)
    return bool(tx.connection.scalar(select(exists(query))))


def _approved_with(cloud: str, pixel_digest: str) -> Select[tuple[str]]:
    return (
        select(asset_versions.c.version_id)
        .join(assets, assets.c.asset_id == asset_versions.c.asset_id)
        .where(
            asset_versions.c.pixel_digest == pixel_digest,
            asset_versions.c.status == Status.APPROVED.value,
            assets.c.cloud == cloud,
        )
    )


def _follow(tx: Transaction, cloud: str, pixel_digest: str, reason: str | None) -> None:
    payload = {"pixel_digest": pixel_digest, "reason": reason}
    jobs.put(tx, cloud, FOLLOW, payload, dedupe_key=f"{FOLLOW}:{cloud}:{pixel_digest}")
