"""What a detector is shown: small JPEGs made from decoded pixels, never from uploaded bytes."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Final

from PIL import Image

from ..domain.contactsheets import across, boxes
from ..interfaces import AnalysisCopy
from .choosing import LONG_SIDE, MIN_SIDE, FrameChoice, Still, scaled
from .encoder import Encoding, encode

MAX_BYTES: Final = 5_000_000
_QUALITIES: Final = (90, 80, 70, 60)
_SHRINK: Final = 0.75
_GREY: Final = (128, 128, 128)
_GROUNDS: Final = {"white": (255, 255, 255), "black": (0, 0, 0)}


def copies(choice: FrameChoice) -> tuple[AnalysisCopy, ...]:
    """The copies of a film, or of its one frame: each on white, and on black too where white could hide
    something. The frames that are seen by themselves come first, then the sheets."""
    alone, sheets = choice.split()
    return tuple(copy for stills in [*([still] for still in alone), *sheets] for copy in _copies_of(stills))


def _copies_of(stills: Sequence[Still]) -> Iterator[AnalysisCopy]:
    for name in ("white", "black") if any(still.black for still in stills) else ("white",):
        ground = _GROUNDS[name]
        picture = _laid_on(stills[0].image, ground) if len(stills) == 1 else _sheet(stills, ground)
        yield AnalysisCopy(_within_bytes(_padded(picture)), stills[0].number, name, len(stills))


def _laid_on(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    if image.mode != "RGBA":
        return image
    laid = Image.new("RGB", image.size, ground)
    laid.paste(image, mask=image.getchannel("A"))
    return laid


def _sheet(stills: Sequence[Still], ground: tuple[int, int, int]) -> Image.Image:
    """The frames as tiles of a square grid, line by line; none is larger than it was."""
    count = across(len(stills))
    tiles = [_laid_on(_within(still.image, LONG_SIDE // count), ground) for still in stills]
    width, height = (
        max(ceil(MIN_SIDE / count), *sides) for sides in zip(*(tile.size for tile in tiles), strict=True)
    )
    sheet = Image.new("RGB", (count * width, count * height), _GREY)
    for tile, (left, top, _, _) in zip(tiles, boxes(len(tiles), sheet.size), strict=True):
        sheet.paste(tile, (left + (width - tile.width) // 2, top + (height - tile.height) // 2))
    return sheet


def _within(image: Image.Image, side: int) -> Image.Image:
    return image if max(image.size) <= side else scaled(image, side / max(image.size))


def _padded(image: Image.Image) -> Image.Image:
    """With grey around it where a side is below 80."""
    if min(image.size) >= MIN_SIDE:
        return image
    padded = Image.new(image.mode, (max(image.width, MIN_SIDE), max(image.height, MIN_SIDE)), _GREY)
    padded.paste(image, ((padded.width - image.width) // 2, (padded.height - image.height) // 2))
    return padded


def _within_bytes(image: Image.Image) -> bytes:
    """JPEG 4:4:4, stepped down in quality, then in size, until it fits."""
    while True:
        for quality in _QUALITIES:
            data = encode(image, Encoding("jpg", quality, chroma="444"))
            if len(data) <= MAX_BYTES:
                return data
        image = scaled(image, _SHRINK)
