"""What the admin wire does with assets: look up, list, destroy, purge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..domain.asset import Asset, EntryStatus
from ..domain.cachekeys import derived_prefix
from ..errors import NotFoundError, StorageUnavailableError
from ..interfaces import AssetPage, AuditLine, Catalog, Storage
from ..interfaces.folders import TagPage
from .takedown import PurgeEdges, no_edges

#: Derived images that are counted of one asset; the catalog remembers no more.
_MOST_COUNTED = 1000
#: Assets that are counted of one folder: to count is to read them.
MOST_IN_FOLDER = 10_000


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did: how many assets got a new revision, and each tier's state, confirmed or queued."""

    count: int
    public_ids: tuple[str, ...]  # at most the first 100
    tiers: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What was taken away: the asset as it was, and how many images there were that were derived from it."""

    asset: Asset
    derived: int


@dataclass(frozen=True, slots=True)
class Library:
    """Assets as administrators see them."""

    catalog: Catalog
    derived_store: Storage
    purge_edges: PurgeEdges = no_edges

    def get(self, cloud: str, type: str, public_id: str) -> Asset:
        """One asset; raises `NotFoundError` (`Resource not found - <public_id>`)."""
        asset = self.catalog.asset(cloud, type, public_id)
        if asset is None:
            raise NotFoundError(f"Resource not found - {public_id}")
        return asset

    def get_by_id(self, cloud: str, asset_id: str) -> Asset:
        """One asset by its id; raises `NotFoundError`."""
        asset = self.catalog.asset_by_id(cloud, asset_id)
        if asset is None:
            raise NotFoundError(f"Resource not found - {asset_id}")
        return asset

    def find(
        self,
        cloud: str,
        *,
        after: tuple[int, str] | None = None,
        limit: int = 10,
        **asked: Any,
    ) -> AssetPage:
        """A page of assets; `asked` and their order are those of `Catalog.list_assets`."""
        return self.catalog.list_assets(cloud, after=after, limit=limit, **asked)

    def count(self, cloud: str, folder: str) -> int:
        """How many assets lie in a folder itself, counted up to `MOST_IN_FOLDER`."""
        return self.catalog.count_assets(cloud, folder, most=MOST_IN_FOLDER)

    def moderated(
        self,
        cloud: str,
        kind: str,
        status: EntryStatus,
        *,
        after: tuple[int, str] | None = None,
        limit: int = 10,
        **asked: Any,
    ) -> AssetPage:
        """A page of assets by moderation kind and status; `asked` is as in `Catalog.list_moderated`."""
        return self.catalog.list_moderated(cloud, kind, status, after=after, limit=limit, **asked)

    def derived(self, cloud: str, asset: Asset, limit: int = 10) -> tuple[Mapping[str, Any], ...]:
        """The first images derived from an asset's current revision."""
        return self.derived_page(cloud, asset, limit)[0]

    def derived_page(
        self, cloud: str, asset: Asset, limit: int = 10, after: int = 0
    ) -> tuple[tuple[Mapping[str, Any], ...], int | None]:
        """Images derived from an asset's current revision, those of numbers behind `after`, and behind which
        number the next ones begin, if there are any."""
        found = self.catalog.derived(cloud, asset.asset_id, limit + 1, after=after)
        return found[:limit], found[limit - 1]["id"] if len(found) > limit else None

    def tags(self, cloud: str, *, prefix: str, after: str | None, limit: int) -> TagPage:
        """A page of the tags that there are, as `Catalog.list_tags` says."""
        return self.catalog.list_tags(cloud, prefix=prefix, after=after, limit=limit)

    def since(self, cloud: str) -> int:
        """Since when a cloud is used (milliseconds): now, if nothing has happened in it yet."""
        began = self.catalog.began(cloud)
        return self.catalog.clock() if began is None else began

    def history(self, cloud: str, asset: Asset) -> tuple[AuditLine, ...]:
        """What became of an asset, and by whom: its audit, oldest first, at most 100 lines."""
        return self.catalog.audit(cloud, asset.asset_id)

    def destroy(
        self, cloud: str, type: str, public_id: str, *, actor: str, notification_url: str | None = None
    ) -> Destroyed | None:
        """Take an asset away, as `Catalog.destroy` says; `None` if there was none."""
        asset = self.catalog.asset(cloud, type, public_id)
        if asset is None:
            return None
        return self.destroy_by_id(cloud, asset.asset_id, actor=actor, notification_url=notification_url)

    def destroy_by_id(
        self,
        cloud: str,
        asset_id: str,
        *,
        actor: str,
        version_id: str | None = None,
        notification_url: str | None = None,
    ) -> Destroyed | None:
        """As `destroy`, for the asset of an id; with `version_id`, only while that is its version."""
        derived = len(self.catalog.derived(cloud, asset_id, _MOST_COUNTED))
        gone = self.catalog.destroy(
            cloud, asset_id, actor=actor, version_id=version_id, notification_url=notification_url
        )
        return Destroyed(gone, derived) if gone else None

    def purge(
        self,
        cloud: str,
        *,
        public_ids: Sequence[str] | None = None,
        prefix: str | None = None,
        tag: str | None = None,
        actor: str,
    ) -> Purged:
        """Make every cached answer of the matching assets (all, if nothing is named) unfindable, and free it.

        New revisions do the first at once, in every process; the derived files of up to 100 assets are
        freed here, those of more by jobs.
        """
        renewed = self.catalog.renew(cloud, public_ids=public_ids, prefix=prefix, tag=tag, actor=actor)
        first = tuple(islice(renewed, 100))
        count = len(first) + sum(1 for _ in renewed)
        files, size, freed = self._free(first)
        state = "confirmed" if freed and count == len(first) else "queued"
        tiers: tuple[Mapping[str, Any], ...] = (
            {"tier": "memory", "state": "confirmed"},
            {"tier": "derived", "state": state, "files": files, "bytes": size},
            *self._edges(cloud, first, count),
        )
        return Purged(count, tuple(asset.public_id for asset in first), tiers)

    def _edges(self, cloud: str, first: Sequence[Asset], count: int) -> Sequence[Mapping[str, Any]]:
        """Edges are purged here of what is named here; of more, by the jobs."""
        tiers = self.purge_edges(cloud, first)
        if count == len(first):
            return tiers
        return [{"tier": tier["tier"], "state": "queued"} for tier in tiers]

    def _free(self, assets: Sequence[Asset]) -> tuple[int, int, bool]:
        """Delete derived files of revisions before the purge; a storage that fails leaves it to the jobs."""
        files = size = 0
        try:
            for asset in assets:
                gone = self.derived_store.delete_prefix(f"{derived_prefix(asset.asset_id)}{asset.revision}/")
                files, size = files + gone[0], size + gone[1]
        except StorageUnavailableError:
            return files, size, False
        return files, size, True
