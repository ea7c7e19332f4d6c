"""The catalog's search: one index leads in the order of the page; a bounded stretch of it is looked at."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.sql.selectable import Subquery

from ...domain.asset import TYPES
from ...interfaces import AssetPage
from ...interfaces.search import MOST_LOOKED_THROUGH, Wanted
from .engine import Database
from .library import LAST_CHARACTER
from .rows import BY_AGE, Place, load, said
from .schema import asset_versions, assets, seen, tags
from .sights import key_of

#: Rows that are looked at in one statement, at most, where more are needed than a page has.
_STEP: Final = 250

#: Names of different types may be equal: this tells them apart, in the order of `TYPES`.
_TYPE: Final = case({name: number for number, name in enumerate(TYPES)}, value=assets.c.type)


@dataclass(frozen=True, slots=True)
class _Lead:
    """The index that a page follows: `at` and `tie` are a place in it, `key` tells which asset a row is of.

    `conditions` are what it answers itself; `rest` what is asked of the asset besides.
    """

    key: ColumnElement[str]
    at: ColumnElement[Any]
    tie: ColumnElement[Any]
    conditions: tuple[ColumnElement[bool], ...]
    rest: tuple[ColumnElement[bool], ...] = ()
    by_name: bool = False

    def window(self, after: Place | None, rows: int) -> Select[Any]:
        """(asset_id, at, tie, meets) of the next rows, whether or not they meet what is asked."""
        chosen = select(self.key.label("key"), self.at.label("at"), self.tie.label("tie"))
        chosen = chosen.where(*self.conditions).limit(said(rows))
        if after is not None:
            chosen = chosen.where(self._behind(after))
        ordered = (self.tie, self.at) if self.by_name else (self.at.desc(), self.tie.desc())
        page = chosen.order_by(*ordered).subquery("page")
        again = (page.c.tie, page.c.at) if self.by_name else (page.c.at.desc(), page.c.tie.desc())
        meets = and_(true(), assets.c.asset_id.is_not(None), *self.rest).label("meets")
        return (
            select(assets.c.asset_id, page.c.at, page.c.tie, meets)
            .select_from(self._owners(page))
            .order_by(*again)
        )

    def _behind(self, after: Place) -> ColumnElement[bool]:
        if not self.by_name:
            return tuple_(self.at, self.tie) < tuple_(*after)
        number, name = after
        return and_(self.tie >= name, or_(self.tie > name, self.at > number))

    def _owners(self, page: Subquery) -> FromClause:
        """Rows with their assets; without one where it is gone, or where a version is not its current one."""
        if self.key.table is not seen:
            return page.outerjoin(assets, assets.c.asset_id == page.c.key)
        return page.outerjoin(asset_versions, asset_versions.c.version_id == page.c.key).outerjoin(
            assets,
            and_(assets.c.asset_id == asset_versions.c.asset_id, assets.c.version_id == page.c.key),
        )


class Search:
    """Finding pictures."""

    _database: Database

    def search(
        self, cloud: str, wanted: Wanted, *, after: tuple[int, str] | None = None, limit: int = 48
    ) -> AssetPage:
        """See `Catalog.search`."""
        with self._database.read() as connection:
            ids, place = _matching(connection, _lead(cloud, wanted), after, limit)
            chosen = select(*BY_AGE).where(assets.c.asset_id.in_(ids))
            by_id = {asset.asset_id: asset for _, asset in load(connection, chosen)} if ids else {}
        return AssetPage(tuple(by_id[each] for each in ids if each in by_id), place)

    def found(self, cloud: str, wanted: Wanted, most: int = 1000) -> int:
        """See `Catalog.found`."""
        with self._database.read() as connection:
            return len(_matching(connection, _lead(cloud, wanted), None, most)[0])


def _matching(
    connection: Connection, lead: _Lead, after: Place | None, limit: int
) -> tuple[list[str], Place | None]:
    """Ids of at most `limit` assets, and where to go on; `None` at the end."""
    ids: list[str] = []
    step, looked = limit + 1, 0
    while looked < max(MOST_LOOKED_THROUGH, limit + 1):
        rows = connection.execute(lead.window(after, step)).all()
        for row in rows:
            if row.meets and len(ids) == limit:
                return ids, after
            ids += [row.asset_id] if row.meets else []
            after = (row.at, row.tie)
        if len(rows) < step:
            return ids, None
        looked, step = looked + step, min(2 * step, max(_STEP, step))
    return ids, after


def _lead(cloud: str, wanted: Wanted) -> _Lead:
    """The index that narrows most of what is given, and what is left for it to be asked of assets."""
    asked = _asked(wanted)
    if wanted.name is not None:
        within = (assets.c.public_id >= wanted.name, assets.c.public_id < wanted.name + LAST_CHARACTER)
        key, at, tie = assets.c.asset_id, _TYPE, assets.c.public_id
        return _Lead(key, at, tie, (assets.c.cloud == cloud, *within), _rest(asked), by_name=True)
    if wanted.tag is not None:
        own = (tags.c.cloud == cloud, tags.c.tag == wanted.tag, *_dates(wanted, tags.c.created_at))
        return _Lead(
            tags.c.asset_id, tags.c.created_at, tags.c.asset_id, own, _rest(asked, "tag", "since", "until")
        )
    if wanted.label is not None:
        own = (seen.c.cloud == cloud, seen.c.label == key_of(wanted.label))
        # always asked of the asset: whether the version is its current one
        return _Lead(seen.c.version_id, seen.c.at, seen.c.version_id, own, (true(), *_rest(asked, "label")))
    return _by_age(cloud, wanted, asked)


def _by_age(cloud: str, wanted: Wanted, asked: dict[str, ColumnElement[bool]]) -> _Lead:
    """Uploads, newest first: of one person, of one standing, or all."""
    own = [assets.c.cloud == cloud, *_dates(wanted, assets.c.created_at)]
    led = "uploader" if wanted.uploader is not None else "standing"
    own += [asked[led]] if led in asked else []
    key, at = assets.c.asset_id, assets.c.created_at
    return _Lead(key, at, key, tuple(own), _rest(asked, led, "since", "until"))


def _asked(wanted: Wanted) -> dict[str, ColumnElement[bool]]:
    """What is asked of an asset itself, by the field of `wanted` that asks it."""
    labelled = select(seen.c.version_id).where(seen.c.version_id == assets.c.version_id)
    tagged = select(tags.c.asset_id).where(tags.c.asset_id == assets.c.asset_id)
    asked: dict[str, tuple[object, Any]] = {
        "tag": (wanted.tag, tagged.where(tags.c.tag == wanted.tag).exists()),
        "label": (wanted.label, labelled.where(seen.c.label == key_of(wanted.label or "")).exists()),
        "uploader": (wanted.uploader, assets.c.uploader == wanted.uploader),
        "standing": (wanted.standing, assets.c.status == wanted.standing),
        "since": (wanted.since, assets.c.created_at >= (wanted.since or 0)),
        "until": (wanted.until, assets.c.created_at < (wanted.until or 0)),
    }
    return {name: condition for name, (given, condition) in asked.items() if given is not None}


def _rest(asked: dict[str, ColumnElement[bool]], *answered: str) -> tuple[ColumnElement[bool], ...]:
    return tuple(condition for name, condition in asked.items() if name not in answered)


def _dates(wanted: Wanted, column: ColumnElement[int]) -> list[ColumnElement[bool]]:
    since = [column >= wanted.since] if wanted.since is not None else []
    return since + ([column < wanted.until] if wanted.until is not None else [])
