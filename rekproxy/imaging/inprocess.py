"""An imager without processes, so without limits of time and memory: for unit tests and inside workers."""

from ..interfaces import Ingested, InputLimits, Rendered, RenderJob
from .ingest import ingest
from .render import render


class InProcessImager:
    """Keeps the promises of `Imager` but for the limits."""

    def __init__(self, max_output_pixels: int) -> None:
        self._max_output_pixels = max_output_pixels

    def ingest(self, data: bytes, limits: InputLimits) -> Ingested:
        return ingest(data, limits)

    def render(self, job: RenderJob) -> Rendered:
        return render(job, self._max_output_pixels)

    def close(self) -> None:
        """Nothing to end."""
