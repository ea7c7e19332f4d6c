"""Structured metadata on the wire: its fields and the entries of their lists, and values of many pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from ..domain.metadata import LISTED, Field
from ..errors import InvalidRequestError, NotFoundError
from ..services.metadata import Metadata
from .asked import read_notification_url, read_type
from .auth import Keyring
from .entrance import Entrance, admin_part
from .forms import check_text
from .replies import json_reply
from .representation import Fields
from .uploaddoor import UploadDoor, finish


def metadata_fields_blueprint(keyring: Keyring, metadata: Metadata) -> Blueprint:
    """Routes of fields; of rules there are none."""
    views = _Views(Entrance(keyring), metadata)
    one = "/metadata_fields/<external_id>"
    return admin_part(
        "metadata_fields",
        "",
        ("GET", "/metadata_fields", views.find),
        ("POST", "/metadata_fields", views.create),
        ("PUT", "/metadata_fields/order", views.order),
        ("GET", one, views.show),
        ("PUT", one, views.update),
        ("DELETE", one, views.drop),
        ("PUT", f"{one}/datasource", views.add_entries),
        ("DELETE", f"{one}/datasource", views.drop_entries),
        ("POST", f"{one}/datasource_restore", views.restore_entries),
        ("POST", f"{one}/datasource/order", views.order_entries),
        ("GET", "/metadata_rules", views.rules),
        ("POST", "/metadata_rules", views.no_rule),
        ("PUT", "/metadata_rules/<external_id>", views.missing_rule),
        ("DELETE", "/metadata_rules/<external_id>", views.missing_rule),
    )


def metadata_values_blueprint(keyring: Keyring, metadata: Metadata) -> Blueprint:
    """The route that gives values to many pictures."""
    views = _Values(UploadDoor(keyring), metadata)
    blueprint = Blueprint("metadata_values", __name__, url_prefix="/v1_1/<cloud>")
    blueprint.add_url_rule("/image/metadata", view_func=views.update, methods=["POST"])
    blueprint.after_request(finish)
    return blueprint


@dataclass(frozen=True, slots=True)
class _Values:
    door: UploadDoor
    metadata: Metadata

    def update(self, cloud: str) -> Response:
        caller, asked = self.door.enter(cloud, "metadata")
        touched = self.metadata.update(
            cloud,
            read_type(asked.text("type")),
            asked.items("public_ids"),
            asked.pairs("metadata"),
            clear_invalid=asked.flag("clear_invalid"),
            actor=caller.actor,
            notification_url=read_notification_url(asked),
        )
        return json_reply({"public_ids": touched})


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    metadata: Metadata

    def find(self, cloud: str) -> Response:
        self.entrance.enter_nested(cloud, "moderator")
        return self._all(self.metadata.fields(cloud))

    def create(self, cloud: str) -> Response:
        caller, given = self.entrance.enter_nested(cloud, "admin")
        return json_reply(_written(self.metadata.create(cloud, given, actor=caller.actor)))

    def order(self, cloud: str) -> Response:
        caller, given = self.entrance.enter_nested(cloud, "admin")
        by, descending = _order(given)
        return self._all(self.metadata.order(cloud, by, descending=descending, actor=caller.actor))

    def show(self, cloud: str, external_id: str) -> Response:
        self.entrance.enter_nested(cloud, "moderator")
        return json_reply(_written(self.metadata.get(cloud, check_text("external_id", external_id))))

    def update(self, cloud: str, external_id: str) -> Response:
        caller, given = self.entrance.enter_nested(cloud, "admin")
        named = check_text("external_id", external_id)
        return json_reply(_written(self.metadata.change(cloud, named, given, actor=caller.actor)))

    def drop(self, cloud: str, external_id: str) -> Response:
        caller, _ = self.entrance.enter_nested(cloud, "admin")
        self.metadata.drop(cloud, check_text("external_id", external_id), actor=caller.actor)
        return json_reply({"message": "ok"})

    def add_entries(self, cloud: str, external_id: str) -> Response:
        caller, given = self.entrance.enter_nested(cloud, "admin")
        named = check_text("external_id", external_id)
        values = given.get("values")
        return _entries(self.metadata.add_entries(cloud, named, values, actor=caller.actor))

    def drop_entries(self, cloud: str, external_id: str) -> Response:
        return self._set_active(cloud, external_id, active=False)

    def restore_entries(self, cloud: str, external_id: str) -> Response:
        return self._set_active(cloud, external_id, active=True)

    def order_entries(self, cloud: str, external_id: str) -> Response:
        caller, given = self.entrance.enter_nested(cloud, "admin")
        named, (by, descending) = check_text("external_id", external_id), _order(given)
        field = self.metadata.order_entries(cloud, named, by, descending=descending, actor=caller.actor)
        return _entries(field)

    def rules(self, cloud: str) -> Response:
        self.entrance.enter_nested(cloud, "moderator")
        return json_reply({"metadata_rules": []})

    def no_rule(self, cloud: str) -> Response:
        self.entrance.enter_nested(cloud, "admin")
        raise InvalidRequestError("Not supported")

    def missing_rule(self, cloud: str, external_id: str) -> Response:
        self.entrance.enter_nested(cloud, "admin")
        raise NotFoundError(f"Metadata rule {check_text('external_id', external_id)[:128]} doesn't exist")

    def _set_active(self, cloud: str, external_id: str, *, active: bool) -> Response:
        caller, given = self.entrance.enter_nested(cloud, "admin")
        ids = given.get("external_ids")
        if not isinstance(ids, list) or not ids or not all(isinstance(each, str) for each in ids):
            raise InvalidRequestError("Invalid value for parameter external_ids")
        named = check_text("external_id", external_id)
        return _entries(self.metadata.set_active(cloud, named, ids, active=active, actor=caller.actor))

    def _all(self, fields: tuple[Field, ...]) -> Response:
        return json_reply({"metadata_fields": [_written(field) for field in fields]})


def _order(given: Mapping[str, Any]) -> tuple[str, bool]:
    by, way = given.get("order_by"), given.get("direction") or "asc"
    if not isinstance(by, str):
        raise InvalidRequestError("Missing required parameter - order_by")
    if way not in ("asc", "desc"):
        raise InvalidRequestError("Invalid value for parameter direction: asc or desc")
    return by, way == "desc"


def _written(field: Field) -> Fields:
    """A field as the wire writes it; entries that were taken away are not told."""
    entries = [
        {"external_id": entry.external_id, "value": entry.value, "state": "active"} for entry in field.active
    ]
    return {
        "external_id": field.external_id,
        "type": field.type,
        "label": field.label,
        "mandatory": field.mandatory,
        "default_value": field.default,
        "default_disabled": field.default_disabled,
        "validation": field.validation,
        "restrictions": field.restrictions,
        **(
            {"datasource": {"values": entries}, "allow_dynamic_list_values": field.dynamic}
            if field.type in LISTED
            else {}
        ),
    }


def _entries(field: Field) -> Response:
    """The list of a field, as its own calls give it."""
    values = [{"external_id": entry.external_id, "value": entry.value} for entry in field.active]
    return json_reply({"values": values})
