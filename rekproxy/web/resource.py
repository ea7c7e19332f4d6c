"""One asset on the admin wire: shown with all that there is to it, updated, decided about (1.13 and 1.14)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request

from ..domain.asset import Asset, Status
from ..errors import InvalidModerationError, InvalidRequestError
from ..services.backups import Backups
from ..services.library import Library
from ..services.review import Review
from ..services.takedown import PurgeEdges, no_edges
from .asked import read_type
from .auth import Caller, Keyring
from .backups import Restoring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply, purged_edges
from .representation import Representation

#: Parameters of an update that would do something else if they were ignored.
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
#: What of an asset is told only where it is asked for.
_FACTS: Final = (
    "colors",
    "faces",
    "phash",
    "coordinates",
    "image_metadata",
    "media_metadata",
    "exif",
    "quality_analysis",
)


def resource_blueprint(
    keyring: Keyring,
    library: Library,
    review: Review,
    backups: Backups,
    represent: Representation,
    cursors: Cursors,
    purge_edges: PurgeEdges = no_edges,
) -> Blueprint:
    """Routes of one asset."""
    views = _Views(Entrance(keyring), library, review, backups, represent, cursors, purge_edges)
    return admin_part(
        "resource",
        "/resources",
        ("GET", "/image/<type>/<path:public_id>", views.show),
        ("POST", "/image/<type>/<path:public_id>", views.update),
        ("GET", "/<asset_id>", views.show_by_id),
        ("PUT", "/<asset_id>", views.update_by_id),
        ("POST", "/<asset_id>", views.update_by_id),
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
        listing = f"derived/{asset.asset_id}"
        place = self.cursors.behind(cloud, listing, asked.text("derived_next_cursor"))
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        derived, after = self.library.derived_page(cloud, asset, limit, place[0] if place else 0)
        told = self.represent.single(
            asset,
            derived,
            self.library.history(cloud, asset),
            here=request.root_url,
            explain=asked.flag("explain"),
            versions=self.backups.versions(asset) if asked.flag("versions") else None,
            facts=[name for name in _FACTS if asked.flag(name)],
            following=self.cursors.following(cloud, listing, None if after is None else (after, "")),
        )
        return json_reply({**told, **purged_edges(purge)})


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
