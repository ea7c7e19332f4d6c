"""The read door's part of the catalog: look-ups and pages, each one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, select, tuple_

from ...domain.asset import Asset, EntryStatus, Pin, Status, Version
from ...interfaces import AssetPage
from .engine import Database
from .rows import BY_AGE, Place, load, load_one, pin_from, said, version_from
from .schema import asset_versions, assets, moderations, tags

#: Joins a version to its asset, if it is the current one; by the key of assets, which need no other index.
_IS_CURRENT = and_(
    assets.c.asset_id == asset_versions.c.asset_id, assets.c.version_id == asset_versions.c.version_id
)

#: The asset whose current version an entry is of. Not a join: PostgreSQL would take it for rare,
#: and read the whole catalog in place of the index that has the page in order.
_OWNER = (
    select(assets.c.asset_id)
    .join(asset_versions, _IS_CURRENT)
    .where(asset_versions.c.version_id == moderations.c.version_id)
    .correlate(moderations)
    .scalar_subquery()
)

#: Behind every character that a name can have, and in the order of bytes too.
LAST_CHARACTER = "\U0010ffff"


def matching(
    cloud: str,
    *,
    type: str | None = None,
    prefix: str | None = None,
    tag: str | None = None,
    public_ids: Sequence[str] | None = None,
    uploader: str | None = None,
) -> Select[Any]:
    """(asset_id, at, tie) of the assets that match all that is given, in no order."""
    if tag is None:
        chosen = select(*BY_AGE)
    else:
        chosen = (
            select(tags.c.asset_id, tags.c.created_at.label("at"), tags.c.asset_id.label("tie"))
            .join(assets, assets.c.asset_id == tags.c.asset_id)
            .where(tags.c.cloud == cloud, tags.c.tag == tag)
        )
    conditions = [assets.c.cloud == cloud]
    if type is not None:
        conditions.append(assets.c.type == type)
    if prefix:
        conditions.append(and_(assets.c.public_id >= prefix, assets.c.public_id < prefix + LAST_CHARACTER))
    if public_ids is not None:
        conditions.append(assets.c.public_id.in_(public_ids))
    if uploader is not None:
        conditions.append(assets.c.uploader == uploader)
    return chosen.where(*conditions)


class Library:
    """Look-ups and listings."""

    _database: Database

    def asset(self, cloud: str, type: str, public_id: str) -> Asset | None:
        """See `Catalog.asset`."""
        with self._database.read() as connection:
            return load_one(connection, cloud=cloud, type=type, public_id=public_id)

    def asset_by_id(self, cloud: str, asset_id: str) -> Asset | None:
        """See `Catalog.asset_by_id`."""
        with self._database.read() as connection:
            return load_one(connection, cloud=cloud, asset_id=asset_id)

    def version(self, cloud: str, version_id: str) -> Version | None:
        """See `Catalog.version`."""
        query = (
            select(asset_versions)
            .join(assets, assets.c.asset_id == asset_versions.c.asset_id)
            .where(asset_versions.c.version_id == version_id, assets.c.cloud == cloud)
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
            return version_from(row) if row else None

    def list_assets(
        self,
        cloud: str,
        *,
        type: str | None = None,
        prefix: str | None = None,
        tag: str | None = None,
        public_ids: Sequence[str] | None = None,
        uploader: str | None = None,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """See `Catalog.list_assets`."""
        chosen = matching(cloud, type=type, prefix=prefix, tag=tag, public_ids=public_ids, uploader=uploader)
        return self._page(chosen, after, limit)

    def list_moderated(
        self,
        cloud: str,
        kind: str,
        status: EntryStatus,
        *,
        uploader: str | None = None,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """See `Catalog.list_moderated`."""
        entry = moderations.c
        chosen = select(
            _OWNER.label("asset_id"), entry.created_at.label("at"), entry.version_id.label("tie")
        ).where(entry.cloud == cloud, entry.kind == kind, entry.status == status.value, _OWNER.is_not(None))
        if uploader is not None:
            chosen = chosen.where(entry.uploader == uploader)
        return self._page(chosen, after, limit)

    def standings_of(self, cloud: str, uploader: str, *, most: int = 1000) -> Mapping[str, int]:
        """See `Catalog.standings_of`."""
        newest = (
            select(assets.c.status)
            .where(assets.c.cloud == cloud, assets.c.uploader == uploader)
            .order_by(assets.c.created_at.desc(), assets.c.asset_id.desc())
            .limit(most)
            .subquery()
        )
        with self._database.read() as connection:
            counts = connection.execute(
                select(newest.c.status, func.count().label("number")).group_by(newest.c.status)
            )
            return {row.status: row.number for row in counts}

    def pending(self, cloud: str | None) -> tuple[int, int | None]:
        """See `Catalog.pending`."""
        query = (
            select(func.count(), func.min(asset_versions.c.created_at))
            .select_from(assets)
            .join(asset_versions, asset_versions.c.version_id == assets.c.version_id)
            .where(assets.c.status == Status.PENDING.value)
        )
        if cloud is not None:
            query = query.where(assets.c.cloud == cloud)
        with self._database.read() as connection:
            count, oldest = connection.execute(query).one()
            return count, oldest

    def pinned(self, cloud: str, uri: str) -> Pin | None:
        """See `Catalog.pinned`."""
        query = (
            select(asset_versions)
            .join(assets, _IS_CURRENT)
            .where(asset_versions.c.pin_uri == uri, assets.c.cloud == cloud)
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
            return pin_from(row) if row else None

    def _page(self, chosen: Select[Any], after: Place | None, limit: int) -> AssetPage:
        """Newest first, behind `after`. One too many is asked for: it tells that there is more."""
        at, tie = chosen.selected_columns["at"], chosen.selected_columns["tie"]
        if after is not None:
            chosen = chosen.where(tuple_(at, tie) < tuple_(*after))
        with self._database.read() as connection:
            found = load(connection, chosen.order_by(at.desc(), tie.desc()).limit(said(limit + 1)))
        shown = tuple(asset for _, asset in found[:limit])
        return AssetPage(shown, found[limit - 1][0] if len(found) > limit > 0 else None)
