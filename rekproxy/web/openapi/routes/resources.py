"""Pictures on the admin API."""

from typing import Final

from ....domain.uploadparameters import ADD_ONS
from ..operation import (
    ANY,
    PAGE,
    Operation,
    Part,
    flag,
    ignored,
    items,
    number,
    ours,
    pairs,
    refused,
    text,
)

#: What the items of a listing hold besides, and whose they are.
_LISTED: Final = (
    *PAGE,
    flag("tags", "each with its tags"),
    flag("context", "each with its context"),
    flag("metadata", "each with its metadata"),
    flag("moderations", "each with its moderation"),
    items("fields", "only these, and both ids"),
    text("direction", "`asc` or `desc`; newest first if not given, a prefix in the order of names"),
    text("start_at", "a time: what was made before it, or with `asc` after it"),
    *ours(text("uploader", "only those of this uploader")),
)
_FOUND: Final = (
    text("prefix", "public ids that begin so"),
    items("public_ids", "up to 100"),
    *_LISTED,
)
_IN_ORDER: Final = tuple(given for given in _LISTED if given.name != "uploader")
_NAMED: Final = (
    items("asset_ids", "up to 100"),
    *(given for given in _LISTED if given.name not in ("next_cursor", "direction", "start_at")),
)
_SHOWN: Final = (
    number("max_results", "derived images that are listed; 10, at most 500"),
    text("derived_next_cursor", "the `next_cursor` that came with the derived images before these"),
    flag("colors", "with its colours, if they were asked for before"),
    flag("faces", "with its faces"),
    flag("phash", "with its perceptual hash"),
    flag("coordinates", "with the regions that were said of it"),
    flag("image_metadata", "with what its file says"),
    flag("media_metadata", "the same"),
    flag("exif", "with its EXIF"),
    flag("quality_analysis", "with what was found out about its quality"),
    *ignored(flag("pages", "always told"), flag("related")),
    flag("versions", "with its versions"),
    *ours(flag("explain", "adds to each machine's verdict its [explanation](moderation.md#explained)")),
)
_UPDATED: Final = (
    text("moderation_status", "`approved`, `rejected` or `pending`"),
    *ours(text("reason"), text("note"), text("version_id"), number("revision")),
    items("tags", "in the place of those that it has"),
    pairs("context", "in the place of what it has"),
    pairs("metadata", "values of fields; those of other fields stay"),
    flag("clear_invalid", "drop values that are not valid any more"),
    text("face_coordinates", "where its faces are, as at an upload"),
    text("custom_coordinates", "the part that matters, as at an upload"),
    text("quality_override", "what automatic quality means for it; `none` for nothing special"),
    text("access_control", "who may see it, as at an upload; empty for everybody"),
    text("asset_folder", "where people find it; empty for the top"),
    text("display_name", "what people read; empty for the end of its public id"),
    flag("unique_display_name", "with six random characters behind it"),
    text("notification_url", "who is told of this"),
    *ignored(text("regions")),
    *refused(*(text(name) for name in ADD_ONS)),
)
_DELETED: Final = (
    flag("keep_original", "delete only what was derived"),
    text("transformations", "delete only what these made, joined by bars"),
    flag("invalidate", "of what was derived: caches too. Of pictures that go they always go too"),
    text("notification_url"),
)
_VERSIONS: Final = items("versions", "version ids in the order of the pictures")
_RESTORED: Final = (_VERSIONS, text("notification_url"))

PART: Final = Part(
    "Pictures",
    "admin",
    (
        Operation("GET", "/ping", ANY, "Whether it is there", gives="Status"),
        Operation("GET", "/config", ANY, "What this cloud is", (flag("settings", "with its settings"),)),
        Operation("GET", "/resources", ANY, "Which kinds of resources there are"),
        Operation("GET", "/resources/image", "moderator", "List pictures", _FOUND, "Listing"),
        Operation(
            "GET", "/resources/image/<type>", "moderator", "List pictures of a type", _FOUND, "Listing"
        ),
        Operation("GET", "/resources/image/tags/<path:tag>", "moderator", "List by tag", _LISTED, "Listing"),
        Operation(
            "GET",
            "/resources/image/context",
            "moderator",
            "List by context",
            (text("key"), text("value", "any, if not given"), *_IN_ORDER),
            "Listing",
        ),
        Operation("GET", "/resources/by_asset_ids", "moderator", "List by ids", _NAMED, "Listing"),
        Operation(
            "GET",
            "/resources/by_asset_folder",
            "moderator",
            "List by folder, with a `total_count` of up to 10,000",
            (text("asset_folder"), *_IN_ORDER),
            "Listing",
        ),
        Operation(
            "GET",
            "/resources/image/moderations/<kind>/<status>",
            "moderator",
            "List by moderation; ours is the kind `reported`",
            _LISTED,
            "Listing",
        ),
        Operation(
            "GET",
            "/resources/image/<type>/<path:public_id>",
            "moderator",
            "One picture, with its derived images and, ours, its standing and history",
            _SHOWN,
            "Picture",
        ),
        Operation(
            "POST",
            "/resources/image/<type>/<path:public_id>",
            "moderator",
            "Update a picture and [decide](moderation.md#decisions-by-people) on it, in one step: to say "
            "something of it needs the role admin. "
            "`/resources/image/<type>/restore` with `public_ids` restores them, as role admin",
            (*_UPDATED, items("public_ids", "up to 100 that are restored"), _VERSIONS),
            "Object",
        ),
        Operation("GET", "/resources/<asset_id>", "moderator", "One picture", _SHOWN, "Picture"),
        Operation("PUT", "/resources/<asset_id>", "moderator", "Update a picture", _UPDATED, "Picture"),
        Operation("POST", "/resources/<asset_id>", "moderator", "The same as PUT", _UPDATED, "Picture"),
        Operation(
            "DELETE",
            "/resources/image/<type>",
            "admin",
            "Delete pictures by exactly one of names, prefix and all; a thousand, the rest by `next_cursor`",
            (
                items("public_ids", "up to 100"),
                text("prefix"),
                flag("all"),
                text("next_cursor"),
                *_DELETED,
            ),
            "Deleted",
        ),
        Operation(
            "DELETE",
            "/resources/image/tags/<path:tag>",
            "admin",
            "Delete pictures by tag; a thousand, the rest by `next_cursor`",
            (text("next_cursor"), *_DELETED),
            "Deleted",
        ),
        Operation(
            "POST",
            "/resources/image/publish_resources",
            "admin",
            "Publish pictures of other types by exactly one of names, prefix and tag; a thousand at most",
            (
                items("public_ids", "up to 100"),
                text("prefix"),
                text("tag"),
                text("type", "`private` or `authenticated`; both, if not given"),
                flag("overwrite", "what has the name there goes"),
                *ignored(flag("invalidate", "caches always are")),
            ),
            "Object",
        ),
        Operation(
            "DELETE",
            "/derived_resources",
            "admin",
            "Delete derived images by id",
            (items("derived_resource_ids", "up to 100"),),
            "Deleted",
        ),
        Operation(
            "DELETE",
            "/resources",
            "admin",
            "Delete pictures by id",
            (items("asset_ids", "up to 100"), *_DELETED),
            "Deleted",
        ),
        Operation(
            "POST",
            "/resources/restore",
            "admin",
            "Restore pictures; each that has no backup gives `no_backup`",
            (items("asset_ids", "up to 100"), *_RESTORED),
            "Restored",
        ),
        Operation(
            "DELETE",
            "/resources/backup/<asset_id>",
            "admin",
            "Erase versions, but for the current one",
            (items("version_ids", "up to 100"),),
        ),
        Operation(
            "GET",
            "/download_backup",
            "moderator",
            "The original's bytes; signed in the query, or with Basic",
            (
                text("asset_id"),
                text("version_id", "the current one if not given"),
                text("api_key"),
                number("timestamp"),
                text("signature"),
            ),
            "Bytes",
        ),
    ),
)
