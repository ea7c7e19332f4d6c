"""Assets come, are overwritten and go."""

import secrets
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from ...domain.asset import Asset, Hidden, Job, Status
from ...domain.cachekeys import surrogate_key
from ...domain.moderation import hidden_by_reports, overall
from ...errors import CatalogUnavailableError, ConflictError
from ...interfaces import NewVersion
from . import audit, blobs, eager, jobs, known, moving, rebuilding
from .announcing import announce
from .backups import erase_beyond, erase_versions
from .blobs import refuse_erased
from .engine import Database, Transaction, insert_into
from .folders import ensure
from .reports import carry_reports, copy_reports
from .rows import load_one, version_row
from .schema import (
    asset_versions,
    assets,
    contexts,
    escalations,
    leases,
    metadata_values,
    moderations,
    reports,
    tags,
)
from .writing import (
    GRACE,
    insert_context,
    insert_entries,
    insert_metadata,
    insert_tags,
    leave_behind,
    lock,
    moderate_key,
    put_moderate,
    set_standing,
)

_NUMBERED: Final = select(assets.c.version, assets.c.created_at).where(
    assets.c.asset_id == bindparam("asset_id")
)
_INSERT: Final = insert(asset_versions)


class Assets:
    """The write door's part of the catalog that is about assets."""

    _database: Database

    def add_version(
        self, cloud: str, new: NewVersion, *, actor: str, lease: Job | None = None
    ) -> tuple[Asset, bool]:
        """See `Catalog.add_version`."""
        with self._database.write() as tx:
            if lease is not None and not jobs.end(tx, lease):
                raise ConflictError("Another worker has taken this upload over")
            # on PostgreSQL another transaction can create or destroy the name between our look and our try
            for _ in range(5):
                before = lock(tx, cloud=cloud, type=new.type, public_id=new.public_id)
                if before is not None and not new.overwrite and before.hidden is not Hidden.DELETED:
                    return before, False
                asset_id = before.asset_id if before else _create(tx, cloud, new)
                if asset_id is not None:
                    return _register(tx, cloud, asset_id, before, new, actor), True
        raise CatalogUnavailableError("This name is created and destroyed again and again")

    def destroy(
        self,
        cloud: str,
        asset_id: str,
        *,
        actor: str,
        version_id: str | None = None,
        notification_url: str | None = None,
    ) -> Asset | None:
        """See `Catalog.destroy`."""

        def remove() -> Asset | None:
            with self._database.write() as tx:
                asset = lock(tx, cloud=cloud, asset_id=asset_id)
                if asset is None or asset.hidden is Hidden.DELETED:
                    return None
                if version_id not in (None, asset.current.version_id):
                    return None
                take_away(tx, asset, actor, notification_url=notification_url)
                return asset

        return self._database.at_any_cost(remove)


def _state(tx: Transaction, before: Asset | None, new: NewVersion) -> dict[str, Any]:
    """The columns of an asset that a new version sets; nothing of the old one shines through.

    But a restriction stays, and so do access rules unless it brings others: other bytes under the same name
    do not lift them. Nor do the same pixels answer reports.
    """
    rules, mode = new.access_control, new.access_mode
    if rules is None and before is not None and before.hidden is not Hidden.DELETED:
        rules, mode = before.access_control, before.access_mode
    standing: Status | Hidden = overall(new.moderations)
    if before is not None and before.restricted_to is not None:
        standing = Hidden.RESTRICTED
    elif hidden_by_reports(new.moderations):
        standing = Hidden.REPORTED
    return {
        "version_id": new.version.version_id,
        "status": standing.value,
        "revision": tx.revision(),
        "version": max(
            before.version + 1 if before else 0, new.moved.number if new.moved else tx.now // 1000
        ),
        "access_mode": mode,
        "folder": new.folder,
        "tags": list(new.tags),
        "context": dict(new.context),
        "notification_url": new.notification_url,
        "uploader": new.uploader,
        "backup": new.backup,
        "updated_at": tx.now,
        "display_name": new.display_name,
        "access_control": rules,
        "metadata": dict(new.metadata) or None,
        "headers": dict(new.headers) or None,
        "quality_override": new.quality_override,
    }


def _create(tx: Transaction, cloud: str, new: NewVersion) -> str | None:
    """Insert the asset; `None` if the name is taken after all."""
    row = {
        "asset_id": secrets.token_hex(16),
        "cloud": cloud,
        "type": new.type,
        "public_id": new.public_id,
        "created_at": tx.now,
        **moving.of_asset(tx, new),
    }
    created: str | None = tx.connection.scalar(_creating(tx.on_postgresql), row | _state(tx, None, new))
    return created


@cache
def _creating(on_postgresql: bool) -> Any:
    return insert_into(on_postgresql, assets).on_conflict_do_nothing().returning(assets.c.asset_id)


def _register(
    tx: Transaction, cloud: str, asset_id: str, before: Asset | None, new: NewVersion, actor: str
) -> Asset:
    """Write everything of a version but a fresh asset's own row, and what follows from it."""
    if new.version.pin is None:
        refuse_erased(tx, new.version.digest)
    new, reported = carry_reports(tx, before, new) if before is not None else (new, None)
    erased = _overwrite(tx, before, new) if before is not None else ()
    _insert_version(tx, cloud, asset_id, new)
    if reported is not None:
        copy_reports(tx, reported, new.version.version_id)
    asset = _loaded(tx, asset_id)
    known.heed(tx, asset)
    if before is not None:
        erased = (*erased, *erase_beyond(tx, asset, new.max_versions))
    action = "imported" if new.version.pin or new.moved else "uploaded"
    more = {**({"erased": sorted(erased)} if erased else {}), **moving.conclude(tx, asset, new, actor)}
    _note(tx, asset, action, actor, before=before.standing if before else None, after=asset.standing, **more)
    if new.version.pin is None and new.moved is None:
        overwritten = before is not None and before.hidden is not Hidden.DELETED
        told = {"overwritten": overwritten, "batch_id": new.batch_id}
        announce(tx, asset, "upload", {name: said for name, said in told.items() if said}, actor=actor)
    if new.eager is not None:
        eager.put(tx, asset, new.eager, actor)
    return _loaded(tx, asset_id) if erased else asset


def _insert_version(tx: Transaction, cloud: str, asset_id: str, new: NewVersion) -> None:
    """Write a version, its chain, its tags, and the job that judges it."""
    asset_row = tx.connection.execute(_NUMBERED, {"asset_id": asset_id}).one()
    own = {
        "asset_id": asset_id,
        "created_at": tx.now,
        "version": asset_row.version,
        "status": overall(new.moderations).value,
        **moving.of_version(tx, new),
    }
    tx.connection.execute(_INSERT, version_row(new.version) | own)
    insert_entries(tx, cloud, new.version.version_id, new.moderations, uploader=new.uploader)
    insert_tags(tx, cloud, asset_id, asset_row.created_at, new.tags)
    insert_context(tx, cloud, asset_id, asset_row.created_at, new.context)
    ensure(tx, cloud, new.folder)
    insert_metadata(tx, cloud, asset_id, asset_row.created_at, new.metadata)
    if any(entry.waits_for_machine for entry in new.moderations):
        put_moderate(tx, cloud, new.version.version_id, delay=GRACE)


def _loaded(tx: Transaction, asset_id: str) -> Asset:
    asset = load_one(tx.connection, asset_id=asset_id)
    assert asset is not None, "it was written just now"  # noqa: S101
    return asset


def _overwrite(tx: Transaction, before: Asset, new: NewVersion) -> tuple[str, ...]:
    """Make room for the new version; gives the ids of versions that are erased for it."""
    state = _state(tx, before, new)
    tx.connection.execute(update(assets).where(assets.c.asset_id == before.asset_id).values(state))
    for table in (tags, contexts, metadata_values):
        tx.connection.execute(delete(table).where(table.c.asset_id == before.asset_id))
    shown = state["status"] == Status.APPROVED.value
    rebuilding.remember(tx, before)
    leave_behind(tx, [before], {before.asset_id: state["revision"]}, shown=shown)
    if before.backup or before.hold is not None or before.hidden is Hidden.DELETED:
        return ()
    return tuple(erase_versions(tx, before, [before.current.version_id]))


def take_away(tx: Transaction, asset: Asset, actor: str, *, notification_url: str | None = None) -> None:
    """Hide a locked asset that can be restored; let another go with all that it had.

    One that is restricted stays too: its name would else be free for the same picture.
    """
    kept = asset.backup or asset.hold is not None or asset.restricted_to is not None
    if kept:
        jobs.drop(tx, moderate_key(asset.current.version_id))
        set_standing(tx, asset, Hidden.DELETED)
    else:
        _remove(tx, asset)
        leave_behind(tx, [asset], {asset.asset_id: tx.revision()})
    after = Hidden.DELETED.value if kept else None
    name = surrogate_key(asset.cloud, asset.type, asset.public_id)
    _note(tx, asset, "destroyed", actor, before=asset.standing, after=after, name=name)
    announce(tx, asset, "delete", {}, actor=actor, notification_url=notification_url)


def _remove(tx: Transaction, asset: Asset) -> None:
    """Delete an asset's rows, and have the bytes freed that no other asset has."""
    versions = tx.connection.execute(
        select(asset_versions.c.version_id, asset_versions.c.digest, asset_versions.c.erased_at).where(
            asset_versions.c.asset_id == asset.asset_id
        )
    ).all()
    for version in versions:
        jobs.drop(tx, moderate_key(version.version_id))
        jobs.drop(tx, rebuilding.eager_key(version.version_id))
        for table in (moderations, reports, escalations, leases):
            tx.connection.execute(delete(table).where(table.c.version_id == version.version_id))
    tx.connection.execute(delete(asset_versions).where(asset_versions.c.asset_id == asset.asset_id))
    for table in (tags, contexts, metadata_values):
        tx.connection.execute(delete(table).where(table.c.asset_id == asset.asset_id))
    tx.connection.execute(delete(assets).where(assets.c.asset_id == asset.asset_id))
    freed = {"digests": sorted({version.digest for version in versions if version.erased_at is None})}
    jobs.put(tx, asset.cloud, "sweep_original", freed, delay=blobs.LATELY)


def _note(
    tx: Transaction,
    asset: Asset,
    action: str,
    actor: str,
    *,
    before: str | None = None,
    after: str | None = None,
    **more: Any,
) -> None:
    audit.note(
        tx,
        asset.cloud,
        asset.asset_id,
        action,
        actor=actor,
        version_id=asset.current.version_id,
        before=before,
        after=after,
        detail={"type": asset.type, "digest": asset.current.digest, **more},
    )
