"""What the catalog must offer about the labels that detectors gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeptLabels:
    """What a detector said about some pixels: every label from `floor` (0..100) up, as JSON text.

    `coverage` is what it could see at all, `None` for everything. `created_at` is in milliseconds since 1970.
    """

    floor: float
    labels_json: str
    coverage: frozenset[str] | None
    created_at: int
    model: str = ""


class Labels(Protocol):
    """The part of the catalog about what detectors saw, for policies that change to be judged by anew."""

    def keep_labels(
        self,
        cloud: str,
        pixel_digest: str,
        provider: str,
        model: str,
        recipe: str,
        floor: float,
        labels_json: str,
        coverage: Sequence[str] | None,
        *,
        calls: int = 0,
    ) -> None:
        """Keep a detector's raw labels of these pixels, seen through `recipe`; replaces earlier ones.

        Ends the look at them, whoever held it. The `calls` that it took count as used.
        """

    def kept_labels(
        self,
        cloud: str,
        pixel_digest: str,
        provider: str,
        model: str | None,
        recipe: str,
        floor: float,
        *,
        days: int | None = None,
    ) -> KeptLabels | None:
        """What was kept, if it was recorded from a floor at or below `floor`, and within the last `days`.

        Without a `model` that counts which the provider last answered with, to any cloud.
        """
