"""The parameters of uploads and of presets, as data: what each holds, and what it must look like."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import InvalidRequestError, InvalidTransformationError
from .access import MODES, read_rules
from .asset import TYPES
from .breakpoints import check_breakpoints
from .coordinates import read_regions
from .eager import check_eager
from .onward import read_headers, read_quality_override
from .parameters import FORMAT_ALIASES, FORMATS
from .publicid import check_public_id
from .transformation import parse

#: Addresses that one `notification_url` may name, and characters of each.
MOST_URLS: Final = 5
LONGEST_URL: Final = 2000
#: Tags of one picture, and characters of each: an index holds no longer ones.
MOST_TAGS: Final = 1000
LONGEST_TAG: Final = 255

_FORMAT_WORD = re.compile(r"[a-z0-9]{1,10}")
_SAME_FORMAT: Final = {**FORMAT_ALIASES, "tif": "tiff", "heif": "heic"}
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")


class Kind(StrEnum):
    """What a value is: a text, a text with line breaks, a truth, a whole number, a list or a map of texts."""

    TEXT = "text"
    LINES = "lines"
    FLAG = "flag"
    NUMBER = "number"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `check` gives what is kept of a value, or raises `InvalidRequestError`."""

    name: str
    kind: Kind
    meaning: str = ""
    check: Callable[[str, Any], Any] = lambda name, value: value


def invalid(name: str, why: str = "") -> InvalidRequestError:
    """The wire's sentence for a value that a parameter cannot have."""
    return InvalidRequestError(f"Invalid value for parameter {name}{': ' if why else ''}{why}")


def check_origin(name: str, text: str) -> str:
    """An origin as browsers send it: scheme, host and port, without a path."""
    origin = text.strip().lower()
    if not _ORIGIN.fullmatch(origin):
        raise invalid(name, f"{text[:80]} is no origin such as https://www.example.com")
    return origin


def _number(most: int) -> Callable[[str, Any], int]:
    def check(name: str, value: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", str(value)) or not 1 <= int(value) <= most:
            raise invalid(name, f"must be a whole number from 1 to {most}")
        return int(value)

    return check


def _type(name: str, value: str) -> str:
    if value not in TYPES:
        raise invalid(name, value[:80])
    return value


def _folder(name: str, value: str) -> str:
    try:
        return check_public_id(value)
    except InvalidRequestError as error:
        raise InvalidRequestError(str(error).replace("public_id", name, 1)) from None


def _urls(name: str, value: str) -> str:
    """One address or several, between spaces or line breaks. Whether they may be called is asked later."""
    urls = value.split()
    if not 1 <= len(urls) <= MOST_URLS:
        raise invalid(name, f"from 1 to {MOST_URLS} addresses")
    for url in urls:
        try:
            parts = urlsplit(url)
            right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            right = False
        if not right or len(url) > LONGEST_URL:
            raise invalid(name, "must be an address that begins with http:// or https://")
    return value


def _format(name: str, value: str) -> str:
    word = _SAME_FORMAT.get(value.lower(), value.lower())
    if word not in FORMATS or word == "auto":
        raise InvalidTransformationError(f"Invalid extension in transformation: {value[:80]}")
    return word


def _formats(name: str, value: tuple[str, ...]) -> list[str]:
    words = [word.lower() for word in value]
    for word in words:
        if not _FORMAT_WORD.fullmatch(word):
            raise invalid(name, word[:80])
    return list(dict.fromkeys(_SAME_FORMAT.get(word, word) for word in words))


def _transformation(name: str, value: str) -> str:
    found = parse(value)
    if found.all_layers:
        raise InvalidTransformationError("An incoming transformation cannot have overlays")
    if found.names or found.default or found.attachment is not None or "getinfo" in found.flags:
        raise InvalidTransformationError("An incoming transformation cannot have t_, d_, or flags of answers")
    if found.format is not None:
        _format(name, found.format)
    return str(found)


def _regions(name: str, value: str) -> str:
    return "|".join(",".join(map(str, region)) for region in read_regions(name, value))


def _origins(name: str, value: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(check_origin(name, text) for text in value))


def _tags(name: str, value: tuple[str, ...]) -> list[str]:
    tags = list(dict.fromkeys(value))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise invalid(name, f"at most {MOST_TAGS} tags of {LONGEST_TAG} characters")
    return tags


def _mode(name: str, value: str) -> str:
    if value not in MODES:
        raise invalid(name, value[:80])
    return value


def _display_name(name: str, value: str) -> str:
    if len(value) > LONGEST_TAG:
        raise invalid(name, f"at most {LONGEST_TAG} characters")
    return value


_PIXELS = _number(10**6)

#: What an upload may say and a preset may hold.
OF_BOTH: Final = (
    Parameter("type", Kind.TEXT, "`upload`, `private` or `authenticated`", _type),
    Parameter("folder", Kind.TEXT, "put before the public id", _folder),
    Parameter("public_id_prefix", Kind.TEXT, "put between folder and public id, with a `/`", _folder),
    Parameter("use_filename", Kind.FLAG, "name it after the file"),
    Parameter("unique_filename", Kind.FLAG, "with six random characters behind it; `true`"),
    Parameter("discard_original_filename", Kind.FLAG, "keep no name of the file"),
    Parameter("overwrite", Kind.FLAG, "replace a picture of the same name; never with an unsigned preset"),
    Parameter("tags", Kind.LIST, "joined with those of the upload", _tags),
    Parameter("context", Kind.MAP, "joined with that of the upload"),
    Parameter("metadata", Kind.MAP, "values of structured fields, joined with those of the upload"),
    Parameter("moderation", Kind.TEXT, "who judges it; see [moderation](moderation.md)"),
    Parameter("notification_url", Kind.LINES, "who is told; several between spaces", _urls),
    Parameter("backup", Kind.FLAG, "keep bytes that are overwritten or deleted restorable"),
    Parameter(
        "transformation",
        Kind.TEXT,
        "incoming transformation: its result is stored and judged instead of the file; no overlays",
        _transformation,
    ),
    Parameter(
        "format", Kind.TEXT, "convert to `jpg`, `png`, `webp`, `avif` or `gif` before storing", _format
    ),
    Parameter(
        "allowed_formats", Kind.LIST, "formats that are taken, looked at after any conversion", _formats
    ),
    Parameter(
        "face_coordinates",
        Kind.TEXT,
        "where its faces are: `x,y,width,height` in pixels, several between bars; for `g_face`",
        _regions,
    ),
    Parameter(
        "custom_coordinates", Kind.TEXT, "the part that matters, in the same words; for `g_custom`", _regions
    ),
    Parameter(
        "eager",
        Kind.TEXT,
        "images to derive beforehand: transformations between bars, each with `/` and an extension if it is "
        "to have another format",
        check_eager,
    ),
    Parameter("eager_async", Kind.FLAG, "derive them later, and notify"),
    Parameter("eager_notification_url", Kind.LINES, "who is told of them, if not `notification_url`", _urls),
    Parameter(
        "responsive_breakpoints",
        Kind.TEXT,
        "tell at which widths another file is worth it: JSON, not with `async`",
        check_breakpoints,
    ),
    Parameter("phash", Kind.FLAG, "tell a perceptual hash"),
    Parameter("colors", Kind.FLAG, "tell its colours, and whether it is grey or can be seen through"),
    Parameter("quality_analysis", Kind.FLAG, "tell measures of its quality"),
    Parameter("image_metadata", Kind.FLAG, "tell what the file says of itself, signed uploads only"),
    Parameter("media_metadata", Kind.FLAG, "the same"),
    Parameter("exif", Kind.FLAG, "tell its EXIF, signed uploads only"),
    Parameter("faces", Kind.FLAG, "tell the `face_coordinates`; no detector runs"),
    Parameter("asset_folder", Kind.TEXT, "where people find it; that of its public id if not given", _folder),
    Parameter(
        "use_asset_folder_as_public_id_prefix", Kind.FLAG, "put `asset_folder` before the public id, too"
    ),
    Parameter(
        "display_name", Kind.TEXT, "what people read; the end of its public id if not given", _display_name
    ),
    Parameter("use_filename_as_display_name", Kind.FLAG, "call it what the file is called"),
    Parameter("unique_display_name", Kind.FLAG, "with six random characters behind its display name"),
    Parameter(
        "access_control",
        Kind.TEXT,
        "who may see it, as JSON: `token`, or `anonymous` with a `start` and an `end`",
        lambda name, value: read_rules(value, name),
    ),
    Parameter("access_mode", Kind.TEXT, "`public`; or `authenticated`, which is to need a token", _mode),
    Parameter(
        "headers",
        Kind.LINES,
        "`Name: value` lines to deliver with it: `X-Robots-Tag`, `Link` and `Authorization`",
        lambda name, value: read_headers(value.split("\n")),
    ),
    Parameter(
        "quality_override",
        Kind.TEXT,
        "what automatic quality means for it, such as `80` or `auto:best`",
        lambda name, value: read_quality_override(value),
    ),
    Parameter("return_delete_token", Kind.FLAG, "give a token that deletes it, for ten minutes"),
    Parameter("async", Kind.FLAG, "answer at once, do the rest later and notify"),
)

#: What only a preset may hold.
OF_PRESETS: Final = (
    Parameter("disallow_public_id", Kind.FLAG, "refuse uploads that name a public id"),
    Parameter("max_bytes", Kind.NUMBER, "largest file in bytes", _number(10**12)),
    Parameter("max_width", Kind.NUMBER, "widest picture in pixels, as it is sent", _PIXELS),
    Parameter("max_height", Kind.NUMBER, "tallest picture in pixels, as it is sent", _PIXELS),
    Parameter("max_pixels", Kind.NUMBER, "width times height times frames, as it is sent", _number(10**12)),
    Parameter("min_width", Kind.NUMBER, "narrowest picture in pixels, as it is sent", _PIXELS),
    Parameter("min_height", Kind.NUMBER, "lowest picture in pixels, as it is sent", _PIXELS),
    Parameter(
        "allowed_origins",
        Kind.LIST,
        "sites whose pages may upload, such as `https://www.example.com`; unsigned presets only",
        _origins,
    ),
    Parameter("rate_per_minute", Kind.NUMBER, "uploads a minute from one address", _number(100_000)),
    Parameter("rate_per_minute_overall", Kind.NUMBER, "uploads a minute from all", _number(1_000_000)),
    Parameter("bytes_per_day", Kind.NUMBER, "bytes a day (UTC) from all", _number(10**15)),
)

#: What the wire's presets may hold and is kept without effect: none of it decides who sees a picture.
EFFECTLESS: Final = (
    *(
        Parameter(name, Kind.FLAG)
        for name in (
            "live", "invalidate", "accessibility_analysis", "cinemagraph_analysis",
        )
    ),
    *(
        Parameter(name, Kind.TEXT)
        for name in (
            "regions", "callback",
            "proxy",
        )
    ),
)  # fmt: skip

#: Add-ons of the wire that are not installed.
ADD_ONS: Final = (
    "auto_tagging", "auto_chaptering", "auto_transcription", "background_removal", "categorization",
    "detection", "ocr", "raw_convert", "similarity_search", "visual_search",
)  # fmt: skip

#: By name.
PARAMETERS: Final[Mapping[str, Parameter]] = {
    parameter.name: parameter for parameter in (*OF_BOTH, *OF_PRESETS, *EFFECTLESS)
}
