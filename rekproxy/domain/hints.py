"""What a client says of its screen, and what it makes of `dpr_auto` and `w_auto`."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from .numbers import AutoWidth, Original
from .steps import Component, Transformation, every

#: Headers that tell the pixel ratio, and the room for a picture in pixels of the screen and in CSS pixels.
RATIO = ("Sec-CH-DPR", "DPR")
ROOM = ("Sec-CH-Width", "Width")
VIEWPORT = ("Sec-CH-Viewport-Width", "Viewport-Width")

_NUMBER = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,6})?")
_LARGEST_RATIO = 5
_WIDEST = 10_000


def resolved(
    transformation: Transformation, header: Callable[[str], str | None]
) -> tuple[Transformation, tuple[str, ...]]:
    """The transformation as this client is to have it, and the headers that were read for that.

    Ratios are rounded to tenths, from 0.5 to 5; without one it is 1. Without a width the default of `w_auto`
    counts, or the original's width.
    """
    read: list[str] = []

    def first(names: tuple[str, ...]) -> Fraction | None:
        read.extend(names)
        said = (header(name) or "" for name in names)
        return next((Fraction(text) for text in said if _NUMBER.fullmatch(text) and Fraction(text)), None)

    if transformation.dpr is None:
        ratio = round((first(RATIO) or Fraction(1)) * 10) / Fraction(10)
        clamped = min(max(ratio, Fraction(1, 2)), Fraction(_LARGEST_RATIO))
        transformation = replace(transformation, dpr=clamped)
    if any(isinstance(component.width, AutoWidth) for component in every(transformation.components)):
        room, viewport = first(ROOM), first(VIEWPORT)
        width = room / transformation.ratio if room is not None else viewport
        components = tuple(_widened(component, width) for component in transformation.components)
        transformation = replace(transformation, components=components)
    return transformation, tuple(dict.fromkeys(read))


def _widened(component: Component, width: Fraction | None) -> Component:
    if component.layer is not None:
        chain = tuple(_widened(step, width) for step in component.layer.chain)
        return replace(component, layer=replace(component.layer, chain=chain))
    auto = component.width
    if not isinstance(auto, AutoWidth):
        return component
    if width is not None:
        steps = -(-min(width, Fraction(_WIDEST)) // auto.step)
        return replace(component, width=max(1, int(steps)) * auto.step)
    return replace(component, width=Original.WIDTH if auto.default is None else auto.default)
