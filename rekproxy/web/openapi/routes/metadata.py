"""Structured metadata: its fields, the entries of their lists, and values of many pictures."""

from typing import Final

from ..operation import Operation, Part, flag, items, pairs, text

_ONE: Final = "/metadata_fields/<external_id>"
_CHANGED: Final = (
    text("label", "what people read"),
    flag("mandatory", "whether every upload needs a value"),
    text("default_value", "what an upload gets that names none"),
    flag("default_disabled", "keep the default, and do not give it"),
    pairs("validation", "a rule for values: `strlen`, `greater_than`, `less_than`, or `and` of several"),
    pairs("datasource", "the entries of an `enum` or a `set`: `values`, each `external_id` and `value`"),
    pairs("restrictions", "kept as it is, without effect"),
    flag("allow_dynamic_list_values", "kept as it is, without effect"),
)
_ORDER: Final = (text("direction", "`asc` or `desc`"),)
_IDS: Final = (items("external_ids", "ids of entries"),)

PART: Final = Part(
    "Structured metadata",
    "admin",
    (
        Operation("GET", "/metadata_fields", "moderator", "List fields"),
        Operation(
            "POST",
            "/metadata_fields",
            "admin",
            "Define a field; 400 for an id that is or was taken",
            (
                text("type", "`string`, `integer`, `date`, `enum` or `set`"),
                text("external_id", "its id; a random one if there is none"),
                *_CHANGED,
            ),
        ),
        Operation(
            "PUT",
            "/metadata_fields/order",
            "admin",
            "Put fields into an order",
            (text("order_by", "`label`, `external_id` or `created_at`"), *_ORDER),
        ),
        Operation("GET", _ONE, "moderator", "One field"),
        Operation("PUT", _ONE, "admin", "Change a field; its type and its id stay", _CHANGED),
        Operation("DELETE", _ONE, "admin", "Delete a field, and its values soon", gives="Message"),
        Operation(
            "PUT",
            f"{_ONE}/datasource",
            "admin",
            "Change entries of a list, and add others",
            (items("values", "entries, each `external_id` and `value`"),),
        ),
        Operation("DELETE", f"{_ONE}/datasource", "admin", "Take entries of a list away", _IDS),
        Operation("POST", f"{_ONE}/datasource_restore", "admin", "Bring entries of a list back", _IDS),
        Operation(
            "POST",
            f"{_ONE}/datasource/order",
            "admin",
            "Put entries of a list into an order",
            (text("order_by", "`value`"), *_ORDER),
        ),
        Operation("GET", "/metadata_rules", "moderator", "List rules: there are none"),
        Operation("POST", "/metadata_rules", "admin", "Not supported: 400", gives="Error"),
        Operation("PUT", "/metadata_rules/<external_id>", "admin", "There is none: 404", gives="Error"),
        Operation("DELETE", "/metadata_rules/<external_id>", "admin", "There is none: 404", gives="Error"),
    ),
)

VALUES: Final = Part(
    "Values of structured metadata",
    "upload",
    (
        Operation(
            "POST",
            "/image/metadata",
            "upload",
            "Give pictures values",
            (
                items("public_ids", "at most 1000"),
                pairs("metadata", "values by external id; an empty one takes one away"),
                flag("clear_invalid", "drop values of before that break the rules of now"),
                text("type"),
                text("notification_url"),
            ),
            "PublicIds",
        ),
    ),
)
