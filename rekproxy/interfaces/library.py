"""What the catalog must offer to be read: assets, listings of them, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain.asset import Asset, EntryStatus, Pin, Version


@dataclass(frozen=True, slots=True)
class AssetPage:
    """A page of a listing; `after` is what the next page starts behind, `None` on the last."""

    assets: tuple[Asset, ...]
    after: tuple[int, str] | None = None


class Library(Protocol):
    """The part of the catalog that is read."""

    def asset(self, cloud: str, type: str, public_id: str) -> Asset | None:
        """One asset by name, with its current version and moderations."""

    def asset_by_id(self, cloud: str, asset_id: str) -> Asset | None:
        """One asset by id."""

    def version(self, cloud: str, version_id: str) -> Version | None:
        """One version, current or not."""

    def list_assets(
        self,
        cloud: str,
        *,
        type: str | None = None,
        prefix: str | None = None,
        tag: str | None = None,
        public_ids: Sequence[str] | None = None,
        uploader: str | None = None,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """Assets, newest first."""

    def list_moderated(
        self,
        cloud: str,
        kind: str,
        status: EntryStatus,
        *,
        uploader: str | None = None,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """Assets whose current version has an entry of `kind` in `status`, newest entry first."""

    def standings_of(self, cloud: str, uploader: str, *, most: int = 1000) -> Mapping[str, int]:
        """How many pictures of one uploader stand how, of the newest `most`."""

    def pending(self, cloud: str | None) -> tuple[int, int | None]:
        """How many assets are pending, and since when the oldest (milliseconds); `None` means all clouds."""

    def pinned(self, cloud: str, uri: str) -> Pin | None:
        """The pin under which `uri` is registered as some asset's current version."""
