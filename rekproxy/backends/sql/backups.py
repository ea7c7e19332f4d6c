"""The catalog's part about versions that can be brought back: restored, or erased for good."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from ...domain import moderation
from ...domain.asset import Asset, Hidden, Moderation, Status, Version
from ...errors import HeldError, InvalidRequestError, NotFoundError
from . import audit, blobs, jobs, known
from .announcing import announce
from .engine import Database, Transaction
from .rows import entries_of, load_one, version_from
from .schema import asset_versions, assets
from .writing import (
    change_entries,
    leave_behind,
    lock,
    put_moderate,
    set_version_status,
)


class Backups:
    """The part of the catalog about versions that can be brought back."""

    _database: Database

    def versions(self, cloud: str, asset_id: str, limit: int = 500) -> tuple[Version, ...]:
        """See `Catalog.versions`."""
        query = (
            select(asset_versions)
            .join(assets, assets.c.asset_id == asset_versions.c.asset_id)
            .where(assets.c.cloud == cloud, assets.c.asset_id == asset_id)
            .order_by(asset_versions.c.erased_at.is_not(None), asset_versions.c.version.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            found = [version_from(row) for row in connection.execute(query).mappings()]
        return tuple(sorted(found, key=lambda version: version.number, reverse=True))

    def restore(
        self,
        cloud: str,
        asset_id: str,
        version_id: str | None = None,
        *,
        actor: str,
        max_versions: int = 20,
        notification_url: str | None = None,
    ) -> Asset | None:
        """See `Catalog.restore`."""
        with self._database.write() as tx:
            asset = lock(tx, cloud=cloud, asset_id=asset_id)
            version = _restorable(tx, asset, version_id) if asset else None
            if asset is None or version is None:
                return None
            if version == asset.current and asset.hidden is not Hidden.DELETED:
                return asset
            restored = _bring_back(tx, asset, version)
            erased = erase_beyond(tx, restored, max_versions)
            _note_restored(tx, asset, restored, actor, erased)
            told = replace(restored, notification_url=notification_url or restored.notification_url)
            announce(tx, told, "restore", {}, actor=actor)
            return _loaded(tx, asset_id) if erased else restored

    def erase_backups(
        self, cloud: str, asset_id: str, version_ids: Sequence[str], *, actor: str
    ) -> tuple[str, ...]:
        """See `Catalog.erase_backups`."""
        with self._database.write() as tx:
            asset = lock(tx, cloud=cloud, asset_id=asset_id)
            if asset is None:
                raise NotFoundError(f"Resource not found - {asset_id}")
            if asset.hold is not None:
                raise HeldError("A legal hold forbids erasing anything of this asset. Lift the hold first.")
            if asset.current.version_id in version_ids:
                raise InvalidRequestError("The current version is no backup: delete the asset instead")
            digests = erase_versions(tx, asset, version_ids)
            for erased, digest in digests.items():
                audit.note(
                    tx, cloud, asset_id, "erased", actor=actor, version_id=erased, detail={"digest": digest}
                )
            return tuple(digests)


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
        .values(erased_at=tx.now, facts=None)
        .returning(asset_versions.c.version_id, asset_versions.c.digest, asset_versions.c.pin_uri)
    )
    rows = tx.connection.execute(erased).all()
    # the bytes of what was imported in place are not ours
    freed = sorted({row.digest for row in rows if row.pin_uri is None})
    if freed:
        jobs.put(tx, asset.cloud, "sweep_original", {"digests": freed}, delay=blobs.LATELY)
    return {row.version_id: row.digest for row in rows}


def erase_beyond(tx: Transaction, asset: Asset, most: int) -> tuple[str, ...]:
    """Erase the oldest restorable versions of a locked asset beyond `most`, which counts the current one.

    Nothing under a legal hold. Gives the ids of what was erased.
    """
    if asset.hold is not None:
        return ()
    kept = (
        select(asset_versions.c.version_id)
        .where(
            asset_versions.c.asset_id == asset.asset_id,
            asset_versions.c.version_id != asset.current.version_id,
            asset_versions.c.erased_at.is_(None),
        )
        .order_by(asset_versions.c.version.desc())
    )
    older = tx.connection.scalars(kept).all()
    return tuple(erase_versions(tx, asset, older[max(most, 1) - 1 :]))


def _restorable(tx: Transaction, asset: Asset, version_id: str | None) -> Version | None:
    """The version that is asked for, if it is the asset's and has its bytes."""
    wanted = asset.current.version_id if version_id is None else version_id
    query = select(asset_versions).where(
        asset_versions.c.asset_id == asset.asset_id,
        asset_versions.c.version_id == wanted,
        asset_versions.c.erased_at.is_(None),
    )
    row = tx.connection.execute(query).mappings().first()
    return version_from(row) if row else None


def _bring_back(tx: Transaction, asset: Asset, version: Version) -> Asset:
    """Make a version current, with what was decided about it: a new revision, and a higher number."""
    entries = entries_of(tx.connection, version.version_id)
    verdict = _verdict(tx, asset, version, entries)
    standing = _still_hidden(asset, entries) or verdict
    number, revision = max(asset.version + 1, tx.now // 1000), tx.revision()
    state: dict[str, Any] = {
        "version_id": version.version_id,
        "status": standing.value,
        "revision": revision,
        "version": number,
        "updated_at": tx.now,
    }
    tx.connection.execute(update(assets).where(assets.c.asset_id == asset.asset_id).values(state))
    own = asset_versions.c.version_id == version.version_id
    tx.connection.execute(update(asset_versions).where(own).values(version=number))
    leave_behind(tx, [asset], {asset.asset_id: revision}, shown=standing is Status.APPROVED)
    if verdict is Status.PENDING and any(entry.waits_for_machine for entry in entries):
        put_moderate(tx, asset.cloud, version.version_id, delay=0.0)
    return _loaded(tx, asset.asset_id)


def _still_hidden(asset: Asset, entries: Sequence[Moderation]) -> Hidden | None:
    """What goes on hiding an asset whose version is restored: a restriction, or reports of that version.

    Who deletes or overwrites what reports have hidden, and restores it, has answered nothing.
    """
    if asset.restricted_to is not None:
        return Hidden.RESTRICTED
    return Hidden.REPORTED if moderation.hidden_by_reports(entries) else None


def _verdict(tx: Transaction, asset: Asset, version: Version, before: Sequence[Moderation]) -> Status:
    """What was decided about a version; but a person's rejection of its pixels since then holds."""
    known.lock_pixels(tx, asset.cloud, version.pixel_digest)
    decided = known.decided_on(tx.connection, asset.cloud, version.pixel_digest, asset.asset_id)
    if version.status is Status.REJECTED or decided is not Status.REJECTED:
        return version.status
    after = moderation.override(before, Status.REJECTED, actor=moderation.KNOWN_DECISION, now=tx.now)
    change_entries(tx, asset, version.version_id, before, after)
    set_version_status(tx, version.version_id, Status.REJECTED)
    return Status.REJECTED


def _note_restored(tx: Transaction, before: Asset, after: Asset, actor: str, erased: tuple[str, ...]) -> None:
    audit.note(
        tx,
        before.cloud,
        before.asset_id,
        "restored",
        actor=actor,
        version_id=after.current.version_id,
        before=before.standing,
        after=after.standing,
        detail={"replaced": before.current.version_id, **({"erased": list(erased)} if erased else {})},
    )


def _loaded(tx: Transaction, asset_id: str) -> Asset:
    asset = load_one(tx.connection, asset_id=asset_id)
    assert asset is not None, "it is locked by this transaction"  # noqa: S101
    return asset
