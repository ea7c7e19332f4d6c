"""Deletes on the admin wire: by names, ids, prefix, tag or all, and of derived images alone (1.13)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response

from ..domain.asset import Asset, Status
from ..domain.parameters import FORMATS
from ..domain.transformation import parse
from ..domain.uploadparameters import PARAMETERS
from ..errors import InvalidRequestError
from ..services.deleting import Deletion, Gone, Wish
from ..services.takedown import PurgeEdges, no_edges
from .asked import read_asked, read_type
from .auth import Caller, Keyring
from .cursors import Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .listings import read_named
from .replies import json_reply, purged_edges

#: Transformations that one call may name.
_MOST_TRANSFORMATIONS: Final = 50
_DERIVED_ID = re.compile(r"0{14}[0-9a-f]{18}")


def deleting_blueprint(
    keyring: Keyring, deletion: Deletion, cursors: Cursors, purge_edges: PurgeEdges = no_edges
) -> Blueprint:
    """Routes of deletes."""
    views = _Views(Entrance(keyring), deletion, cursors, purge_edges)
    return admin_part(
        "deleting",
        "",
        ("DELETE", "/resources", views.by_ids),
        ("DELETE", "/resources/image/<type>", views.by_names),
        ("DELETE", "/resources/image/tags/<path:tag>", views.tagged),
        ("DELETE", "/derived_resources", views.derived),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    deletion: Deletion
    cursors: Cursors
    purge_edges: PurgeEdges

    def by_names(self, cloud: str, type: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        read_type(type)
        public_ids, prefix = read_named(asked), asked.text("prefix")
        if [bool(public_ids), prefix is not None, asked.flag("all")].count(True) > 1:
            raise InvalidRequestError("Say exactly one of public_ids, prefix or all=true")
        if public_ids:
            return self._named(caller, asked, public_ids, _name, type=type, public_ids=public_ids)
        if prefix is not None:
            listing = f"delete/{type}/prefix/{prefix}"
            return self._page(caller, asked, listing, type=type, prefix=prefix, ascending=True)
        if asked.flag("all"):
            return self._page(caller, asked, f"delete/{type}/all", type=type)
        raise InvalidRequestError("Missing required parameter - public_ids")

    def by_ids(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        asset_ids = read_named(asked, "asset_ids")
        if not asset_ids:
            raise InvalidRequestError("Missing required parameter - asset_ids")
        return self._named(caller, asked, asset_ids, _id, asset_ids=asset_ids)

    def tagged(self, cloud: str, tag: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        return self._page(caller, asked, f"delete/tag/{check_text('tag', tag)}", tag=tag)

    def derived(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "admin")
        names = read_named(asked, "derived_resource_ids")
        if not names:
            raise InvalidRequestError("Missing required parameter - derived_resource_ids")
        numbers = {name: int(name, 16) for name in names if _DERIVED_ID.fullmatch(name)}
        numbers = {name: number for name, number in numbers.items() if number < 1 << 63}
        gone = self.deletion.derived(cloud, list(numbers.values())) if numbers else frozenset()
        return json_reply(
            {"deleted": {name: "deleted" if numbers.get(name) in gone else "not_found" for name in names}}
        )

    def _named(
        self,
        caller: Caller,
        asked: Parameters,
        names: tuple[str, ...],
        called: Callable[[Asset], str],
        **meant: Any,
    ) -> Response:
        gone = self.deletion.page(caller.cloud, _wish(asked), actor=caller.actor, **meant)
        there = {called(asset) for asset in gone.assets}
        told = {name: "deleted" if name in there else "not_found" for name in names}
        return self._reply(caller.cloud, asked, gone, told, called)

    def _page(self, caller: Caller, asked: Parameters, listing: str, **meant: Any) -> Response:
        place = self.cursors.behind(caller.cloud, listing, asked.text("next_cursor"))
        gone = self.deletion.page(caller.cloud, _wish(asked), actor=caller.actor, after=place, **meant)
        told = {asset.public_id: "deleted" for asset in gone.assets}
        return self._reply(caller.cloud, asked, gone, told, _name, listing)

    def _reply(
        self,
        cloud: str,
        asked: Parameters,
        gone: Gone,
        told: Mapping[str, str],
        called: Callable[[Asset], str],
        listing: str = "",
    ) -> Response:
        """What became of each; edges are purged of what the public could see until now."""
        wish = _wish(asked)
        original = {} if wish.only_derived else {"original": 1}
        counts: dict[str, dict[str, int]] = {}
        for asset in gone.assets:
            derived = gone.derived.get(asset.asset_id, 0)
            counts[called(asset)] = {
                **(original or {"original": 0}),
                **({"derived": derived} if derived else {}),
            }
        served = [asset for asset in gone.assets if asset.standing is Status.APPROVED]
        changed = served if not wish.transformations or wish.renewed else []
        return json_reply(
            {
                "deleted": told,
                "deleted_counts": counts,
                "partial": gone.after is not None,
                **self.cursors.following(cloud, listing, gone.after),
                **purged_edges(self.purge_edges(cloud, changed)),
            }
        )


def _wish(asked: Parameters) -> Wish:
    texts = [text for text in (asked.text("transformations") or "").split("|") if text.strip()]
    if len(texts) > _MOST_TRANSFORMATIONS:
        raise InvalidRequestError(f"Too many transformations. Maximum is {_MOST_TRANSFORMATIONS}.")
    return Wish(
        keep_original=asked.flag("keep_original"),
        transformations=tuple(_made_by(text.strip()) for text in texts),
        renewed=asked.flag("invalidate"),
        notification_url=read_asked(asked, [PARAMETERS["notification_url"]]).get("notification_url"),
    )


def _made_by(text: str) -> tuple[str, str | None]:
    """A transformation as rows have it, and the format that stands behind it, if one does."""
    chain, slash, last = text.rpartition("/")
    format = last.lower() if slash and last.lower() in FORMATS else None
    return parse(chain if format or (slash and not last) else text).text, format


def _name(asset: Asset) -> str:
    return asset.public_id


def _id(asset: Asset) -> str:
    return asset.asset_id
