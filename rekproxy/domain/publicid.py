"""Public ids: what an asset may be called, and how its name is written into a URL."""

import re
from pathlib import PurePosixPath
from urllib.parse import quote

from ..errors import InvalidRequestError

#: Characters, after decoding.
MAX_LENGTH = 255

# Control characters, the two separators that act as line ends, and halves of surrogate pairs.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_FORBIDDEN = re.compile(r"[?&#\\%<>+]")
_SLASHES = re.compile("/{2,}")
_VERSION = re.compile("v[0-9]+")


def check_public_id(text: str) -> str:
    """The public id that `text` means: spaces and slashes at its ends dropped, repeated slashes made one.

    Raises `InvalidRequestError` for a name that no asset may have (the wire's section 1.10).
    """
    public_id = tidied(text)
    if not public_id:
        raise InvalidRequestError("public_id must not be empty")
    if len(public_id) > MAX_LENGTH:
        raise InvalidRequestError(f"public_id is too long. Got {len(public_id)}. Maximum is {MAX_LENGTH}.")
    if _CONTROL.search(public_id):
        raise InvalidRequestError("public_id must not contain control characters")
    if forbidden := _FORBIDDEN.search(public_id):
        raise InvalidRequestError(f"public_id must not contain {forbidden[0]}")
    if "." in public_id or "/" in public_id:
        _check_segments(public_id.split("/"))
    return public_id


def tidied(text: str) -> str:
    """`text` without spaces and slashes at its ends and without repeated slashes."""
    return _SLASHES.sub("/", text.strip(" /"))


def made_of(filename: str) -> str:
    """A public id, or the beginning of one, like the stem of a file's name, which nobody chose for that.

    What no public id may have is `_` in it. Empty if there is nothing to be like.
    """
    stem = PurePosixPath(filename.replace("\\", "/")).stem
    name = tidied(_FORBIDDEN.sub("_", _CONTROL.sub("_", stem)))
    return "" if name in (".", "..") else name


def _check_segments(segments: list[str]) -> None:
    for segment in segments:
        if segment in (".", ".."):
            raise InvalidRequestError(f"public_id must not contain the segment {segment}")
    for folder in segments[:-1]:
        if _VERSION.fullmatch(folder):
            raise InvalidRequestError(
                f"public_id must not contain a folder that reads as a version: {folder}"
            )


def escape(text: str) -> str:
    """`text` percent-encoded by the SDKs' rule: all but ASCII letters, digits and `_.-/:`, upper-case hex."""
    # quote() keeps "~" whatever it is told, the SDKs do not.
    return quote(text, safe="/:").replace("~", "%7E")
