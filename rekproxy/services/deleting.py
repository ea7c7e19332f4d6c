"""Deletes of many at once: assets page by page, or only the images that were derived from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..domain.asset import Asset
from ..errors import StorageUnavailableError
from ..interfaces import Catalog, Storage

#: Assets that one call takes at most; what is left goes with the next call.
MOST: Final = 1000

#: A place in a listing, as the catalog gives it.
Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to go of the assets that are meant: they themselves, or what was derived from them.

    `transformations` are canonical, each with a format if only that one is meant; without any, all that was
    derived goes. With `renewed` the assets get new revisions, so that no cache finds what went either.
    """

    keep_original: bool = False
    transformations: tuple[tuple[str, str | None], ...] = ()
    renewed: bool = False
    notification_url: str | None = None

    @property
    def only_derived(self) -> bool:
        """Whether the assets themselves stay."""
        return self.keep_original or bool(self.transformations)


@dataclass(frozen=True, slots=True)
class Gone:
    """What went: the assets concerned, as they were, and how many derived images of each by its id.

    `after` tells where the next call is to go on, if more are meant.
    """

    assets: tuple[Asset, ...]
    derived: Mapping[str, int]
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """Takes assets away, and what was derived from them."""

    catalog: Catalog
    derived_store: Storage

    def page(self, cloud: str, wish: Wish, *, actor: str, after: Place | None = None, **meant: Any) -> Gone:
        """Delete of the next `MOST` assets; `meant` says which, as in `Catalog.list_assets`."""
        page = self.catalog.list_assets(cloud, after=after, limit=MOST, **meant)
        assets = page.assets
        if wish.only_derived:
            return Gone(assets, self._derived(cloud, assets, wish, actor), page.after)
        ids = [asset.asset_id for asset in assets]
        derived = self.catalog.derived_counts(cloud, ids) if ids else {}
        gone = self.catalog.destroy_each(cloud, ids, actor=actor, notification_url=wish.notification_url)
        # what the listing had, not what the lock found: the order is the listing's
        by_id = {asset.asset_id: asset for asset in gone}
        return Gone(tuple(by_id[each] for each in ids if each in by_id), derived, page.after)

    def derived(self, cloud: str, ids: Sequence[int]) -> frozenset[int]:
        """Delete derived images by their numbers; gives the numbers of those that there were."""
        dropped = self.catalog.drop_derived(cloud, ids)
        self._free([one.key for one in dropped])
        return frozenset(one.id for one in dropped)

    def _derived(self, cloud: str, assets: Sequence[Asset], wish: Wish, actor: str) -> Mapping[str, int]:
        ids = [asset.asset_id for asset in assets]
        if not ids:
            return {}
        counts = dict.fromkeys(ids, 0)
        if wish.transformations:
            dropped = self.catalog.drop_derived_of(cloud, ids, wish.transformations)
            self._free([one.key for one in dropped])
            for one in dropped:
                counts[one.asset_id] += 1
        else:
            counts |= self.catalog.derived_counts(cloud, ids)
        if wish.renewed or not wish.transformations:
            # new revisions: nothing that was derived is found any more, and jobs free the files
            for _ in self.catalog.renew(cloud, asset_ids=ids, actor=actor):
                pass
        return counts

    def _free(self, keys: Sequence[str]) -> None:
        """Delete files; those that a storage keeps now are found by the sweep of what no row knows."""
        try:
            self.derived_store.delete_many(keys)
        except StorageUnavailableError:
            return
