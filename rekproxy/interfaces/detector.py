"""What a detector must offer: whoever sees what is in a picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..domain.policy import Label
from .imager import AnalysisCopy


@dataclass(frozen=True, slots=True)
class Detection:
    """A well-formed answer of a detector for one analysis copy.

    `content_types` maps names such as `Illustrated` to confidences 0..100.
    """

    labels: tuple[Label, ...]
    model: str
    taxonomy: str  # "6.1" or "7"
    content_types: Mapping[str, float] = field(default_factory=dict)
    request_id: str | None = None


class Detector(Protocol):
    """Sees what is in a picture. An answer that is not well-formed is a `ProviderError`, never no labels."""

    @property
    def name(self) -> str:
        """`rekognition`, `opennsfw`, …: written beside each verdict."""

    @property
    def coverage(self) -> frozenset[str] | None:
        """Keys of the top-level categories (taxonomy 7) that it can see at all; `None` means all."""

    @property
    def min_side(self) -> int:
        """Smallest side in pixels that an original must have (80 for Rekognition)."""

    @property
    def limits_said(self) -> str:
        """One sentence for people: what it can and cannot see."""

    @property
    def paid(self) -> bool:
        """Whether calls cost money or count against a quota, so that `provider_rate` holds for them."""

    def check(self) -> None:
        """Raises `ProviderError` at once while it is of no use to ask."""

    def detect(self, copy: AnalysisCopy, min_confidence: float) -> Detection:
        """Judge one picture; labels under `min_confidence` (0..100) may lack. Raises `ProviderError`."""

    def ping(self) -> str:
        """One line on what answers (`doctor`, `readyz`); raises `ProviderError` when nothing does."""
