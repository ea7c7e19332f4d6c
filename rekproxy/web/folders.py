"""Folders on the admin wire: listed, made, moved and removed (1.13)."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from ..domain.folders import check_folder
from ..errors import InvalidRequestError
from ..interfaces.folders import Folder
from ..services.folders import Folders
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply


def folders_blueprint(keyring: Keyring, folders: Folders, cursors: Cursors) -> Blueprint:
    """Routes of folders."""
    views = _Views(Entrance(keyring), folders, cursors)
    return admin_part(
        "folders",
        "/folders",
        ("GET", "", views.find),
        ("GET", "/<path:path>", views.find),
        ("POST", "/<path:path>", views.create),
        ("PUT", "/<path:path>", views.move),
        ("DELETE", "/<path:path>", views.remove),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    folders: Folders
    cursors: Cursors

    def find(self, cloud: str, path: str = "") -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        parent = _path(path) if path else ""
        listing = f"folders/{parent}"
        place = self.cursors.behind(cloud, listing, asked.text("next_cursor"))
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        page, total = self.folders.inside(cloud, parent, after=place and place[1], limit=limit)
        following = self.cursors.following(cloud, listing, None if page.after is None else (0, page.after))
        return json_reply(
            {
                "folders": [_written(folder) for folder in page.folders],
                "next_cursor": None,
                **following,
                "total_count": total,
            }
        )

    def create(self, cloud: str, path: str) -> Response:
        caller, _ = self.entrance.enter(cloud, "admin")
        made = self.folders.create(cloud, _path(path), actor=caller.actor)
        return json_reply({"success": True, "path": made.path, "name": made.name})

    def move(self, cloud: str, path: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        before, to = _path(path), _to(asked)
        left = self.folders.move(cloud, before, to, actor=caller.actor)
        told: dict[str, Any] = {"from": _named(before), "to": _named(to)}
        # Ours: of a large folder the last assets follow after the reply.
        return json_reply({**told, **({"following": True} if left else {})})

    def remove(self, cloud: str, path: str) -> Response:
        caller, _ = self.entrance.enter(cloud, "admin")
        gone = self.folders.remove(cloud, _path(path), actor=caller.actor)
        return json_reply({"deleted": list(gone)})


def _path(text: str) -> str:
    path = check_folder("folder", check_text("folder", text))
    if not path:
        raise InvalidRequestError("Missing required parameter - folder")
    return path


def _to(asked: Parameters) -> str:
    to = check_folder("to_folder", asked.needed("to_folder"))
    if not to:
        raise InvalidRequestError("Missing required parameter - to_folder")
    return to


def _written(folder: Folder) -> dict[str, str]:
    return {**_named(folder.path), "external_id": folder.external_id}


def _named(path: str) -> dict[str, str]:
    return {"name": path.rpartition("/")[2], "path": path}
