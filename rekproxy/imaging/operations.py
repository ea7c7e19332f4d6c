"""What one step does to a picture, one function for each part of it. The order is data."""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

from PIL import Image

from ..domain import geometry
from ..domain.colour import RGBA
from ..domain.effects import Effect
from ..domain.geometry import Region, Scene, Size
from ..domain.shapes import AutoGround, BlurredGround, Ground
from ..domain.transformation import Component
from ..errors import InvalidTransformationError
from . import grounds, saliency, shapes
from .applying import GROWING, Around, applied, grown, room, trim_box_of
from .blending import laid, on_canvas, on_ground
from .codec import megapixels
from .effects import Box
from .views import View, whole

#: Modes that look for the subject itself; the others for the place of a window whose size they know.
_BY_SUBJECT: Final = frozenset({"thumb", "auto", "auto_pad", "fill_pad"})


@dataclass(frozen=True, slots=True)
class Picture:
    """What a chain has made so far: pixels, and what geometry knows of them."""

    view: View
    scene: Scene


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a chain may come to: no step allocates more than `most` pixels.

    `seen` keeps what was found in the first frame of a film, so that all are cut alike and layers are made
    once.
    """

    most: int
    seen: dict[Hashable, Any] = field(default_factory=dict)

    def check(self, size: Size) -> None:
        """Raises `InvalidTransformationError` before too much is allocated."""
        requested = size[0] * size[1]
        if requested > self.most:
            raise InvalidTransformationError(megapixels(self.most, requested))

    def once(self, key: Hashable, find: Callable[[], Any]) -> Any:
        """What was found in the first frame."""
        if key not in self.seen:
            self.seen[key] = find()
        return self.seen[key]

    def settled(self, view: View) -> Image.Image:
        """The picture in its own pixels, if they are not too many."""
        if not view.is_settled:
            self.check(view.size)
        return view.settled()


def done(picture: Picture, component: Component, limits: Limits) -> Picture:
    """All that a step does, in order."""
    for part in ORDER:
        picture = part(picture, component, limits)
    return picture


# --- cut, resize, canvas -------------------------------------------------------------------------


def reshape(picture: Picture, component: Component, limits: Limits) -> Picture:
    """Turn by quarters if the shape asks for it, cut, resize, lay on a canvas."""
    size, scene = picture.view.size, _looking(picture, component, limits)
    plan = geometry.plan(component, size, scene)
    view = picture.view.turned(plan.quarter)
    after = replace(plan.scene(scene, size), auto=None)
    left, top, right, bottom = plan.box
    view = view.part(plan.box, plan.size)
    if (right - left, bottom - top) != plan.size:
        limits.check(plan.size)
        view = whole(view.settled())
    if plan.canvas is not None:
        limits.check(plan.canvas)
        image = limits.settled(view)
        view = whole(_on_canvas(image, plan.at, plan.canvas, component.background))
    return Picture(view, after)


def _on_canvas(image: Image.Image, at: tuple[int, int], size: Size, ground: Ground | None) -> Image.Image:
    """On a canvas of what lies behind. A half clear colour is left to the end, or it would count twice."""
    if ground is None or (isinstance(ground, tuple) and ground[3] < 255):
        return on_canvas(image, at, size)
    if isinstance(ground, tuple):
        return on_canvas(image, at, size, ground)
    return laid(_picture_of(ground, image, size), image, at)


def _looking(picture: Picture, component: Component, limits: Limits) -> Scene:
    """The scene with what stands out in the picture, if that decides what is cut."""
    scene, size = picture.scene, picture.view.size
    if not scene.wants_auto(component.gravity):
        return scene
    window = geometry.plan(component, size, scene)

    def find() -> Region:
        image = picture.view.trimmed().image
        if component.crop in _BY_SUBJECT or window.quarter:
            return _region(saliency.subject(image), size)
        left, top, right, bottom = window.box
        width, height = (right - left) / size[0], (bottom - top) / size[1]
        x, y = saliency.best_window(image, width, height)
        return _region((x, y, x + width, y + height), size)

    return replace(scene, auto=limits.once((component, size), find))


def _region(shares: tuple[float, float, float, float], size: Size) -> Region:
    left, top, right, bottom = (Fraction(share) * size[n % 2] for n, share in enumerate(shares))
    return left, top, right, bottom


# --- turns, effects, edges -----------------------------------------------------------------------


def turn(picture: Picture, component: Component, limits: Limits) -> Picture:
    """Mirror, then turn clockwise."""
    asked = component.turn
    if asked is None or not (asked.mirrored or asked.degrees):
        return picture
    scene = picture.scene.turned(picture.view.size, asked)
    view = picture.view.mirrored() if asked.mirrored else picture.view
    quarters = asked.degrees / 90
    if quarters.denominator == 1:
        return Picture(view.turned(int(quarters)), scene)
    size = geometry.turned(view.size, asked.degrees)
    limits.check(size)
    return Picture(whole(shapes.turned(limits.settled(view), float(asked.degrees), size)), scene)


def effect(picture: Picture, component: Component, limits: Limits) -> Picture:
    """The step's effect, done to as many pixels as there are, where that is enough."""
    asked = component.effect
    if asked is None:
        return picture
    if asked.name == "trim":
        return _trimmed(picture, component, asked, limits)
    if asked.name in GROWING:
        return _grown(picture, component, asked, limits)
    view = picture.view.trimmed()
    image = applied(view.image, asked, _around(picture, component, view.image.size))
    return Picture(View(image, view.box, view.size), picture.scene)


def _trimmed(picture: Picture, component: Component, asked: Effect, limits: Limits) -> Picture:
    view = picture.view.trimmed()
    found: Box | None = limits.once((component, view.size), lambda: trim_box_of(view.image, asked))
    if found is None:
        return picture
    times = (view.size[0] / view.image.width, view.size[1] / view.image.height)
    left, top, right, bottom = (edge * times[n % 2] for n, edge in enumerate(found))
    size = (max(1, round(right - left)), max(1, round(bottom - top)))
    scene = picture.scene.shifted(-round(left), -round(top), size)
    return Picture(View(view.image, found, size), scene)


def _grown(picture: Picture, component: Component, asked: Effect, limits: Limits) -> Picture:
    size = picture.view.size
    around = _around(picture, component, size)
    limits.check(room(size, asked, around))
    image, corner = grown(limits.settled(picture.view), asked, around)
    return Picture(whole(image), picture.scene.shifted(*corner, image.size))


def _around(picture: Picture, component: Component, pixels: Size) -> Around:
    """What the step's effect is told, counted in an image of so many pixels."""
    size, scene = picture.view.size, picture.scene
    across, down = pixels[0] / size[0], pixels[1] / size[1]

    def box(region: Sequence[float | Fraction]) -> Box:
        left, top, right, bottom = map(float, region)
        # outward, so that nothing of a face is left over
        return (
            *(math.floor(left * across), math.floor(top * down)),
            *(math.ceil(right * across), math.ceil(bottom * down)),
        )

    offsets = None
    if component.x is not None or component.y is not None:
        x, y = geometry.offsets(component, size, scene)
        offsets = (x * across, y * down)
    region = geometry.region(component, size, scene)
    return Around(
        scale=max(across, down),
        colour=component.colour,
        region=None if region is None else box(region),
        offsets=offsets,
        faces=tuple(map(box, scene.faces)),
    )


def corners(picture: Picture, component: Component, limits: Limits) -> Picture:
    """Round corners, and a border that follows them."""
    radius, border = component.radius, component.border
    if border is None and radius is None:
        return picture
    if border is None:
        view = picture.view.trimmed()
        radii = _radii(component, picture, view.image.size)
        return Picture(View(shapes.rounded(view.image, radii or ()), view.box, view.size), picture.scene)
    width, (across, down) = picture.scene.pixels(border.width), picture.view.size
    size = (across + 2 * width, down + 2 * width)
    limits.check(size)
    image = limits.settled(picture.view)
    framed = shapes.bordered(image, width, border.colour, _radii(component, picture, image.size))
    return Picture(whole(framed), picture.scene.shifted(width, width, size))


def _radii(component: Component, picture: Picture, pixels: Size) -> shapes.Radii | None:
    """The radii of a step, counted in an image of so many pixels; `max` reaches as far as there is room."""
    if component.radius is None:
        return None
    if set(component.radius) == {"max"}:
        return shapes.ellipse(pixels)
    scale = pixels[0] / picture.view.size[0]
    lengths = [
        min(pixels) / 2 if corner == "max" else picture.scene.pixels(corner) * scale
        for corner in component.radius
    ]
    return shapes.circular(lengths, pixels)


def opacity(picture: Picture, component: Component, _: Limits) -> Picture:
    """Less of everything."""
    if component.opacity is None:
        return picture
    view = picture.view.trimmed()
    return Picture(View(shapes.opacity(view.image, component.opacity), view.box, view.size), picture.scene)


def ground(picture: Picture, component: Component, _: Limits) -> Picture:
    """What is clear by now shows what lies behind."""
    behind, view = component.background, picture.view
    if behind is None or view.image.mode != "RGBA":
        return picture
    view = view.trimmed()
    if isinstance(behind, tuple):
        image = on_ground(view.image, behind)
    else:
        image = laid(_picture_of(behind, view.image, view.image.size), view.image, (0, 0))
    return Picture(View(image, view.box, view.size), picture.scene)


def _picture_of(behind: AutoGround | BlurredGround, image: Image.Image, size: Size) -> Image.Image:
    """A ground that is made from the picture."""
    if isinstance(behind, BlurredGround):
        return grounds.blurred(image, size, behind.strength, behind.brightness)
    border = behind.mode == "border"
    found: list[RGBA] = grounds.common_colours(image, max(1, behind.colours), border=border)
    if behind.contrast:
        found[0] = grounds.contrasting(image, border=border)
    chosen = [grounds.nearest(colour, behind.palette) for colour in found]
    if behind.colours == 4 and len(chosen) < 4:
        chosen = (chosen * 4)[:4]
    return grounds.gradient(size, chosen, behind.direction)


#: What a step does, in this order (the wire's section 4.1).
ORDER: Final = (reshape, turn, effect, corners, opacity, ground)
