"""Publishing on the admin wire: assets that were closed come to be seen by everybody (1.13)."""

from dataclasses import dataclass

from flask import Blueprint, Response, request

from ..domain.asset import Status
from ..errors import InvalidRequestError
from ..services.publishing import CLOSED, Publishing
from ..services.takedown import PurgeEdges, no_edges
from .asked import read_type
from .auth import Keyring
from .entrance import Entrance, admin_part
from .listings import read_named
from .replies import json_reply, purged_edges
from .representation import Representation, Wanted


def publishing_blueprint(
    keyring: Keyring,
    publishing: Publishing,
    represent: Representation,
    purge_edges: PurgeEdges = no_edges,
) -> Blueprint:
    """The route of publishing."""
    views = _Views(Entrance(keyring), publishing, represent, purge_edges)
    return admin_part("publishing", "/resources/image", ("POST", "/publish_resources", views.publish))


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    publishing: Publishing
    represent: Representation
    purge_edges: PurgeEdges

    def publish(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        named, prefix, tag = read_named(asked), asked.text("prefix"), asked.text("tag")
        meant = {
            name: value for name, value in (("public_ids", named), ("prefix", prefix), ("tag", tag)) if value
        }
        if len(meant) != 1:
            raise InvalidRequestError("Say exactly one of public_ids, prefix or tag")
        type = asked.text("type")
        types = CLOSED if type is None else (read_type(type),)
        if not set(types) <= set(CLOSED):
            raise InvalidRequestError("Invalid value for parameter type: it is published already")
        done = self.publishing.publish(
            cloud, types, overwrite=asked.flag("overwrite"), actor=caller.actor, **meant
        )
        changed = [
            asset
            for each in done.done
            for asset in (each.before, each.asset, each.displaced)
            if asset is not None and asset.standing is Status.APPROVED
        ]
        here = request.root_url
        return json_reply(
            {
                "published": [self.represent.item(each.asset, Wanted(), here=here) for each in done.done],
                "failed": [
                    {"public_id": asset.public_id, "type": asset.type, "asset_id": asset.asset_id}
                    for asset in done.failed
                ],
                **purged_edges(self.purge_edges(cloud, changed)),
            }
        )
