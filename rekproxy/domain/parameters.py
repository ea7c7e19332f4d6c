"""The parameters of a transformation, as data: the wire's letters and words, a reader and a writer each."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .colour import read_colour, write_colour
from .publicid import check_public_id, escape

#: A whole number is pixels, a fraction a share of the picture.
Number = int | Fraction

CROPS = frozenset({"scale", "fit", "limit", "mfit", "fill", "lfill", "pad", "lpad", "crop", "thumb"})

#: Each gravity as the halves of the free room that lie left of and above what is placed.
GRAVITIES = {
    "north_west": (0, 0),
    "north": (1, 0),
    "north_east": (2, 0),
    "west": (0, 1),
    "center": (1, 1),
    "east": (2, 1),
    "south_west": (0, 2),
    "south": (1, 2),
    "south_east": (2, 2),
}

FORMATS = frozenset({"jpg", "png", "webp", "avif", "gif", "auto"})
FORMAT_ALIASES = {"jpeg": "jpg", "jpe": "jpg"}

# First words of an overlay that are no folder but another kind of layer (the wire's section 4.7).
_OTHER_LAYERS = frozenset({"text", "fetch", "private", "authenticated", "video", "subtitles", "lut"})

_PLACES = 20
_INTEGER = re.compile(r"-?[0-9]{1,5}")
_DECIMAL = re.compile(rf"-?[0-9]{{0,4}}\.[0-9]{{1,{_PLACES}}}")
_RATIO_TERM = re.compile(rf"[0-9]{{1,12}}|[0-9]{{0,4}}\.[0-9]{{1,{_PLACES}}}")
_RATIO_PRECISION = 10**6
_LARGEST_RATIO = 1000
_LARGEST_DPR = 10


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the language.

    `read` turns a decoded value into what it means or raises `ValueError`; `write` gives that meaning its one
    text; `default` is not written. `field` is where `Component` keeps it, or `Transformation` if it is
    `final`: said anywhere in the chain, true of the answer as a whole.
    """

    key: str
    name: str
    field: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    final: bool = False
    default: Any = None


def read_number(text: str) -> Number:
    """`-12` is pixels, `0.5` a share."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Fraction(text)
    raise ValueError(text)


def write_number(number: Number) -> str:
    """A share keeps its point, `1.0`, so that it is not read as pixels."""
    if isinstance(number, int):
        return str(number)
    digits = str(abs(number.numerator) * 10**_PLACES // number.denominator).zfill(_PLACES + 1)
    decimals = digits[-_PLACES:].rstrip("0") or "0"
    return f"{'-' if number < 0 else ''}{digits[:-_PLACES]}.{decimals}"


def _read_length(text: str) -> Number:
    number = read_number(text)
    if number <= 0:
        raise ValueError(text)
    return number


def _read_aspect(text: str) -> Fraction:
    terms = text.split(":")
    if len(terms) > 2 or not all(_RATIO_TERM.fullmatch(term) for term in terms):
        raise ValueError(text)
    width, height = Fraction(terms[0]), Fraction(terms[1]) if len(terms) == 2 else Fraction(1)
    if not width or not height or not 1 <= _LARGEST_RATIO * width / height <= _LARGEST_RATIO**2:
        raise ValueError(text)
    # 1.7777777777777777 is how a program says 16:9.
    return (width / height).limit_denominator(_RATIO_PRECISION)


def _write_aspect(aspect: Fraction) -> str:
    return f"{aspect.numerator}:{aspect.denominator}"


def _one_of(words: frozenset[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return read


def _read_format(text: str) -> str:
    return _one_of(FORMATS)(FORMAT_ALIASES.get(text, text))


def _read_quality(text: str) -> str:
    """`80`, `80:420`, `80:444`, `auto` (which is `auto:good`), `auto:eco`; `0.8` is 80."""
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


def _read_dpr(text: str) -> Fraction:
    ratio = Fraction(read_number(text))
    if not 0 < ratio <= _LARGEST_DPR:
        raise ValueError(text)
    return ratio


def _read_layer(text: str) -> str:
    public_id = check_public_id(text.replace(":", "/"))
    folder, slash, _ = public_id.partition("/")
    if slash and folder in _OTHER_LAYERS:
        raise ValueError(text)
    return public_id


def _write_layer(public_id: str) -> str:
    return escape(public_id.replace("/", ":"))


#: Tokens that are accepted without effect: a picture's life in caches is not the URL's to say.
IGNORED = frozenset({"fl_immutable_cache"})

#: By key, in the order in which a component is written.
PARAMETERS = {
    parameter.key: parameter
    for parameter in (
        Parameter("ar", "aspect_ratio", "aspect", _read_aspect, _write_aspect),
        Parameter("b", "background", "background", read_colour, write_colour),
        Parameter("c", "crop", "crop", _one_of(CROPS)),
        Parameter("dpr", "dpr", "dpr", _read_dpr, write_number, final=True, default=1),
        Parameter("f", "format", "format", _read_format, final=True),
        Parameter("g", "gravity", "gravity", _one_of(frozenset(GRAVITIES))),
        Parameter("h", "height", "height", _read_length, write_number),
        Parameter("l", "overlay", "layer", _read_layer, _write_layer),
        Parameter("q", "quality", "quality", _read_quality, final=True),
        Parameter("w", "width", "width", _read_length, write_number),
        Parameter("x", "x", "x", read_number, write_number),
        Parameter("y", "y", "y", read_number, write_number),
    )
}
