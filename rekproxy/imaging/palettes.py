"""Few colours: pictures of at most 256 for GIF and for PNG with a palette."""

from collections.abc import Sequence
from typing import Any, Final

from PIL import Image

_ALPHA_THRESHOLD: Final = 128


def paletted(image: Image.Image, colours: int = 256, *, sharp_alpha: bool = False) -> Image.Image:
    """At most `colours` colours, dithered if there were more; RGBA keeps its alpha, each colour its own.

    With `sharp_alpha` a pixel is clear or not, as in GIF: one of the colours is the clear one.
    """
    if image.mode != "RGBA":
        return _dithered(image.convert("RGB"), colours)
    if not sharp_alpha:
        return image.quantize(colours, Image.Quantize.FASTOCTREE)
    chosen = _dithered(image.convert("RGB"), colours - 1)
    chosen.paste(colours - 1, mask=image.getchannel("A").point(lambda a: 255 * (a < _ALPHA_THRESHOLD)))
    chosen.info["transparency"] = colours - 1
    return chosen


def animated_palettes(
    frames: Sequence[Image.Image], colours: int
) -> tuple[Sequence[Image.Image], dict[str, Any]]:
    """Frames as Pillow's GIF writer takes them, and what it must be told.

    Opaque frames are laid over each other, so that only what changes is written. With `colours` below 256
    all share the palette of the first and are not dithered: what stands still then stays the same.
    """
    if any(frame.mode == "RGBA" for frame in frames):
        clear = [_thresholded(frame.convert("RGBA")) for frame in frames]
        return clear, {"disposal": 2}
    plain = [frame.convert("RGB") for frame in frames]
    if colours == 256:
        return plain, {}
    palette = plain[0].quantize(colours, dither=Image.Dither.NONE)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in plain], {}


def _dithered(image: Image.Image, colours: int) -> Image.Image:
    chosen = image.quantize(colours)
    return chosen if image.getcolors(colours) else image.quantize(palette=chosen)


def _thresholded(image: Image.Image) -> Image.Image:
    image.putalpha(image.getchannel("A").point(lambda alpha: 255 * (alpha >= _ALPHA_THRESHOLD)))
    return image
