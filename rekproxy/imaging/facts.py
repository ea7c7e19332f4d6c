"""What can be found out about a picture: facts under the wire's names, each only when it is asked for."""

from collections.abc import Collection
from typing import Any, Final

from PIL import Image, ImageChops, ImageFilter, ImageStat

from ..interfaces import InputLimits
from . import codec
from .colours import colours
from .hashing import phash
from .metadata import exif_map, metadata_map
from .similarity import luminance

#: Longer edge in pixels of the copy that is looked at; a smaller picture is looked at as it is.
_EDGE: Final = 1024
_COLOUR_EDGE: Final = 256
#: Channels of a grey picture may differ by this much: coding as JPEG leaves that.
_GREY: Final = 8
#: Variance of the second derivative at which a picture counts as half in focus.
_HALF_SHARP: Final = 100.0
_LAPLACIAN: Final = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=4, offset=128)
#: Levels below and above which nothing can be told apart any more.
_CRUSHED, _BURNT = 4, 251

_OF_PIXELS: Final = frozenset({"phash", "colors", "quality_analysis"})


def find_out(data: bytes, limits: InputLimits, asked: Collection[str]) -> dict[str, Any]:
    """Facts about a file and its first picture, for the parameters that ask (`domain.facts.FIELDS`).

    What asks for no pixels has none decoded. Raises `InvalidImageError`.
    """
    facts: dict[str, Any] = {}
    if "image_metadata" in asked or "media_metadata" in asked:
        facts["image_metadata"] = metadata_map(data)
    if "exif" in asked:
        facts["exif"] = exif_map(data)
    if _OF_PIXELS & set(asked):
        facts |= _of_pixels(data, limits, asked)
    return facts


def _of_pixels(data: bytes, limits: InputLimits, asked: Collection[str]) -> dict[str, Any]:
    source = codec.open_source(data, limits)
    seen = codec.reduced(source, min(1.0, _EDGE / max(source.size)))
    semi_transparent = _semi_transparent(seen)
    seen = _within(seen, _EDGE)
    facts: dict[str, Any] = {}
    if "phash" in asked:
        facts["phash"] = phash(seen)
    if "colors" in asked:
        facts |= colours(_within(seen, _COLOUR_EDGE))
    if "quality_analysis" in asked:
        facts["quality_analysis"] = _quality(seen)
    if "colors" in asked or "quality_analysis" in asked:
        facts |= {"grayscale": _is_grey(seen), "semi_transparent": semi_transparent}
    return facts


def _within(image: Image.Image, edge: int) -> Image.Image:
    """The picture, no edge longer than `edge`."""
    if max(image.size) <= edge:
        return image
    scale = edge / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _semi_transparent(image: Image.Image) -> bool:
    """Whether any pixel is neither clear nor opaque."""
    return image.mode == "RGBA" and any(image.getchannel("A").histogram()[1:255])


def _is_grey(image: Image.Image) -> bool:
    red, green, blue = image.convert("RGB").split()
    return all(
        ImageChops.difference(one, other).getextrema()[1] <= _GREY  # type: ignore[operator]
        for one, other in ((red, green), (green, blue), (red, blue))
    )


def _quality(image: Image.Image) -> dict[str, float]:
    """Measures from 0 to 1 of RGB or RGBA, which is seen on white.

    `focus` grows with the variance of the second derivative of the luminance, `contrast` is twice its
    standard deviation, `exposure` the share of it that is neither crushed nor burnt, and `saturation` the
    mean of HSV's.
    """
    grey = luminance(image)
    sharpness = 0.0
    if min(grey.size) >= 3:
        edges = grey.filter(_LAPLACIAN).crop((1, 1, grey.width - 1, grey.height - 1))
        sharpness = 16 * ImageStat.Stat(edges).var[0]
    levels = grey.histogram()
    lost = sum(levels[:_CRUSHED]) + sum(levels[_BURNT + 1 :])
    saturation = ImageStat.Stat(image.convert("RGB").convert("HSV").getchannel("S")).mean[0] / 255
    measures = {
        "focus": sharpness / (sharpness + _HALF_SHARP),
        "contrast": min(1.0, ImageStat.Stat(grey).stddev[0] / 127.5),
        "exposure": 1 - lost / sum(levels),
        "saturation": saturation,
    }
    return {name: round(value, 3) for name, value in measures.items()}
