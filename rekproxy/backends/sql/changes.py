"""The catalog's part about what is said of assets, and what they are called."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from ...domain import moderation
from ...domain.asset import Asset, Hidden, Moderation, Status
from ...domain.cachekeys import surrogate_key
from ...errors import (
    CatalogUnavailableError,
    ErasedError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    StaleDecisionError,
)
from ...interfaces.changes import Change, Renamed, Revised
from . import audit, jobs, revising, verdicts
from .announcing import announce
from .assets import take_away
from .edge import put_purges
from .engine import Database, Transaction
from .folders import ensure
from .rows import BY_AGE, load
from .schema import assets, moderations
from .writing import (
    GRACE,
    insert_entries,
    leave_behind,
    lock,
    moderate_key,
    put_moderate,
    reread,
    set_status,
)

#: Assets that one transaction changes.
_CHUNK: Final = 100
_TRIES: Final = 5
#: Characters of a public id, also of one that was moved aside.
_LONGEST: Final = 255


class Changes:
    """The part of the catalog about what is said of assets, and what they are called."""

    _database: Database

    def revise(
        self,
        cloud: str,
        asset_id: str,
        change: Change,
        *,
        actor: str,
        notification_url: str | None = None,
        batch_id: str | None = None,
    ) -> Revised:
        """See `Catalog.revise`."""
        with self._database.write() as tx:
            before = lock(tx, cloud=cloud, asset_id=asset_id)
            if before is None or before.hidden is Hidden.DELETED:
                raise NotFoundError(f"Resource not found - {asset_id}")
            after = revising.revise(tx, before, change, actor=actor, notification_url=notification_url)
            if change.moderations is not None:
                after = _judge_anew(tx, after, change, change.moderations, actor)
            if batch_id is not None:
                told, to = {"batch_id": batch_id}, notification_url
                announce(tx, after, "upload", told, actor=actor, notification_url=to)
            return Revised(before, after)

    def revise_each(
        self,
        cloud: str,
        type: str,
        public_ids: Sequence[str],
        change: Callable[[Asset], Mapping[str, Any]],
        *,
        actor: str,
        notification_url: str | None = None,
    ) -> tuple[str, ...]:
        """See `Catalog.revise_each`."""
        names, found = list(dict.fromkeys(public_ids)), set()
        for start in range(0, len(names), _CHUNK):
            chunk = names[start : start + _CHUNK]
            with self._database.write() as tx:
                named = and_(assets.c.cloud == cloud, assets.c.type == type, assets.c.public_id.in_(chunk))
                there = [asset for asset in _locked(tx, named) if asset.hidden is not Hidden.DELETED]
                changed = [(asset, revising.differing(asset, change(asset))) for asset in there]
                changed = [(asset, fields) for asset, fields in changed if fields]
                for asset, fields in changed:
                    revising.write_fields(tx, asset, fields)
                revising.note(tx, changed, actor)
                revising.tell(tx, cloud, changed, actor=actor, notification_url=notification_url)
            found |= {asset.public_id for asset in there}
        return tuple(name for name in names if name in found)

    def rename(
        self,
        cloud: str,
        name: tuple[str, str],
        to: tuple[str, str],
        *,
        overwrite: bool,
        actor: str,
        notification_url: str | None = None,
    ) -> Renamed:
        """See `Catalog.rename`."""
        for _ in range(_TRIES):
            try:
                with self._database.write() as tx:
                    before, target = _both(tx, cloud, name, to)
                    if target is not None and target.asset_id == before.asset_id:
                        return Renamed(before, before)
                    if target is not None:
                        _make_room(tx, target, overwrite, actor)
                    after = _move(tx, before, to, actor, notification_url)
                    return Renamed(before, after, target)
            except IntegrityError:
                continue  # on PostgreSQL the name can be taken between our look and our try
        raise CatalogUnavailableError("This name is created and destroyed again and again")


# --- names -----------------------------------------------------------------------------------------


def _locked(tx: Transaction, condition: ColumnElement[bool]) -> Iterator[Asset]:
    """The assets that meet a condition, locked in the order of their ids, so that nobody waits in a ring."""
    rows = select(assets.c.asset_id).where(condition).order_by(assets.c.asset_id).with_for_update()
    ids = tx.connection.scalars(rows).all()
    for _, asset in load(tx.connection, select(*BY_AGE).where(assets.c.asset_id.in_(ids))) if ids else ():
        yield asset


def _both(
    tx: Transaction, cloud: str, name: tuple[str, str], to: tuple[str, str]
) -> tuple[Asset, Asset | None]:
    """The assets of the old and of the new name, locked. Raises `NotFoundError`."""
    named = tuple_(assets.c.type, assets.c.public_id).in_([name, to])
    found = {(asset.type, asset.public_id): asset for asset in _locked(tx, (assets.c.cloud == cloud) & named)}
    before = found.get(name)
    if before is None or before.hidden is Hidden.DELETED:
        raise NotFoundError(f"Resource not found - {name[1]}")
    if before.restricted_to is not None:
        raise InvalidRequestError(f"{name[1]} is restricted: lift the restriction before it is renamed")
    if before.hidden is Hidden.REPORTED:
        # its name would else be free for the same picture, which nobody has reported under it
        raise InvalidRequestError(f"{name[1]} is hidden by reports: answer them before it is renamed")
    return before, found.get(to)


def _make_room(tx: Transaction, target: Asset, overwrite: bool, actor: str) -> None:
    """Take away what has the name; what can be restored is moved aside."""
    gone = target.hidden is Hidden.DELETED
    if target.restricted_to is not None or not (overwrite or gone):
        raise InvalidRequestError(f"to_public_id({target.public_id}) already exists")
    if not gone:
        take_away(tx, target, actor)
    behind = f"~{target.asset_id}"
    aside = target.public_id[: _LONGEST - len(behind)] + behind
    kept = update(assets).where(assets.c.asset_id == target.asset_id)
    tx.connection.execute(kept.values(public_id=aside, revision=tx.revision(), updated_at=tx.now))


def _move(
    tx: Transaction, before: Asset, to: tuple[str, str], actor: str, notification_url: str | None
) -> Asset:
    """Write the new name, and forget what is cached under the old one and of the new one."""
    type_, public_id = to
    revision = tx.revision()
    follows = before.folder == before.public_id.rpartition("/")[0]
    columns = {
        "type": type_,
        "public_id": public_id,
        "folder": public_id.rpartition("/")[0] if follows else before.folder,
        "revision": revision,
        "updated_at": tx.now,
        "stamps": {**before.stamps, "public_id_updated_at": tx.now},
    }
    tx.connection.execute(update(assets).where(assets.c.asset_id == before.asset_id).values(columns))
    after = reread(tx, before)
    ensure(tx, before.cloud, after.folder)
    leave_behind(tx, [before], {before.asset_id: revision})
    if after.standing is Status.APPROVED:
        put_purges(tx, [before, after], again=True)
    names = [surrogate_key(before.cloud, asset.type, asset.public_id) for asset in (before, after)]
    audit.note(
        tx,
        before.cloud,
        before.asset_id,
        "renamed",
        actor=actor,
        version_id=before.current.version_id,
        detail={"name": names[0], "to": names[1]},
    )
    _tell_renamed(tx, before, after, actor, notification_url)
    return after


def _tell_renamed(
    tx: Transaction, before: Asset, after: Asset, actor: str, notification_url: str | None
) -> None:
    names = {"from_public_id": before.public_id, "to_public_id": after.public_id}
    types = {} if before.type == after.type else {"from_type": before.type, "to_type": after.type}
    announce(tx, after, "rename", {**names, **types}, actor=actor, notification_url=notification_url)


# --- verdicts --------------------------------------------------------------------------------------


def _judge_anew(
    tx: Transaction, asset: Asset, change: Change, chain: Sequence[Moderation], actor: str
) -> Asset:
    """Put a new chain in place of the one that judged the current version of a locked asset.

    Its entries have numbers that no entry had: what a detector still says of an old one finds nothing.
    """
    current = asset.current
    if change.version_id != current.version_id:
        raise StaleDecisionError("It was overwritten meanwhile: nothing was moderated anew.")
    if current.erased_at is not None:
        raise ErasedError("Its bytes were erased: it cannot be moderated anew. Upload the image again.")
    if moderation.is_for_people(asset.moderations) and not change.by_moderator:
        raise ForbiddenError("Only a key with role moderator may have it moderated anew")
    before = asset.moderations
    old = moderations.c.version_id == current.version_id
    tx.connection.execute(delete(moderations).where(old, moderations.c.kind != moderation.REPORTED))
    after = moderation.begun_anew(before, chain)
    fresh = [entry for entry in after if entry not in before]
    insert_entries(tx, asset.cloud, current.version_id, fresh, uploader=asset.uploader)
    jobs.drop(tx, moderate_key(current.version_id))
    if any(entry.waits_for_machine for entry in after):
        put_moderate(tx, asset.cloud, current.version_id, delay=GRACE)
    status = moderation.overall(after)
    set_status(tx, asset, status)
    first = moderation.counted(after)[0]
    verdicts.note(
        tx,
        asset,
        current.version_id,
        "moderated_anew",
        first,
        actor=actor,
        before=asset.status,
        after=status,
        detail={"entries": verdicts.changes(before, after)},
    )
    return reread(tx, asset)
