"""Effects that look at a pixel's neighbours or its place: blur, squares, sharpness, paint, lines, edges.

Lengths are in pixels of the picture that is given. All give a picture of the size that came.
"""

import math
from collections.abc import Callable, Iterable
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from .colouring import grayscale, luminance, of_colours
from .shapes import clear_of, with_alpha_times

Box = tuple[int, int, int, int]

#: A blur wider than this is done on a smaller picture: what is lost there, it would have lost anyway.
_WIDE_BLUR: Final = 4.0
#: Paint and line art are made at no more than this many pixels: their cost grows with the brush.
_CANVAS: Final = 1_000_000
#: Below this many pixels a side, small features are what a picture is made of.
_SMALL: Final = 500
_SHARPEN_RADIUS: Final = 1.0
_UNSHARP_RADIUS: Final = 3.0
_UNSHARP_THRESHOLD: Final = 2


def blur(image: Image.Image, sigma: float) -> Image.Image:
    """A Gaussian of this standard deviation; clear pixels lend no colour."""
    if image.mode == "RGBA":
        return _blurred(image.convert("RGBa"), sigma).convert("RGBA")
    return _blurred(image, sigma)


def _blurred(image: Image.Image, sigma: float) -> Image.Image:
    if sigma <= _WIDE_BLUR:
        return image.filter(ImageFilter.GaussianBlur(sigma))
    times = min(int(sigma / _WIDE_BLUR) + 1, min(image.size))
    small = image.reduce(times).filter(ImageFilter.GaussianBlur(sigma / times))
    # a reduced picture stands for whole blocks, of which the last ones may be cut
    box = (0.0, 0.0, image.width / times, image.height / times)
    return small.resize(image.size, Image.Resampling.BICUBIC, box)


def pixelate(image: Image.Image, square: float) -> Image.Image:
    """Squares of one colour each, the mean of what they cover, from the top left corner on.

    The last column and row may be cut, and then are means of what there is.
    """
    side = max(1.0, min(square, max(image.size)))
    columns, rows = _spans(image.width, side), _spans(image.height, side)
    small = Image.new(image.mode, (math.ceil(image.width / side), math.ceil(image.height / side)))
    for left, right, column, across in columns:
        for top, bottom, row, down in rows:
            part = image.resize((across, down), Image.Resampling.BOX, (left, top, right, bottom))
            small.paste(part, (column, row))
    box = (0.0, 0.0, image.width / side, image.height / side)
    return small.resize(image.size, Image.Resampling.NEAREST, box)


def _spans(length: int, side: float) -> list[tuple[float, float, int, int]]:
    """From where to where whole squares go, and what is left; then which they are, and how many."""
    count = int(length / side)
    spans = [(0.0, count * side, 0, count)] if count else []
    return spans if math.ceil(length / side) == count else [*spans, (count * side, float(length), count, 1)]


def within(
    image: Image.Image, boxes: Iterable[Box], change: Callable[[Image.Image], Image.Image]
) -> Image.Image:
    """`change` done to these parts alone; what lies outside the picture is left out."""
    changed = image.copy()
    for left, top, right, bottom in boxes:
        box = (max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height))
        if box[0] < box[2] and box[1] < box[3]:
            changed.paste(change(image.crop(box)), box)
    return changed


def sharpen(image: Image.Image, percent: int, scale: float = 1.0) -> Image.Image:
    """Fine edges stronger by `percent` of what a narrow blur takes from them."""
    mask = ImageFilter.UnsharpMask(_SHARPEN_RADIUS * scale, percent, 0)
    return of_colours(image, lambda colours: colours.filter(mask))


def unsharp_mask(image: Image.Image, percent: int, scale: float = 1.0) -> Image.Image:
    """As `sharpen` of broader edges, and without strengthening noise."""
    mask = ImageFilter.UnsharpMask(_UNSHARP_RADIUS * scale, percent, _UNSHARP_THRESHOLD)
    return of_colours(image, lambda colours: colours.filter(mask))


def oil_paint(image: Image.Image, percent: int) -> Image.Image:
    """Each spot takes the commonest colour around it; the brush grows with `percent` (0..100)."""
    brush = 3 + 2 * round(percent / 25)
    coarse: Callable[[Image.Image], Image.Image] = lambda colours: (  # noqa: E731
        colours.point([level & 0xF0 | level >> 4 for level in range(256)] * 3)
        .filter(ImageFilter.ModeFilter(brush))
        .filter(ImageFilter.MedianFilter(3))
    )
    return of_colours(image, lambda colours: _on_canvas(colours, coarse))


def cartoonify(image: Image.Image, line: int, reduction: int | None) -> Image.Image:
    """Flat colours and dark lines. `line` 0..100 is how dark; `reduction` 0..100 how few colours are left,
    `None` for black and white."""
    return of_colours(image, lambda colours: _on_canvas(colours, lambda c: _cartoon(c, line, reduction)))


def _cartoon(colours: Image.Image, line: int, reduction: int | None) -> Image.Image:
    smooth = colours.filter(ImageFilter.MedianFilter(3 if max(colours.size) < _SMALL else 5))
    found = luminance(smooth).filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.FIND_EDGES)
    strength = line / 100
    lines = found.point([round(255 * (1 - strength * min(1, level / 45))) for level in range(256)])
    if reduction is None:
        flat = grayscale(smooth).point([255 * (level > 96) for level in range(256)] * 3)
    else:
        steps = max(2, round(24 - reduction * 0.2))
        flat = smooth.point([round(round(v * steps / 255) * 255 / steps) for v in range(256)] * 3)
    return ImageChops.multiply(flat, lines.convert("RGB"))


def _on_canvas(image: Image.Image, paint: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Paint at a bounded number of pixels, shown at the size that came."""
    times = math.sqrt(_CANVAS / (image.width * image.height))
    if times >= 1:
        return paint(image)
    size = (max(1, round(image.width * times)), max(1, round(image.height * times)))
    small = image.resize(size, Image.Resampling.BOX)
    return paint(small).resize(image.size, Image.Resampling.BICUBIC)


def vignette(image: Image.Image, percent: int) -> Image.Image:
    """Darker towards the corners, black there at 100."""
    rim = Image.radial_gradient("L").point(
        [round(255 * (level / 255) ** 2 * percent / 100) for level in range(256)]
    )
    mask = rim.resize(image.size, Image.Resampling.BICUBIC)
    black = Image.new("RGB", image.size)
    return of_colours(image, lambda colours: Image.composite(black, colours, mask))


def gradient_fade(
    image: Image.Image, strength: int, across: float, down: float, *, both: bool = False
) -> Image.Image:
    """Edges that grow clear.

    `across` and `down` are shares of the sides: 0.5 fades the left (upper) half, -0.5 the right (lower); with
    `both`, opposite edges alike. `strength` 20 fades evenly; more keeps the edge clear for longer, 0 does
    nothing.
    """
    image = clear_of(image)
    for share, upright in ((across, False), (down, True)):
        if share:
            ramp = _ramp(image.height if upright else image.width, share, strength / 20, both)
            strip = Image.frombytes("L", (1, len(ramp)) if upright else (len(ramp), 1), ramp)
            image = with_alpha_times(image, strip.resize(image.size, Image.Resampling.NEAREST))
    return image


def _ramp(length: int, share: float, power: float, both: bool) -> bytes:
    reach = max(1.0, min(1.0, abs(share)) * length)
    levels = bytes(round(255 * min(1.0, (place + 0.5) / reach) ** power) for place in range(length))
    if both:
        return bytes(map(min, levels, reversed(levels)))
    return levels if share > 0 else levels[::-1]
