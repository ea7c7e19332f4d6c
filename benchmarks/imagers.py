"""Our imager alone, without HTTP and catalog: what the pixels cost, and how near they come to the best."""

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.interfaces import InputLimits, RenderJob

LIMITS = InputLimits(max_pixels=60_000_000)
#: As `services.derive` chooses: a rendition is at least this many times as large as what is wanted.
_HEADROOM = 1.25


@dataclass(frozen=True, slots=True)
class Alone:
    """A photograph in memory, with the renditions that ingest makes of it."""

    imager: InProcessImager
    original: bytes
    size: tuple[int, int]
    renditions: Mapping[int, bytes]

    @classmethod
    def of(cls, file: Path) -> "Alone":
        """Take a photograph in."""
        imager = InProcessImager(max_output_pixels=25_000_000)
        data = file.read_bytes()
        taken = imager.ingest(data, LIMITS)
        return cls(imager, data, (taken.width, taken.height), {r.edge: body for r, body in taken.renditions})

    def base(self, width: int) -> bytes:
        """What a landscape picture `width` wide is made from."""
        fitting = [edge for edge in self.renditions if edge >= width * _HEADROOM]
        return self.renditions[min(fitting)] if fitting else self.original

    def take(self, text: str, width: int, form: str) -> float:
        """Make a picture; gives the seconds of processor time."""
        started = time.process_time()
        self.imager.render(RenderJob(self.base(width), self.size, text, form))
        return time.process_time() - started

    def pixels(self, text: str, width: int) -> Image.Image:
        """A picture before any lossy encoder has seen it."""
        rendered = self.imager.render(RenderJob(self.base(width), self.size, text, "png"))
        return Image.open(io.BytesIO(rendered.body)).convert("RGB")
