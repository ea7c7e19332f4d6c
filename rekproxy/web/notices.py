"""Bodies of notifications, as the wire writes them (its section 2.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain import moderation
from ..domain.asset import Asset
from ..domain.facts import FIELDS
from ..domain.reasons import Reasons
from ..interfaces.notifications import Notification
from ..services.uploads import Accepted
from .auth import Keyring
from .eager import eager_entry
from .facts import fact_fields
from .representation import Fields, Representation, moment

#: Who acts when it is nobody with a key: the part of the actor before the colon, in the wire's words.
_SOURCES = {"key": "api", "cli": "cli", "detector": "moderation", "import": "import"}


@dataclass(frozen=True, slots=True)
class Notices:
    """Writes what is told. `here` is the base of URLs where no `delivery_url` is set.

    What a person noted beside a decision is never told: only the reason's code, and its text for the
    uploader.
    """

    represent: Representation
    keyring: Keyring
    reasons: Reasons
    here: str

    def body(self, told: Notification) -> Fields:
        """The fields of a notification, but for its signature's key, its id and its sequence."""
        when = moment(told.created_at)
        source, _, id = told.actor.partition(":")
        by = {"source": _SOURCES.get(source, source), **({"id": id} if id else {})}
        return {
            "notification_type": told.type,
            "timestamp": when,
            "request_id": told.event_id,
            **self._event(told),
            "notification_context": {"triggered_at": when, "triggered_by": by},
        }

    def _event(self, told: Notification) -> Fields:
        if told.asset is None:
            return dict(told.facts)
        if told.type == "upload":
            return self._upload(told, told.asset)
        if told.type in ("moderation", "moderation_summary"):
            return self._moderation(told.asset, told.facts)
        if told.type == "eager":
            return self._eager(told.asset, told.facts)
        if told.type == "rename":
            return {**self._said(told.facts), **_resource(told.asset)}
        return {**self._said(told.facts), "resources": [_resource(told.asset)]}

    def _upload(self, told: Notification, asset: Asset) -> Fields:
        facts = dict(told.facts)
        accepted = Accepted(asset, overwritten=bool(facts.pop("overwritten", False)))
        caller = self.keyring.of_actor(told.cloud, told.actor)
        found = fact_fields(asset, asset.current.facts, FIELDS)
        return {**self.represent.uploaded(accepted, caller, here=self.here), **found, **facts}

    def _moderation(self, asset: Asset, facts: Mapping[str, Any]) -> Fields:
        entry = moderation.deciding(asset.moderations)
        decided = {
            "moderation_status": asset.status.value,
            "moderation_kind": entry.kind if entry else None,
            "moderation_response": entry.response if entry else None,
            "moderation_updated_at": entry.updated_at if entry else None,
        }
        written = {**decided, **self._said(facts)}
        return {
            "public_id": asset.public_id,
            "asset_id": asset.asset_id,
            "resource_type": "image",
            "type": asset.type,
            "version": asset.version,
            "version_id": asset.current.version_id,
            "uploaded_at": moment(asset.current.created_at),
            "etag": asset.current.etag,
            **self.represent.urls(asset, self.here),
            **{name: _written(name, value) for name, value in written.items()},
        }

    def _eager(self, asset: Asset, facts: Mapping[str, Any]) -> Fields:
        made = [eager_entry(self.represent, asset, said, here=self.here) for said in facts["eager"]]
        return {**_resource(asset), **facts, "eager": made}

    def _said(self, facts: Mapping[str, Any]) -> Fields:
        """Facts as they may be told."""
        said = {name: value for name, value in facts.items() if name not in ("note", "seq")}
        text = self.reasons.text(said["reason"]) if said.get("reason") else None
        return {**said, **({"reason_text": text} if text else {})}


def _resource(asset: Asset) -> Fields:
    return {
        "resource_type": "image",
        "type": asset.type,
        "asset_id": asset.asset_id,
        "public_id": asset.public_id,
        "version": asset.version,
    }


def _written(name: str, value: Any) -> Any:
    """Times as the wire writes them, and no response as an empty one."""
    if name == "moderation_response":
        return {} if value is None else value
    if name == "moderation":
        return [{key: _written(key, part) for key, part in entry.items()} for entry in value]
    if name.endswith("updated_at"):
        return None if value is None else moment(value)
    return value
