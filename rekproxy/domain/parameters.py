"""The parameters of a transformation, as data: the wire's letters and words, a reader and a writer each."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import flags
from .colour import read_colour, write_colour
from .effects import read_effect, write_effect
from .gravity import GRAVITIES, read_gravity
from .numbers import (
    Number,
    read_aspect,
    read_length,
    read_number,
    read_offset,
    read_whole,
    read_width,
    write_aspect,
    write_length,
    write_number,
)
from .publicid import check_public_id, escape
from .shapes import (
    read_border,
    read_ground,
    read_radius,
    read_turn,
    write_border,
    write_ground,
    write_radius,
    write_turn,
)
from .sources import read_source, write_source

__all__ = ["CROPS", "FORMATS", "FORMAT_ALIASES", "GRAVITIES", "PARAMETERS", "Number", "Parameter"]

CROPS = frozenset({
    "scale", "fit", "limit", "mfit", "fill", "lfill", "fill_pad", "pad", "lpad", "mpad", "crop", "thumb",
    "auto", "auto_pad",
})  # fmt: skip

FORMATS = frozenset({"jpg", "png", "webp", "avif", "gif", "auto"})
FORMAT_ALIASES = {"jpeg": "jpg", "jpe": "jpg"}

_AS_AUTO = frozenset({"auto:sensitive", "jpegmini", "jpegmini:0", "jpegmini:1", "jpegmini:2"})
_LARGEST_DPR = 10
_LARGEST_ZOOM = 100
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the language.

    `read` turns a decoded value into what it means or raises `ValueError`; `write` gives that meaning its one
    text; `default` is not written. `field` is where `Component` keeps it, or `Transformation` if it is
    `final`: said anywhere in the chain, true of the answer as a whole. `elsewhere` is a final one that makes
    no difference to the pixels, and so is no part of what they are stored under.
    """

    key: str
    name: str
    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    final: bool = False
    default: Any = None
    elsewhere: bool = False


def _one_of(words: frozenset[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return read


def _read_format(text: str) -> str:
    return _one_of(FORMATS)(FORMAT_ALIASES.get(text, text))


def _read_quality(text: str) -> str:
    """`80`, `80:420`, `80:444`, `auto` (which is `auto:good`), `auto:eco`; `0.8` is 80.

    What the wire looks for by other means is `auto` here (its section 4.5).
    """
    if text in _AS_AUTO:
        return "auto"
    level, colon, detail = text.partition(":")
    if level == "auto":
        if (colon or detail) and detail not in ("best", "good", "eco", "low"):
            raise ValueError(text)
        return "auto" if detail in ("", "good") else text
    number = read_number(level)
    percent = number if isinstance(number, int) else int(number * 100 + Fraction(1, 2)) if number < 1 else 0
    if not 1 <= percent <= 100 or (colon and detail not in ("420", "444")):
        raise ValueError(text)
    return f"{percent}{colon}{detail}"


def _read_above_nothing(most: int) -> Callable[[str], Fraction]:
    def read(text: str) -> Fraction:
        ratio = Fraction(read_number(text))
        if not 0 < ratio <= most:
            raise ValueError(text)
        return ratio

    return read


def _read_dpr(text: str) -> Fraction | None:
    """`None` leaves it to the client."""
    return None if text == "auto" else _read_above_nothing(_LARGEST_DPR)(text)


def _write_dpr(ratio: Fraction | None) -> str:
    return "auto" if ratio is None else write_number(ratio)


def _read_opacity(text: str) -> int | None:
    percent = read_whole(text, 0, 100)
    return None if percent == 100 else percent


def _read_names(text: str) -> tuple[str, ...]:
    """Names of named transformations, in the order in which they are done."""
    names = tuple(text.split("."))
    if not all(map(is_transformation_name, names)):
        raise ValueError(text)
    return names


def is_transformation_name(text: str) -> bool:
    """Whether a named transformation may be called so: letters, digits, spaces, `_` and `-`."""
    plain = text.replace("_", "a").replace("-", "a").replace(" ", "a")
    return 0 < len(text) <= _LONGEST_NAME and text == text.strip() and plain.isascii() and plain.isalnum()


def _write_names(names: tuple[str, ...]) -> str:
    return escape(".".join(names))


def _read_default(text: str) -> str:
    return check_public_id(text.replace(":", "/"))


def _write_default(public_id: str) -> str:
    return escape(public_id.replace("/", ":"))


#: By key, in the order in which a component is written.
PARAMETERS = {
    parameter.key: parameter
    for parameter in (
        Parameter("a", "angle", "turn", read_turn, write_turn),
        Parameter("ar", "aspect_ratio", "aspect", read_aspect, write_aspect),
        Parameter("b", "background", "background", read_ground, write_ground),
        Parameter("bo", "border", "border", read_border, write_border),
        Parameter("c", "crop", "crop", _one_of(CROPS)),
        Parameter("co", "color", "colour", read_colour, write_colour),
        Parameter("cs", "color_space", "", _one_of(frozenset({"srgb"}))),
        Parameter("d", "default_image", "default", _read_default, _write_default, final=True, elsewhere=True),
        Parameter("dn", "density", "density", flags.read_density, final=True),
        Parameter("dpr", "dpr", "dpr", _read_dpr, _write_dpr, final=True, default=1),
        Parameter("e", "effect", "effect", read_effect, write_effect),
        Parameter("f", "format", "format", _read_format, final=True, elsewhere=True),
        Parameter("fl", "flags", "flags", flags.read_flag),
        Parameter("g", "gravity", "gravity", read_gravity),
        Parameter("h", "height", "height", read_length, write_length),
        Parameter("l", "overlay", "layer", read_source, write_source),
        Parameter("o", "opacity", "opacity", _read_opacity),
        Parameter("q", "quality", "quality", _read_quality, final=True),
        Parameter("r", "radius", "radius", read_radius, write_radius),
        Parameter("t", "transformation", "named", _read_names, _write_names),
        Parameter("u", "underlay", "layer", read_source, write_source),
        Parameter("w", "width", "width", read_width, write_length),
        Parameter("x", "x", "x", read_offset, write_length),
        Parameter("y", "y", "y", read_offset, write_length),
        Parameter("z", "zoom", "zoom", _read_above_nothing(_LARGEST_ZOOM), write_number),
    )
}
