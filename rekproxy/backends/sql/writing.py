"""What every write to an asset shares: its lock, its new revision, and the jobs that follow."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, insert, select, update

from ...domain.asset import Asset, Hidden, Moderation, Status
from . import jobs, rebuilding, sights
from .edge import put_purges
from .engine import Transaction
from .rows import entry_row, load_one
from .schema import (
    asset_versions,
    assets,
    contexts,
    derived,
    derived_deps,
    metadata_values,
    moderations,
    tags,
)

#: The uploading process itself may judge what it stored for this long, before a worker does, in seconds.
GRACE = 60.0
#: Characters of a text by which assets are found, at most: what is longer is found by its beginning.
LONGEST_INDEXED = 255

# Written once: to write a statement anew costs more processor time than to run it.
_OWNER: Final = select(asset_versions.c.asset_id).where(
    asset_versions.c.version_id == bindparam("version_id")
)
_ENTER: Final = insert(moderations)
_CHANGE_ENTRY: Final = update(moderations).where(
    moderations.c.version_id == bindparam("of_version"), moderations.c.seq == bindparam("of_seq")
)
_SET_VERSION: Final = update(asset_versions).where(asset_versions.c.version_id == bindparam("of_version"))
_SET_ASSET: Final = update(assets).where(assets.c.asset_id == bindparam("of_asset"))


def lock(tx: Transaction, **columns: str) -> Asset | None:
    """The asset with these values in these columns, as nobody else can change it before this one ends."""
    if not tx.on_postgresql:
        return load_one(tx.connection, **columns)
    asset_id = tx.connection.scalar(_locking(tuple(columns)), columns)
    # a statement of its own: PostgreSQL would join the locked row to others as they were before the wait
    return load_one(tx.connection, asset_id=asset_id) if asset_id is not None else None


@cache
def _locking(columns: tuple[str, ...]) -> Select[Any]:
    conditions = (assets.c[name] == bindparam(name) for name in columns)
    return select(assets.c.asset_id).where(*conditions).with_for_update()


def lock_owner(tx: Transaction, cloud: str, version_id: str) -> Asset | None:
    """The asset that has or had a version, locked."""
    owner = tx.connection.scalar(_OWNER, {"version_id": version_id})
    return None if owner is None else lock(tx, cloud=cloud, asset_id=owner)


def reread(tx: Transaction, asset: Asset) -> Asset:
    """A locked asset as this transaction has left it."""
    now = load_one(tx.connection, asset_id=asset.asset_id)
    assert now is not None, "it is locked by this transaction"  # noqa: S101
    return now


def moderate_key(version_id: str) -> str:
    """Dedupe key of the job that judges a version."""
    return f"moderate:{version_id}"


def put_moderate(tx: Transaction, cloud: str, version_id: str, *, delay: float) -> None:
    """Have a worker judge a version."""
    key = moderate_key(version_id)
    jobs.put(tx, cloud, "moderate", {"version_id": version_id}, dedupe_key=key, delay=delay)


def insert_entries(
    tx: Transaction, cloud: str, version_id: str, entries: Sequence[Moderation], *, uploader: str | None
) -> None:
    """Write new entries of a version's chain; `uploader` is the version's."""
    if entries:
        own = {"cloud": cloud, "version_id": version_id, "uploader": uploader, "created_at": tx.now}
        tx.connection.execute(_ENTER, [entry_row(entry) | own for entry in entries])


def insert_tags(tx: Transaction, cloud: str, asset_id: str, created_at: int, names: Sequence[str]) -> None:
    """Have an asset that was first uploaded at `created_at` found by these tags, too."""
    own = {"cloud": cloud, "asset_id": asset_id, "created_at": created_at}
    rows = [own | {"tag": name} for name in dict.fromkeys(names)]
    if rows:
        tx.connection.execute(insert(tags), rows)


def insert_context(
    tx: Transaction, cloud: str, asset_id: str, created_at: int, context: Mapping[str, str]
) -> None:
    """The same for its context, of which keys are cut too: an index holds no longer ones."""
    own = {"cloud": cloud, "asset_id": asset_id, "created_at": created_at}
    found = {key[:LONGEST_INDEXED]: value[:LONGEST_INDEXED] for key, value in context.items()}
    rows = [own | {"key": key, "value": value} for key, value in found.items()]
    if rows:
        tx.connection.execute(insert(contexts), rows)


def insert_metadata(
    tx: Transaction, cloud: str, asset_id: str, created_at: int, values: Mapping[str, Any]
) -> None:
    """The same for its values of structured fields; a set is found by each of its own."""
    own = {"cloud": cloud, "asset_id": asset_id, "created_at": created_at}
    found = {
        (name, str(each)[:LONGEST_INDEXED])
        for name, value in values.items()
        for each in (value if isinstance(value, list | tuple) else (value,))
    }
    rows = [own | {"external_id": name, "value": value} for name, value in sorted(found)]
    if rows:
        tx.connection.execute(insert(metadata_values), rows)


def set_metadata(tx: Transaction, asset: Asset, values: Mapping[str, Any]) -> None:
    """Put `values` in the place of a locked asset's structured metadata."""
    kept = {"metadata": dict(values) or None, "updated_at": tx.now}
    tx.connection.execute(_SET_ASSET, kept | {"of_asset": asset.asset_id})
    tx.connection.execute(delete(metadata_values).where(metadata_values.c.asset_id == asset.asset_id))
    insert_metadata(tx, asset.cloud, asset.asset_id, asset.created_at, values)


def change_entries(
    tx: Transaction, asset: Asset, version_id: str, before: Sequence[Moderation], after: Sequence[Moderation]
) -> None:
    """Bring a version's chain from `before` to `after`."""
    known = {entry.seq: entry for entry in before}
    fresh = [entry for entry in after if entry.seq not in known]
    insert_entries(tx, asset.cloud, version_id, fresh, uploader=asset.uploader)
    changed = [entry for entry in after if entry.seq in known and entry != known[entry.seq]]
    for entry in changed:
        mine = {"of_version": version_id, "of_seq": entry.seq}
        tx.connection.execute(_CHANGE_ENTRY, entry_row(entry) | mine)
    judged = [entry for entry in changed if entry.detail != known[entry.seq].detail]
    sights.remember(tx, asset.cloud, version_id, judged)


def set_version_status(tx: Transaction, version_id: str, status: Status) -> None:
    """Write a verdict beside the version that it belongs to."""
    said = {"of_version": version_id, "status": status.value, "decided_at": tx.now}
    tx.connection.execute(_SET_VERSION, said)


def set_status(tx: Transaction, asset: Asset, status: Status) -> None:
    """Write a verdict on the current version of a locked asset; what hides the asset goes on hiding it."""
    if status is not asset.status:
        set_version_status(tx, asset.current.version_id, status)
    set_standing(tx, asset, asset.hidden or status)


def set_standing(tx: Transaction, asset: Asset, standing: Status | Hidden, **columns: Any) -> None:
    """Say of a locked asset what decides whether it is served; a change of it is a new revision."""
    touched = {"updated_at": tx.now, **columns}
    changed = standing is not asset.standing
    if changed:
        touched |= {"status": standing.value, "revision": tx.revision()}
    tx.connection.execute(_SET_ASSET, touched | {"of_asset": asset.asset_id})
    shown = standing is Status.APPROVED
    if changed and asset.standing is Status.PENDING:
        # nothing is derived of what is pending, and what was before that is swept already
        _tell_edges(tx, [asset], [], shown=shown)
    elif changed:
        leave_behind(tx, [asset], {asset.asset_id: touched["revision"]}, shown=shown)


def leave_behind(
    tx: Transaction,
    before: Sequence[Asset],
    kept: Mapping[str, int],
    *,
    shown: bool = False,
    doubted: bool = False,
) -> None:
    """Forget the derived images of locked assets, all but those of the new revisions, and have them freed.

    `before` is what they were. Edges are purged of those that were served, of all that are `doubted`, and of
    the refusals of those that are `shown` from now on; a refusal's life is short, so that is not repeated.
    """
    stale = [asset for asset in before if doubted or asset.standing is Status.APPROVED]
    _tell_edges(tx, before, stale, shown=shown)
    old = (derived.c.asset_id.in_(kept), derived.c.revision < min(kept.values()))
    gone = select(derived.c.id).where(*old)
    tx.connection.execute(delete(derived_deps).where(derived_deps.c.derived_id.in_(gone)))
    tx.connection.execute(delete(derived).where(*old))
    sweeps = {
        f"sweep_derived:{asset_id}": {"asset_id": asset_id, "revision": revision}
        for asset_id, revision in kept.items()
    }
    jobs.replace(tx, before[0].cloud, "sweep_derived", sweeps)


def _tell_edges(tx: Transaction, before: Sequence[Asset], stale: Sequence[Asset], *, shown: bool) -> None:
    """Purge edges of `stale`, and of the refusals of what is shown from now on."""
    put_purges(tx, stale, again=True)
    if shown:
        put_purges(tx, [asset for asset in before if asset not in stale], again=False)
        for asset in before:
            rebuilding.begin(tx, asset)
