"""Smaller copies of a large original, made once at ingest so that no delivery decodes the original again."""

from typing import Final

from PIL import Image

from ..domain.asset import Rendition
from .encoder import Encoding, encode

#: Long edges in pixels, largest first.
EDGES: Final = (2560, 1280, 640)
#: An original must be this many times as long as an edge for a rendition to be worth its bytes.
WORTH: Final = 1.25
_QUALITY: Final = 95


def make(image: Image.Image) -> tuple[tuple[Rendition, bytes], ...]:
    """A rendition per edge that the picture is large enough for, each made from the next larger one."""
    original, longest = image.size, max(image.size)
    made = []
    for edge in EDGES:
        if longest < edge * WORTH:
            continue
        image = image.resize(_fitted(original, edge), Image.Resampling.LANCZOS)
        form = "png" if image.mode == "RGBA" else "jpg"
        data = encode(image, Encoding(form, _QUALITY, chroma="444"))
        made.append((Rendition(edge, image.width, image.height, form), data))
    return tuple(made)


def _fitted(size: tuple[int, int], edge: int) -> tuple[int, int]:
    longest = max(size)
    width, height = (max(1, (2 * side * edge + longest) // (2 * longest)) for side in size)
    return width, height
