"""A harmless picture that no other picture looks like, to try a live installation with."""

import secrets
from io import BytesIO
from typing import Final

from PIL import Image

_SQUARES: Final = 8
_SIDE: Final = 128


def draw() -> bytes:
    """Coloured squares as PNG of 128x128, new ones each time: no earlier decision is about them."""
    squares = Image.frombytes("RGB", (_SQUARES, _SQUARES), secrets.token_bytes(3 * _SQUARES**2))
    target = BytesIO()
    squares.resize((_SIDE, _SIDE), Image.Resampling.NEAREST).save(target, "PNG")
    return target.getvalue()
