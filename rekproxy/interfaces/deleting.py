"""What the catalog must offer about taking much away at once: assets, and images derived from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain.asset import Asset


@dataclass(frozen=True, slots=True)
class Dropped:
    """An image derived from an asset that is not remembered any more: its file's key is to be freed."""

    id: int
    asset_id: str
    key: str


class Deleting(Protocol):
    """The part of the catalog about taking much away at once."""

    def destroy_each(
        self, cloud: str, asset_ids: Sequence[str], *, actor: str, notification_url: str | None = None
    ) -> tuple[Asset, ...]:
        """Take assets away, each as `Catalog.destroy` says, a few in a transaction; gives what they were.

        Those that there are not, or that were deleted before, are passed over. With `notification_url` those
        that it names are told.
        """

    def derived_counts(self, cloud: str, asset_ids: Sequence[str]) -> Mapping[str, int]:
        """How many images derived from the current revision of each asset are remembered."""

    def drop_derived(self, cloud: str, ids: Sequence[int]) -> tuple[Dropped, ...]:
        """Forget derived images by their numbers; gives those that there were."""

    def drop_derived_of(
        self, cloud: str, asset_ids: Sequence[str], transformations: Sequence[tuple[str, str | None]]
    ) -> tuple[Dropped, ...]:
        """Forget those of some assets that were made by one of these canonical transformations, in one
        format where one is named."""
