"""Notifications on the wire, ours: what was told and what was not, and another try for the dead."""

from dataclasses import dataclass

from flask import Blueprint, Response

from ..errors import NotFoundError
from ..interfaces import Catalog
from ..interfaces.notifications import Notification
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .replies import json_reply
from .representation import Fields, moment


def notifications_blueprint(keyring: Keyring, catalog: Catalog, cursors: Cursors) -> Blueprint:
    """Routes of notifications, with Basic of an administrator."""
    views = _Views(Entrance(keyring), catalog, cursors)
    return admin_part(
        "notifications",
        "/notifications",
        ("GET", "", views.find),
        ("POST", "/replay", views.replay_all),
        ("GET", "/<number>", views.show),
        ("POST", "/<number>/replay", views.replay),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    catalog: Catalog
    cursors: Cursors

    def find(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "admin")
        dead, limit = asked.flag("dead"), asked.number("max_results", 10, most=MOST_RESULTS)
        listing = "notifications/dead" if dead else "notifications"
        place = self.cursors.behind(cloud, listing, asked.text("next_cursor"))
        page = self.catalog.list_notifications(cloud, dead=dead, after=place and place[0], limit=limit)
        following = self.cursors.following(cloud, listing, None if page.after is None else (page.after, ""))
        return json_reply({"notifications": [_written(told) for told in page.notifications], **following})

    def show(self, cloud: str, number: str) -> Response:
        """One, with the very text that its receiver gets, once that is fixed."""
        self.entrance.enter(cloud, "admin")
        told = self.catalog.notification(cloud, _number(number))
        if told is None:
            raise NotFoundError(f"Notification not found - {number[:20]}")
        return json_reply({**_written(told), "body": told.body})

    def replay(self, cloud: str, number: str) -> Response:
        caller, _ = self.entrance.enter(cloud, "admin")
        count = self.catalog.replay_notifications(cloud, _number(number), actor=caller.actor)
        return json_reply({"replayed": count})

    def replay_all(self, cloud: str) -> Response:
        caller, _ = self.entrance.enter(cloud, "admin")
        return json_reply({"replayed": self.catalog.replay_notifications(cloud, actor=caller.actor)})


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFoundError(f"Notification not found - {text[:20]}")
    return int(text)


def _written(told: Notification) -> Fields:
    times = {"delivered_at": told.delivered_at, "dead_at": told.dead_at}
    return {
        "id": told.id,
        "event_id": told.event_id,
        "notification_type": told.type,
        "state": told.state,
        "uri": told.uri,
        **({"asset_id": told.asset.asset_id, "public_id": told.asset.public_id} if told.asset else {}),
        "attempts": told.attempts,
        "created_at": moment(told.created_at),
        **{name: moment(at) for name, at in times.items() if at is not None},
        **({"error": told.error} if told.error else {}),
    }
