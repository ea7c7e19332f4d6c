"""One asset on the admin wire: shown with all that there is to it, updated, decided about (1.13 and 1.14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from ..domain.asset import Asset, Status
from ..services.backups import Backups
from ..services.library import Library
from ..services.takedown import PurgeEdges, no_edges
from ..services.updating import Updating, Wish
from .analysis import Analysis
from .asked import read_type
from .auth import Caller, Keyring
from .backups import Restoring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .facts import ASKING, read_facts
from .forms import Parameters, check_text
from .replies import json_reply, purged_edges
from .representation import Representation
from .updating import read_update


def resource_blueprint(
    keyring: Keyring,
    library: Library,
    updating: Updating,
    backups: Backups,
    represent: Representation,
    cursors: Cursors,
    analysis: Analysis,
    purge_edges: PurgeEdges = no_edges,
) -> Blueprint:
    """Routes of one asset."""
    views = _Views(Entrance(keyring), library, updating, backups, represent, cursors, analysis, purge_edges)
    return admin_part(
        "resource",
        "/resources",
        ("GET", "/image/<type>/<path:public_id>", views.show),
        ("POST", "/image/<type>/<path:public_id>", views.update),
        ("GET", "/<asset_id>", views.show_by_id),
        ("PUT", "/<asset_id>", views.update_by_id),
        ("POST", "/<asset_id>", views.update_by_id),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    library: Library
    updating: Updating
    backups: Backups
    represent: Representation
    cursors: Cursors
    analysis: Analysis
    purge_edges: PurgeEdges

    def show(self, cloud: str, type: str, public_id: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        return self._single(cloud, self._asset(cloud, type, public_id), asked)

    def show_by_id(self, cloud: str, asset_id: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        return self._single(cloud, self.library.get_by_id(cloud, check_text("asset_id", asset_id)), asked)

    def update(self, cloud: str, type: str, public_id: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "moderator")
        if public_id == "restore" and "public_ids" in asked:
            caller.require("admin")
            return Restoring(self.backups, self.represent, self.purge_edges).by_names(
                caller, read_type(type), asked
            )
        wish = _wish(caller, asked)
        return self._update(caller, self._asset(cloud, type, public_id), wish, asked)

    def update_by_id(self, cloud: str, asset_id: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "moderator")
        wish = _wish(caller, asked)
        asset = self.library.get_by_id(cloud, check_text("asset_id", asset_id))
        return self._update(caller, asset, wish, asked)

    def _asset(self, cloud: str, type: str, public_id: str) -> Asset:
        return self.library.get(cloud, read_type(type), check_text("public_id", public_id))

    def _update(self, caller: Caller, asset: Asset, wish: Wish, asked: Parameters) -> Response:
        """What the public could see or can see now, and sees differently, is purged of edges."""
        done = self.updating.update(caller.cloud, asset, wish, actor=caller.actor)
        served = Status.APPROVED in (done.before.standing, done.asset.standing)
        changed = [done.asset] if served and done.before.revision != done.asset.revision else []
        return self._single(caller.cloud, done.asset, asked, self.purge_edges(caller.cloud, changed))

    def _single(
        self, cloud: str, asset: Asset, asked: Parameters, purge: Sequence[Mapping[str, Any]] = ()
    ) -> Response:
        listing = f"derived/{asset.asset_id}"
        place = self.cursors.behind(cloud, listing, asked.text("derived_next_cursor"))
        limit = asked.number("max_results", 10, most=MOST_RESULTS)
        derived, after = self.library.derived_page(cloud, asset, limit, place[0] if place else 0)
        told = self.represent.single(
            self.analysis.known(asset, read_facts(asked)),
            derived,
            self.library.history(cloud, asset),
            here=request.root_url,
            explain=asked.flag("explain"),
            versions=self.backups.versions(asset) if asked.flag("versions") else None,
            facts=[name for name in (*ASKING, "coordinates") if asked.flag(name)],
            following=self.cursors.following(cloud, listing, None if after is None else (after, "")),
        )
        return json_reply({**told, **purged_edges(purge)})


def _wish(caller: Caller, asked: Parameters) -> Wish:
    """What is asked for. To decide is a moderator's; what is said of an asset is an administrator's."""
    wish = read_update(asked)
    if not wish.only_decides:
        caller.require("admin")
    return wish
