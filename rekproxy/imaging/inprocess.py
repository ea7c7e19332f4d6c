"""An imager without processes, so without limits of time and memory: for unit tests and inside workers."""

from collections.abc import Collection
from typing import Any

from ..interfaces import Ingested, InputLimits, Rendered, RenderJob
from .facts import find_out
from .ingest import ingest
from .render import render


class InProcessImager:
    """Keeps the promises of `Imager` but for the limits."""

    def __init__(self, max_output_pixels: int) -> None:
        self._max_output_pixels = max_output_pixels

    def ingest(self, data: bytes, limits: InputLimits) -> Ingested:
        return ingest(data, limits)

    def facts(self, data: bytes, limits: InputLimits, asked: Collection[str]) -> dict[str, Any]:
        return find_out(data, limits, asked)

    def render(self, job: RenderJob) -> Rendered:
        return render(job, self._max_output_pixels)

    def close(self) -> None:
        """Nothing to end."""
