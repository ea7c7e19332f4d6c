"""Where a layer lies on its base, and the canvas that holds both."""

from fractions import Fraction

from ..gravity import GRAVITIES
from ..numbers import Length
from .numbers import nearest
from .scene import Scene, Size


def place(
    layer_size: Size,
    base_size: Size,
    gravity: str | None,
    x: Length | None = None,
    y: Length | None = None,
    dpr: Fraction = Fraction(1),
    original: Size = (1, 1),
) -> tuple[int, int]:
    """Left and top of a layer on its base; either may lie outside.

    Positive offsets point away from the edge of the gravity, right and down from the centre. A share is one
    of the base, a side of the original is one of `original`.
    """
    halves = GRAVITIES[gravity or "center"]
    scene = Scene(original, dpr)
    left, top = (
        half * (base - part) // 2 + toward(half) * nearest(scene.length(offset or 0, base))
        for half, base, part, offset in zip(halves, base_size, layer_size, (x, y), strict=True)
    )
    return left, top


def expand(base_size: Size, layer_size: Size, at: tuple[int, int]) -> tuple[Size, tuple[int, int]]:
    """The canvas that holds base and layer, and the corner of the base on it (the layer's is that plus `at`).

    A layer that sticks out makes the canvas larger (the wire's section 4.7).
    """
    corner = (max(0, -at[0]), max(0, -at[1]))
    width, height = (
        max(base, start + part) + shift
        for base, start, part, shift in zip(base_size, at, layer_size, corner, strict=True)
    )
    return (width, height), corner


def toward(half: int) -> int:
    """Positive offsets point inward: left and up from the far edges."""
    return -1 if half == 2 else 1
