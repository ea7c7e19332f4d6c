"""How like two pictures look: structural similarity of their luminance, by Pillow alone."""

from collections.abc import Sequence
from typing import Any, Final, cast

from PIL import Image, ImageMath

_WINDOW: Final = 8
#: Half a window apart, so that the edges of an encoder's own blocks fall inside of windows too.
_OFFSETS: Final = (0, _WINDOW // 2)
#: A side below this has no room for the windows.
SMALLEST: Final = _WINDOW + max(_OFFSETS)
# The two constants of Wang et al., "Image Quality Assessment: From Error Visibility to Structural
# Similarity", 2004.
_C1: Final = (0.01 * 255) ** 2
_C2: Final = (0.03 * 255) ** 2


def luminance(image: Image.Image) -> Image.Image:
    """Grey of RGB, RGBA (on white) or L, as Pillow weighs it."""
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return image.convert("L")


def similarity(one: Image.Image, other: Image.Image) -> float:
    """Mean SSIM of two grey pictures of one size, no side below `SMALLEST`; 1 is the same picture.

    Windows are flat, of 8 x 8 pixels, and lie half of their side apart.
    """
    x, y = one.convert("F"), other.convert("F")
    maps = (x, y, _product(x, x), _product(y, y), _product(x, y))
    means = [_mean(_similarities([_windows(each, offset) for each in maps])) for offset in _OFFSETS]
    return sum(means) / len(means)


def _product(one: Image.Image, other: Image.Image) -> Image.Image:
    return cast(Image.Image, ImageMath.lambda_eval(lambda v: v["a"] * v["b"], a=one, b=other))


def _windows(image: Image.Image, offset: int) -> Image.Image:
    """The mean of each whole window, as a pixel."""
    right, bottom = (offset + (side - offset) // _WINDOW * _WINDOW for side in image.size)
    return image.reduce(_WINDOW, (offset, offset, right, bottom))


def _similarities(maps: Sequence[Image.Image]) -> Image.Image:
    def formula(v: dict[str, Any]) -> Any:
        x, y = v["x"], v["y"]
        both, squares = x * y, x * x + y * y
        covariance, variances = v["xy"] - both, v["xx"] + v["yy"] - squares
        return (both * 2 + _C1) * (covariance * 2 + _C2) / ((squares + _C1) * (variances + _C2))

    named = dict(zip(("x", "y", "xx", "yy", "xy"), maps, strict=True))
    return cast(Image.Image, ImageMath.lambda_eval(formula, **named))


def _mean(image: Image.Image) -> float:
    value = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    if not isinstance(value, float):
        raise TypeError(value)
    return value
