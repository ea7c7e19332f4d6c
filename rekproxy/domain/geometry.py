"""Geometry: where a transformation cuts, how large it scales, where it places. Exact numbers, no pixels."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from .parameters import GRAVITIES, Number
from .transformation import Component, Transformation

Size = tuple[int, int]
_Area = tuple[Fraction, Fraction]

_ONE = Fraction(1)
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one step does: cut `box` out of the entering image and resize it to `size`.

    `box` is (left, top, right, bottom) in pixels of the entering image, not always whole ones. With a
    `canvas` (width, height) the result is then laid on it with its top left corner `at` (x, y).
    """

    box: tuple[float, float, float, float]
    size: Size
    canvas: Size | None = None
    at: tuple[int, int] = (0, 0)

    @property
    def output(self) -> Size:
        """Width and height of what leaves."""
        return self.canvas or self.size


def plan(component: Component, size: Size, dpr: Fraction = _ONE) -> Plan:
    """What `component` does to an image of `size`, or to its layer, if `size` is the layer's.

    Follows the wire's sections 4.2 and 4.3; sizes round half up and are at least 1.
    """
    if component.crop is None:
        return _whole(size, size)
    return _MODES[component.crop](component, size, dpr)


def place(
    layer_size: Size,
    base_size: Size,
    gravity: str | None,
    x: Number | None = None,
    y: Number | None = None,
    dpr: Fraction = _ONE,
) -> tuple[int, int]:
    """Left and top of a layer on its base; either may lie outside.

    Positive offsets point away from the edge of the gravity, right and down from the centre. A share is one
    of the base.
    """
    halves = GRAVITIES[gravity or "center"]
    left, top = (
        _anchored(half, base, part) + _toward(half) * _nearest(_offset(offset, base, dpr))
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


def source_scale(transformation: Transformation, size: Size) -> float:
    """The share of the original's resolution, above 0 and at most 1, from which the result loses nothing.

    The narrowest point of the chain decides: what was scaled down there is not regained later.
    """
    needed = [_ONE, _ONE]
    scales = [_ONE, _ONE]
    for step in _base_plans(transformation, size):
        box = (Fraction(step.box[2]) - Fraction(step.box[0]), Fraction(step.box[3]) - Fraction(step.box[1]))
        scales = [scale * out / cut for scale, out, cut in zip(scales, step.size, box, strict=True)]
        needed = [min(pair) for pair in zip(needed, scales, strict=True)]
    # One step up, so that rounding to a float never asks for too little.
    return min(1.0, math.nextafter(float(max(needed)), math.inf))


def _base_plans(transformation: Transformation, size: Size) -> Iterator[Plan]:
    for component in transformation.components:
        if component.layer is None:
            step = plan(component, size, transformation.dpr)
            yield step
            size = step.output


# --- modes: each takes the component, the size that enters, and the pixel ratio ------------------


def _scale(component: Component, size: Size, dpr: Fraction) -> Plan:
    return _whole(size, _rounded(_target(component, size, dpr)))


def _fit(component: Component, size: Size, dpr: Fraction) -> Plan:
    return _whole(size, _scaled(size, min(_ratios(_target(component, size, dpr), size))))


def _limit(component: Component, size: Size, dpr: Fraction) -> Plan:
    return _whole(size, _scaled(size, min(_ONE, *_ratios(_target(component, size, dpr), size))))


def _mfit(component: Component, size: Size, dpr: Fraction) -> Plan:
    return _whole(size, _scaled(size, max(_ONE, min(_ratios(_target(component, size, dpr), size)))))


def _fill(component: Component, size: Size, dpr: Fraction) -> Plan:
    target = _target(component, size, dpr)
    return _cover(component, size, target, max(_ratios(target, size)), dpr)


def _lfill(component: Component, size: Size, dpr: Fraction) -> Plan:
    target = _target(component, size, dpr)
    return _cover(component, size, target, min(_ONE, max(_ratios(target, size))), dpr)


def _pad(component: Component, size: Size, dpr: Fraction) -> Plan:
    target = _target(component, size, dpr)
    return _framed(component, size, target, min(_ratios(target, size)), dpr)


def _lpad(component: Component, size: Size, dpr: Fraction) -> Plan:
    target = _target(component, size, dpr)
    return _framed(component, size, target, min(_ONE, *_ratios(target, size)), dpr)


def _cut(component: Component, size: Size, dpr: Fraction) -> Plan:
    """The region as it is, clipped at the edges; at least one pixel is left."""
    region = _rounded(_target(component, size, dpr))
    gravity, x, y = _anchor(component)
    starts, ends = [], []
    for start, length, full in zip(place(region, size, gravity, x, y, dpr), region, size, strict=True):
        starts.append(min(max(start, 0), full - 1))
        ends.append(max(min(start + length, full), starts[-1] + 1))
    box = (float(starts[0]), float(starts[1]), float(ends[0]), float(ends[1]))
    return Plan(box, (ends[0] - starts[0], ends[1] - starts[1]))


_MODES: dict[str, Callable[[Component, Size, Fraction], Plan]] = {
    "scale": _scale,
    "fit": _fit,
    "limit": _limit,
    "mfit": _mfit,
    "fill": _fill,
    "thumb": _fill,
    "lfill": _lfill,
    "pad": _pad,
    "lpad": _lpad,
    "crop": _cut,
}


# --- what the modes are made of ------------------------------------------------------------------


def _whole(size: Size, result: Size) -> Plan:
    return Plan((0.0, 0.0, float(size[0]), float(size[1])), result)


def _cover(component: Component, size: Size, target: _Area, scale: Fraction, dpr: Fraction) -> Plan:
    """Scale by `scale`, then cut what is left over, around the gravity."""
    gravity, *offsets = _anchor(component)
    edges: list[tuple[float, float]] = []
    lengths: list[int] = []
    for half, full, wanted, offset in zip(GRAVITIES[gravity], size, target, offsets, strict=True):
        length = min(wanted, full * scale)
        room = full - length / scale
        shift = offset * full if isinstance(offset, Fraction) else (offset or 0) * dpr / scale
        start = min(max(room * half / 2 + _toward(half) * shift, Fraction(0)), room)
        edges.append((float(start), float(start + length / scale)))
        lengths.append(_pixels(length))
    (left, right), (top, bottom) = edges
    return Plan((left, top, right, bottom), (lengths[0], lengths[1]))


def _framed(component: Component, size: Size, target: _Area, scale: Fraction, dpr: Fraction) -> Plan:
    """Scale by `scale`, then lay on a canvas of the target's size, never beyond its edges."""
    canvas, scaled = _rounded(target), _scaled(size, scale)
    gravity, x, y = _anchor(component)
    left, top = place(scaled, canvas, gravity, x, y, dpr)
    at = (min(max(left, 0), canvas[0] - scaled[0]), min(max(top, 0), canvas[1] - scaled[1]))
    return Plan((0.0, 0.0, float(size[0]), float(size[1])), scaled, canvas, at)


def _anchor(component: Component) -> tuple[str, Number | None, Number | None]:
    """Gravity and offsets inside the picture; a layer's are about where it goes, not what is cut from it."""
    if component.layer is not None:
        return "center", None, None
    return component.gravity or "center", component.x, component.y


def _target(component: Component, size: Size, dpr: Fraction) -> _Area:
    """The width and height asked for.

    A side left out follows from the aspect ratio, else from the image's own proportions (then exactly, not in
    whole pixels); only `crop` takes that side whole.
    """
    width, height = _side(component.width, size[0], dpr), _side(component.height, size[1], dpr)
    if width is not None and height is not None:
        return Fraction(width), Fraction(height)
    if component.aspect is None:
        return _in_proportion(component, width, height, size)
    if width is not None:
        return Fraction(width), Fraction(_pixels(width / component.aspect))
    if height is not None:
        return Fraction(_pixels(height * component.aspect)), Fraction(height)
    return _area(component, component.aspect, size)


def _in_proportion(component: Component, width: int | None, height: int | None, size: Size) -> _Area:
    if component.crop == "crop":
        return Fraction(width or size[0]), Fraction(height or size[1])
    scale = Fraction(width, size[0]) if width is not None else Fraction(height or size[1], size[1])
    return size[0] * scale, size[1] * scale


def _area(component: Component, aspect: Fraction, size: Size) -> _Area:
    """For an aspect ratio alone: the smallest area around the image for padding, else the largest inside."""
    wide = size[1] * aspect > size[0]
    if wide == (component.crop in ("pad", "lpad")):
        return Fraction(_pixels(size[1] * aspect)), Fraction(size[1])
    return Fraction(size[0]), Fraction(_pixels(size[0] / aspect))


def _side(length: Number | None, full: int, dpr: Fraction) -> int | None:
    if length is None:
        return None
    return _pixels(length * full if isinstance(length, Fraction) else length * dpr)


def _offset(offset: Number | None, full: int, dpr: Fraction) -> Fraction:
    if offset is None:
        return Fraction(0)
    return offset * full if isinstance(offset, Fraction) else offset * dpr


def _anchored(half: int, full: int, part: int) -> int:
    return half * (full - part) // 2


def _toward(half: int) -> int:
    """Positive offsets point inward: left and up from the far edges."""
    return -1 if half == 2 else 1


def _ratios(target: _Area, size: Size) -> _Area:
    return target[0] / size[0], target[1] / size[1]


def _scaled(size: Size, scale: Fraction) -> Size:
    return _pixels(size[0] * scale), _pixels(size[1] * scale)


def _rounded(area: _Area) -> Size:
    return _pixels(area[0]), _pixels(area[1])


def _pixels(length: Fraction) -> int:
    return max(1, _nearest(length))


def _nearest(value: Fraction) -> int:
    return math.floor(value + _HALF)
