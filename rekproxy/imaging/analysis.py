"""What a detector is shown: small JPEGs made from decoded pixels, never from uploaded bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageStat

from ..interfaces import AnalysisCopy
from .encoder import Encoding, encode
from .scaling import lanczos

MAX_BYTES: Final = 5_000_000
MAX_FRAMES: Final = 8
_LONG_SIDE: Final = 2048
_MIN_SIDE: Final = 80
_MAX_SIDE: Final = 10_000
_QUALITIES: Final = (90, 80, 70, 60)
_SHRINK: Final = 0.75
_GREY: Final = (128, 128, 128)
_GROUNDS: Final = {"white": (255, 255, 255), "black": (0, 0, 0)}
#: The share of pixels that may be half clear before black is tried as a ground too.
_TELLING_SHARE: Final = 0.01
#: As many light pixels among clear ones are a picture of their own, 48 x 48, which a crop can show alone.
_TELLING_PIXELS: Final = 2_304
_LIGHT: Final = 224
_THUMB: Final = (64, 64)


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    image: Image.Image
    thumb: Image.Image


class FrameChoice:
    """Picks up to eight frames of a film in one pass: the first, the last, and those that differ most.

    Whenever there is one too many, the frame most like another that is kept is let go.
    """

    def __init__(self) -> None:
        self._kept: list[_Kept] = []

    def add(self, number: int, image: Image.Image) -> Image.Image:
        """Look at the next frame, upright and RGB or RGBA. Gives its reduced copy, which is what is kept."""
        small = _shown_size(image)
        thumb = small.convert("RGBA").resize(_THUMB, Image.Resampling.BOX)
        self._kept.append(_Kept(number, small, thumb))
        if len(self._kept) > MAX_FRAMES:
            self._drop_most_alike()
        return small

    def __iter__(self) -> Iterator[tuple[int, Image.Image]]:
        return ((kept.number, kept.image) for kept in self._kept)

    def _drop_most_alike(self) -> None:
        def nearest(place: int) -> float:
            mine = self._kept[place].thumb
            return min(_difference(mine, other.thumb) for at, other in enumerate(self._kept) if at != place)

        del self._kept[min(range(1, len(self._kept) - 1), key=nearest)]


def _difference(one: Image.Image, other: Image.Image) -> float:
    # squares: a small area that changes much tells more than a large one that changes little
    return float(sum(ImageStat.Stat(ImageChops.difference(one, other)).sum2))


def copies(frames: Iterable[tuple[int, Image.Image]]) -> tuple[AnalysisCopy, ...]:
    """The copies of some frames: each on white, and on black too where white could hide something."""
    return tuple(
        AnalysisCopy(_within_bytes(_laid_on(image, _GROUNDS[ground])), number, ground)
        for number, image in frames
        for ground in (("white", "black") if needs_black(image) else ("white",))
    )


def needs_black(image: Image.Image) -> bool:
    """Whether a white ground could swallow a picture that another ground shows.

    The first way is a picture in alpha values, where more than 1 % of the pixels are half clear. The second
    is light pixels, dots or half clear ones, in a picture that is clear elsewhere; there a few are enough.
    """
    if image.mode != "RGBA":
        return False
    alpha = image.getchannel("A")
    shares = alpha.histogram()
    share = image.width * image.height * _TELLING_SHARE
    if sum(shares[1:255]) > share:
        return True
    few = min(share, _TELLING_PIXELS)
    red, green, blue = image.convert("RGB").split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return sum(shares[:255]) > few and sum(darkest.histogram(alpha)[_LIGHT:]) > few


def _laid_on(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    if image.mode != "RGBA":
        return image
    laid = Image.new("RGB", image.size, ground)
    laid.paste(image, mask=image.getchannel("A"))
    return laid


def _shown_size(image: Image.Image) -> Image.Image:
    """At most 2,048 on the long side, unless that took the short side below 80; padded with grey up to 80."""
    longest, shortest = max(image.size), min(image.size)
    scale = min(1.0, max(_LONG_SIDE / longest, _MIN_SIDE / shortest), _MAX_SIDE / longest)
    if scale < 1:
        image = _scaled(image, scale)
    if min(image.size) >= _MIN_SIDE:
        return image
    padded = Image.new(image.mode, (max(image.width, _MIN_SIDE), max(image.height, _MIN_SIDE)), _GREY)
    padded.paste(image, ((padded.width - image.width) // 2, (padded.height - image.height) // 2))
    return padded


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return lanczos(image, size, gap=1.0)


def _within_bytes(image: Image.Image) -> bytes:
    """JPEG 4:4:4, stepped down in quality, then in size, until it fits."""
    while True:
        for quality in _QUALITIES:
            data = encode(image, Encoding("jpg", quality, chroma="444"))
            if len(data) <= MAX_BYTES:
                return data
        image = _scaled(image, _SHRINK)
