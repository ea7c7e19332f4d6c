"""Rounding and lengths: half up, and never less than one pixel."""

import math
from fractions import Fraction

_HALF = Fraction(1, 2)


def pixels(length: Fraction) -> int:
    """A size in whole pixels, at least 1."""
    return max(1, nearest(length))


def nearest(value: Fraction) -> int:
    """The nearest whole number, half up."""
    return math.floor(value + _HALF)
