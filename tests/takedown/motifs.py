"""Pictures whose pixels say which they are, also when they are scaled, encoded, or laid on one another.

The lower half of each is a field of dark and light cells: 16 bits of a number and 8 to check them. Whatever
is laid on a picture covers its upper half alone.
"""

import io
import zlib

from PIL import Image

_COLUMNS, _ROWS = 8, 3
_DARK, _LIGHT = 30, 225


class UnreadableError(Exception):
    """No number is in these pixels."""


def draw(number: int, side: int = 160, *, noise: bool = False) -> bytes:
    """A square JPEG that shows `number`, below 65,536; with noise in its upper half it is large."""
    bits = number << 8 | _check(number)
    cells = [_LIGHT if bits >> place & 1 else _DARK for place in range(_COLUMNS * _ROWS)]
    field = Image.frombytes("L", (_COLUMNS, _ROWS), bytes(cells))
    image = Image.new("RGB", (side, side), (90, 120, 150))
    if noise:
        image.paste(Image.effect_noise((side, side // 2), 120).convert("RGB"))
    image.paste(
        field.resize((side, side - side // 2), Image.Resampling.NEAREST).convert("RGB"), (0, side // 2)
    )
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=95)
    return stream.getvalue()


def read(body: bytes, layers: int) -> tuple[int, ...]:
    """The number of a picture, and of the one laid on its upper left quarter. Raises `UnreadableError`."""
    try:
        with Image.open(io.BytesIO(body)) as image:
            image.draft("L", (320, 320))
            grey = image.convert("L")
    except (OSError, SyntaxError, ValueError) as error:
        raise UnreadableError(str(error)) from error
    width, height = grey.size
    upper = grey.crop((0, 0, width // 2, height // 2))
    return tuple(_number(each) for each in (grey, upper)[: 1 + layers])


def _number(grey: Image.Image) -> int:
    width, height = grey.size
    field = grey.crop((0, height // 2, width, height))
    cells = field.resize((_COLUMNS * 3, _ROWS * 3), Image.Resampling.BOX)
    middles = [cells.getpixel((3 * (p % _COLUMNS) + 1, 3 * (p // _COLUMNS) + 1)) for p in range(24)]
    bits = sum((shade > 127) << place for place, shade in enumerate(middles))
    number, check = bits >> 8, bits & 0xFF
    if check != _check(number):
        raise UnreadableError(f"{number} has the check {check}")
    return number


def _check(number: int) -> int:
    return zlib.crc32(number.to_bytes(2)) & 0xFF
