"""The catalog's search: one index leads in the order of the page; a bounded stretch of it is looked at."""

from typing import Any

from sqlalchemy import ColumnElement, select, true

from ...interfaces import AssetPage
from ...interfaces.search import MOST_LOOKED_THROUGH, Wanted
from .engine import Database
from .leading import TYPE_NUMBER, Lead, look_through
from .rows import BY_AGE, load
from .schema import assets, seen, tags
from .sights import key_of


class Search:
    """Finding pictures."""

    _database: Database

    def search(
        self, cloud: str, wanted: Wanted, *, after: tuple[int, str] | None = None, limit: int = 48
    ) -> AssetPage:
        """See `Catalog.search`."""
        with self._database.read() as connection:
            ids, place = look_through(
                connection, _lead(cloud, wanted), after, limit, most=MOST_LOOKED_THROUGH
            )
            chosen = select(*BY_AGE).where(assets.c.asset_id.in_(ids))
            by_id = {asset.asset_id: asset for _, asset in load(connection, chosen)} if ids else {}
        return AssetPage(tuple(by_id[each] for each in ids if each in by_id), place)

    def found(self, cloud: str, wanted: Wanted, most: int = 1000) -> int:
        """See `Catalog.found`."""
        with self._database.read() as connection:
            lead = _lead(cloud, wanted)
            return len(look_through(connection, lead, None, most, most=MOST_LOOKED_THROUGH)[0])


def _lead(cloud: str, wanted: Wanted) -> Lead:
    """The index that narrows most of what is given, and what is left for it to be asked of assets."""
    asked = _asked(wanted)
    if wanted.name is not None:
        within = (assets.c.cloud == cloud,)
        key, at, tie = assets.c.asset_id, TYPE_NUMBER, assets.c.public_id
        return Lead(key, at, tie, within, _rest(asked), prefix=wanted.name, ascending=True)
    if wanted.tag is not None:
        own = (tags.c.cloud == cloud, tags.c.tag == wanted.tag, *_dates(wanted, tags.c.created_at))
        return Lead(
            tags.c.asset_id, tags.c.created_at, tags.c.asset_id, own, _rest(asked, "tag", "since", "until")
        )
    if wanted.label is not None:
        own = (seen.c.cloud == cloud, seen.c.label == key_of(wanted.label))
        # always asked of the asset: whether the version is its current one
        return Lead(seen.c.version_id, seen.c.at, seen.c.version_id, own, (true(), *_rest(asked, "label")))
    return _by_age(cloud, wanted, asked)


def _by_age(cloud: str, wanted: Wanted, asked: dict[str, ColumnElement[bool]]) -> Lead:
    """Uploads, newest first: of one person, of one standing, or all."""
    own = [assets.c.cloud == cloud, *_dates(wanted, assets.c.created_at)]
    led = "uploader" if wanted.uploader is not None else "standing"
    own += [asked[led]] if led in asked else []
    key, at = assets.c.asset_id, assets.c.created_at
    return Lead(key, at, key, tuple(own), _rest(asked, led, "since", "until"))


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
