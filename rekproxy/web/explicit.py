"""`explicit`: do to a picture that is there what an upload could have asked for."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request

from ..domain import addons
from ..domain.access import ONLY_TOKENS
from ..domain.asset import FETCH, Asset, Status
from ..domain.coordinates import read_regions
from ..domain.uploadparameters import ADD_ONS, OF_BOTH
from ..interfaces.changes import Revised
from ..services.explicit import Explicit, Wanted
from ..services.fetching import Fetching
from ..services.library import Library
from ..services.takedown import PurgeEdges, no_edges
from ..services.uploads import Accepted
from .analysis import Analysis
from .asked import check_batch_id, read_asked, read_type
from .auth import Caller, Keyring
from .eager import read_batch
from .forms import Parameters
from .replies import json_reply, purged_edges
from .representation import Fields, Representation
from .uploaddoor import UploadDoor, finish

#: What is said of a picture: the parameter, and the field that it changes.
_FIELDS: Final = {
    "tags": "tags",
    "context": "context",
    "access_control": "access_control",
    "headers": "headers",
    "quality_override": "quality_override",
    "asset_folder": "folder",
    "display_name": "display_name",
}
#: The type names a picture that is there, and may be one that no upload has.
_OF_EXPLICIT: Final = tuple(each for each in OF_BOTH if each.name != "type")
_REGIONS: Final = {"face_coordinates": "faces", "custom_coordinates": "custom"}


def explicit_blueprint(
    keyring: Keyring,
    library: Library,
    explicit: Explicit,
    fetching: Fetching,
    analysis: Analysis,
    represent: Representation,
    purge_edges: PurgeEdges = no_edges,
) -> Blueprint:
    """The route of `explicit`."""
    views = _Views(UploadDoor(keyring), library, explicit, fetching, analysis, represent, purge_edges)
    blueprint = Blueprint("explicit", __name__, url_prefix="/v1_1/<cloud>")
    blueprint.add_url_rule("/image/explicit", "explicit", views.explicit, methods=["POST"])
    blueprint.after_request(finish)
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    door: UploadDoor
    library: Library
    explicit_: Explicit
    fetching: Fetching
    analysis: Analysis
    represent: Representation
    purge_edges: PurgeEdges

    def explicit(self, cloud: str) -> Response:
        caller, parameters = self.door.enter(cloud, "explicit")
        type_, public_id = read_type(parameters.text("type")), parameters.needed("public_id")
        refuse_add_ons(parameters)
        asked = read_asked(parameters, _OF_EXPLICIT)
        asked["batch_id"] = check_batch_id(parameters.text("batch_id"))
        asset = self._asset(cloud, type_, public_id)
        late = bool(asked.get("async"))
        wanted = _wanted(asked, caller, renewed=parameters.flag("invalidate"), late=late)
        revised = self.explicit_.apply(asset, wanted, actor=caller.actor)
        if late:
            batch = read_batch(asked, at_once=False)
            if batch is not None:
                self.analysis.eager.begin(revised.asset, batch, actor=caller.actor)
            return json_reply(_deferred(asset, wanted))
        return json_reply(self._told(caller, revised, asked))

    def _asset(self, cloud: str, type: str, public_id: str) -> Asset:
        """The picture; one of another server's is fetched now."""
        if type == FETCH:
            return self.fetching.refresh(cloud, public_id)
        return self.library.get(cloud, type, public_id)

    def _told(self, caller: Caller, revised: Revised, asked: Mapping[str, Any]) -> Fields:
        asset = revised.asset
        changed = revised.before.revision != asset.revision
        served = Status.APPROVED in (revised.before.standing, asset.standing)
        purged = self.purge_edges(asset.cloud, [asset] if changed and served else [])
        return {
            **self.represent.uploaded(Accepted(asset), caller, here=request.root_url),
            **self.analysis.of(asset, asked, actor=caller.actor),
            **purged_edges(purged),
        }


def refuse_add_ons(parameters: Parameters) -> None:
    """Say of add-ons that they are not here: a call that names one would else seem to have it."""
    for name in ADD_ONS:
        if name in parameters:
            addons.refuse(name, ",".join(parameters.items(name)))


def _wanted(asked: Mapping[str, Any], caller: Caller, *, renewed: bool, late: bool) -> Wanted:
    fields = {field: asked[name] for name, field in _FIELDS.items() if name in asked}
    for name, field in _REGIONS.items():
        if name in asked:
            fields[field] = read_regions(name, asked[name])
    if "access_control" in asked or asked.get("access_mode") is not None:
        mode = asked.get("access_mode") or "public"
        fields.setdefault("access_control", ONLY_TOKENS if mode == "authenticated" else None)
        fields["access_mode"] = mode
    return Wanted(
        fields=fields,
        metadata=asked.get("metadata", {}),
        moderation=asked.get("moderation"),
        by_moderator=bool(caller.roles & {"moderator", "admin"}),
        renewed=renewed,
        notification_url=asked.get("notification_url"),
        batch_id=(asked.get("batch_id") or secrets.token_hex(32)) if late else None,
    )


def _deferred(asset: Asset, wanted: Wanted) -> Fields:
    return {
        "status": "pending",
        "resource_type": "image",
        "type": asset.type,
        "public_id": asset.public_id,
        "batch_id": wanted.batch_id,
    }
