"""What a picture is laid on when it is padded: colours found in it, gradients of them, or itself, blurred."""

from collections.abc import Sequence
from typing import Final

from PIL import Image

from ..domain.colour import RGBA
from .colouring import brightness, of_colours
from .effects import blur
from .outlines import rim
from .shapes import Size

#: Colours are counted on a picture of this side: few pixels tell what is common.
_COUNTED_SIDE: Final = 128
_PALETTE: Final = 16
#: Colours nearer to each other than this (the sum over three channels) count as one.
_ALIKE: Final = 90
_Colour = tuple[int, int, int]


def common_colours(image: Image.Image, count: int, *, border: bool) -> list[RGBA]:
    """The commonest colours of the outermost pixels, or of all; as many, unlike each other, as there are."""
    seen = rim(image) if border else image.copy()
    if not border:
        seen.thumbnail((_COUNTED_SIDE, _COUNTED_SIDE), Image.Resampling.BOX)
    counted = seen.convert("RGB").quantize(_PALETTE).convert("RGB").getcolors() or []
    ranked: list[_Colour] = [colour for _, colour in sorted(counted, reverse=True)]  # type: ignore[misc]
    chosen: list[_Colour] = []
    for colour in ranked:
        if all(_apart(colour, other) > _ALIKE for other in chosen):
            chosen.append(colour)
    return [(*colour, 255) for colour in chosen[:count]]


def contrasting(image: Image.Image, *, border: bool) -> RGBA:
    """The common colour that is furthest from the commonest; black or white where there is but one."""
    first, *others = common_colours(image, _PALETTE, border=border)
    if others:
        return max(others, key=lambda colour: _apart(colour[:3], first[:3]))
    dark = sum(first[:3]) < 3 * 128
    return (255, 255, 255, 255) if dark else (0, 0, 0, 255)


def nearest(colour: RGBA, palette: Sequence[RGBA]) -> RGBA:
    """The colour of a palette that is most like one."""
    return min(palette, key=lambda other: _apart(other[:3], colour[:3])) if palette else colour


def _apart(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def gradient(size: Size, colours: Sequence[RGBA], direction: str) -> Image.Image:
    """Two colours as ends, four as corners (top left, top right, bottom left, bottom right).

    `direction` of two: `horizontal`, `vertical`, `diagonal_desc` (from the top left) or `diagonal_asc`
    (from the bottom left).
    """
    if len(colours) == 1:
        return Image.new("RGB", size, colours[0][:3])
    if len(colours) < 4:
        colours = _corners(colours[0], colours[1], direction)
    small = Image.new("RGB", (2, 2))
    small.putdata([colour[:3] for colour in colours[:4]])
    # from the middle of one pixel to the middle of the next lies the whole way between them
    return small.resize(size, Image.Resampling.BILINEAR, (0.5, 0.5, 1.5, 1.5))


def _corners(first: RGBA, last: RGBA, direction: str) -> list[RGBA]:
    middle: RGBA = tuple((a + b) // 2 for a, b in zip(first, last, strict=True))  # type: ignore[assignment]
    return {
        "vertical": [first, first, last, last],
        "diagonal_desc": [first, middle, middle, last],
        "diagonal_asc": [middle, last, first, middle],
    }.get(direction, [first, last, first, last])


def blurred(image: Image.Image, size: Size, intensity: int, bright: int) -> Image.Image:
    """The picture itself, large enough to cover `size`, blurred by `intensity` (1..2000) and made brighter
    or darker by `bright` percent."""
    # what is blurred this much needs few pixels
    sigma = max(intensity / 40, 0.3)
    times = max(1.0, min(sigma / 2, min(size)))
    small = (max(1, round(size[0] / times)), max(1, round(size[1] / times)))
    scale = max(small[0] / image.width, small[1] / image.height)
    across, down = small[0] / scale, small[1] / scale
    left, top = max(0.0, (image.width - across) / 2), max(0.0, (image.height - down) / 2)
    box = (left, top, min(left + across, image.width), min(top + down, image.height))
    covering = image.resize(small, Image.Resampling.BILINEAR, box, 2.0)
    soft = blur(covering, sigma / times)
    if bright:
        soft = of_colours(soft, lambda colours: brightness(colours, bright))
    return soft.resize(size, Image.Resampling.BICUBIC)
