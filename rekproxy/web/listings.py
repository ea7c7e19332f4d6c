"""Listings on the admin wire: all assets, or those of a type, tag, context, moderation or folder (1.13)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, request

from ..domain.asset import EntryStatus
from ..domain.moderation import LISTED
from ..errors import InvalidModerationError, InvalidRequestError
from ..interfaces import AssetPage
from ..services.library import Library
from .asked import read_type
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply
from .representation import FIELDS, Representation, Wanted

#: Assets that one call may name.
MOST_NAMED: Final = 100
_RESOURCES: Final = "/resources/image"
_DIRECTIONS: Final = {"asc": True, "1": True, "desc": False, "-1": False}
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{5,15}(?:Z|[ +-][0-9:]{4,6}| UTC)?)?")


def listings_blueprint(
    keyring: Keyring, library: Library, represent: Representation, cursors: Cursors
) -> Blueprint:
    """Routes of listings."""
    views = _Views(Entrance(keyring), library, represent, cursors)
    return admin_part(
        "listings",
        "",
        ("GET", "/resources", views.kinds),
        ("GET", _RESOURCES, views.find),
        ("GET", f"{_RESOURCES}/<type>", views.find),
        ("GET", f"{_RESOURCES}/tags/<path:tag>", views.tagged),
        ("GET", f"{_RESOURCES}/context", views.said),
        ("GET", f"{_RESOURCES}/moderations/<kind>/<status>", views.moderated),
        ("GET", "/resources/by_asset_ids", views.by_ids),
        ("GET", "/resources/by_asset_folder", views.in_folder),
    )


@dataclass(frozen=True, slots=True)
class _Order:
    """How a listing is read, and what its cursors are good for."""

    listing: str
    start_at: int | None
    ascending: bool


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    library: Library
    represent: Representation
    cursors: Cursors

    def kinds(self, cloud: str) -> Response:
        self.entrance.enter(cloud)
        return json_reply({"resource_types": ["image"]})

    def find(self, cloud: str, type: str | None = None) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        public_ids, prefix = read_named(asked), asked.text("prefix")
        wanted = None if type is None else read_type(type)
        if public_ids:
            return self._named(cloud, asked, type=wanted, public_ids=public_ids, prefix=prefix)
        by_name = prefix is not None
        order = _order(asked, "resources/by_name" if by_name else "resources", by_name=by_name)
        uploader = asked.text("uploader")
        return self._listed(cloud, asked, order, type=wanted, prefix=prefix, uploader=uploader)

    def tagged(self, cloud: str, tag: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        order = _order(asked, f"tags/{check_text('tag', tag)}")
        return self._listed(cloud, asked, order, tag=tag, uploader=asked.text("uploader"))

    def said(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        key, value = asked.needed("key"), asked.text("value")
        order = _order(asked, f"context/{[key, value]}")
        return self._listed(cloud, asked, order, context=(key, value))

    def in_folder(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        folder = (asked.text("asset_folder") or "").strip("/")
        order = _order(asked, f"folder/{folder}")
        total = self.library.count(cloud, folder)
        return self._listed(cloud, asked, order, more={"total_count": total}, folder=folder)

    def by_ids(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        asset_ids = read_named(asked, "asset_ids")
        if not asset_ids:
            raise InvalidRequestError("Missing required parameter - asset_ids")
        return self._named(cloud, asked, asset_ids=asset_ids)

    def moderated(self, cloud: str, kind: str, status: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        listed = _known_kind(kind), _known_entry_status(status)
        order = _order(asked, f"moderations/{kind}/{status}")
        uploader = asked.text("uploader")
        page = self._page(cloud, asked, order, self.library.moderated, *listed, uploader=uploader)
        return self._reply(cloud, order.listing, asked, page, listed)

    def _named(self, cloud: str, asked: Parameters, **named: Any) -> Response:
        """Those that are named, all on one page."""
        page = self.library.find(cloud, uploader=asked.text("uploader"), limit=3 * MOST_NAMED, **named)
        asked.number("max_results", 10, most=MOST_RESULTS)
        return self._reply(cloud, "named", asked, page)

    def _listed(
        self, cloud: str, asked: Parameters, order: _Order, more: dict[str, Any] | None = None, **of: Any
    ) -> Response:
        page = self._page(cloud, asked, order, self.library.find, **of)
        return self._reply(cloud, order.listing, asked, page, more=more)

    def _page(
        self,
        cloud: str,
        asked: Parameters,
        order: _Order,
        find: Callable[..., AssetPage],
        *listed: Any,
        **of: Any,
    ) -> AssetPage:
        return find(
            cloud,
            *listed,
            **of,
            start_at=order.start_at,
            ascending=order.ascending,
            after=self.cursors.behind(cloud, order.listing, asked.text("next_cursor")),
            limit=asked.number("max_results", 10, most=MOST_RESULTS),
        )

    def _reply(
        self,
        cloud: str,
        listing: str,
        asked: Parameters,
        page: AssetPage,
        listed: tuple[str, EntryStatus] | None = None,
        more: dict[str, Any] | None = None,
    ) -> Response:
        flags = {name: asked.flag(name) for name in ("tags", "context", "metadata", "moderations")}
        wanted = Wanted(**flags, fields=_fields(asked))
        here = request.root_url
        items = [self.represent.item(asset, wanted, here=here, listed=listed) for asset in page.assets]
        following = self.cursors.following(cloud, listing, page.after)
        return json_reply({"resources": items, **(more or {}), **following})


def read_named(asked: Parameters, what: str = "public_ids") -> tuple[str, ...]:
    """The assets that a call names, each once; raises `InvalidRequestError` beyond a hundred."""
    named = tuple(dict.fromkeys(asked.items(what)))
    if len(named) > MOST_NAMED:
        raise InvalidRequestError(f"Too many {what}. Maximum is {MOST_NAMED}.")
    return named


def _order(asked: Parameters, listing: str, *, by_name: bool = False) -> _Order:
    direction, moment = asked.text("direction"), asked.text("start_at")
    if direction is not None and direction.lower() not in _DIRECTIONS:
        raise InvalidRequestError("Invalid value for parameter direction")
    ascending = by_name if direction is None else _DIRECTIONS[direction.lower()]
    start_at = None if moment is None else _read_moment(moment)
    return _Order(f"{listing}/asc" if ascending and not by_name else listing, start_at, ascending)


def _read_moment(text: str) -> int:
    """Milliseconds since 1970 of a time as the wire's clients write it; UTC, if nothing else is said."""
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text.removesuffix(" UTC").replace(" +", "+").replace(" -", "-"))
    except ValueError:
        raise InvalidRequestError("Invalid value for parameter start_at") from None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)


def _fields(asked: Parameters) -> frozenset[str] | None:
    """The fields that an item is to have, if not all."""
    named = asked.items("fields")
    for name in named:
        if name not in FIELDS:
            raise InvalidRequestError(f"Invalid value for parameter fields: {name[:80]}")
    return frozenset(named) if named else None


def _known_kind(text: str) -> str:
    if text not in LISTED:
        raise InvalidModerationError(f"Moderation {text[:80]} moderation is not valid")
    return text


def _known_entry_status(text: str) -> EntryStatus:
    if text not in tuple(EntryStatus):
        raise InvalidModerationError(f"Illegal moderation status: {text[:80]}")
    return EntryStatus(text)
