"""Upload mappings on the wire: listed, made, changed and dropped, with Basic of an administrator."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response

from ..interfaces.mappings import UploadMapping
from ..services.mappings import Mappings
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .replies import json_reply

#: What a cursor of mappings is good for.
_LISTING: Final = "upload_mappings"


def mappings_blueprint(keyring: Keyring, mappings: Mappings, cursors: Cursors) -> Blueprint:
    """Routes of upload mappings."""
    views = _Views(Entrance(keyring), mappings, cursors)
    return admin_part(
        "mappings",
        "/upload_mappings",
        ("GET", "", views.show),
        ("POST", "", views.create),
        ("PUT", "", views.update),
        ("DELETE", "", views.drop),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    mappings: Mappings
    cursors: Cursors

    def show(self, cloud: str) -> Response:
        """One where a folder is named, else a page of all."""
        _, asked = self.entrance.enter(cloud, "admin")
        folder = asked.text("folder")
        if folder is not None:
            return json_reply(_written(self.mappings.get(cloud, folder)))
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        place = self.cursors.behind(cloud, _LISTING, asked.text("next_cursor"))
        page = self.mappings.find(cloud, after=place and place[1], limit=limit)
        following = self.cursors.following(cloud, _LISTING, None if page.after is None else (0, page.after))
        return json_reply({"mappings": [_written(each) for each in page.mappings], **following})

    def create(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        folder, template = asked.needed("folder"), asked.needed("template")
        self.mappings.create(cloud, folder, template, actor=caller.actor)
        return json_reply({"message": "created"})

    def update(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        folder, template = asked.needed("folder"), asked.needed("template")
        self.mappings.update(cloud, folder, template, actor=caller.actor)
        return json_reply({"message": "updated"})

    def drop(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        self.mappings.drop(cloud, asked.needed("folder"), actor=caller.actor)
        return json_reply({"message": "deleted"})


def _written(mapping: UploadMapping) -> dict[str, str]:
    return {"folder": mapping.folder, "template": mapping.template}
