"""Delivery URLs: what a path asks for, and the path that asks for an asset."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from ..errors import InvalidRequestError
from .asset import ALL_TYPES, FETCH
from .publicid import MAX_LENGTH, check_public_id, escape, tidied
from .remote import check_remote_url
from .safety import is_hazardous
from .transformation import Transformation, parse

__all__ = [
    "SAME_FORMAT",
    "DeliveryPath",
    "candidates",
    "check_cloud_name",
    "check_public_id",
    "delivery_path",
    "escape",
    "parse_delivery_path",
]

MAX_PATH = 8192

#: Extensions that name a format (the wire's section 3.3); any other ending is part of the public id.
EXTENSIONS = frozenset({
    "ai", "avif", "bmp", "cr2", "dng", "eps", "gif", "heic", "heif", "ico", "jp2", "jpe", "jpeg", "jpg",
    "jxl", "jxr", "pdf", "png", "psd", "svg", "tga", "tif", "tiff", "wdp", "webp",
})  # fmt: skip
#: Extensions that name the format of another one.
SAME_FORMAT = {"jpe": "jpg", "jpeg": "jpg", "tif": "tiff", "heif": "heic"}

_CLOUD = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,127}")
#: What a path begins with whose last segment is there for people and search engines, by its type.
_FOR_PEOPLE = {"images": "upload", "private_images": "private", "authenticated_images": "authenticated"}
# A path without a cloud begins with the kind of resource; "iu" is short for "image/upload".
_ADDRESS = re.compile(
    rf"/+(?:({_CLOUD.pattern})/+)??"
    rf"(?:image/+({'|'.join(ALL_TYPES)})|iu|({'|'.join(_FOR_PEOPLE)}))/+([^/].*)",
    re.ASCII | re.DOTALL,
)
_SIGNATURE = re.compile(r"s--([A-Za-z0-9_-]{8}|[A-Za-z0-9_-]{32})--")
_PARAMETER = r"(?:if|\$[A-Za-z][A-Za-z0-9]*|dpr|fps|[a-z]{1,2})_[^,]+"
_COMPONENT = re.compile(rf"if_end|if_else|{_PARAMETER}(?:,{_PARAMETER})*")
_VERSION = re.compile("v([0-9]{1,15})")
_VERSION_LIKE = re.compile("v[0-9]")
# What a path may hold as it stands: printable ASCII, no query, no fragment; "%" only before two hex digits.
_RAW = re.compile(r"(?:[!$&-;=@-~]|%[0-9A-Fa-f]{2})*")
# Where the URL begins that a path of type fetch asks for.
_REMOTE = re.compile(r"(?:(?<=/)|^)https?(?::|%3A)(?:/|%2F).*", re.IGNORECASE | re.DOTALL)
_SLASHES = re.compile("(?<!:)/{2,}")
# What no URL holds as it stands, and whoever sends it has escaped: a space, `"<>[\]^`{|}`, other scripts.
_SENT_ESCAPED = re.compile("(?:%(?:20|22|3[CE]|5[B-E]|60|7[B-D]|[89A-F][0-9A-F]))+", re.IGNORECASE)
# The style and the text of a layer.
_TEXT_LAYER = re.compile("([lu]_text:[^:]*:)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DeliveryPath:
    """A delivery path, taken apart.

    `signed_texts` are what the signature may cover: as received, with the public id escaped anew, and with
    the transformation as SDKs write it.
    `candidates` are (public id, extension) in the order in which they are to be looked up. `shown` names, as
    (type, public id), all that the answer may show, its own names first. `is_closed` says whether it takes a
    signature or a token, for an authenticated picture or a private one's original; `shows_closed`, whether a
    layer of it opens only to a signature; `is_hazardous`, whether it could bring out what nobody judged.
    """

    cloud: str | None
    type: str
    signature: str | None
    signed_texts: tuple[str, ...]
    transformation: Transformation
    version: int | None
    candidates: tuple[tuple[str, str | None], ...]
    # made once, as every request reads them
    shown: tuple[tuple[str, str], ...] = field(init=False, compare=False, repr=False)
    is_closed: bool = field(init=False, compare=False, repr=False)
    shows_closed: bool = field(init=False, compare=False, repr=False)
    is_hazardous: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        wanted = self.transformation
        original = self.type == "private" and wanted.is_identity
        made = {
            "shown": self.shown_by(wanted),
            "is_closed": original or self.type == "authenticated",
            "shows_closed": any(layer.type not in ("upload", FETCH) for layer in wanted.layers),
            "is_hazardous": is_hazardous(wanted),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def shown_by(self, wanted: Transformation) -> tuple[tuple[str, str], ...]:
        """What `shown` is with another transformation. Raises `InvalidRequestError` for its `d_`."""
        own = [(self.type, public_id) for public_id, _ in self.candidates]
        layers = [(layer.type, layer.public_id) for layer in wanted.layers]
        default = candidates(wanted.default) if wanted.default else ()
        return (*own, *layers, *(("upload", public_id) for public_id, _ in default))


def parse_delivery_path(raw_path: str) -> DeliveryPath | None:
    """Take apart the path of a request, still percent-encoded and without its query (the wire's section 3.1).

    `None` if it is no delivery path of images. One that begins with `images` has a last segment for readers
    only: it is left out, and its extension goes to the public id. Raises `InvalidRequestError` for a path
    that is malformed and `InvalidTransformationError` for a transformation that is not understood.
    """
    address = _ADDRESS.fullmatch(raw_path)
    if address is None:
        return None
    if len(raw_path) > MAX_PATH:
        raise InvalidRequestError(f"URL is too long. Got {len(raw_path)}. Maximum is {MAX_PATH}.")
    cloud, type, for_people, rest = address.groups()
    if not _RAW.fullmatch(rest):
        raise InvalidRequestError("URL is malformed: it must be percent-encoded")
    if type == FETCH:
        return _fetch_path(cloud, rest)
    signature, steps, version, source = _split(rest)
    if for_people:
        source, slash, suffix = source.rpartition("/")
        if not slash:
            return None
        type, source = _FOR_PEOPLE[for_people], source + _extension(suffix)
    name = _decoded(source)
    return DeliveryPath(
        cloud=cloud,
        type=type or "upload",
        signature=signature,
        signed_texts=_signed_texts(steps, (source, escape(name))),
        transformation=parse("/".join(steps)),
        version=version,
        candidates=candidates(name),
    )


def _fetch_path(cloud: str | None, rest: str) -> DeliveryPath | None:
    """The path of a picture that its URL names; slashes of that URL are left as they are."""
    found = _REMOTE.search(rest)
    if found is None:
        return None
    signature, steps, version, nothing = _split(rest[: found.start()])
    if nothing:
        return None
    url = check_remote_url(_decoded(found[0]))
    return DeliveryPath(
        cloud=cloud,
        type=FETCH,
        signature=signature,
        signed_texts=_signed_texts(steps, (found[0], escape(url))),
        transformation=parse("/".join(steps)),
        version=version,
        candidates=((url, None),),
    )


def candidates(name: str) -> tuple[tuple[str, str | None], ...]:
    """The public ids that `name` may mean, with the extension, if it has one that names a format.

    An id may contain dots itself, so the whole is the second candidate. Raises `InvalidRequestError`.
    """
    whole = tidied(name)
    stem, dot, extension = whole.rpartition(".")
    extension = extension.lower()
    if not dot or extension not in EXTENSIONS or not stem.rpartition("/")[2].strip(" ."):
        return ((check_public_id(whole), None),)
    named = (check_public_id(stem), SAME_FORMAT.get(extension, extension))
    # an id may be so long that with an extension it can be no other one
    return (named,) if len(whole) > MAX_LENGTH else (named, (whole, None))


def delivery_path(
    cloud: str,
    type: str,
    public_id: str,
    *,
    version: int | None = None,
    format: str | None = None,
    transformation: str = "",
) -> str:
    """The path of an asset, escaped by the SDKs' rule.

    As there, an id in folders is never without a version, lest its first folder be read as a transformation.
    What is fetched is named by its URL alone.
    """
    if version is None and "/" in public_id and not _VERSION_LIKE.match(public_id):
        version = 1
    if type == FETCH:
        version = format = None
    source = escape(public_id) + (f".{format}" if format else "")
    parts = [cloud, "image", type, transformation, "" if version is None else f"v{version}", source]
    return "/" + "/".join(filter(None, parts))


def check_cloud_name(text: str) -> str:
    """`text`, if it may name a cloud; raises `InvalidRequestError`."""
    if not _CLOUD.fullmatch(text):
        raise InvalidRequestError("cloud_name must be 2 to 128 letters, digits and hyphens, a letter first")
    return text


def _split(rest: str) -> tuple[str | None, list[str], int | None, str]:
    """Signature, components, version and source (the wire's section 3.3); the last segment is source."""
    segments = _SLASHES.sub("/", rest).split("/")
    last = len(segments) - 1
    start = 0
    signed = _SIGNATURE.fullmatch(segments[0]) if last else None
    if signed:
        start = 1
    end = start
    while end < last and _COMPONENT.fullmatch(segments[end]):
        end += 1
    version = _VERSION.fullmatch(segments[end]) if end < last else None
    source = "/".join(segments[end + 1 if version else end :])
    return signed and signed[1], segments[start:end], int(version[1]) if version else None, source


def _signed_texts(steps: list[str], sources: tuple[str, str]) -> tuple[str, ...]:
    """The different texts that a signature may cover, for each way to write the source."""
    written = [steps, [_unescaped(step) for step in steps]] if any("%" in step for step in steps) else [steps]
    return tuple(dict.fromkeys("/".join([*each, source]) for each in written for source in sources))


def _unescaped(step: str) -> str:
    """A component as SDKs sign it: they escape the text of a layer alone, and whoever sends the rest does.

    Nothing that could mean something else is unescaped: no separator, no digit, no `%`.
    """
    parts = []
    for parameter in step.split(","):
        text = _TEXT_LAYER.fullmatch(parameter)
        raw, kept = (text[1], text[2]) if text else (parameter, "")
        parts.append(_SENT_ESCAPED.sub(lambda found: _decoded(found[0]), raw) + kept)
    return ",".join(parts)


def _extension(suffix: str) -> str:
    """The `.jpg` of `my-dog.jpg`; raises `InvalidRequestError` for a suffix with other dots."""
    words, dot, extension = suffix.partition(".")
    if not words or "." in extension or (dot and not extension):
        raise InvalidRequestError("url_suffix should not include . or /")
    return dot + extension


def _decoded(source: str) -> str:
    try:
        return unquote_to_bytes(source).decode()
    except UnicodeDecodeError:
        raise InvalidRequestError("URL is malformed: it must be UTF-8") from None
