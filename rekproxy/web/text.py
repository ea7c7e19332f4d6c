"""`text`: a picture of a text, drawn here, and judged as every other one."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request

from ..domain.asset import TEXT
from ..domain.texts import drawing
from ..services.ingest import Ingest
from ..services.takedown import PurgeEdges, no_edges
from ..services.uploads import Upload
from .auth import Keyring
from .replies import json_reply, purged_edges
from .representation import Representation
from .uploaddoor import UploadDoor, finish

#: What says how the text looks.
LOOKS: Final = (
    "font_family", "font_size", "font_color", "text_align", "font_weight", "font_style", "background",
    "opacity", "text_decoration", "letter_spacing", "line_spacing",
)  # fmt: skip
#: The ground: an empty PNG of 80 x 80, the least that a detector takes. It grows with the text.
_EMPTY: Final = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAFAAAABQCAYAAACOEfKtAAAAMElEQVR42u3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAIAXA2RQAAEB5C4HAAAAAElFTkSuQmCC"
)


def text_blueprint(
    keyring: Keyring, ingest: Ingest, represent: Representation, purge_edges: PurgeEdges = no_edges
) -> Blueprint:
    """The route of `text`."""
    views = _Views(UploadDoor(keyring), ingest, represent, purge_edges)
    blueprint = Blueprint("text", __name__, url_prefix="/v1_1/<cloud>")
    blueprint.add_url_rule("/image/text", "text", views.text, methods=["POST"])
    blueprint.after_request(finish)
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    door: UploadDoor
    ingest: Ingest
    represent: Representation
    purge_edges: PurgeEdges

    def text(self, cloud: str) -> Response:
        caller, parameters = self.door.enter(cloud, "text")
        said = {name: parameters.text(name) or "" for name in LOOKS}
        letters = parameters.text("text", lines=True) or ""
        upload = Upload(
            _EMPTY,
            type=TEXT,
            public_id=parameters.text("public_id"),
            transformation=drawing({**said, "text": letters}),
            format="png",
            uploader=caller.key,
        )
        accepted = self.ingest.accept(cloud, upload, actor=caller.actor)
        overwritten = [accepted.asset] if accepted.overwritten else []
        purged = purged_edges(self.purge_edges(cloud, overwritten))
        return json_reply({**self.represent.uploaded(accepted, caller, here=request.root_url), **purged})
