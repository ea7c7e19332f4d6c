"""The tags that there are, on the admin wire (1.13)."""

from dataclasses import dataclass

from flask import Blueprint, Response

from ..services.library import Library
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .replies import json_reply


def tags_blueprint(keyring: Keyring, library: Library, cursors: Cursors) -> Blueprint:
    """The route of tags."""
    views = _Views(Entrance(keyring), library, cursors)
    return admin_part("tags", "/tags", ("GET", "/image", views.find))


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    library: Library
    cursors: Cursors

    def find(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        prefix = asked.text("prefix") or ""
        listing = f"tags/{prefix}"
        place = self.cursors.behind(cloud, listing, asked.text("next_cursor"))
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        page = self.library.tags(cloud, prefix=prefix, after=place and place[1], limit=limit)
        following = self.cursors.following(cloud, listing, None if page.after is None else (0, page.after))
        return json_reply({"tags": list(page.tags), **following})
