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
        asset_ids: Sequence[str] | None = None,
        folder: str | None = None,
        context: tuple[str, str | None] | None = None,
        uploader: str | None = None,
        start_at: int | None = None,
        ascending: bool = False,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """Assets, newest first; those whose names begin with a prefix in the order of names.

        `ascending` turns the order round, and begins with those of `start_at` (milliseconds), else with the
        last before it. `context` is a key, and the value that it must have if one is given. A tag, a context
        and a folder are each a listing of their own: of several the first counts. Where one index does
        not answer all that is asked, a page looks through `MOST_LOOKED_THROUGH` assets at most; it may then
        have fewer than `limit`, and still say where to go on.
        """

    def count_assets(self, cloud: str, folder: str, *, most: int) -> int:
        """How many assets lie in a folder itself, counted up to `most`."""

    def list_moderated(
        self,
        cloud: str,
        kind: str,
        status: EntryStatus,
        *,
        uploader: str | None = None,
        start_at: int | None = None,
        ascending: bool = False,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """Assets whose current version has an entry of `kind` in `status`, newest entry first; as above."""

    def began(self, cloud: str) -> int | None:
        """When the first thing happened in a cloud (milliseconds); `None` if nothing ever did."""

    def standings_of(self, cloud: str, uploader: str, *, most: int = 1000) -> Mapping[str, int]:
        """How many pictures of one uploader stand how, of the newest `most`."""

    def pending(self, cloud: str | None) -> tuple[int, int | None]:
        """How many assets are pending, and since when the oldest (milliseconds); `None` means all clouds."""

    def pinned(self, cloud: str, uri: str) -> Pin | None:
        """The pin under which `uri` is registered as some asset's current version."""
