"""The admin surface of the wire: assets, their moderation, and purges, with Basic."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request

from ..domain.asset import Asset, EntryStatus, Status
from ..domain.moderation import LISTED
from ..errors import InvalidModerationError, InvalidRequestError
from ..interfaces import AssetPage
from ..services.backups import Backups
from ..services.library import Destroyed, Library
from ..services.review import Review
from ..services.takedown import PurgeEdges, no_edges
from .asked import read_type
from .auth import Caller, Keyring
from .backups import MOST_NAMED, Restoring
from .cursors import MOST_RESULTS, Cursors, Place
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply, purged_edges
from .representation import Representation, Wanted

#: Parameters of an update, and of a delete, that would do something else if they were ignored.
_NO_UPDATE: Final = (
    "tags",
    "context",
    "metadata",
    "access_control",
    "quality_override",
    "face_coordinates",
    "custom_coordinates",
    "asset_folder",
    "display_name",
)
_NO_DELETE: Final = ("prefix", "transformations")
_RESOURCES = "/resources/image"


def admin_blueprint(
    keyring: Keyring,
    library: Library,
    review: Review,
    backups: Backups,
    represent: Representation,
    cursors: Cursors,
    purge_edges: PurgeEdges = no_edges,
) -> Blueprint:
    """Routes of the admin surface."""
    views = _Views(Entrance(keyring), library, review, backups, represent, cursors, purge_edges)
    return admin_part(
        "admin",
        "",
        ("GET", "/ping", views.ping),
        ("GET", _RESOURCES, views.find),
        ("GET", f"{_RESOURCES}/<type>", views.find),
        ("DELETE", f"{_RESOURCES}/<type>", views.delete),
        ("DELETE", "/resources", views.delete_by_id),
        ("GET", f"{_RESOURCES}/tags/<path:tag>", views.tagged),
        ("GET", f"{_RESOURCES}/moderations/<kind>/<status>", views.moderated),
        ("GET", f"{_RESOURCES}/<type>/<path:public_id>", views.show),
        ("POST", f"{_RESOURCES}/<type>/<path:public_id>", views.update),
        ("GET", "/resources/<asset_id>", views.show_by_id),
        ("PUT", "/resources/<asset_id>", views.update_by_id),
        ("POST", "/resources/<asset_id>", views.update_by_id),
        ("POST", "/cache/purge", views.purge),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    library: Library
    review: Review
    backups: Backups
    represent: Representation
    cursors: Cursors
    purge_edges: PurgeEdges

    def ping(self, cloud: str) -> Response:
        self.entrance.enter(cloud)
        return json_reply({"status": "ok"})

    def find(self, cloud: str, type: str | None = None) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        public_ids = _named(asked)
        place, limit = self._page(cloud, "resources", asked)
        page = self.library.find(
            cloud,
            type=None if type is None else read_type(type),
            prefix=asked.text("prefix"),
            public_ids=public_ids or None,
            uploader=asked.text("uploader"),
            after=place,
            limit=max(limit, len(public_ids)),
        )
        return self._listing(cloud, "resources", asked, page)

    def tagged(self, cloud: str, tag: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        listing = f"tags/{check_text('tag', tag)}"
        place, limit = self._page(cloud, listing, asked)
        page = self.library.find(cloud, tag=tag, uploader=asked.text("uploader"), after=place, limit=limit)
        return self._listing(cloud, listing, asked, page)

    def moderated(self, cloud: str, kind: str, status: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        listed = _known_kind(kind), _known_entry_status(status)
        listing = f"moderations/{kind}/{status}"
        place, limit = self._page(cloud, listing, asked)
        page = self.library.moderated(
            cloud, *listed, uploader=asked.text("uploader"), after=place, limit=limit
        )
        return self._listing(cloud, listing, asked, page, listed)

    def show(self, cloud: str, type: str, public_id: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        return self._single(cloud, self._asset(cloud, type, public_id), asked)

    def show_by_id(self, cloud: str, asset_id: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        return self._single(cloud, self.library.get_by_id(cloud, check_text("asset_id", asset_id)), asked)

    def update(self, cloud: str, type: str, public_id: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "moderator")
        if public_id == "restore" and "public_ids" in asked:
            caller.require("admin")
            return Restoring(self.backups, self.represent, self.purge_edges).by_names(
                caller, read_type(type), asked
            )
        status = _new_status(asked)
        return self._decide(caller, self._asset(cloud, type, public_id), status, asked)

    def update_by_id(self, cloud: str, asset_id: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "moderator")
        status = _new_status(asked)
        asset = self.library.get_by_id(cloud, check_text("asset_id", asset_id))
        return self._decide(caller, asset, status, asked)

    def delete(self, cloud: str, type: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        public_ids = _to_delete(asked)
        read_type(type)
        gone = {
            public_id: self.library.destroy(cloud, type, public_id, actor=caller.actor)
            for public_id in public_ids
        }
        return self._deleted(cloud, gone)

    def delete_by_id(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        asset_ids = _to_delete(asked, "asset_ids")
        gone = {
            asset_id: self.library.destroy_by_id(cloud, asset_id, actor=caller.actor)
            for asset_id in asset_ids
        }
        return self._deleted(cloud, gone)

    def _deleted(self, cloud: str, gone: Mapping[str, Destroyed | None]) -> Response:
        """What became of each; counted is what the public could see of it until now."""
        done = {name: each for name, each in gone.items() if each}
        served = [each.asset for each in done.values() if each.asset.standing is Status.APPROVED]
        return json_reply(
            {
                "deleted": {name: "deleted" if name in done else "not_found" for name in gone},
                "deleted_counts": {
                    name: {"original": 1, **({"derived": each.derived} if each.derived else {})}
                    for name, each in done.items()
                },
                "partial": False,
                **purged_edges(self.purge_edges(cloud, served)),
            }
        )

    def purge(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        public_ids, prefix, tag = _named(asked), asked.text("prefix"), asked.text("tag")
        if [bool(public_ids), bool(prefix), bool(tag), asked.flag("all")].count(True) != 1:
            raise InvalidRequestError("Say exactly one of public_ids, prefix, tag or all=true")
        purged = self.library.purge(
            cloud, public_ids=public_ids or None, prefix=prefix, tag=tag, actor=caller.actor
        )
        return json_reply(
            {
                "purged": purged.count,
                "public_ids": list(purged.public_ids),
                "tiers": [dict(tier) for tier in purged.tiers],
            }
        )

    def _asset(self, cloud: str, type: str, public_id: str) -> Asset:
        return self.library.get(cloud, read_type(type), check_text("public_id", public_id))

    def _decide(self, caller: Caller, asset: Asset, status: Status, asked: Parameters) -> Response:
        decided = self.review.override(
            caller.cloud,
            asset,
            status,
            actor=caller.actor,
            reason=asked.text("reason"),
            note=asked.text("note", lines=True),
            version_id=asked.text("version_id"),
            revision=_revision(asked),
        )
        served = Status.APPROVED in (decided.before, decided.asset.standing)
        changed = [decided.asset] if decided.changed and served else []
        return self._single(caller.cloud, decided.asset, asked, self.purge_edges(caller.cloud, changed))

    def _single(
        self, cloud: str, asset: Asset, asked: Parameters, purge: Sequence[Mapping[str, Any]] = ()
    ) -> Response:
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        derived = self.library.derived(cloud, asset, limit)
        history = self.library.history(cloud, asset)
        explain = asked.flag("explain")
        versions = self.backups.versions(asset) if asked.flag("versions") else None
        here = request.root_url
        told = self.represent.single(asset, derived, history, here=here, explain=explain, versions=versions)
        return json_reply({**told, **purged_edges(purge)})

    def _page(self, cloud: str, listing: str, asked: Parameters) -> tuple[Place | None, int]:
        place = self.cursors.behind(cloud, listing, asked.text("next_cursor"))
        return place, asked.number("max_results", 10, most=MOST_RESULTS)

    def _listing(
        self,
        cloud: str,
        listing: str,
        asked: Parameters,
        page: AssetPage,
        listed: tuple[str, EntryStatus] | None = None,
    ) -> Response:
        wanted = Wanted(*(asked.flag(name) for name in ("tags", "context", "metadata", "moderations")))
        here = request.root_url
        items = [self.represent.item(asset, wanted, here=here, listed=listed) for asset in page.assets]
        return json_reply({"resources": items, **self.cursors.following(cloud, listing, page.after)})


def _named(asked: Parameters, what: str = "public_ids") -> tuple[str, ...]:
    named = tuple(dict.fromkeys(asked.items(what)))
    if len(named) > MOST_NAMED:
        raise InvalidRequestError(f"Too many {what}. Maximum is {MOST_NAMED}.")
    return named


def _to_delete(asked: Parameters, what: str = "public_ids") -> tuple[str, ...]:
    for name in _NO_DELETE:
        if name in asked:
            raise InvalidRequestError(f"Deleting by {name} is not supported here yet")
    if asked.flag("keep_original") or asked.flag("all"):
        raise InvalidRequestError("Deleting with keep_original or all is not supported here yet")
    named = _named(asked, what)
    if not named:
        raise InvalidRequestError(f"Missing required parameter - {what}")
    return named


def _new_status(asked: Parameters) -> Status:
    for name in _NO_UPDATE:
        if name in asked:
            raise InvalidRequestError(f"Updating {name} is not supported here yet")
    text = asked.needed("moderation_status")
    if text not in tuple(Status):
        raise InvalidModerationError(f"Illegal moderation status: {text[:80]}")
    return Status(text)


def _revision(asked: Parameters) -> int | None:
    """The revision that a decision is about; larger than `Parameters.number` reads."""
    text = asked.text("revision")
    if text is not None and not re.fullmatch(r"[0-9]{1,18}", text):
        raise InvalidRequestError("Invalid value for parameter revision")
    return None if text is None else int(text)


def _known_kind(text: str) -> str:
    if text not in LISTED:
        raise InvalidModerationError(f"Moderation {text[:80]} moderation is not valid")
    return text


def _known_entry_status(text: str) -> EntryStatus:
    if text not in tuple(EntryStatus):
        raise InvalidModerationError(f"Illegal moderation status: {text[:80]}")
    return EntryStatus(text)
