"""What counting must offer."""

from typing import Protocol


class Meter(Protocol):
    """Counts what happens. Never an id among the labels."""

    def provider_call(self, provider: str, outcome: str) -> None:
        """A detector was asked; `outcome` is `ok` or the provider's code."""

    def provider_saved(self, provider: str, why: str, calls: int) -> None:
        """Calls of a detector were saved; `why` is `reused` (kept labels) or `joined` (another's look)."""

    def unknown_label(self, provider: str) -> None:
        """A detector named something that no taxonomy knows."""

    def verdict(self, kind: str, status: str, by: str) -> None:
        """An entry was decided; `by` is `machine` or `person`."""

    def rendered(self, seconds: float) -> None:
        """A derived image was made."""

    def purged(self, edge: str, outcome: str) -> None:
        """An edge was asked to purge: `confirmed`, `accepted` (to be confirmed later) or `failed`."""

    def taken_down(self, seconds: float) -> None:
        """A decision was confirmed by an edge, so many seconds after it was made."""

    def notification(self, type: str, outcome: str) -> None:
        """An attempt to tell somebody of an event of `type` ended: `delivered`, `failed` or `dead`."""
