"""What the admin wire does with assets: look up, list, destroy, purge."""

from dataclasses import dataclass
from collections.abc import Mapping, Sequence
from typing import Any

from ..domain.asset import Asset, EntryStatus
from ..interfaces import AssetPage


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did: how many assets got a new revision, and each tier's state (`confirmed` or `queued`)."""

    count: int
    public_ids: tuple[str, ...]  # at most the first 100
    tiers: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Library:
    """Assets as administrators see them."""

    def get(self, cloud: str, type: str, public_id: str) -> Asset:  # noqa: A002
        """One asset; raises `NotFoundError` (`Resource not found - <public_id>`)."""
        raise NotImplementedError

    def get_by_id(self, cloud: str, asset_id: str) -> Asset:
        """One asset by its id; raises `NotFoundError`."""
        raise NotImplementedError

    def find(self, cloud: str, *, type: str | None = None, prefix: str | None = None, tag: str | None = None,  # noqa: A002
             public_ids: Sequence[str] | None = None, after: tuple[int, str] | None = None, limit: int = 10) -> AssetPage:
        """A page of assets, newest first."""
        raise NotImplementedError

    def moderated(self, cloud: str, kind: str, status: EntryStatus, *, after: tuple[int, str] | None = None,
                  limit: int = 10) -> AssetPage:
        """A page of assets by moderation kind and status."""
        raise NotImplementedError

    def derived(self, cloud: str, asset: Asset, limit: int = 10) -> tuple[Mapping[str, Any], ...]:
        """Derived images that exist of an asset's current revision."""
        raise NotImplementedError

    def destroy(self, cloud: str, type: str, public_id: str, *, actor: str) -> bool:  # noqa: A002
        """Remove an asset; false if there was none."""
        raise NotImplementedError

    def purge(self, cloud: str, *, public_ids: Sequence[str] | None = None, prefix: str | None = None,
              tag: str | None = None, actor: str) -> Purged:
        """Make every cached answer of the matching assets (all, if nothing is named) unfindable, and free it."""
        raise NotImplementedError
