"""The admin surface of the wire: whether it answers, what this cloud is, and purges, with Basic."""

from dataclasses import dataclass

from flask import Blueprint, Response

from ..errors import InvalidRequestError
from ..services.library import Library
from .auth import Keyring
from .entrance import Entrance, admin_part
from .listings import read_named
from .replies import json_reply
from .representation import moment


def admin_blueprint(keyring: Keyring, library: Library) -> Blueprint:
    """Routes of the cloud as a whole."""
    views = _Views(Entrance(keyring), library)
    return admin_part(
        "admin",
        "",
        ("GET", "/ping", views.ping),
        ("GET", "/config", views.config),
        ("POST", "/cache/purge", views.purge),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    library: Library

    def ping(self, cloud: str) -> Response:
        self.entrance.enter(cloud)
        return json_reply({"status": "ok"})

    def config(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud)
        settings = {"settings": {"folder_mode": "dynamic"}} if asked.flag("settings") else {}
        return json_reply({"cloud_name": cloud, "created_at": moment(self.library.since(cloud)), **settings})

    def purge(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        public_ids, prefix, tag = read_named(asked), asked.text("prefix"), asked.text("tag")
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
