"""What is done to pixels, one function a step. The order is data: the steps of a planned chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from ..domain.colour import RGBA, TRANSPARENT
from ..domain.geometry import Plan, Size

Box = tuple[float, float, float, float]

WHITE: Final[RGBA] = (255, 255, 255, 255)
#: Shrinking by more than this many times begins with whole blocks of pixels: faster, and not seen.
_REDUCING_GAP: Final = 3.0


@dataclass(frozen=True, slots=True)
class Reshape:
    """Cut and resize by a plan, lay on its canvas, and lay what is clear on `ground`, if there is one."""

    plan: Plan
    ground: RGBA | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """Lay a finished layer on, its corner `at` of the base's; `canvas` holds both, the base at `corner`."""

    layer: Image.Image
    at: tuple[int, int]
    canvas: Size
    corner: tuple[int, int]


Step = Reshape | Overlay


@dataclass(frozen=True, slots=True)
class View:
    """A part of an image that stands for a picture of `size`.

    Cutting only moves the box, so that a cut and the scaling after it are one resize, and so that the image
    may have fewer pixels than the geometry counts.
    """

    image: Image.Image
    box: Box
    size: Size

    def part(self, box: Box, size: Size) -> "View":
        """The part `box`, counted in pixels of `size`, as a picture of its own."""
        left, top, right, bottom = self.box
        across, down = (right - left) / self.size[0], (bottom - top) / self.size[1]
        inner = (left + box[0] * across, top + box[1] * down, left + box[2] * across, top + box[3] * down)
        within = (inner[0], inner[1], min(inner[2], self.image.width), min(inner[3], self.image.height))
        return View(self.image, within, size)

    def settled(self) -> Image.Image:
        """The picture in its own pixels."""
        if self.size == self.image.size and self.box == (0, 0, *self.size):
            return self.image
        whole = tuple(round(edge) for edge in self.box)
        if whole == self.box and (whole[2] - whole[0], whole[3] - whole[1]) == self.size:
            return self.image.crop(self.box)
        return _resized(self.image, self.box, self.size)


def only_cuts(plan: Plan) -> bool:
    """Whether no pixel is scaled, so that nothing need be drawn yet."""
    left, top, right, bottom = plan.box
    return (right - left, bottom - top) == plan.size


def whole(image: Image.Image, size: Size | None = None) -> View:
    """All of an image, taken for a picture of `size` (its own if not said)."""
    return View(image, (0.0, 0.0, float(image.width), float(image.height)), size or image.size)


def draw(view: View, steps: Sequence[Step], clear: RGBA) -> Image.Image:
    """Do all steps in order. `clear` fills what no step painted: transparent, or white without alpha."""
    for step in steps:
        view = _reshape(view, step, clear) if isinstance(step, Reshape) else _overlay(view, step, clear)
    image = view.settled()
    return image if clear == TRANSPARENT else on_ground(image, clear)


def on_ground(image: Image.Image, ground: RGBA) -> Image.Image:
    """Lay on one colour; RGB where that is opaque."""
    if image.mode != "RGBA" or ground == TRANSPARENT:
        return image
    return _laid(image, (0, 0), image.size, ground)


def _reshape(view: View, step: Reshape, clear: RGBA) -> View:
    plan = step.plan
    view = view.part(plan.box, plan.size)
    if not only_cuts(plan):
        view = whole(view.settled())
    if plan.canvas is not None:
        return whole(_laid(view.settled(), plan.at, plan.canvas, step.ground or clear))
    if step.ground is not None and view.image.mode == "RGBA":
        return whole(on_ground(view.settled(), step.ground))
    return view


def _overlay(view: View, step: Overlay, clear: RGBA) -> View:
    image = view.settled()
    if step.canvas != image.size:
        image = _laid(image, step.corner, step.canvas, clear)
    elif image is view.image:
        image = image.copy()
    place = (step.corner[0] + step.at[0], step.corner[1] + step.at[1])
    if step.layer.mode != "RGBA":
        image.paste(step.layer, place)
    elif image.mode == "RGBA":
        image.alpha_composite(step.layer, place)
    else:
        image.paste(step.layer, place, step.layer)
    return whole(image)


def _laid(image: Image.Image, at: tuple[int, int], canvas: Size, ground: RGBA) -> Image.Image:
    """An image on a canvas of one colour."""
    if ground[3] == 255:
        laid = Image.new("RGB", canvas, ground[:3])
        laid.paste(image, at, image if image.mode == "RGBA" else None)
        return laid
    laid = Image.new("RGBA", canvas, ground)
    if image.mode == "RGBA":
        laid.alpha_composite(image, at)
    else:
        laid.paste(image, at)
    return laid


def _resized(image: Image.Image, box: Box, size: Size) -> Image.Image:
    """Lanczos. Where there is alpha, Pillow weighs colours by how much they are seen."""
    return image.resize(size, Image.Resampling.LANCZOS, box, _REDUCING_GAP)
