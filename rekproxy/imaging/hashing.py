"""A perceptual hash: pictures that look alike have hashes that differ in few bits."""

from math import cos, pi
from statistics import median
from typing import Final

from PIL import Image

from .similarity import luminance

_SIDE: Final = 32
_KEPT: Final = 8
#: The first cosines of the discrete cosine transform (type II) of `_SIDE` values.
_COSINES: Final = tuple(
    tuple(cos(pi * (2 * at + 1) * wave / (2 * _SIDE)) for at in range(_SIDE)) for wave in range(_KEPT)
)


def phash(image: Image.Image) -> str:
    """16 hex digits: of the 64 lowest frequencies of the luminance, which lie above their median.

    Takes RGB, or RGBA, which is seen on white.
    """
    grey = luminance(image).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    levels = grey.tobytes()
    lines = [levels[row * _SIDE : (row + 1) * _SIDE] for row in range(_SIDE)]
    across = [[_dot(line, wave) for wave in _COSINES] for line in lines]
    columns = list(zip(*across, strict=True))
    values = [_dot(column, wave) for wave in _COSINES for column in columns]
    # the first is the mean brightness, and much larger; what differs by less than this is rounding
    middle = median(values[1:]) + 1e-6
    return f"{int(''.join('1' if value > middle else '0' for value in values), 2):016x}"


def _dot(values: bytes | tuple[float, ...], wave: tuple[float, ...]) -> float:
    return sum(value * weight for value, weight in zip(values, wave, strict=True))
