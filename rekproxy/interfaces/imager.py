"""What an imager must offer: everything that touches pixels."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..domain.asset import Rendition

#: Left, top, width, height in pixels.
Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class InputLimits:
    """What may be decoded at all. `max_pixels` counts width times height times frames."""

    max_pixels: int
    max_frames: int = 1000


@dataclass(frozen=True, slots=True)
class AnalysisCopy:
    """What a detector is shown: JPEG, at most 5,000,000 bytes, sides 80 to 10,000.

    With more than one tile it is a contact sheet of so many frames (`domain.contactsheets`), `frame` being
    the number of the first.
    """

    data: bytes
    frame: int
    ground: str  # "white" or "black": what transparency was laid on
    tiles: int = 1


@dataclass(frozen=True, slots=True)
class Ingested:
    """All that one decoding pass tells about an upload. Sizes are upright."""

    format: str  # jpg png webp gif avif heic tiff bmp
    width: int
    height: int
    frames: int
    has_alpha: bool
    pixel_digest: str
    testcard: bool
    analysis: tuple[AnalysisCopy, ...]
    renditions: tuple[tuple[Rendition, bytes], ...]


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One picture to make.

    `transformation` is canonical text (`domain.transformation`), `original_size` the upright size that its
    geometry counts in, though `base` may hold a smaller rendition. `layers` maps each layer's name (that of
    its `domain.sources.Image`) to (bytes, upright size). `format` is the resolved output: jpg png webp avif
    gif. `clean` asks for the original's own pixels and encoder settings, upright and without metadata.
    `faces` and `custom` are the regions that were given with the upload, in pixels of the original. `is_copy`
    says that `base` is a rendition, which was written here and not by who uploaded the original.
    """

    base: bytes
    original_size: tuple[int, int]
    transformation: str
    format: str
    layers: Mapping[str, tuple[bytes, tuple[int, int]]] = field(default_factory=dict)
    clean: bool = False
    faces: tuple[Rectangle, ...] = ()
    custom: tuple[Rectangle, ...] = ()
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished picture."""

    body: bytes
    format: str
    width: int
    height: int


class Imager(Protocol):
    """Decodes, transforms and encodes untrusted bytes, within limits of time and memory."""

    def ingest(self, data: bytes, limits: InputLimits) -> Ingested:
        """One pass over an upload. Raises `InvalidImageError`, `ImagerError`, `OverloadedError`."""

    def facts(self, data: bytes, limits: InputLimits, asked: Collection[str]) -> Mapping[str, Any]:
        """Find out what the parameters `asked` ask for (`domain.facts`), and nothing else.

        Raises `InvalidImageError`, `ImagerError`, `OverloadedError`.
        """

    def render(self, job: RenderJob) -> Rendered:
        """Make one picture. Raises `InvalidImageError`, `InvalidTransformationError` (an output beyond the
        limits), `ImagerError`, `OverloadedError`."""

    def close(self) -> None:
        """End the workers."""
