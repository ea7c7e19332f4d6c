"""What came over from another service: what of it is kept, what it became here, what it is there now."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, func, select, update

from ...domain.asset import Asset, Hidden, Status
from ...domain.moderation import overall
from ...interfaces import NewVersion
from ...interfaces.moving import Mark, Name
from . import known, revising
from .engine import Database, Transaction
from .rows import BY_AGE, load
from .schema import assets, moved
from .writing import lock, reread

#: Names that one statement asks for.
_CHUNK = 500


# --- within the registration of a version ----------------------------------------------------------


def of_asset(tx: Transaction, new: NewVersion) -> dict[str, Any]:
    """Columns of a new asset that are as they were: when it was made, and its id, if nobody has it."""
    if new.moved is None:
        return {}
    kept: dict[str, Any] = {"created_at": new.moved.created_at}
    wanted = new.moved.asset_id
    if wanted and not tx.connection.scalar(select(exists().where(assets.c.asset_id == wanted))):
        kept["asset_id"] = wanted
    return kept


def of_version(tx: Transaction, new: NewVersion) -> dict[str, Any]:
    """Columns of its version: when it was uploaded, since when it is decided, and that it has no bytes."""
    if new.moved is None:
        return {}
    decided = overall(new.moderations) is not Status.PENDING
    return {
        "created_at": new.moved.uploaded_at,
        "decided_at": tx.now if decided else None,
        "erased_at": tx.now if new.moved.absent else None,
    }


def conclude(tx: Transaction, asset: Asset, new: NewVersion, actor: str) -> dict[str, Any]:
    """Keep what came over; gives what the audit is told of it.

    A rejection that was taken over holds for the same pixels everywhere in the cloud, as one made here does.
    """
    if new.moved is None:
        return {}
    if new.moved.kept and asset.status is Status.REJECTED and not new.moved.absent:
        known.remember(tx, asset, Status.REJECTED, actor, None)
    _keep(tx, asset, new)
    entries = [{"kind": entry.kind, "status": entry.status.value} for entry in new.moderations]
    told = {"origin": new.moved.origin, "verdict": "kept" if new.moved.kept else "judged"}
    return {**told, "entries": entries} if new.moved.kept else told


def _keep(tx: Transaction, asset: Asset, new: NewVersion) -> None:
    assert new.moved is not None, "only what came over has a mark"  # noqa: S101
    row = {
        "origin": new.moved.origin,
        "mark": new.moved.mark,
        "type": new.type,
        "asset_id": asset.asset_id,
        "version_id": new.version.version_id,
        "seen_at": tx.now,
    }
    name = _named(new.moved.origin, (new.type, new.public_id))
    statement = tx.upsert(moved).values(cloud=asset.cloud, name=name, **row)
    tx.connection.execute(
        statement.on_conflict_do_update(index_elements=list(moved.primary_key.columns), set_=row)
    )


def _named(origin: str, name: Name) -> str:
    return hashlib.sha256("\0".join((origin, *name)).encode()).hexdigest()


# --- before and after ------------------------------------------------------------------------------


class Moving:
    """The part of the catalog about what came from where."""

    _database: Database

    def moved(self, cloud: str, origin: str, names: Sequence[Name]) -> Mapping[Name, Mark]:
        """See `Moving.moved`."""
        asked = {_named(origin, name): name for name in names}
        found: dict[Name, Mark] = {}
        with self._database.read() as connection:
            for chunk in _chunks(list(asked)):
                query = select(moved).where(moved.c.cloud == cloud, moved.c.name.in_(chunk))
                for row in connection.execute(query):
                    found[asked[row.name]] = Mark(row.mark, row.asset_id, row.version_id)
        return found

    def see_moved(self, cloud: str, origin: str, names: Sequence[Name]) -> None:
        """See `Moving.see_moved`."""
        for chunk in _chunks([_named(origin, name) for name in names]):
            with self._database.write() as tx:
                mine = (moved.c.cloud == cloud, moved.c.name.in_(chunk))
                tx.connection.execute(update(moved).where(*mine).values(seen_at=tx.now))

    def amend(
        self,
        cloud: str,
        origin: str,
        name: Name,
        before: Mark,
        fields: Mapping[str, Any],
        mark: str,
        *,
        actor: str,
    ) -> Asset | None:
        """See `Moving.amend`."""
        mine = (moved.c.cloud == cloud, moved.c.name == _named(origin, name))
        with self._database.write() as tx:
            asset = lock(tx, cloud=cloud, asset_id=before.asset_id)
            if asset is None or asset.current.version_id != before.version_id:
                return None
            differing = revising.differing(asset, fields)
            if differing:
                revising.write_fields(tx, asset, differing)
                revising.note(tx, [(asset, differing)], actor)
            tx.connection.execute(update(moved).where(*mine).values(mark=mark, seen_at=tx.now))
            return reread(tx, asset)

    def moved_counts(self, cloud: str, origin: str) -> Mapping[tuple[str, str], int]:
        """See `Moving.moved_counts`."""
        standing = func.coalesce(assets.c.status, "gone").label("standing")
        query = (
            select(moved.c.type, standing, func.count().label("number"))
            .select_from(moved.outerjoin(assets, assets.c.asset_id == moved.c.asset_id))
            .where(moved.c.cloud == cloud, moved.c.origin == origin)
            .group_by(moved.c.type, standing)
        )
        with self._database.read() as connection:
            return {(row.type, row.standing): row.number for row in connection.execute(query)}

    def moved_unseen(self, cloud: str, origin: str, since: int, *, limit: int = 1000) -> tuple[Asset, ...]:
        """See `Moving.moved_unseen`."""
        mine = (moved.c.cloud == cloud, moved.c.origin == origin, moved.c.seen_at < since)
        query = (
            select(*BY_AGE)
            .select_from(moved.join(assets, assets.c.asset_id == moved.c.asset_id))
            .where(*mine, assets.c.cloud == cloud, assets.c.version_id == moved.c.version_id)
            .where(assets.c.status != Hidden.DELETED.value)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(asset for _, asset in load(connection, query))


def _chunks(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _CHUNK] for start in range(0, len(names), _CHUNK)]
