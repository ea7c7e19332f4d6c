"""One picture laid on another: plainly, by a blend mode, repeated over all of it."""

from collections.abc import Callable, Mapping
from typing import Final

from PIL import Image, ImageChops

from ..domain.colour import RGBA, TRANSPARENT
from .shapes import Size, clear_of, with_alpha_times

Place = tuple[int, int]


def on_canvas(image: Image.Image, at: Place, size: Size, ground: RGBA = TRANSPARENT) -> Image.Image:
    """The picture on a canvas of one colour; RGB where that is opaque. What sticks out is cut off."""
    if ground[3] == 255:
        laid = Image.new("RGB", size, ground[:3])
        laid.paste(image, at, image if image.mode == "RGBA" else None)
        return laid
    laid = Image.new("RGBA", size, ground)
    if image.mode != "RGBA" or ground == TRANSPARENT:
        laid.paste(image, at)
    else:
        laid.alpha_composite(*_visible(image, at))
    return laid


def on_ground(image: Image.Image, ground: RGBA) -> Image.Image:
    """Laid on one colour; RGB where that is opaque."""
    if image.mode != "RGBA" or ground == TRANSPARENT:
        return image
    return on_canvas(image, (0, 0), image.size, ground)


def laid(base: Image.Image, layer: Image.Image, at: Place) -> Image.Image:
    """The layer over the base, which keeps its size: what sticks out is cut off."""
    base = base.copy()
    if layer.mode != "RGBA":
        base.paste(layer, at)
    elif base.mode == "RGBA":
        base.alpha_composite(*_visible(layer, at))
    else:
        base.paste(layer, at, layer)
    return base


def blended(base: Image.Image, layer: Image.Image, at: Place, mode: str | None) -> Image.Image:
    """The layer over the base by a mode of `MODES`, or plainly (`None`); the base keeps its size."""
    return laid(base, layer, at) if mode is None else MODES[mode](base, layer, at)


def tiled(layer: Image.Image, size: Size, at: Place) -> Image.Image:
    """The layer repeated over a canvas of `size`, one of its copies `at` the place it would have alone."""
    canvas = Image.new("RGBA", size)
    start_x, start_y = at[0] % layer.width - layer.width, at[1] % layer.height - layer.height
    row = Image.new("RGBA", (size[0], layer.height))
    for left in range(start_x, size[0], layer.width):
        row.paste(layer, (left, 0))
    for top in range(start_y, size[1], layer.height):
        canvas.paste(row, (0, top))
    return canvas


def _visible(layer: Image.Image, at: Place) -> tuple[Image.Image, Place]:
    """The part of a layer that is right of and below the corner, and where it begins."""
    cut = (max(0, -at[0]), max(0, -at[1]))
    if cut == (0, 0):
        return layer, at
    if cut[0] >= layer.width or cut[1] >= layer.height:
        return Image.new("RGBA", (1, 1)), (0, 0)
    return layer.crop((*cut, *layer.size)), (max(0, at[0]), max(0, at[1]))


# --- modes ---------------------------------------------------------------------------------------


def _mixing(mix: Callable[[Image.Image, Image.Image], Image.Image]) -> Callable[..., Image.Image]:
    """A mode that mixes colours where both are; the base's alpha stays."""

    def blend(base: Image.Image, layer: Image.Image, at: Place) -> Image.Image:
        over = on_canvas(layer, at, base.size)
        seen = base.convert("RGB")
        result = Image.composite(mix(seen, over.convert("RGB")), seen, over.getchannel("A"))
        if base.mode == "RGBA":
            result.putalpha(base.getchannel("A"))
        return result

    return blend


def _mask(base: Image.Image, layer: Image.Image, at: Place) -> Image.Image:
    """The base is seen as much as the layer is bright and opaque there."""
    over = on_canvas(layer, at, base.size)
    return with_alpha_times(clear_of(base), ImageChops.multiply(over.convert("L"), over.getchannel("A")))


def _cut_out(base: Image.Image, layer: Image.Image, at: Place) -> Image.Image:
    """The base is clear where the layer is opaque."""
    over = on_canvas(layer, at, base.size)
    return with_alpha_times(clear_of(base), ImageChops.invert(over.getchannel("A")))


MODES: Final[Mapping[str, Callable[[Image.Image, Image.Image, Place], Image.Image]]] = {
    "multiply": _mixing(ImageChops.multiply),
    "screen": _mixing(ImageChops.screen),
    "overlay": _mixing(ImageChops.overlay),
    "mask": _mask,
    "cut_out": _cut_out,
}
