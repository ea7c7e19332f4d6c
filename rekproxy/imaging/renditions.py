"""Smaller copies of a large original, made once at ingest so that no delivery decodes the original again."""

from typing import Final

from PIL import Image

from ..domain.asset import Rendition
from ..domain.renditions import planned
from .encoder import Encoding, encode
from .scaling import lanczos

_QUALITY: Final = 95


def make(image: Image.Image) -> tuple[tuple[Rendition, bytes], ...]:
    """A rendition per edge that the picture is large enough for, each made from the next larger one."""
    made = []
    for rendition in planned(image.size, frames=1, has_alpha=image.mode == "RGBA"):
        image = lanczos(image, (rendition.width, rendition.height))
        data = encode(image, Encoding(rendition.format, _QUALITY, chroma="444"))
        made.append((rendition, data))
    return tuple(made)
