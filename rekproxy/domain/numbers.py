"""Numbers of the transformation language: pixels, shares, sides of the original, and exact text for each."""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

#: A whole number is pixels, a fraction a share of the picture.
Number = int | Fraction


class Original(StrEnum):
    """A side of the picture as it was uploaded, whatever was done to it since."""

    WIDTH = "iw"
    HEIGHT = "ih"


@dataclass(frozen=True, slots=True)
class AutoWidth:
    """The width that the client has room for, rounded up to `step`; `default` pixels if it says nothing."""

    step: int = 1
    default: int | None = None


#: What `w`, `h`, `x` and `y` may say.
Length = Number | Original
Width = Number | Original | AutoWidth

_PLACES = 20
_INTEGER = re.compile(r"-?[0-9]{1,5}")
_DECIMAL = re.compile(rf"-?[0-9]{{0,4}}\.[0-9]{{1,{_PLACES}}}")
_RATIO_TERM = re.compile(rf"[0-9]{{1,12}}|[0-9]{{0,4}}\.[0-9]{{1,{_PLACES}}}")
_RATIO_PRECISION = 10**6
_LARGEST_RATIO = 1000


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


def read_whole(text: str, least: int, most: int) -> int:
    """A whole number within bounds, both of them legal; raises `ValueError`."""
    if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise ValueError(text)
    return int(text)


def read_offset(text: str) -> Length:
    """What `x` and `y` may say."""
    return Original(text) if text in ("iw", "ih") else read_number(text)


def read_length(text: str) -> Length:
    """What `h` may say: more than nothing."""
    length = read_offset(text)
    if not isinstance(length, Original) and length <= 0:
        raise ValueError(text)
    return length


def read_width(text: str) -> Width:
    """What `w` may say: a length, or `auto`, `auto:100`, `auto:100:800`."""
    word, *steps = text.split(":")
    if word != "auto":
        return read_length(text)
    if len(steps) > 2:
        raise ValueError(text)
    return AutoWidth(*(read_whole(step, 1, 99_999) for step in steps))


def write_length(length: Width) -> str:
    """The one text of a length."""
    if isinstance(length, AutoWidth):
        steps = [length.step] if length.default is None else [length.step, length.default]
        return ":".join(map(str, ["auto", *([] if steps == [1] else steps)]))
    return str(length) if isinstance(length, Original) else write_number(length)


def read_aspect(text: str) -> Fraction:
    """Width over height: `16:9`, `1.5`, `2.39:1`."""
    terms = text.split(":")
    if len(terms) > 2 or not all(_RATIO_TERM.fullmatch(term) for term in terms):
        raise ValueError(text)
    width, height = Fraction(terms[0]), Fraction(terms[1]) if len(terms) == 2 else Fraction(1)
    if not width or not height or not 1 <= _LARGEST_RATIO * width / height <= _LARGEST_RATIO**2:
        raise ValueError(text)
    # 1.7777777777777777 is how a program says 16:9.
    return (width / height).limit_denominator(_RATIO_PRECISION)


def write_aspect(aspect: Fraction) -> str:
    """The one text of a ratio."""
    return f"{aspect.numerator}:{aspect.denominator}"
