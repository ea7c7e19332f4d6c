"""Effects that give each pixel another colour, whatever its place: levels, tones and tints. Alpha stays."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from PIL import Image, ImageChops, ImageEnhance, ImageOps, ImageStat

from ..domain.colour import RGBA

_FULL: Final = 255
#: Levels that so few pixels reach, in percent, do not hold back a stretch.
_OUTLIERS: Final = 0.5
_SEPIA: Final = (
    *(0.393, 0.769, 0.189, 0.0),
    *(0.349, 0.686, 0.168, 0.0),
    *(0.272, 0.534, 0.131, 0.0),
)  # fmt: skip
#: What `improve` adds for a scene: how much of the colour cast goes, how much liveliness comes.
_SCENES: Final = {"outdoor": (40, 35), "indoor": (70, 15)}

Colouring = Callable[[Image.Image], Image.Image]


def of_colours(image: Image.Image, change: Colouring) -> Image.Image:
    """`change` done to the colours of a picture, its alpha put back as it was."""
    if image.mode != "RGBA":
        return change(image if image.mode == "RGB" else image.convert("RGB"))
    changed = change(image.convert("RGB"))
    changed.putalpha(image.getchannel("A"))
    return changed


def mixed(image: Image.Image, changed: Image.Image, percent: float) -> Image.Image:
    """`percent` of a change."""
    return changed if percent >= 100 else Image.blend(image, changed, percent / 100)


def luminance(image: Image.Image) -> Image.Image:
    """How bright each pixel is, as an L picture."""
    return image.convert("L")


def grayscale(image: Image.Image) -> Image.Image:
    """Luminance alone."""
    return luminance(image).convert("RGB")


def sepia(image: Image.Image, percent: int) -> Image.Image:
    """The brown of old prints."""
    return mixed(image, image.convert("RGB", _SEPIA), percent)


def blackwhite(image: Image.Image, percent: int) -> Image.Image:
    """White from `percent` of full luminance on, black below."""
    threshold = percent * _FULL / 100
    return luminance(image).point([_FULL * (level >= threshold) for level in range(256)]).convert("RGB")


def negate(image: Image.Image) -> Image.Image:
    """Every colour as its opposite."""
    return ImageChops.invert(image)


def brightness(image: Image.Image, percent: int) -> Image.Image:
    """All channels times 1 + `percent` / 100 (-99..100)."""
    return _levels(image, lambda level: level * (1 + percent / 100))


def brightness_hsb(image: Image.Image, percent: int) -> Image.Image:
    """As `brightness`, of the value of a colour: hue and saturation stay where a channel would clip."""
    hue, saturation, value = image.convert("HSV").split()
    return Image.merge("HSV", (hue, saturation, brightness(value, percent))).convert("RGB")


def contrast(image: Image.Image, percent: int) -> Image.Image:
    """Distances from middle grey times 1 + `percent` / 100 (-100..100)."""
    return _levels(image, lambda level: 127.5 + (level - 127.5) * (1 + percent / 100))


def saturation(image: Image.Image, percent: int) -> Image.Image:
    """Distances from the luminance times 1 + `percent` / 100 (-100..100)."""
    return ImageEnhance.Color(image).enhance(1 + percent / 100)


def vibrance(image: Image.Image, percent: int) -> Image.Image:
    """Saturation, the more of it the paler a pixel is (-100..100)."""
    pale = ImageChops.invert(image.convert("HSV").getchannel("S"))
    return Image.composite(saturation(image, percent), image, pale)


def hue(image: Image.Image, percent: int) -> Image.Image:
    """Hues turned by `percent` of half the circle (-100..100)."""
    turn = round(percent * 128 / 100)
    channel, *others = image.convert("HSV").split()
    turned = channel.point([(level + turn) % 256 for level in range(256)])
    return Image.merge("HSV", (turned, *others)).convert("RGB")


def gamma(image: Image.Image, percent: int) -> Image.Image:
    """Middle tones lighter (above 0) or darker (-50..150); black and white stay."""
    exponent = 1 / (1 + percent / 100)
    return _levels(image, lambda level: _FULL * (level / _FULL) ** exponent)


def channel(image: Image.Image, number: int, percent: int) -> Image.Image:
    """One of red, green and blue (0..2) times 1 + `percent` / 100 (-100..100)."""
    bands = list(image.split())
    bands[number] = brightness(bands[number], percent)
    return Image.merge("RGB", bands)


def fill_light(image: Image.Image, percent: int, bias: int) -> Image.Image:
    """Shadows lifted, lights left. A higher `bias` (-100..100) counts brighter pixels as shadows too."""
    lifted = gamma(image, 80)
    slope = 2 ** (-bias / 50)
    shade = luminance(image).point([round(_FULL * (1 - level / _FULL) ** slope) for level in range(256)])
    return mixed(image, Image.composite(lifted, image, shade), percent)


def auto_contrast(image: Image.Image, percent: int) -> Image.Image:
    """The darkest tone to black and the brightest to white, hues kept."""
    return mixed(image, ImageOps.autocontrast(image, _OUTLIERS, preserve_tone=True), percent)


def auto_color(image: Image.Image, percent: int) -> Image.Image:
    """Each channel stretched by itself, which takes out a cast."""
    return mixed(image, ImageOps.autocontrast(image, _OUTLIERS), percent)


def auto_brightness(image: Image.Image, percent: int) -> Image.Image:
    """Middle tones moved so that the mean luminance is in the middle, by at most a factor of 2.5."""
    mean = min(max(ImageStat.Stat(luminance(image)).mean[0] / _FULL, 0.01), 0.99)
    wanted = min(max(math.log(0.5) / math.log(mean), 0.4), 2.5)
    return mixed(image, _levels(image, lambda level: _FULL * (level / _FULL) ** wanted), percent)


def improve(image: Image.Image, scene: str, percent: int) -> Image.Image:
    """Part of the cast out, tones stretched, pale colours livelier: the mix that a scene can bear."""
    cast, lively = _SCENES.get(scene, (50, 25))
    better = vibrance(auto_contrast(auto_color(image, cast), 70), lively)
    return mixed(image, better, percent)


def colorize(image: Image.Image, percent: int, colour: RGBA) -> Image.Image:
    """`percent` of one colour laid over all."""
    return mixed(image, Image.new("RGB", image.size, colour[:3]), percent)


def _levels(image: Image.Image, curve: Callable[[int], float]) -> Image.Image:
    """The same curve for every channel."""
    table: Sequence[int] = [min(max(round(curve(level)), 0), _FULL) for level in range(256)]
    return image.point(list(table) * len(image.getbands()))
