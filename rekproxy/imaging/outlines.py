"""What depends on a picture's outline: trimming, making colours clear, shadows and lines around it."""

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageStat

from ..domain.colour import RGBA
from .shapes import Size, clear_of, with_alpha_times

#: Where a Gaussian edge of sigma 1 has this share left, two sigmas outside: there an outline ends.
_TAIL: Final = 0.0228


def edge_colour(image: Image.Image) -> RGBA:
    """The commonest colour of the outermost pixels, taken as opaque."""
    counted = rim(image).convert("RGB").quantize(16).convert("RGB").getcolors()
    _, colour = max(counted or [(1, (255, 255, 255))], key=lambda found: found[0])
    return (*colour, 255)  # type: ignore[misc]


def rim(image: Image.Image) -> Image.Image:
    """The outermost pixels as one row."""
    width, height = image.size
    strip = Image.new(image.mode, (2 * (width + height), 1))
    strip.paste(image.crop((0, 0, width, 1)), (0, 0))
    strip.paste(image.crop((0, height - 1, width, height)), (width, 0))
    for start, left in ((2 * width, 0), (2 * width + height, width - 1)):
        column = image.crop((left, 0, left + 1, height)).transpose(Image.Transpose.ROTATE_90)
        strip.paste(column, (start, 0))
    return strip


def distance(image: Image.Image, colour: RGBA) -> Image.Image:
    """How far each pixel is from a colour: the largest of its three channels' distances, as L."""
    plain = Image.new("RGB", image.size, colour[:3])
    red, green, blue = ImageChops.difference(image.convert("RGB"), plain).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def trimmed(image: Image.Image, tolerance: int, colour: RGBA | None = None) -> Image.Image:
    """What `trim_box` leaves; a picture that is all edge is left as it is."""
    box = trim_box(image, tolerance, colour)
    return image.crop(box) if box else image


def trim_box(image: Image.Image, tolerance: int, colour: RGBA | None) -> tuple[int, int, int, int] | None:
    """All but the uniform edge: what is clear, or within `tolerance` percent of the edge's colour.

    `colour` is the edge's own unless said. `None` for a picture that is all edge.
    """
    limit = tolerance * 255 / 100
    differs = distance(image, colour or edge_colour(image)).point([255 * (v > limit) for v in range(256)])
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        clear_rim = ImageStat.Stat(rim(alpha)).median[0] == 0
        differs = alpha if clear_rim and colour is None else ImageChops.multiply(differs, alpha)
    return differs.getbbox()


def make_transparent(image: Image.Image, tolerance: int, colour: RGBA | None = None) -> Image.Image:
    """Clear where a pixel is within `tolerance` percent of `colour` (the edge's unless said), soft beyond."""
    near = tolerance * 255 / 100
    far = near * 1.5 + 1
    curve = [round(255 * min(max((level - near) / (far - near), 0.0), 1.0)) for level in range(256)]
    return with_alpha_times(image, distance(image, colour or edge_colour(image)).point(curve))


def opacity_threshold(image: Image.Image, percent: int) -> Image.Image:
    """Opaque from `percent` of opacity on, clear below."""
    if image.mode != "RGBA":
        return image
    limit = percent * 255 / 100
    cut = image.copy()
    cut.putalpha(image.getchannel("A").point([255 * (level >= limit) for level in range(256)]))
    return cut


# --- shadows and outlines ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shade:
    """What is seen behind a picture: its outline moved by `offset`, blurred by `sigma`, in one colour."""

    colour: RGBA
    offset: tuple[int, int]
    sigma: float
    percent: float


def shadow_room(size: Size, shade: Shade) -> tuple[Size, tuple[int, int]]:
    """The canvas that holds a picture of `size` and its shadow, and the picture's corner on it."""
    spread = math.ceil(2 * shade.sigma)
    corner = (max(0, spread - shade.offset[0]), max(0, spread - shade.offset[1]))
    width, height = (
        max(side, side + offset + spread) + start
        for side, offset, start in zip(size, shade.offset, corner, strict=True)
    )
    return (width, height), corner


def shadowed(image: Image.Image, shade: Shade) -> Image.Image:
    """The picture over its shadow, on a canvas that holds both."""
    size, corner = shadow_room(image.size, shade)
    outline = Image.new("L", size)
    outline.paste(_alpha(image), (corner[0] + shade.offset[0], corner[1] + shade.offset[1]))
    outline = _soft(outline, shade.sigma).point([round(v * shade.percent / 100) for v in range(256)])
    return _over_shape(image, corner, outline, shade.colour)


def outlined(image: Image.Image, mode: str, width: int, sigma: float, colour: RGBA) -> Image.Image:
    """A line along the picture's outline: `outer` around it, `inner` within, `fill` with the shape filled.

    `outer` and `fill` need room, by which the canvas grows on each side.
    """
    if mode in ("inner", "inner_fill"):
        return _inlined(image, width, sigma, colour, filled=mode == "inner_fill")
    room = outline_room(mode, width, sigma)
    wide = Image.new("L", (image.width + 2 * room, image.height + 2 * room))
    wide.paste(_alpha(image), (room, room))
    shape = _soft(grown(wide, width), sigma)
    if mode == "fill":
        return _filled(shape, colour)
    return _over_shape(image, (room, room), shape, colour)


def outline_room(mode: str, width: int, sigma: float) -> int:
    """By how many pixels the canvas grows on each side."""
    return width + math.ceil(2 * sigma) if mode in ("outer", "fill") else 0


def _inlined(image: Image.Image, width: int, sigma: float, colour: RGBA, *, filled: bool) -> Image.Image:
    alpha = _alpha(image)
    # the picture's own edge is an edge of its outline too
    room = Image.new("L", (image.width + 2 * width, image.height + 2 * width))
    room.paste(alpha, (width, width))
    core = ImageChops.invert(grown(ImageChops.invert(room), width))
    core = _soft(core, sigma).crop((width, width, width + image.width, width + image.height))
    if filled:
        return _filled(core, colour)
    line = ImageChops.multiply(alpha, ImageChops.invert(core))
    inlined = clear_of(image).copy()
    inlined.paste(colour[:3], (0, 0, *image.size), line)
    inlined.putalpha(alpha)
    return inlined


def grown(alpha: Image.Image, width: int) -> Image.Image:
    """A shape larger by `width` pixels on all sides, round at its corners.

    A blur of half the width leaves a known share at that distance from a straight edge: what has more is in.
    """
    soft = _soft(alpha, width / 2)
    limit = 255 * _TAIL
    slope = max(1.0, limit / 4)
    return ImageChops.lighter(
        alpha, soft.point([round(255 * min(max((v - limit) / slope + 0.5, 0), 1)) for v in range(256)])
    )


def _alpha(image: Image.Image) -> Image.Image:
    return image.getchannel("A") if image.mode == "RGBA" else Image.new("L", image.size, 255)


def _soft(shape: Image.Image, sigma: float) -> Image.Image:
    return shape.filter(ImageFilter.GaussianBlur(sigma)) if sigma else shape


def _filled(shape: Image.Image, colour: RGBA) -> Image.Image:
    filled = Image.new("RGBA", shape.size, colour)
    return with_alpha_times(filled, shape)


def _over_shape(image: Image.Image, corner: tuple[int, int], shape: Image.Image, colour: RGBA) -> Image.Image:
    canvas = _filled(shape, colour)
    canvas.alpha_composite(clear_of(image), corner)
    return canvas
