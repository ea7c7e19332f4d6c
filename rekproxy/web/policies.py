"""Policies on the admin surface, ours beside the wire: which there are, and what one makes of a picture."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from ..domain.answer import Answer, read_answer
from ..domain.asset import Asset
from ..domain.policies import Example, NamedPolicy
from ..errors import InvalidRequestError
from ..services.explain import Explain
from ..services.library import Library
from .asked import read_type
from .auth import Keyring
from .entrance import Entrance, admin_part
from .forms import Parameters
from .replies import json_reply


def policies_blueprint(keyring: Keyring, explain: Explain, library: Library) -> Blueprint:
    """Routes about policies, for moderators."""
    views = _Views(Entrance(keyring), explain, library)
    return admin_part(
        "policies", "/moderation", ("GET", "/policies", views.book), ("POST", "/explain", views.explained)
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    explain: Explain
    library: Library

    def book(self, cloud: str) -> Response:
        self.entrance.enter(cloud, "moderator")
        return json_reply({"policies": [_policy(each) for each in self.explain.policies.policies]})

    def explained(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "moderator")
        policy, labels = asked.text("policy"), asked.text("labels", lines=True)
        if labels is not None:
            if "asset_id" in asked or "public_id" in asked:
                raise InvalidRequestError("Say labels or a picture, not both")
            return json_reply(self.explain.labels(asked.needed("policy"), _answer(labels)))
        if "asset_id" not in asked and "public_id" not in asked:
            return json_reply(self.explain.policy(asked.needed("policy")))
        asset = self._asset(cloud, asked)
        return json_reply(
            {
                "asset_id": asset.asset_id,
                "public_id": asset.public_id,
                "type": asset.type,
                "version_id": asset.current.version_id,
                "then": self.explain.stored(asset),
                **({} if policy is None else {"now": self.explain.again(asset, policy)}),
            }
        )

    def _asset(self, cloud: str, asked: Parameters) -> Asset:
        asset_id, public_id = asked.text("asset_id"), asked.text("public_id")
        if asset_id is not None and public_id is not None:
            raise InvalidRequestError("Say asset_id or public_id, not both")
        if asset_id is not None:
            return self.library.get_by_id(cloud, asset_id)
        return self.library.get(cloud, read_type(asked.text("type")), asked.needed("public_id"))


def _answer(text: str) -> Answer:
    try:
        return read_answer(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("labels must be JSON") from error


def _policy(named: NamedPolicy) -> dict[str, Any]:
    return {
        "name": named.name,
        "version": named.version,
        "description": named.description,
        "policy": named.policy.text,
        "speaks": named.policy.speaks,
        "examples": [_example(example) for example in named.examples],
    }


def _example(example: Example) -> dict[str, Any]:
    return {
        "why": example.why,
        "taxonomy": example.taxonomy,
        "labels": [
            {"name": label.name, "parent_name": label.parent_name, "confidence": label.confidence}
            for label in example.labels
        ],
        "status": example.status.value,
        "strict_status": example.strict_status.value,
    }
