"""Regions of a picture that an upload names: `x,y,width,height` in pixels, several between bars."""

import re
from fractions import Fraction

from ..errors import InvalidRequestError

#: Left, top, width, height in pixels.
Rectangle = tuple[int, int, int, int]

#: So many faces of one picture are kept.
MOST_REGIONS = 100
_REGION = re.compile(r"\s*([0-9]{1,6})\s*,\s*([0-9]{1,6})\s*,\s*([0-9]{1,6})\s*,\s*([0-9]{1,6})\s*")


def read_regions(name: str, text: str) -> tuple[Rectangle, ...]:
    """The regions that a parameter of this name says. Raises `InvalidRequestError`."""
    regions = []
    for part in text.split("|", MOST_REGIONS):
        match = _REGION.fullmatch(part)
        if match is None:
            raise InvalidRequestError(
                f"Invalid value for parameter {name}: regions are x,y,width,height, at most {MOST_REGIONS}"
            )
        x, y, width, height = map(int, match.groups())
        regions.append((x, y, width, height))
    return tuple(regions)


def as_regions(
    rectangles: tuple[Rectangle, ...],
) -> tuple[tuple[Fraction, Fraction, Fraction, Fraction], ...]:
    """The same as geometry has them: left, top, right, bottom."""
    return tuple((Fraction(x), Fraction(y), Fraction(x + w), Fraction(y + h)) for x, y, w, h in rectangles)


def measured(regions: tuple[Rectangle, ...], width: int, height: int) -> tuple[Rectangle, ...]:
    """The regions as the wire keeps those of an upload: begun in the picture, and no larger than it."""
    cut = ((x, y, min(w, width), min(h, height)) for x, y, w, h in regions if x < width and y < height)
    return tuple(region for region in cut if region[2] > 0 and region[3] > 0)


def within(regions: tuple[Rectangle, ...], width: int, height: int) -> tuple[Rectangle, ...]:
    """The regions as far as they lie in a picture of this size, without those that do not."""
    clipped = ((x, y, min(w, width - x), min(h, height - y)) for x, y, w, h in regions)
    return tuple(region for region in clipped if region[2] > 0 and region[3] > 0)
