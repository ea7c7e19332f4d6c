"""What replies hold, by name, as JSON Schema. Replies may hold more than is written here."""

from typing import Any, Final

Schema = dict[str, Any]


def _object(needed: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, **({"required": list(needed)} if needed else {})}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Final[Schema] = {"type": "string"}
_WHOLE: Final[Schema] = {"type": "integer"}
_TRUTH: Final[Schema] = {"type": "boolean"}
_ID: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_CURSOR: Final[Schema] = {"type": ["string", "null"], "description": "absent or null on the last page"}

_ENTRY = _object(
    ("kind", "status"),
    kind=_TEXT,
    status={"enum": ["queued", "pending", "approved", "rejected", "aborted"]},
    response={},
    updated_at=_MOMENT,
)

#: By name. An `Asset` is what an upload gives, a `Picture` what the admin API tells of one.
SCHEMAS: Final[dict[str, Schema]] = {
    "Object": {"type": "object"},
    "Anything": {},
    "Error": _object(("error",), error=_object(("message",), message=_TEXT)),
    "Message": _object(message=_TEXT),
    "Status": _object(("status",), status=_TEXT),
    "Result": _object(("result",), result=_TEXT),
    "PublicIds": _object(("public_ids",), public_ids=_list(_TEXT)),
    "Asset": _object(
        ("public_id", "resource_type", "type"),
        asset_id=_ID,
        public_id=_TEXT,
        version=_WHOLE,
        version_id=_ID,
        signature=_TEXT,
        width=_WHOLE,
        height=_WHOLE,
        format=_TEXT,
        resource_type={"const": "image"},
        created_at=_MOMENT,
        tags=_list(_TEXT),
        bytes=_WHOLE,
        type=_TEXT,
        etag=_TEXT,
        placeholder=_TRUTH,
        url=_TEXT,
        secure_url=_TEXT,
        existing=_TRUTH,
        moderation=_list(_ENTRY),
    ),
    "Picture": _object(
        ("asset_id", "public_id", "resource_type", "type", "format", "version", "bytes"),
        asset_id=_ID,
        public_id=_TEXT,
        version=_WHOLE,
        width=_WHOLE,
        height=_WHOLE,
        format=_TEXT,
        resource_type={"const": "image"},
        created_at=_MOMENT,
        bytes=_WHOLE,
        type=_TEXT,
        placeholder=_TRUTH,
        backup=_TRUTH,
        url=_TEXT,
        secure_url=_TEXT,
        tags=_list(_TEXT),
        moderation=_list(_ENTRY),
        moderation_kind=_TEXT,
        moderation_status=_TEXT,
    ),
    "Listing": _object(
        ("resources",),
        resources=_list(_object(("asset_id", "public_id"), asset_id=_ID, public_id=_TEXT)),
        next_cursor=_CURSOR,
    ),
    "Found": _object(
        ("total_count", "time", "resources"),
        total_count=_WHOLE,
        time={"type": "number"},
        resources=_list({"type": "object"}),
        next_cursor=_CURSOR,
    ),
    "Deleted": _object(
        ("deleted",),
        deleted={"type": "object", "additionalProperties": _TEXT},
        deleted_counts={"type": "object"},
        partial=_TRUTH,
        next_cursor=_CURSOR,
    ),
    "Restored": {"type": "object", "additionalProperties": {"type": "object"}},
    "Presets": _object(("presets",), presets=_list(_ref("Preset")), next_cursor=_CURSOR),
    "Preset": _object(
        ("name", "unsigned", "settings"), name=_TEXT, unsigned=_TRUTH, settings={"type": "object"}
    ),
    "Transformations": _object(transformations=_list({"type": "object"}), next_cursor=_CURSOR),
    "Trigger": _object(("id", "uri", "event_type"), id=_TEXT, uri=_TEXT, event_type=_TEXT),
    "Triggers": _object(("triggers",), triggers=_list(_ref("Trigger")), total=_WHOLE),
    "Folders": _object(
        ("folders",),
        folders=_list(_object(("name", "path"), name=_TEXT, path=_TEXT)),
        next_cursor=_CURSOR,
        total_count=_WHOLE,
    ),
    "Tags": _object(("tags",), tags=_list(_TEXT), next_cursor=_CURSOR),
}
