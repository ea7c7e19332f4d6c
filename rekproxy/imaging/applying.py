"""The effects of the language, by name: which function does each, and what of its step it is told."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from ..domain.colour import RGBA
from ..domain.effects import Effect
from ..errors import InvalidTransformationError
from . import colouring, effects, outlines
from .effects import Box

#: The wire's strengths of a blur, for each pixel of its standard deviation (section 4.6).
_STRENGTH_OF_SIGMA: Final = 40
_GREY: Final[RGBA] = (128, 128, 128, 255)
_BLACK: Final[RGBA] = (0, 0, 0, 255)
_FLATTENED: Final = 40
#: Without offsets a shadow is moved by this share of the shorter side, and a fade reaches down so far.
_SHADOW_OFFSET: Final = 1 / 40
_FADE: Final = 0.5
#: A dropped shadow is at most this long and this soft, in shares of the shorter side, and half opaque.
_DROP, _DROP_SOFTNESS, _DROP_PERCENT = 0.15, 0.04, 50.0


@dataclass(frozen=True, slots=True)
class Around:
    """What an effect is told besides its arguments, in pixels of the image that it is given.

    `scale` is the number of those for each that the geometry counts. `offsets` are x and y of the step,
    `None` where it says neither. Without `faces` nobody knows where they are.
    """

    scale: float = 1.0
    colour: RGBA | None = None
    region: Box | None = None
    offsets: tuple[float, float] | None = None
    faces: tuple[Box, ...] = ()


_Apply = Callable[..., Image.Image]


def applied(image: Image.Image, effect: Effect, around: Around) -> Image.Image:
    """An effect that keeps the size. Raises `InvalidTransformationError` where it needs faces and none are
    known: a face that nobody hid would be worse than no picture."""
    if effect.name.endswith("_faces") and not around.faces:
        raise InvalidTransformationError(
            f"Invalid effect in transformation: {effect.name} needs face_coordinates"
        )
    return IN_PLACE[effect.name](image, around, *effect.args)


def _tone(change: _Apply) -> _Apply:
    return lambda image, _, *args: colouring.of_colours(image, lambda colours: change(colours, *args))


def _channel(number: int) -> _Apply:
    return _tone(lambda colours, percent: colouring.channel(colours, number, percent))


def _blur(image: Image.Image, around: Around, strength: int) -> Image.Image:
    return effects.blur(image, strength / _STRENGTH_OF_SIGMA * around.scale)


def _pixelate(image: Image.Image, around: Around, square: int) -> Image.Image:
    return effects.pixelate(image, square * around.scale)


def _in_region(change: _Apply) -> _Apply:
    def apply(image: Image.Image, around: Around, strength: int) -> Image.Image:
        boxes = [around.region] if around.region else []
        return effects.within(image, boxes, lambda part: change(part, around, strength))

    return apply


def _in_faces(change: _Apply) -> _Apply:
    def apply(image: Image.Image, around: Around, strength: int) -> Image.Image:
        return effects.within(image, around.faces, lambda part: change(part, around, strength))

    return apply


def _fade(image: Image.Image, around: Around, kind: str, strength: int) -> Image.Image:
    across, down = (0.0, _FADE)
    if around.offsets is not None:
        across, down = around.offsets[0] / image.width, around.offsets[1] / image.height
    return effects.gradient_fade(image, strength, across, down, both=bool(kind))


def _cartoonify(image: Image.Image, _: Around, line: int, reduction: int | str | None) -> Image.Image:
    if isinstance(reduction, str):
        return effects.cartoonify(image, line, None)
    return effects.cartoonify(image, line, _FLATTENED if reduction is None else reduction)


def _colorize(image: Image.Image, around: Around, percent: int) -> Image.Image:
    colour = around.colour or _GREY
    return colouring.of_colours(image, lambda colours: colouring.colorize(colours, percent, colour))


#: Those that keep the size.
IN_PLACE: Final[Mapping[str, _Apply]] = {
    "grayscale": _tone(colouring.grayscale),
    "sepia": _tone(colouring.sepia),
    "blackwhite": _tone(colouring.blackwhite),
    "negate": _tone(colouring.negate),
    "brightness": _tone(colouring.brightness),
    "brightness_hsb": _tone(colouring.brightness_hsb),
    "contrast": _tone(colouring.contrast),
    "saturation": _tone(colouring.saturation),
    "hue": _tone(colouring.hue),
    "red": _channel(0),
    "green": _channel(1),
    "blue": _channel(2),
    "gamma": _tone(colouring.gamma),
    "vibrance": _tone(colouring.vibrance),
    "auto_color": _tone(colouring.auto_color),
    "auto_brightness": _tone(colouring.auto_brightness),
    "auto_contrast": _tone(colouring.auto_contrast),
    "fill_light": _tone(colouring.fill_light),
    "improve": _tone(colouring.improve),
    "colorize": _colorize,
    "blur": _blur,
    "blur_region": _in_region(_blur),
    "blur_faces": _in_faces(_blur),
    "pixelate": _pixelate,
    "pixelate_region": _in_region(_pixelate),
    "pixelate_faces": _in_faces(_pixelate),
    "sharpen": lambda image, around, percent: effects.sharpen(image, percent, around.scale),
    "unsharp_mask": lambda image, around, percent: effects.unsharp_mask(image, percent, around.scale),
    "oil_paint": lambda image, _, percent: effects.oil_paint(image, percent),
    "cartoonify": _cartoonify,
    "vignette": lambda image, _, percent: effects.vignette(image, percent),
    "gradient_fade": _fade,
    "make_transparent": lambda image, around, tolerance: outlines.make_transparent(
        image, tolerance, around.colour
    ),
    "opacity_threshold": lambda image, _, percent: outlines.opacity_threshold(image, percent),
}


# --- those that change the size ------------------------------------------------------------------


def trim_box_of(image: Image.Image, effect: Effect) -> Box | None:
    """What trimming leaves; `None` for a picture that is all edge."""
    colour = effect.args[1]
    return outlines.trim_box(image, effect.strength, colour if isinstance(colour, tuple) else None)


def grown(image: Image.Image, effect: Effect, around: Around) -> tuple[Image.Image, tuple[int, int]]:
    """A shadow or an outline, and where the picture's corner then is on its larger canvas."""
    if effect.name == "outline":
        return _outlined(image, around, *effect.args)
    shade = _shade(image.size, effect, around)
    return outlines.shadowed(image, shade), outlines.shadow_room(image.size, shade)[1]


def room(size: tuple[int, int], effect: Effect, around: Around) -> tuple[int, int]:
    """The canvas that `grown` will need, before anything of that size is made."""
    if effect.name == "outline":
        margin = _margin(*effect.args)
        return size[0] + 2 * margin, size[1] + 2 * margin
    return outlines.shadow_room(size, _shade(size, effect, around))[0]


def _margin(mode: Any, width: Any, blur: Any) -> int:
    return outlines.outline_room(mode, width, blur / _STRENGTH_OF_SIGMA)


def _outlined(
    image: Image.Image, around: Around, mode: Any, width: Any, blur: Any
) -> tuple[Image.Image, tuple[int, int]]:
    lined = outlines.outlined(image, mode, width, blur / _STRENGTH_OF_SIGMA, around.colour or _BLACK)
    margin = _margin(mode, width, blur)
    return lined, (margin, margin)


def _shade(size: tuple[int, int], effect: Effect, around: Around) -> outlines.Shade:
    side = min(size)
    if effect.name == "shadow":
        offsets = around.offsets or (side * _SHADOW_OFFSET,) * 2
        whole = (round(offsets[0]), round(offsets[1]))
        sigma = max(map(abs, offsets)) / 3
        return outlines.Shade(around.colour or _GREY, whole, sigma, float(effect.strength))
    azimuth, elevation, spread = (float(value) for value in effect.args if isinstance(value, int))
    angle, length = math.radians(azimuth), _DROP * side * math.cos(math.radians(elevation))
    # the light comes from the azimuth, counted clockwise from above, so the shadow goes the other way
    away = (round(-length * math.sin(angle)), round(length * math.cos(angle)))
    return outlines.Shade(_BLACK, away, side * _DROP_SOFTNESS * spread / 100, _DROP_PERCENT)


#: Those that may need a larger canvas.
GROWING: Final = frozenset({"shadow", "dropshadow", "outline"})
