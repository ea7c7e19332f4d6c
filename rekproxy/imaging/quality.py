"""`q_auto`: the least quality at which a picture still looks as it should, found by trial encodes."""

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Final, NamedTuple

from PIL import Image

from .encoder import Encoding, encode
from .similarity import SMALLEST, luminance, similarity


class _Aim(NamedTuple):
    """The similarity to reach, and between which qualities of JPEG, WebP and AVIF it is looked for.

    The lower end is where luminance no longer tells what is lost, in colour and in smooth ground.
    """

    similarity: float
    qualities: Mapping[str, tuple[int, int]]


AIMS: Final[Mapping[str, _Aim]] = {
    "best": _Aim(0.97, {"jpg": (75, 95), "webp": (74, 95), "avif": (60, 88)}),
    "good": _Aim(0.95, {"jpg": (60, 90), "webp": (58, 90), "avif": (48, 80)}),
    "eco": _Aim(0.925, {"jpg": (48, 85), "webp": (46, 85), "avif": (40, 74)}),
    "low": _Aim(0.89, {"jpg": (32, 80), "webp": (30, 80), "avif": (30, 68)}),
}
#: No more trial encodes than this; each halves what is left of the range.
TRIALS: Final = 4
#: Trials of a picture with more pixels than the square of this are made with a mosaic of parts of it.
_SAMPLE_SIDES: Final = {"jpg": 512, "webp": 320, "avif": 256}
_TILES: Final = 4


def written(image: Image.Image, encoding: Encoding) -> bytes:
    """One picture as `encoding` says; where it names a level, at the quality that reaches the level's aim.

    Where the range of qualities ends first, that is taken, and its upper end for a picture too small to be
    compared. Formats without a quality are simply encoded. Raises as `encode` does.
    """
    if encoding.level is None or encoding.format not in AIMS[encoding.level].qualities:
        return encode(image, encoding)
    sample = _sample(image, _SAMPLE_SIDES[encoding.format])
    quality, data = _least(sample, encoding, AIMS[encoding.level])
    return data if sample is image and data is not None else encode(image, replace(encoding, quality=quality))


def _least(sample: Image.Image, encoding: Encoding, aim: _Aim) -> tuple[int, bytes | None]:
    """The least quality that was seen to be good enough, with its bytes; else the highest that is allowed."""
    low, high = aim.qualities[encoding.format]
    if min(sample.size) < SMALLEST:
        return high, None
    truth = luminance(sample)
    found = None
    for _ in range(TRIALS):
        if low > high:
            break
        quality = (low + high) // 2
        data = encode(sample, replace(encoding, quality=quality))
        if similarity(truth, luminance(_decoded(data))) >= aim.similarity:
            high, found = quality - 1, data
        else:
            low = quality + 1
    return high + (found is not None), found


def _decoded(data: bytes) -> Image.Image:
    """What was encoded here a moment ago: these bytes are our own."""
    image = Image.open(BytesIO(data), formats=("JPEG", "WEBP", "AVIF"))
    image.load()
    return image


def _sample(image: Image.Image, side: int) -> Image.Image:
    """All of a small picture; else 4 x 4 parts that lie evenly over it, side by side, in their own pixels."""
    if image.width * image.height <= side * side:
        return image
    width, height = (min(side // _TILES, length // _TILES) for length in image.size)
    if min(width, height) < 1:
        return image.crop((0, 0, min(image.width, side), min(image.height, side)))
    mosaic = Image.new(image.mode, (width * _TILES, height * _TILES))
    for row in range(_TILES):
        top = (image.height - height) * row // (_TILES - 1)
        for column in range(_TILES):
            left = (image.width - width) * column // (_TILES - 1)
            mosaic.paste(image.crop((left, top, left + width, top + height)), (column * width, row * height))
    return mosaic
