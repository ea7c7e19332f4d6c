"""Responsive breakpoints: the widths at which a picture is worth another file, by how many bytes it saves."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import InvalidRequestError, InvalidTransformationError
from .outputs import DELIVERED
from .parameters import FORMAT_ALIASES
from .transformation import parse, reread

#: What one upload may ask for, and images of each.
MOST_ITEMS: Final = 10
MOST_IMAGES: Final = 50
_LARGEST: Final = 10_000
_MOST_BYTES: Final = 10**9
#: Names and bounds of the whole numbers, with what is meant if nothing is said.
_NUMBERS: Final = {
    "bytes_step": (1, _MOST_BYTES, 20_000), "min_width": (1, _LARGEST, 50),
    "max_width": (1, _LARGEST, 1000), "max_images": (1, MOST_IMAGES, 20),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ladder:
    """Widths that are asked for, of a picture after a transformation (canonical text, empty for none).

    Each image has about `bytes_step` bytes more than the next smaller one. With `create_derived` they are
    stored, else only measured. `format` is what they are to be, `None` for the format of the original.
    """

    transformation: str = ""
    format: str | None = None
    create_derived: bool = False
    bytes_step: int = 20_000
    min_width: int = 50
    max_width: int = 1000
    max_images: int = 20

    def at(self, width: int) -> str:
        """The canonical transformation of one image."""
        return str(reread(f"{self.transformation}/c_scale,w_{width}"))

    def ends(self, width: int) -> tuple[int, int]:
        """The least and the largest width, of a picture that is `width` pixels wide; they may be the same."""
        largest = min(self.max_width, width)
        return (largest if self.max_images == 1 else min(self.min_width, largest)), largest

    def between(self, least: tuple[int, int], largest: tuple[int, int]) -> tuple[int, ...]:
        """The widths between two images, of which (width, bytes) are known: descending, bytes apart evenly.

        The bytes of a picture grow with a power of its width, which the two images tell.
        """
        (low, few), (high, many) = least, largest
        count = min(self.max_images, 1 + max(1, math.ceil((many - few) / self.bytes_step)))
        shares = [number / (count - 1) for number in range(1, count - 1)]
        if low >= high or not shares:
            return ()
        if many > few > 0:
            power = math.log(many / few) / math.log(high / low)
            found = [low * ((few + share * (many - few)) / few) ** (1 / power) for share in shares]
        else:
            found = [low + share * (high - low) for share in shares]
        return tuple(sorted({round(width) for width in found} - {low, high}, reverse=True))


def read_breakpoints(text: str) -> tuple[Ladder, ...]:
    """What `responsive_breakpoints` asks for: a JSON object, or an array of them.

    Raises `InvalidRequestError` and `InvalidTransformationError`.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise _invalid("it must be JSON") from None
    items = said if isinstance(said, list) else [said]
    if len(items) > MOST_ITEMS or not all(isinstance(item, dict) for item in items):
        raise _invalid(f"an array of at most {MOST_ITEMS} objects")
    return tuple(map(_ladder, items))


def check_breakpoints(name: str, value: str) -> str:
    """The same as it was said, once it is understood. Raises as `read_breakpoints` does."""
    read_breakpoints(value)
    return value


def _ladder(item: Mapping[str, Any]) -> Ladder:
    numbers = {name: _number(item, name) for name in _NUMBERS}
    if numbers["min_width"] > numbers["max_width"]:
        raise _invalid("min_width must not be larger than max_width")
    return Ladder(
        transformation=_transformation(item.get("transformation")),
        format=_format(item.get("format")),
        create_derived=_flag(item.get("create_derived", False)),
        **numbers,
    )


def _number(item: Mapping[str, Any], name: str) -> int:
    least, most, usual = _NUMBERS[name]
    value = item.get(name)
    if value in (None, ""):
        return usual
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdecimal() or len(text) > 10:
        raise _invalid(f"{name} must be a whole number from {least} to {most}")
    if not least <= int(text) <= most:
        raise _invalid(f"{name} must be a whole number from {least} to {most}")
    return int(text)


def _flag(value: Any) -> bool:
    if value in (True, "true", "1", 1):
        return True
    if value in (False, "false", "0", 0, None, ""):
        return False
    raise _invalid("create_derived must be true or false")


def _transformation(value: Any) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str):
        raise _invalid("transformation must be a text")
    found = parse(value)
    if "getinfo" in found.flags:
        raise InvalidTransformationError("Responsive breakpoints cannot have fl_getinfo")
    return str(found)


def _format(value: Any) -> str | None:
    if value in (None, ""):
        return None
    form = FORMAT_ALIASES.get(str(value).lower(), str(value).lower())
    if form not in DELIVERED:
        raise InvalidTransformationError(f"Invalid extension in transformation: {str(value)[:80]}")
    return form


def _invalid(why: str) -> InvalidRequestError:
    return InvalidRequestError(f"Invalid value for parameter responsive_breakpoints: {why}")
