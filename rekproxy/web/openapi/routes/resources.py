"""Pictures on the admin API."""

from typing import Final

from ..operation import ANY, PAGE, Operation, Part, flag, ignored, items, number, ours, refused, text

#: What the items of a listing hold besides, and whose they are.
_LISTED: Final = (
    *PAGE,
    flag("tags", "each with its tags"),
    flag("context", "each with its context"),
    flag("metadata", "each with its metadata"),
    flag("moderations", "each with its moderation"),
    *ours(text("uploader", "only those of this uploader")),
)
_FOUND: Final = (
    text("prefix", "public ids that begin so"),
    items("public_ids", "up to 100"),
    *_LISTED,
)
_SHOWN: Final = (
    number("max_results", "derived images that are listed; 10, at most 500"),
    flag("versions", "with its versions"),
    *ours(flag("explain", "adds to each machine's verdict its [explanation](moderation.md#explained)")),
)
_UPDATED: Final = (
    text("moderation_status", "`approved`, `rejected` or `pending`"),
    *ours(text("reason"), text("note"), text("version_id"), number("revision")),
    *refused(
        items("tags"),
        text("context"),
        text("metadata"),
        text("face_coordinates"),
        text("custom_coordinates"),
        text("quality_override"),
        text("access_control"),
        text("asset_folder"),
        text("display_name"),
    ),
)
_DELETED: Final = (
    *ignored(flag("invalidate", "nothing has to be invalidated")),
    *refused(text("prefix"), flag("all"), flag("keep_original"), text("transformations")),
)
_RESTORED: Final = (
    items("versions", "version ids in the order of the pictures"),
    text("notification_url"),
)

PART: Final = Part(
    "Pictures",
    "admin",
    (
        Operation("GET", "/ping", ANY, "Whether it is there", gives="Status"),
        Operation("GET", "/resources/image", "moderator", "List pictures", _FOUND, "Listing"),
        Operation(
            "GET", "/resources/image/<type>", "moderator", "List pictures of a type", _FOUND, "Listing"
        ),
        Operation("GET", "/resources/image/tags/<path:tag>", "moderator", "List by tag", _LISTED, "Listing"),
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
            "Decide on a picture; see [moderation](moderation.md#decisions-by-people). "
            "`/resources/image/<type>/restore` with `public_ids` restores them, as role admin",
            (*_UPDATED, items("public_ids", "up to 100 that are restored"), *_RESTORED),
            "Object",
        ),
        Operation("GET", "/resources/<asset_id>", "moderator", "One picture", _SHOWN, "Picture"),
        Operation("PUT", "/resources/<asset_id>", "moderator", "Decide on a picture", _UPDATED, "Picture"),
        Operation("POST", "/resources/<asset_id>", "moderator", "The same as PUT", _UPDATED, "Picture"),
        Operation(
            "DELETE",
            "/resources/image/<type>",
            "admin",
            "Delete pictures by name",
            (items("public_ids", "up to 100"), *_DELETED),
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
