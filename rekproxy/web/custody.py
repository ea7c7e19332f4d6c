"""Hide, hold and erase, on the admin surface: ours, beside the wire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from ..domain.asset import Asset
from ..services.custody import Custody
from ..services.takedown import PurgeEdges, no_edges
from .auth import Caller, Keyring
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply, purged_edges


def custody_blueprint(keyring: Keyring, custody: Custody, purge_edges: PurgeEdges = no_edges) -> Blueprint:
    """Routes below one asset, which is named by its id."""
    views = _Views(Entrance(keyring), custody, purge_edges)
    return admin_part(
        "custody",
        "/resources/<asset_id>",
        ("POST", "/restrict", views.restrict),
        ("DELETE", "/restrict", views.lift),
        ("POST", "/legal_hold", views.hold),
        ("DELETE", "/legal_hold", views.release),
        ("POST", "/erase", views.erase),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    custody: Custody
    purge_edges: PurgeEdges

    def restrict(self, cloud: str, asset_id: str) -> Response:
        caller, asked = self._enter(cloud, asset_id, "moderator")
        asset = self.custody.restrict(
            cloud,
            asset_id,
            asked.text("role"),
            roles=caller.roles,
            actor=caller.actor,
            reason=asked.text("reason"),
            note=asked.text("note", lines=True),
        )
        return _state(asset, self.purge_edges(cloud, [asset]))

    def lift(self, cloud: str, asset_id: str) -> Response:
        caller, asked = self._enter(cloud, asset_id, "moderator")
        asset = self.custody.lift(
            cloud,
            asset_id,
            roles=caller.roles,
            actor=caller.actor,
            reason=asked.text("reason"),
            note=asked.text("note", lines=True),
        )
        return _state(asset, self.purge_edges(cloud, [asset]))

    def hold(self, cloud: str, asset_id: str) -> Response:
        caller, asked = self._enter(cloud, asset_id, "admin")
        why = asked.text("reason", lines=True)
        return _state(self.custody.hold(cloud, asset_id, why, actor=caller.actor))

    def release(self, cloud: str, asset_id: str) -> Response:
        caller, asked = self._enter(cloud, asset_id, "admin")
        note = asked.text("note", lines=True)
        return _state(self.custody.release(cloud, asset_id, actor=caller.actor, note=note))

    def erase(self, cloud: str, asset_id: str) -> Response:
        caller, asked = self._enter(cloud, asset_id, "admin")
        erased = self.custody.erase(
            cloud,
            asset_id,
            actor=caller.actor,
            reason=asked.text("reason"),
            note=asked.text("note", lines=True),
        )
        erasure = erased.erasure
        return json_reply(
            {
                "asset_id": asset_id,
                "public_id": erasure.asset.public_id,
                "type": erasure.asset.type,
                "result": "erased",
                "versions": erasure.versions,
                "digests": [*erasure.digests, *erasure.shared],
                "shared": list(erasure.shared),
                "left_in_place": list(erasure.pins),
                "stores": [dict(store) for store in erased.stores],
                **purged_edges(self.purge_edges(cloud, [erasure.asset])),
            }
        )

    def _enter(self, cloud: str, asset_id: str, role: str) -> tuple[Caller, Parameters]:
        entered = self.entrance.enter(cloud, role)
        check_text("asset_id", asset_id)
        return entered


def _state(asset: Asset, purge: Sequence[Mapping[str, Any]] = ()) -> Response:
    return json_reply(
        {
            "asset_id": asset.asset_id,
            "public_id": asset.public_id,
            "type": asset.type,
            "standing": asset.standing.value,
            "restricted_to": asset.restricted_to,
            "legal_hold": asset.hold,
            **purged_edges(purge),
        }
    )
