"""What the catalog must offer about who is looking at which pixels now."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Looking:
    """The last look at some pixels: whose it is, whether it is under way, or how it failed."""

    token: str
    running: bool
    failure: str | None = None


class Looks(Protocol):
    """The catalog's part about who is looking at which pixels now.

    A look is one detector's of some pixels of a cloud, through one recipe. It belongs to the token that
    claimed it, until it is ended or its time has run out by the database's clock.
    """

    def claim_look(
        self, cloud: str, pixel_digest: str, provider: str, recipe: str, token: str, *, seconds: float
    ) -> str:
        """Be the one who looks, for `seconds`. Gives the token of who does: another one's if it is later."""

    def prolong_look(
        self, cloud: str, pixel_digest: str, provider: str, recipe: str, token: str, *, seconds: float
    ) -> None:
        """Look on for `seconds` from now, if the look is still ours."""

    def end_look(
        self,
        cloud: str,
        pixel_digest: str,
        provider: str,
        recipe: str,
        token: str,
        *,
        failure: str | None = None,
        calls: int = 0,
    ) -> None:
        """Stop looking without labels. A `failure` is left for those who wait for this look; `calls` of the
        provider were answered all the same, and count as used."""

    def look(self, cloud: str, pixel_digest: str, provider: str, recipe: str) -> Looking | None:
        """The last look at these pixels; `None` when it left its labels, or there was none."""

    def hand_over(self, cloud: str, version_id: str) -> None:
        """Have a worker judge a version now: the process that took it in does not wait for its turn."""
