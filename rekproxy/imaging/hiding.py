"""Where transparency could hide a picture: counted at full size, as a crop can show a small part alone."""

from typing import Final

from PIL import Image

#: The share of pixels that may be half clear before black is tried as a ground too.
_TELLING_SHARE: Final = 0.01
#: As many light pixels among clear ones are a picture of their own, 48 x 48, which a crop can show alone.
_TELLING_PIXELS: Final = 2_304
#: Brightness, 0 to 255, from which on a pixel of any colour is little to see on white.
_LIGHT: Final = 216
#: Pixels that are counted at a time, so that a large picture is not held a second time.
_STRIP_PIXELS: Final = 1 << 20


def needs_black(image: Image.Image) -> bool:
    """Whether a white ground could swallow a picture that another ground shows.

    The first way is a picture in alpha values, where more than 1 % of the pixels are half clear. The second
    is light pixels, dots or half clear ones, in a picture that is clear elsewhere; there a few are enough.
    The picture is RGB or RGBA, at the size at which it was uploaded.
    """
    if image.mode != "RGBA":
        return False
    share = image.width * image.height * _TELLING_SHARE
    few = min(share, _TELLING_PIXELS)
    half_clear = not_opaque = light = 0
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        shares = strip.getchannel("A").histogram()
        half_clear += sum(shares[1:255])
        not_opaque += sum(shares[:255])
        light += 0 if light > few else _light_pixels(strip)
        if half_clear > share or (not_opaque > few and light > few):
            return True
    return False


def _light_pixels(image: Image.Image) -> int:
    """How many pixels are light, and not wholly clear."""
    brightness = image.convert("RGB").convert("L")
    return sum(brightness.histogram(image.getchannel("A"))[_LIGHT:])
