"""Triggers on the wire: who is told of events of a cloud, with Basic of an administrator."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response

from ..domain.addresses import Allowed, check_url
from ..domain.notification import TRIGGER_EVENTS
from ..domain.taxonomy import nearest
from ..errors import InvalidRequestError
from ..interfaces import Catalog
from ..interfaces.notifications import Trigger
from .auth import Keyring
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text
from .replies import json_reply
from .representation import Fields, moment

#: The one kind of receiver that there is here.
_WEBHOOK: Final = "webhook"


def triggers_blueprint(keyring: Keyring, catalog: Catalog, allowed: Allowed) -> Blueprint:
    """Routes of triggers. `allowed` is what their addresses may be besides public ones."""
    views = _Views(Entrance(keyring), catalog, allowed)
    return admin_part(
        "triggers",
        "/triggers",
        ("GET", "", views.find),
        ("POST", "", views.create),
        ("PUT", "/<trigger_id>", views.change),
        ("DELETE", "/<trigger_id>", views.drop),
        ("POST", "/<trigger_id>/test", views.test),
    )


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    catalog: Catalog
    allowed: Allowed

    def find(self, cloud: str) -> Response:
        _, asked = self.entrance.enter(cloud, "admin")
        event_type = _event_type(asked.needed("event_type")) if "event_type" in asked else None
        found = [_written(cloud, trigger) for trigger in self.catalog.triggers(cloud, event_type)]
        return json_reply({"triggers": found, "total": len(found)})

    def create(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        if (asked.text("uri_type") or _WEBHOOK) != _WEBHOOK:
            raise InvalidRequestError("Invalid value for parameter uri_type: only webhook is supported")
        uri, event_type = self._uri(asked, "uri"), _event_type(asked.needed("event_type"))
        return json_reply(
            _written(cloud, self.catalog.add_trigger(cloud, uri, event_type, actor=caller.actor))
        )

    def change(self, cloud: str, trigger_id: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        uri, named = self._uri(asked, "new_uri"), check_text("id", trigger_id)
        return json_reply(_written(cloud, self.catalog.change_trigger(cloud, named, uri, actor=caller.actor)))

    def drop(self, cloud: str, trigger_id: str) -> Response:
        caller, _ = self.entrance.enter(cloud, "admin")
        self.catalog.remove_trigger(cloud, check_text("id", trigger_id), actor=caller.actor)
        return json_reply({"message": "deleted"})

    def test(self, cloud: str, trigger_id: str) -> Response:
        """Announces; whether it arrives is told by the listing of notifications."""
        caller, _ = self.entrance.enter(cloud, "admin")
        told = self.catalog.test_trigger(cloud, check_text("id", trigger_id), actor=caller.actor)
        return json_reply({"message": "queued", "id": told.id, "event_id": told.event_id})

    def _uri(self, asked: Parameters, name: str) -> str:
        uri = asked.needed(name)
        if uri.startswith("poll:"):
            raise InvalidRequestError(f"Invalid value for parameter {name}: poll channels are not supported")
        try:
            return check_url(uri, self.allowed)
        except InvalidRequestError as error:
            raise InvalidRequestError(f"Invalid value for parameter {name}: {error}") from error


def _event_type(text: str) -> str:
    if text not in TRIGGER_EVENTS:
        hint = nearest(text[:80], TRIGGER_EVENTS)
        raise InvalidRequestError(f"Invalid value for parameter event_type: {text[:80]}{hint}")
    return text


def _written(cloud: str, trigger: Trigger) -> Fields:
    return {
        "id": trigger.id,
        "product_environment_id": cloud,
        "uri_type": _WEBHOOK,
        "uri": trigger.uri,
        "event_type": trigger.event_type,
        "created_at": moment(trigger.created_at),
        "updated_at": moment(trigger.updated_at),
    }
