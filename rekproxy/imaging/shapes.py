"""Round corners, borders, turns and opacity."""

import math
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageChops

from ..domain.colour import RGBA

Size = tuple[int, int]
#: Radii across and down, of the corners top left, top right, bottom right, bottom left.
Radii = Sequence[tuple[float, float]]

#: Corners are drawn this many times as large and shrunk, so that their edge is smooth; less for large ones.
_SMOOTHING: Final = 4
_SMOOTHED_PIXELS: Final = 1 << 22
_CORNERS: Final = ((0, 0), (1, 0), (1, 1), (0, 1))


def clear_of(image: Image.Image) -> Image.Image:
    """The picture with an alpha channel."""
    return image if image.mode == "RGBA" else image.convert("RGBA")


def with_alpha_times(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Alpha times an L picture of the same size."""
    alpha = ImageChops.multiply(image.getchannel("A"), mask) if image.mode == "RGBA" else mask
    seen = image.convert("RGBA")
    seen.putalpha(alpha)
    return seen


def opacity(image: Image.Image, percent: int) -> Image.Image:
    """Alpha times `percent` / 100."""
    if percent >= 100:
        return image
    return with_alpha_times(image, Image.new("L", image.size, round(255 * percent / 100)))


# --- corners and borders -------------------------------------------------------------------------


def ellipse(size: Size) -> Radii:
    """The radii that leave the largest ellipse inside."""
    return ((size[0] / 2, size[1] / 2),) * 4


def circular(radii: Sequence[float], size: Size) -> Radii:
    """The same radius both ways; all made smaller together where two would overlap, as CSS does."""
    top_left, top_right, bottom_right, bottom_left = radii
    sides = (
        (size[0], top_left + top_right),
        (size[0], bottom_left + bottom_right),
        (size[1], top_left + bottom_left),
        (size[1], top_right + bottom_right),
    )
    room = min([1.0, *(side / both for side, both in sides if both > side)])
    return tuple((radius * room, radius * room) for radius in radii)


def rounded(image: Image.Image, radii: Radii) -> Image.Image:
    """Clear corners."""
    return with_alpha_times(image, corner_mask(image.size, radii))


def bordered(image: Image.Image, width: int, colour: RGBA, radii: Radii | None = None) -> Image.Image:
    """A frame of `width` pixels around the picture, which grows by it on each side; it follows corners."""
    size = (image.width + 2 * width, image.height + 2 * width)
    framed = Image.new("RGBA", size, colour)
    if radii is None:
        framed.paste(clear_of(image), (width, width))
        return framed
    outer = [(across + width, down + width) if across and down else (0, 0) for across, down in radii]
    framed = with_alpha_times(framed, corner_mask(size, outer))
    # under a half clear pixel of the corner the border goes on, or a gap would show
    inside = corner_mask(image.size, radii).point([255 * (level == 255) for level in range(256)])
    framed.paste((0, 0, 0, 0), (width, width), inside)
    framed.alpha_composite(rounded(image, radii), (width, width))
    return framed


def corner_mask(size: Size, radii: Radii) -> Image.Image:
    """255 inside, 0 beyond round corners, smooth between."""
    mask = Image.new("L", size, 255)
    for (right, low), (across, down) in zip(_CORNERS, radii, strict=True):
        tile_size = (min(math.ceil(across), size[0]), min(math.ceil(down), size[1]))
        if min(tile_size) < 1:
            continue
        tile = _corner(tile_size, (across, down))
        if right:
            tile = tile.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if low:
            tile = tile.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        place = ((size[0] - tile.width) * right, (size[1] - tile.height) * low)
        # two corners may share a row or column of pixels: each takes away its own part
        there = mask.crop((*place, place[0] + tile.width, place[1] + tile.height))
        mask.paste(ImageChops.multiply(there, tile), place)
    return mask


def _corner(size: Size, radii: tuple[float, float]) -> Image.Image:
    """A top left quarter of an ellipse, row by row, then smoothed by shrinking."""
    fine = _SMOOTHING
    while fine > 1 and size[0] * size[1] * fine * fine > _SMOOTHED_PIXELS:
        fine -= 1
    width, height = size[0] * fine, size[1] * fine
    across, down = radii[0] * fine, radii[1] * fine
    rows = bytearray()
    for row in range(height):
        away = max(-1.0, min(1.0, (down - row - 0.5) / down))
        begin = min(width, max(0, round(across * (1 - math.sqrt(1 - away * away)))))
        rows += bytes(begin) + b"\xff" * (width - begin)
    tile = Image.frombytes("L", (width, height), bytes(rows))
    return tile.reduce(fine) if fine > 1 else tile


# --- turns ---------------------------------------------------------------------------------------

_QUARTERS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def turned(image: Image.Image, degrees: float, size: Size) -> Image.Image:
    """Clockwise around the middle, on a clear canvas of `size`. Quarter turns move whole pixels."""
    degrees %= 360
    if not degrees:
        return image
    if degrees in _QUARTERS:
        return image.transpose(_QUARTERS[int(degrees)])
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    # one clear pixel around, so that the slanted edge is mixed with it and not jagged
    edged = Image.new("RGBA", (image.width + 2, image.height + 2))
    edged.paste(image, (1, 1))
    across, down = size[0] / 2, size[1] / 2
    matrix = (
        *(cosine, sine, edged.width / 2 - cosine * across - sine * down),
        *(-sine, cosine, edged.height / 2 + sine * across - cosine * down),
    )
    return edged.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


def mirrored(image: Image.Image, *, across: bool, down: bool) -> Image.Image:
    """Left to right, top to bottom, or both."""
    if across:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if down else image
