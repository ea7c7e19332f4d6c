"""What an asset says of its own delivery: headers of its answers, and what automatic quality means for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ..errors import InvalidRequestError
from .parameters import PARAMETERS
from .steps import Transformation

#: Headers that an asset may have sent along (the wire's section 1.7); all others are ignored.
HEADERS: Final = ("X-Robots-Tag", "Link", "Authorization")
_BY_NAME: Final = {name.lower(): name for name in HEADERS}
_VALUE = re.compile(r"[\x20-\x7e]{1,1000}")


def read_headers(lines: Iterable[str]) -> dict[str, str]:
    """The headers that are kept of `Name: value` lines. Raises `InvalidRequestError` for a line that is none.

    A name that comes again adds its value to the first.
    """
    kept: dict[str, str] = {}
    for line in lines:
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        value = value.strip()
        if not colon or not name.strip() or not _VALUE.fullmatch(value):
            raise InvalidRequestError("Invalid value for parameter headers: lines look like Name: value")
        known = _BY_NAME.get(name.strip().lower())
        if known:
            kept[known] = f"{kept[known]}, {value}" if known in kept else value
    return kept


def sent_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Those of an asset's headers that an answer may carry: known ones, of one line each."""
    known = ((_BY_NAME.get(name.lower()), value) for name, value in headers.items())
    return tuple((name, value) for name, value in known if name and re.fullmatch(r"[\x20-\x7e]+", value))


def read_quality_override(text: str) -> str | None:
    """A quality as it is kept, `None` for `none`. Raises `InvalidRequestError`."""
    if text in ("", "none"):
        return None
    try:
        return str(PARAMETERS["q"].read(text))
    except ValueError:
        raise InvalidRequestError(f"Invalid value for parameter quality_override: {text[:40]}") from None


def with_own_quality(wanted: Transformation, override: str | None) -> Transformation:
    """The transformation with the asset's own quality where an automatic one is asked for."""
    if not override or (wanted.quality or "").partition(":")[0] != "auto":
        return wanted
    try:
        return replace(wanted, quality=read_quality_override(override) or wanted.quality)
    except InvalidRequestError:
        return wanted
