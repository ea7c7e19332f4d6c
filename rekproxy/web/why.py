"""Why a delivery URL shows what it shows, on the admin surface: ours, beside the wire."""

from dataclasses import dataclass

from flask import Blueprint, Response

from ..services.why import Link, Why
from .auth import Keyring
from .entrance import Entrance, admin_part
from .replies import json_reply


def why_blueprint(keyring: Keyring, why: Why) -> Blueprint:
    """The one route, for moderators."""
    return admin_part("why", "/moderation", ("GET", "/why", _Views(Entrance(keyring), why).explained))


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    why: Why

    def explained(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        return json_reply(self.why.explain(cloud, Link.read(asked.needed("url"))))
