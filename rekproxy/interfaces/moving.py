"""What the catalog must offer about images that came over from another service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..domain.asset import Asset

#: A delivery type and a public id.
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """What was last taken over of one image: a digest of what was told of it, and what it became here."""

    mark: str
    asset_id: str
    version_id: str


class Moving(Protocol):
    """The part of the catalog about what came from where. `origin` names a service and its cloud."""

    def moved(self, cloud: str, origin: str, names: Sequence[Name]) -> Mapping[Name, Mark]:
        """The marks of those images of an origin that came over before."""

    def see_moved(self, cloud: str, origin: str, names: Sequence[Name]) -> None:
        """Note that these images are still there."""

    def amend(
        self,
        cloud: str,
        origin: str,
        name: Name,
        before: Mark,
        fields: Mapping[str, Any],
        mark: str,
        *,
        actor: str,
    ) -> Asset | None:
        """Say of an image that came over what is told of it there now (`fields` as in `Change`), and keep the
        new mark. Its bytes and its verdict stay.

        `None`, and nothing is written, when it is no longer what came over.
        """

    def moved_counts(self, cloud: str, origin: str) -> Mapping[tuple[str, str], int]:
        """How many images of an origin are here, by delivery type and standing; `gone` for those that were
        destroyed here."""

    def moved_unseen(self, cloud: str, origin: str, since: int, *, limit: int = 1000) -> tuple[Asset, ...]:
        """Images that came over, are still what came, and were not seen at their origin since a time
        (milliseconds)."""
