"""Lengths and regions that effects read from their step."""

from ..steps import Component
from .numbers import nearest
from .scene import Scene, Size


def offsets(component: Component, size: Size, scene: Scene) -> tuple[int, int]:
    """`x` and `y` of an effect in pixels; either may be negative."""
    x, y = (
        nearest(scene.length(value or 0, full))
        for value, full in zip((component.x, component.y), size, strict=True)
    )
    return x, y


def region(component: Component, size: Size, scene: Scene) -> tuple[int, int, int, int] | None:
    """The part (left, top, right, bottom) that an effect touches, as far as there is picture.

    A side that is not said reaches to the edge. `None` if nothing is left.
    """
    edges = []
    for start, length, full in zip(
        offsets(component, size, scene), (component.width, component.height), size, strict=True
    ):
        wanted = full - start if length is None else nearest(scene.side(length, full))
        edges.append((max(0, start), min(full, start + wanted)))
    (left, right), (top, bottom) = edges
    return (left, top, right, bottom) if left < right and top < bottom else None
