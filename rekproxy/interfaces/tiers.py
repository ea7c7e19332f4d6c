"""What the catalog must offer about derived images and bytes: rebuildable, and only ever a help."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Made:
    """A derived image that was stored under `key`: what of, and the ids of the assets that it shows besides.

    `transformation` is canonical text, `bytes` the length of the stored file.
    """

    asset_id: str
    revision: int
    transformation: str
    format: str
    key: str
    bytes: int
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resting:
    """A derived image that nobody has asked for in a while; `used_at` in milliseconds, as last noted."""

    key: str
    bytes: int
    used_at: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a tier holds."""

    bytes: int
    files: int


class Tiers(Protocol):
    """The catalog's part about derived images and about the bytes of each tier."""

    def note_derived(self, cloud: str, made: Sequence[Made]) -> tuple[str, ...]:
        """Remember derived images that were just stored, in one transaction.

        Gives the keys of files that nothing finds any more, and that the caller is to remove: of those that
        are not remembered, as their revision is no longer current or something they show is gone; and of
        those that had to make room, as an asset has at most 1,000 derived images.
        """

    def derived(
        self, cloud: str, asset_id: str, limit: int = 10, *, after: int = 0
    ) -> tuple[Mapping[str, Any], ...]:
        """Derived images of an asset's current revision: dicts with id, transformation, format, bytes."""

    def use_derived(self, uses: Mapping[str, int]) -> None:
        """Count uses by key, and remember that these were used now. A key that is not known is no error."""

    def resting(self, limit: int) -> tuple[Resting, ...]:
        """The derived images, of all clouds, that were used least recently."""

    def forget_derived(self, resting: Sequence[Resting]) -> None:
        """Forget derived images whose files were removed, but for those that were used or made since."""

    def known_derived(self, keys: Collection[str]) -> frozenset[str]:
        """Those of the keys under which a derived image is remembered."""

    def derived_between(self, first: str, last: str, limit: int) -> tuple[Resting, ...]:
        """Derived images with keys above `first` and up to `last`, in the order of their keys."""

    def referenced(self, digests: Collection[str]) -> frozenset[str]:
        """Those of the digests that a version has, pinned or in our storage, and not erased."""

    def known_blobs(self, digests: Collection[str]) -> frozenset[str]:
        """Those of the digests that the catalog knows to be stored, wanted or given up."""

    def held(self, cloud: str | None) -> Mapping[str, Held]:
        """What the tiers `derived` and `original` hold of a cloud (of all, if it is `None`), without a scan.

        Each version counts its own bytes, though the same bytes are stored once. Pinned ones count nothing.
        """

    def add_up(self) -> None:
        """Put the changes of what is held together, so that `held` has little to read."""
