"""The read door's part of the catalog: look-ups and pages, each one statement."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, select, tuple_

from ...domain.asset import Asset, EntryStatus, Pin, Status, Version
from ...interfaces import AssetPage
from ...interfaces.search import MOST_LOOKED_THROUGH
from .engine import Database
from .leading import Lead, beginning_with, look_through
from .listings import lead_of
from .rows import BY_AGE, Place, load, load_one, pin_from, said, version_from
from .schema import asset_versions, assets, audit, moderations, tags

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
        conditions.append(beginning_with(assets.c.public_id, prefix))
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
        asset_ids: Sequence[str] | None = None,
        folder: str | None = None,
        context: tuple[str, str | None] | None = None,
        uploader: str | None = None,
        start_at: int | None = None,
        ascending: bool = False,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """See `Catalog.list_assets`."""
        if public_ids is not None or asset_ids is not None:
            named = matching(cloud, type=type, prefix=prefix, public_ids=public_ids, uploader=uploader)
            named = named if asset_ids is None else named.where(assets.c.asset_id.in_(asset_ids))
            return self._page(named, after, limit, ascending)
        lead = lead_of(
            cloud,
            type=type,
            prefix=prefix,
            tag=tag,
            folder=folder,
            context=context,
            uploader=uploader,
            start_at=start_at,
            ascending=ascending,
        )
        return self._led(lead, after, limit)

    def count_assets(self, cloud: str, folder: str, *, most: int) -> int:
        """See `Catalog.count_assets`."""
        there = (
            select(assets.c.asset_id).where(assets.c.cloud == cloud, assets.c.folder == folder).limit(most)
        )
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(there.subquery())) or 0

    def list_moderated(
        self,
        cloud: str,
        kind: str,
        status: EntryStatus,
        *,
        uploader: str | None = None,
        start_at: int | None = None,
        ascending: bool = False,
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
        if start_at is not None:
            chosen = chosen.where(entry.created_at >= start_at if ascending else entry.created_at <= start_at)
        return self._page(chosen, after, limit, ascending)

    def began(self, cloud: str) -> int | None:
        """See `Catalog.began`."""
        first = select(audit.c.at).where(audit.c.cloud == cloud).order_by(audit.c.id).limit(1)
        with self._database.read() as connection:
            return connection.scalar(first)

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

    def _page(
        self, chosen: Select[Any], after: Place | None, limit: int, ascending: bool = False
    ) -> AssetPage:
        """In order, behind `after`. One too many is asked for: it tells that there is more."""
        at, tie = chosen.selected_columns["at"], chosen.selected_columns["tie"]
        here = tuple_(at, tie)
        if after is not None:
            place = tuple_(*after)
            chosen = chosen.where(here > place if ascending else here < place)
        order = (at, tie) if ascending else (at.desc(), tie.desc())
        return self._shown(chosen.order_by(*order).limit(said(limit + 1)), limit, _by_place, ascending)

    def _led(self, lead: Lead, after: Place | None, limit: int) -> AssetPage:
        """A page that an index leads: in one statement where the index answers all that is asked."""
        if not lead.rest:
            order = _by_name if lead.by_name else _by_place
            return self._shown(lead.rows(after, limit + 1), limit, order, lead.ascending)
        with self._database.read() as connection:
            ids, place = look_through(connection, lead, after, limit, most=MOST_LOOKED_THROUGH)
            chosen = select(*BY_AGE).where(assets.c.asset_id.in_(ids))
            by_id = {asset.asset_id: asset for _, asset in load(connection, chosen)} if ids else {}
        return AssetPage(tuple(by_id[each] for each in ids if each in by_id), place)

    def _shown(
        self,
        chosen: Select[Any],
        limit: int,
        order: Callable[[tuple[Place, Asset]], Any],
        ascending: bool,
    ) -> AssetPage:
        with self._database.read() as connection:
            found = sorted(load(connection, chosen), key=order, reverse=not ascending)
        shown = tuple(asset for _, asset in found[:limit])
        return AssetPage(shown, found[limit - 1][0] if len(found) > limit > 0 else None)


def _by_place(found: tuple[Place, Asset]) -> tuple[int, str]:
    return found[0]


def _by_name(found: tuple[Place, Asset]) -> tuple[str, int]:
    number, name = found[0]
    return name, number
