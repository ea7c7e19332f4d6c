"""Upload presets on the wire: listed, made, changed and dropped, with Basic of an administrator."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response

from ..domain.preset import Preset
from ..domain.transformation import described
from ..domain.uploadparameters import PARAMETERS
from ..errors import InvalidRequestError
from ..services.presets import Presets
from .asked import read_kind
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply

#: What a cursor of presets is good for.
_LISTING: Final = "upload_presets"


def presets_blueprint(keyring: Keyring, presets: Presets, cursors: Cursors) -> Blueprint:
    """Routes of upload presets."""
    views = _Views(Entrance(keyring), presets, cursors)
    return admin_part(
        "presets",
        "/upload_presets",
        ("GET", "", views.find),
        ("POST", "", views.create),
        ("GET", "/<name>", views.show),
        ("PUT", "/<name>", views.update),
        ("DELETE", "/<name>", views.drop),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    presets: Presets
    cursors: Cursors

    def find(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "admin")
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        place = self.cursors.behind(cloud, _LISTING, asked.text("next_cursor"))
        page = self.presets.find(cloud, after=place and place[1], limit=limit)
        following = self.cursors.following(cloud, _LISTING, None if page.after is None else (0, page.after))
        return json_reply({"presets": [_written(preset) for preset in page.presets], **following})

    def create(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        settings = _given(asked)
        made = self.presets.create(
            cloud, asked.text("name"), asked.flag("unsigned"), settings, actor=caller.actor
        )
        return json_reply({"message": "created", "name": made.name})

    def show(self, cloud: str, name: str) -> Response:
        self.entrance.enter(cloud, "admin")
        return json_reply(_written(self.presets.get(cloud, check_text("name", name))))

    def update(self, cloud: str, name: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        if asked.text("name") not in (None, check_text("name", name)):
            raise InvalidRequestError("An upload preset cannot be renamed")
        unsigned = asked.flag("unsigned") if "unsigned" in asked else None
        self.presets.update(cloud, name, unsigned, _given(asked), actor=caller.actor)
        return json_reply({"message": "updated"})

    def drop(self, cloud: str, name: str) -> Response:
        caller, _ = self.entrance.enter(cloud, "admin")
        self.presets.drop(cloud, check_text("name", name), actor=caller.actor)
        return json_reply({"message": "deleted"})


def _given(asked: Parameters) -> dict[str, Any]:
    """The settings that a request names, each as what it is; the rules say which there may be."""
    return {
        name: read_kind(asked, name, PARAMETERS[name].kind) if name in PARAMETERS else value or None
        for name, value in asked.values.items()
        if name not in ("name", "unsigned")
    }


def _written(preset: Preset) -> dict[str, Any]:
    """A preset as the wire writes it: its transformation in objects with long names."""
    settings = dict(preset.settings)
    if "transformation" in settings:
        settings["transformation"] = described(settings["transformation"])
    return {"name": preset.name, "unsigned": preset.unsigned, "settings": settings}
