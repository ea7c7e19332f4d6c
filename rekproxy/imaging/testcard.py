"""A harmless picture that every configuration rejects, and the pattern by which it is known again."""

from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

_CELL: Final = 40
_COLUMNS, _ROWS = 16, 12
_SIZE: Final = (_COLUMNS * _CELL, _ROWS * _CELL)
#: The code stands in the two rows at the top and the two at the bottom: 64 cells, black or white.
_CODE_ROWS: Final = (0, 1, _ROWS - 2, _ROWS - 1)
_BITS: Final = int.from_bytes(sha256(b"rekproxy test card").digest()[:8])
_DARK, _LIGHT = 80, 176
#: Each cell is read in its middle, one sample of this grid's nine in it.
_SAMPLES: Final = 3
_INK, _PAPER, _BAND = (20, 20, 20), (255, 255, 255), (255, 196, 0)
_LINES: Final = (
    (180, 64, "TEST CARD"),
    (258, 28, "Made by rekproxy to see a rejection."),
    (306, 28, "The public must never see this picture."),
)


def draw() -> bytes:
    """The card as PNG, 640x480. It is known again from 200 pixels in width on, also as JPEG of quality 60."""
    card = Image.new("RGB", _SIZE, _BAND)
    pen = ImageDraw.Draw(card)
    for (column, row), white in zip(_cells(), _pattern(), strict=True):
        left, top = column * _CELL, row * _CELL
        colour = _PAPER if white else _INK
        pen.rectangle((left, top, left + _CELL - 1, top + _CELL - 1), fill=colour)
    for height, size, text in _LINES:
        pen.text((_SIZE[0] / 2, height), text, fill=_INK, font=ImageFont.load_default(size), anchor="mm")
    target = BytesIO()
    card.save(target, "PNG", optimize=True)
    return target.getvalue()


def is_testcard(image: Image.Image) -> bool:
    """Whether all 64 cells carry the card's pattern. Chance has one in 2^64 for black-and-white noise of
    just that grid; photographs have not even the contrast."""
    grid = (_COLUMNS * _SAMPLES, _ROWS * _SAMPLES)
    if image.width < grid[0] or image.height < grid[1]:
        return False
    grey = image.convert("RGB").resize(grid, Image.Resampling.BOX, reducing_gap=2.0).convert("L")
    middle = _SAMPLES // 2
    seen = (grey.getpixel((column * _SAMPLES + middle, row * _SAMPLES + middle)) for column, row in _cells())
    return all(
        isinstance(level, int) and (level >= _LIGHT if white else level <= _DARK)
        for level, white in zip(seen, _pattern(), strict=True)
    )


def _cells() -> tuple[tuple[int, int], ...]:
    return tuple((column, row) for row in _CODE_ROWS for column in range(_COLUMNS))


def _pattern() -> tuple[bool, ...]:
    return tuple(bool(_BITS >> place & 1) for place in range(len(_CODE_ROWS) * _COLUMNS))
