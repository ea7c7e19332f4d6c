"""Part of an image that stands for a picture of another size, so that cuts need no resize of their own."""

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image

from .scaling import Box, lanczos
from .shapes import Size

#: Shrinking by more than this many times begins with whole blocks of pixels: faster, and not seen.
_REDUCING_GAP: Final = 3.0
_QUARTERS: Final = {
    1: Image.Transpose.ROTATE_270,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class View:
    """A part of an image that stands for a picture of `size`.

    Cutting only moves the box, so that a cut and the scaling after it are one resize, and so that the image
    may have fewer pixels than the geometry counts.
    """

    image: Image.Image
    box: Box
    size: Size

    @property
    def scale(self) -> float:
        """Pixels of the image for each that the geometry counts."""
        return max((self.box[2] - self.box[0]) / self.size[0], (self.box[3] - self.box[1]) / self.size[1])

    @property
    def is_settled(self) -> bool:
        """Whether the image is the picture, pixel for pixel."""
        return self.size == self.image.size and self.box == (0, 0, *self.size)

    def part(self, box: Box, size: Size) -> "View":
        """The part `box`, counted in pixels of `size`, as a picture of its own."""
        left, top, right, bottom = self.box
        across, down = (right - left) / self.size[0], (bottom - top) / self.size[1]
        inner = (left + box[0] * across, top + box[1] * down, left + box[2] * across, top + box[3] * down)
        within = (inner[0], inner[1], min(inner[2], self.image.width), min(inner[3], self.image.height))
        return View(self.image, within, size)

    def turned(self, quarters: int) -> "View":
        """The picture after so many quarter turns clockwise."""
        if quarters % 4 == 0:
            return self
        view = self.trimmed()
        (width, height), (left, top, right, bottom) = view.image.size, view.box
        image = view.image.transpose(_QUARTERS[quarters % 4])
        match quarters % 4:
            case 1:
                return View(image, (height - bottom, left, height - top, right), view.size[::-1])
            case 2:
                return View(image, (width - right, height - bottom, width - left, height - top), view.size)
            case _:
                return View(image, (top, width - right, bottom, width - left), view.size[::-1])

    def mirrored(self) -> "View":
        """The picture with left and right exchanged."""
        view = self.trimmed()
        left, top, right, bottom = view.box
        width = view.image.width
        image = view.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return View(image, (width - right, top, width - left, bottom), view.size)

    def trimmed(self) -> "View":
        """The same view of an image without what lies outside, but for cut pixels."""
        left, top = math.floor(self.box[0]), math.floor(self.box[1])
        right, bottom = math.ceil(self.box[2]), math.ceil(self.box[3])
        if (left, top, right, bottom) == (0, 0, *self.image.size):
            return self
        box = (self.box[0] - left, self.box[1] - top, self.box[2] - left, self.box[3] - top)
        return View(self.image.crop((left, top, right, bottom)), box, self.size)

    def settled(self) -> Image.Image:
        """The picture in its own pixels."""
        if self.is_settled:
            return self.image
        whole_box = tuple(round(edge) for edge in self.box)
        if whole_box == self.box and (whole_box[2] - whole_box[0], whole_box[3] - whole_box[1]) == self.size:
            return self.image.crop(self.box)
        return lanczos(self.image, self.size, self.box, _REDUCING_GAP)


def whole(image: Image.Image, size: Size | None = None) -> View:
    """All of an image, taken for a picture of `size` (its own if not said)."""
    return View(image, (0.0, 0.0, float(image.width), float(image.height)), size or image.size)
