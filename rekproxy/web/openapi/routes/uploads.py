"""Uploads, and what is done to a picture with the upload API."""

from typing import Final

from ....domain.sources import MAX_TEXT_LETTERS
from ....domain.uploadparameters import ADD_ONS, EFFECTLESS, OF_BOTH, Kind
from ..operation import (
    ANY,
    NOBODY,
    Does,
    Given,
    Operation,
    Part,
    flag,
    ignored,
    items,
    number,
    ours,
    pairs,
    text,
)

#: How a call is signed; not needed with Basic.
SIGNED: Final = (
    text("api_key", "whose signature it is"),
    number("timestamp", "seconds since 1970, at most an hour off"),
    text("signature", "of all parameters but `file`, `api_key`, `cloud_name` and `resource_type`"),
)
_PICTURE: Final = (text("public_id"), text("type", "`upload`, `private` or `authenticated`"))
_TOLD: Final = Given("notification_url", Kind.LINES, "who is told of it")
_INVALIDATE: Final = flag("invalidate", "changes nothing: nothing has to be invalidated")

_TAKEN: Final = (
    text("file", "the file, a data URI in base64, or an http or https URL"),
    text("public_id", "up to 255 characters, none of `?&#\\%<>+`; twenty random ones if not given"),
    text("filename_override", "the name of the file, instead of the one that it is sent with"),
    text("upload_preset", "named settings; see [upload presets](presets.md)"),
    *(Given(each.name, each.kind, each.meaning) for each in OF_BOTH),
    *(Given(each.name, each.kind, each.meaning, Does.IGNORED) for each in EFFECTLESS if each.name != "live"),
    text("batch_id", "what notifications and the reply of an `async` upload know it by"),
    *ignored(text("eval"), text("on_success")),
    *(Given(name, Kind.TEXT, "an add-on that is not here: 420", Does.REFUSED) for name in ADD_ONS),
    *SIGNED,
)


def _upload(path: str, summary: str) -> Operation:
    return Operation("POST", path, "upload", summary, _TAKEN, "Asset", sends_file=True)


#: What an upload may say that says nothing of a picture that is there.
_OF_FILES: Final = (
    "type", "folder", "public_id_prefix", "use_filename", "unique_filename", "discard_original_filename",
    "overwrite", "backup", "transformation", "format", "allowed_formats", "return_delete_token",
    "use_asset_folder_as_public_id_prefix", "use_filename_as_display_name", "unique_display_name",
)  # fmt: skip
_EXPLICIT: Final = (
    *_PICTURE,
    flag("invalidate", "forget everything that is cached of it"),
    *(Given(each.name, each.kind, each.meaning) for each in OF_BOTH if each.name not in _OF_FILES),
    text("batch_id", "what notifications and the reply of an `async` call know it by"),
    *ignored(flag("overwrite", "what is derived is made anew when it changes")),
    *(Given(name, Kind.TEXT, "an add-on that is not here: 420", Does.REFUSED) for name in ADD_ONS),
    *SIGNED,
)


def _by_id(method: str) -> Operation:
    takes = (text("asset_id"), _TOLD, _INVALIDATE, *SIGNED)
    return Operation(method, "/asset/destroy", "upload", "Delete a picture by its id", takes, "Result")


def _by_token(path: str) -> Operation:
    takes = (text("token", "the `delete_token` of an upload; it is good for ten minutes"),)
    return Operation(
        "POST", path, NOBODY, "Delete a picture by the token that its upload gave", takes, "Result"
    )


def _label(action: str, summary: str, *given: Given) -> Operation:
    named = (items("public_ids", "which pictures: up to 1,000"), _PICTURE[1])
    takes = (*given, *named, _TOLD, *ignored(text("batch_id")), *SIGNED)
    return Operation("POST", f"/image/{action}", "upload", summary, takes, "PublicIds")


PART: Final = Part(
    "Upload",
    "upload",
    (
        _upload("/image/upload", "Upload a picture"),
        _upload("/auto/upload", "Upload; only pictures are taken"),
        _upload("/upload", "Upload; only pictures are taken"),
        _upload("/image/upload_chunked", "Upload a picture in pieces"),
        _upload("/auto/upload_chunked", "Upload in pieces; only pictures are taken"),
        Operation(
            "POST",
            "/<any(video, raw):kind>/upload",
            NOBODY,
            "Videos and other files are refused",
            gives="Error",
            refused=400,
        ),
        Operation(
            "GET",
            "/image/download",
            ANY,
            "An approved picture of any type; signed in the query, or with Basic",
            (
                *_PICTURE,
                text("format", "the format to send; the original's if not given"),
                text("transformation"),
                flag("attachment", "have it saved"),
                text("target_filename", "have it saved under this name"),
                number("expires_at", "seconds since 1970; an hour after `timestamp` if not given"),
                *SIGNED,
            ),
            "Bytes",
        ),
        Operation(
            "POST",
            "/image/destroy",
            "upload",
            "Delete a picture",
            (*_PICTURE, _TOLD, _INVALIDATE, *SIGNED),
            "Result",
        ),
        _by_id("DELETE"),
        _by_id("POST"),
        _by_token("/delete_by_token"),
        _by_token("/<any(image, auto):kind>/delete_by_token"),
        Operation(
            "POST",
            "/image/explicit",
            "upload",
            "Say things of a picture that is there, derive images of it, or have it judged anew",
            _EXPLICIT,
            "Asset",
        ),
        Operation(
            "POST",
            "/image/text",
            "upload",
            "Draw a picture of a text, at least 80 pixels a side, and have it judged",
            (
                text("text", f"up to {MAX_TEXT_LETTERS} characters"),
                text("public_id", "twenty random characters if not given"),
                text("font_family", "a font that `l_text` knows, too; `Arial`"),
                text("font_size", "pixels; 12"),
                text("font_color", "a name, `rgb:` with hex digits, or these alone; `black`"),
                text("font_weight", "`normal`, `bold`, `light` or `thin`, or its number"),
                text("font_style", "`normal` or `italic`"),
                text("text_decoration", "`none`, `underline` or `strikethrough`"),
                text("text_align", "`left`, `center`, `right`, `start`, `end` or `justify`"),
                text("letter_spacing", "pixels more, or fewer"),
                text("line_spacing", "pixels more, or fewer"),
                text("background", "a colour; `transparent`"),
                text("opacity", "of the letters, 0 to 100; 100"),
                *SIGNED,
            ),
            "Asset",
        ),
        Operation(
            "POST",
            "/image/rename",
            "upload",
            "Give a picture another name, or another type",
            (
                text("from_public_id"),
                text("to_public_id"),
                text("type", "the type that it has; `upload`"),
                text("to_type", "the type that it gets; the same if not given"),
                flag("overwrite", "take the name from a picture that has it"),
                flag("context", "have its context in the reply"),
                flag("metadata", "have its structured metadata in the reply"),
                _TOLD,
                _INVALIDATE,
                *ignored(text("batch_id")),
                *SIGNED,
            ),
            "Asset",
        ),
        _label(
            "tags",
            "Change the tags of pictures",
            text("command", "`add`, `remove`, `replace`, `remove_all` or `set_exclusive`"),
            items("tag", "tags; not for `remove_all`"),
        ),
        _label(
            "context",
            "Change the context of pictures",
            text("command", "`add` or `remove_all`"),
            pairs("context", "keys and values, for `add`"),
        ),
        Operation(
            "POST",
            "/image/report",
            "reporter",
            "Report a picture that somebody sees; see [moderation](moderation.md#reports)",
            (
                *_PICTURE,
                *ours(text("asset_id"), text("reason"), text("note"), text("reporter")),
                *SIGNED,
            ),
            "Result",
            is_ours=True,
        ),
        Operation(
            "GET",
            "/image/preview/<asset_id>",
            NOBODY,
            "A look for the owner, by the link that an upload's reply has",
            ours(text("version_id"), number("expires"), text("signature")),
            "Bytes",
            is_ours=True,
        ),
    ),
    "Signed, with Basic or by an unsigned preset. Parameters are read from the body only.",
)
