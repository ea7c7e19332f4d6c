"""Whom an upload is by: a name that its context gives, or else the key that it came with."""

import re
from collections.abc import Mapping

from ..errors import InvalidRequestError

#: Characters of an uploader's name.
MAX_UPLOADER = 255

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def uploader_of(context: Mapping[str, str], key: str, otherwise: str | None) -> str | None:
    """The uploader that `context[key]` names, `otherwise` if it names nobody.

    Raises `InvalidRequestError` as `check_uploader` does.
    """
    named = context.get(key, "").strip()
    return check_uploader(named) if named else otherwise


def check_uploader(name: str) -> str:
    """`name` itself; raises `InvalidRequestError` if it is too long, or would break a line of a listing."""
    if len(name) > MAX_UPLOADER:
        raise InvalidRequestError(f"The uploader's name is too long. Maximum is {MAX_UPLOADER} characters.")
    if _CONTROL.search(name):
        raise InvalidRequestError("Illegal character in the uploader's name")
    return name
