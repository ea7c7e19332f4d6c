"""The crop modes: what one step cuts, to what size it scales, and where it lays the result."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from ..gravity import GRAVITIES, POINT
from ..numbers import Width
from ..steps import Component
from . import windows
from .laying import place, toward
from .numbers import pixels
from .scene import Region, Scene, Size

_Area = tuple[Fraction, Fraction]

_ONE = Fraction(1)
_PADDING = frozenset({"pad", "lpad", "mpad"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What one step does: turn by quarters, cut `box` out of that and resize it to `size`.

    `quarter` counts quarter turns clockwise, which come first. `box` is (left, top, right, bottom) in pixels
    of the (turned) image that enters, not always whole ones. With a `canvas` (width, height) the result is
    then laid on it with its top left corner `at` (x, y).
    """

    box: tuple[float, float, float, float]
    size: Size
    canvas: Size | None = None
    at: tuple[int, int] = (0, 0)
    quarter: int = 0

    @property
    def output(self) -> Size:
        """Width and height of what leaves."""
        return self.canvas or self.size

    def scene(self, scene: Scene, size: Size) -> Scene:
        """The scene of what leaves, where that of a picture of `size` entered."""
        if self.quarter:
            scene = scene.turned(size, windows.quarter_turn(self.quarter))
        left, top, right, bottom = map(Fraction, self.box)
        across, down = self.size[0] / (right - left), self.size[1] / (bottom - top)
        return scene.moved(
            lambda x, y: ((x - left) * across + self.at[0], (y - top) * down + self.at[1]), self.output
        )


def plan(component: Component, size: Size, scene: Scene) -> Plan:
    """What `component` does to an image of `size` before its effects.

    Follows the wire's sections 4.2 and 4.3; sizes round half up and are at least 1.
    """
    quarter = _quarter(component, size, scene)
    if quarter:
        scene, size = scene.turned(size, windows.quarter_turn(quarter)), (size[1], size[0])
    made = _whole(size, size) if component.crop is None else _MODES[component.crop](component, size, scene)
    return Plan(made.box, made.size, made.canvas, made.at, quarter)


def _quarter(component: Component, size: Size, scene: Scene) -> int:
    """A turn by the shape that is asked for: none where the picture lies as that does, or is square."""
    if component.turn is None or not component.turn.auto:
        return 0
    if component.width is not None and component.height is not None:
        width, height = _side(component.width, 0, size, scene), _side(component.height, 1, size, scene)
    else:
        aspect = component.aspect or _ONE
        width, height = aspect.numerator, aspect.denominator
    asked, lies = Fraction(width or 1, height or 1), Fraction(*size)
    if asked == 1 or lies == 1 or (asked > 1) == (lies > 1):
        return 0
    return 1 if component.turn.auto == "right" else 3


# --- modes: each takes the component, the size that enters, and the scene ------------------------


def _scale(component: Component, size: Size, scene: Scene) -> Plan:
    if component.ignore_aspect_ratio:
        width, height = _sides(component, size, scene)
        return _whole(size, (width or size[0], height or size[1]))
    return _whole(size, _rounded(_target(component, size, scene)))


def _fit(component: Component, size: Size, scene: Scene) -> Plan:
    return _whole(size, _scaled(size, min(_ratios(_target(component, size, scene), size))))


def _limit(component: Component, size: Size, scene: Scene) -> Plan:
    return _whole(size, _scaled(size, min(_ONE, *_ratios(_target(component, size, scene), size))))


def _mfit(component: Component, size: Size, scene: Scene) -> Plan:
    return _whole(size, _scaled(size, max(_ONE, min(_ratios(_target(component, size, scene), size)))))


def _fill(component: Component, size: Size, scene: Scene) -> Plan:
    target = _target(component, size, scene)
    return _cover(component, size, target, max(_ratios(target, size)), scene)


def _lfill(component: Component, size: Size, scene: Scene) -> Plan:
    target = _target(component, size, scene)
    return _cover(component, size, target, min(_ONE, max(_ratios(target, size))), scene)


def _thumb(component: Component, size: Size, scene: Scene) -> Plan:
    """Around what the gravity looks for; where that is not found, or nothing is looked for, as fill."""
    found = scene.focus(component.gravity)
    if found is None:
        return _fill(component, size, scene) if _has_size(component) else _whole(size, size)
    if not _has_size(component):
        return _region(found[1], component.zoom, size)
    target = _target(component, size, scene)
    window = windows.around(found, target, component.zoom, size)
    return Plan(windows.box(window), _rounded(target))


def _auto(component: Component, size: Size, scene: Scene) -> Plan:
    """The part that shows what stands out, not enlarged where there is room not to."""
    found = scene.focus(component.gravity)
    if found is None:
        return _fill(component, size, scene)
    target = _target(component, size, scene)
    window = windows.around(found, target, component.zoom, size, least=target)
    return Plan(windows.box(window), _rounded(target))


def _fill_pad(component: Component, size: Size, scene: Scene) -> Plan:
    """As fill, as long as that keeps what stands out; else as pad."""
    return _kept_or_padded(component, size, scene, _fill(component, size, scene))


def _auto_pad(component: Component, size: Size, scene: Scene) -> Plan:
    return _kept_or_padded(component, size, scene, _auto(component, size, scene))


def _kept_or_padded(component: Component, size: Size, scene: Scene, cut: Plan) -> Plan:
    found = scene.focus(component.gravity)
    if found is None or windows.keeps(cut.box, found[1]):
        return cut
    target = _target(component, size, scene)
    return _framed(component, size, target, min(_ratios(target, size)), scene)


def _pad(component: Component, size: Size, scene: Scene) -> Plan:
    target = _target(component, size, scene)
    return _framed(component, size, target, min(_ratios(target, size)), scene)


def _lpad(component: Component, size: Size, scene: Scene) -> Plan:
    target = _target(component, size, scene)
    return _framed(component, size, target, min(_ONE, *_ratios(target, size)), scene)


def _mpad(component: Component, size: Size, scene: Scene) -> Plan:
    target = _target(component, size, scene)
    scale = min(_ratios(target, size))
    return _framed(component, size, target, scale, scene) if scale > 1 else _whole(size, size)


def _cut(component: Component, size: Size, scene: Scene) -> Plan:
    """The region as it is, clipped at the edges; at least one pixel is left."""
    found = scene.focus(component.gravity)
    if found is not None and not (component.width or component.height):
        return _region(found[1], component.zoom, size)
    wanted = _rounded(_target(component, size, scene))
    if found is not None:
        middle = windows.middle(found[1])
    elif component.gravity == POINT:
        middle = _point(component, size, scene)
    else:
        gravity = component.gravity if component.gravity in GRAVITIES else None
        said = (component.x, component.y) if gravity == component.gravity else (None, None)
        return _clipped(place(wanted, size, gravity, *said, scene.dpr, scene.original), wanted, size)
    return _clipped(windows.centred(wanted, middle, size if found else None), wanted, size)


_MODES: dict[str, Callable[[Component, Size, Scene], Plan]] = {
    "scale": _scale,
    "fit": _fit,
    "limit": _limit,
    "mfit": _mfit,
    "fill": _fill,
    "lfill": _lfill,
    "fill_pad": _fill_pad,
    "thumb": _thumb,
    "auto": _auto,
    "auto_pad": _auto_pad,
    "pad": _pad,
    "lpad": _lpad,
    "mpad": _mpad,
    "crop": _cut,
}


# --- what the modes are made of ------------------------------------------------------------------


def _whole(size: Size, result: Size) -> Plan:
    return Plan((0.0, 0.0, float(size[0]), float(size[1])), result)


def _region(found: Region, zoom: Fraction | None, size: Size) -> Plan:
    """A region itself, wider or tighter by the zoom, without scaling."""
    start, length = windows.whole_pixels(windows.zoomed(found, zoom, size))
    return _clipped(start, length, size)


def _clipped(start: tuple[int, int], length: Size, size: Size) -> Plan:
    starts, ends = [], []
    for begin, part, full in zip(start, length, size, strict=True):
        starts.append(min(max(begin, 0), full - 1))
        ends.append(max(min(begin + part, full), starts[-1] + 1))
    box = (float(starts[0]), float(starts[1]), float(ends[0]), float(ends[1]))
    return Plan(box, (ends[0] - starts[0], ends[1] - starts[1]))


def _cover(component: Component, size: Size, target: _Area, scale: Fraction, scene: Scene) -> Plan:
    """Scale by `scale`, then cut what is left over, around the gravity."""
    lengths = [min(wanted, full * scale) for wanted, full in zip(target, size, strict=True)]
    edges: list[tuple[float, float]] = []
    for axis, full in enumerate(size):
        room = full - lengths[axis] / scale
        start = min(max(_start(component, axis, room, size, scale, scene), Fraction(0)), room)
        edges.append((float(start), float(start + lengths[axis] / scale)))
    (left, right), (top, bottom) = edges
    return Plan((left, top, right, bottom), (pixels(lengths[0]), pixels(lengths[1])))


def _start(
    component: Component, axis: int, room: Fraction, size: Size, scale: Fraction, scene: Scene
) -> Fraction:
    """Where a window begins that leaves `room` beside it, before it is held inside the picture."""
    full, offset = size[axis], (component.x, component.y)[axis]
    found = scene.focus(component.gravity)
    window = full - room
    if component.gravity == POINT:
        return _point(component, size, scene)[axis] - window / 2
    shift = Fraction(0)
    if offset is not None:
        # pixels are those of the scaled picture, shares those of the one that enters
        shift = scene.length(offset, full) / (scale if isinstance(offset, int) else 1)
    if found is not None:
        return windows.middle(found[1])[axis] - window / 2 + shift
    half = GRAVITIES.get(component.gravity or "center", (1, 1))[axis]
    return room * half / 2 + toward(half) * shift


def _point(component: Component, size: Size, scene: Scene) -> _Area:
    return scene.length(component.x or 0, size[0]), scene.length(component.y or 0, size[1])


def _framed(component: Component, size: Size, target: _Area, scale: Fraction, scene: Scene) -> Plan:
    """Scale by `scale`, then lay on a canvas of the target's size, never beyond its edges."""
    canvas, scaled = _rounded(target), _scaled(size, scale)
    gravity = component.gravity if component.gravity in GRAVITIES else None
    said = (component.x, component.y) if gravity == component.gravity else (None, None)
    left, top = place(scaled, canvas, gravity, *said, scene.dpr, scene.original)
    at = (min(max(left, 0), canvas[0] - scaled[0]), min(max(top, 0), canvas[1] - scaled[1]))
    return Plan((0.0, 0.0, float(size[0]), float(size[1])), scaled, canvas, at)


def _has_size(component: Component) -> bool:
    return any(side is not None for side in (component.width, component.height, component.aspect))


def _target(component: Component, size: Size, scene: Scene) -> _Area:
    """The width and height asked for.

    A side left out follows from the aspect ratio, else from the image's own proportions (then exactly, not in
    whole pixels); only `crop` takes that side whole.
    """
    width, height = _sides(component, size, scene)
    if width is not None and height is not None:
        return Fraction(width), Fraction(height)
    if component.aspect is None:
        return _in_proportion(component, width, height, size)
    if width is not None:
        return Fraction(width), Fraction(pixels(width / component.aspect))
    if height is not None:
        return Fraction(pixels(height * component.aspect)), Fraction(height)
    return _area(component, component.aspect, size)


def _in_proportion(component: Component, width: int | None, height: int | None, size: Size) -> _Area:
    if component.crop == "crop":
        return Fraction(width or size[0]), Fraction(height or size[1])
    scale = Fraction(width, size[0]) if width is not None else Fraction(height or size[1], size[1])
    return size[0] * scale, size[1] * scale


def _area(component: Component, aspect: Fraction, size: Size) -> _Area:
    """For an aspect ratio alone: the smallest area around the image for padding, else the largest inside."""
    wide = size[1] * aspect > size[0]
    if wide == (component.crop in _PADDING):
        return Fraction(pixels(size[1] * aspect)), Fraction(size[1])
    return Fraction(size[0]), Fraction(pixels(size[0] / aspect))


def _sides(component: Component, size: Size, scene: Scene) -> tuple[int | None, int | None]:
    base = scene.base if component.relative and scene.base else size
    return _side(component.width, 0, base, scene), _side(component.height, 1, base, scene)


def _side(length: Width | None, axis: int, size: Size, scene: Scene) -> int | None:
    if length is None:
        return None
    return pixels(scene.side(length, size[axis]))


def _ratios(target: _Area, size: Size) -> _Area:
    return target[0] / size[0], target[1] / size[1]


def _scaled(size: Size, scale: Fraction) -> Size:
    return pixels(size[0] * scale), pixels(size[1] * scale)


def _rounded(area: _Area) -> Size:
    return pixels(area[0]), pixels(area[1])
