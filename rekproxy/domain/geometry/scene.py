"""What geometry must know of a picture besides its size: whose sides count, and what it shows where."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from ..gravity import FOCUSES
from ..numbers import AutoWidth, Length, Original, Width
from ..shapes import Turn
from .numbers import nearest

Size = tuple[int, int]
#: Left, top, right, bottom of a part of a picture, in its pixels, not always whole ones.
Region = tuple[Fraction, Fraction, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Scene:
    """The picture that enters a step, but for its size.

    `original` is the upright size of what was uploaded (of the layer's, for a layer), `base` the size of what
    a layer lies on. `faces` and `custom` are the regions that were given with the upload, `auto` the one that
    stands out, all in pixels of the picture that enters.
    """

    original: Size
    dpr: Fraction = Fraction(1)
    base: Size | None = None
    faces: tuple[Region, ...] = ()
    custom: tuple[Region, ...] = ()
    auto: Region | None = None

    def length(self, value: Length, full: int) -> Fraction:
        """Exact pixels: a share of `full`, a side of the original, or pixels times the ratio."""
        if isinstance(value, Original):
            return Fraction(self.original[0 if value is Original.WIDTH else 1])
        return value * full if isinstance(value, Fraction) else value * self.dpr

    def side(self, value: Width, full: int) -> Fraction:
        """As `length`; a width left to a client that says nothing is its default, or the original's."""
        if isinstance(value, AutoWidth):
            value = Original.WIDTH if value.default is None else value.default
        return self.length(value, full)

    def pixels(self, value: int) -> int:
        """A radius, a border or another length that is not a size, times the ratio."""
        return nearest(value * self.dpr)

    def focus(self, gravity: str | None) -> tuple[str, Region] | None:
        """What a gravity looks for, as (kind, region): `face`, `faces`, `custom` or `auto`; else `None`."""
        for kind in FOCUSES.get(gravity or "", ()):
            regions = {"face": self.faces, "faces": self.faces, "custom": self.custom}.get(
                kind, () if self.auto is None else (self.auto,)
            )
            if regions:
                return kind, max(regions, key=_area) if kind == "face" else _around(regions)
        return None

    def wants_auto(self, gravity: str | None) -> bool:
        """Whether somebody has to look for what stands out, because nothing that was given decides."""
        found = self.focus(gravity)
        return "auto" in FOCUSES.get(gravity or "", ()) and (found is None or found[0] == "auto")

    def moved(self, move: Callable[[Fraction, Fraction], tuple[Fraction, Fraction]], within: Size) -> "Scene":
        """The scene after every point was moved; what then lies outside of `within` is gone."""

        def after(regions: tuple[Region, ...]) -> tuple[Region, ...]:
            placed = (_clipped(_bounds(region, move), within) for region in regions)
            return tuple(region for region in placed if region is not None)

        if not (self.faces or self.custom or self.auto):
            return self
        auto = after((self.auto,))[0:1] if self.auto else ()
        return replace(
            self, faces=after(self.faces), custom=after(self.custom), auto=auto[0] if auto else None
        )

    def turned(self, size: Size, turn: Turn) -> "Scene":
        """The scene after a picture of `size` was mirrored and turned, `auto` left aside."""
        result = turned(size, turn.degrees)
        cosine, sine = _circle(turn.degrees)

        def move(x: Fraction, y: Fraction) -> tuple[Fraction, Fraction]:
            across = (size[0] - x if turn.mirrored else x) - Fraction(size[0], 2)
            down = y - Fraction(size[1], 2)
            return (
                across * cosine - down * sine + Fraction(result[0], 2),
                across * sine + down * cosine + Fraction(result[1], 2),
            )

        return self.moved(move, result)

    def shifted(self, left: int, top: int, within: Size) -> "Scene":
        """The scene on a canvas of size `within`, its picture's corner at (left, top)."""
        return self.moved(lambda x, y: (x + left, y + top), within)


def turned(size: Size, degrees: Fraction) -> Size:
    """Width and height of the smallest canvas that holds a picture of `size` turned by `degrees`."""
    cosine, sine = _circle(degrees)
    width, height = (size[0] * abs(a) + size[1] * abs(b) for a, b in ((cosine, sine), (sine, cosine)))
    return max(1, nearest(width)), max(1, nearest(height))


def _circle(degrees: Fraction) -> tuple[Fraction, Fraction]:
    """Cosine and sine, exact at quarter turns."""
    quarters = degrees / 90
    if quarters.denominator == 1:
        return ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)), (Fraction(-1), Fraction(0)),
                (Fraction(0), Fraction(-1)))[int(quarters) % 4]  # fmt: skip
    angle = math.radians(float(degrees))
    return Fraction(math.cos(angle)), Fraction(math.sin(angle))


def _area(region: Region) -> Fraction:
    return (region[2] - region[0]) * (region[3] - region[1])


def _around(regions: tuple[Region, ...]) -> Region:
    lefts, tops, rights, bottoms = zip(*regions, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _bounds(region: Region, move: Callable[[Fraction, Fraction], tuple[Fraction, Fraction]]) -> Region:
    xs, ys = zip(*(move(x, y) for x in region[::2] for y in region[1::2]), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _clipped(region: Region, within: Size) -> Region | None:
    left, top = max(region[0], Fraction(0)), max(region[1], Fraction(0))
    right, bottom = min(region[2], Fraction(within[0])), min(region[3], Fraction(within[1]))
    return (left, top, right, bottom) if left < right and top < bottom else None
