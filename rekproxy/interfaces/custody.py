"""What the catalog must offer about restrictions, legal holds, and erasing for good."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from ..domain.asset import Asset


@dataclass(frozen=True, slots=True)
class Erasure:
    """An asset that is gone from the catalog, and the bytes that are to go with it.

    `digests` are the originals that nobody else has, `shared` those that another asset has too, which stay
    for that one. `pins` are places of originals that were imported and are not ours to remove. `derived` are
    storage keys of other assets' pictures that show this one.
    """

    asset: Asset
    versions: int
    digests: tuple[str, ...]
    shared: tuple[str, ...]
    pins: tuple[str, ...]
    derived: tuple[str, ...]


class Custody(Protocol):
    """The catalog's part about restrictions, legal holds, and erasing for good."""

    def restrict(
        self,
        cloud: str,
        asset_id: str,
        role: str,
        *,
        roles: Collection[str],
        actor: str,
        reason: str | None = None,
        note: str | None = None,
    ) -> Asset:
        """Hide an asset at once from all but `role` and admins, whatever is decided about it.

        Overwriting, deciding, deleting and restoring do not lift it. A restriction that is there is changed
        only by somebody who may lift it. `roles` are the caller's. Raises `NotFoundError`, `ForbiddenError`.
        """

    def lift(
        self,
        cloud: str,
        asset_id: str,
        *,
        roles: Collection[str],
        actor: str,
        reason: str | None = None,
        note: str | None = None,
    ) -> Asset:
        """End a restriction: the verdict counts again. For the role that it names, and for admins.

        Without a restriction nothing changes. Raises `NotFoundError`, `ForbiddenError`.
        """

    def hold(self, cloud: str, asset_id: str, why: str, *, actor: str) -> Asset:
        """Put an asset under a legal hold: until it is released, nothing of it is erased.

        Another hold takes the place of one that is there. Raises `NotFoundError`.
        """

    def release(self, cloud: str, asset_id: str, *, actor: str, note: str | None = None) -> Asset:
        """End a legal hold; without one nothing changes. Raises `NotFoundError`."""

    def erase(
        self, cloud: str, asset_id: str, *, actor: str, reason: str | None = None, note: str | None = None
    ) -> Erasure:
        """Remove an asset with all that is known of it; its name is free again.

        What stays: its audit, what people decided about its pixels, and a job `erase` that frees its bytes
        should the caller not come to it. Raises `NotFoundError`, `HeldError` under a legal hold.
        """

    def erase_blob(self, cloud: str, digest: str, erase: Callable[[], None]) -> bool:
        """Erase bytes that `erase` gave up, unless somebody wants them again since then; false if so.

        `erase` runs inside the transaction, so that whoever wants them meanwhile stores them anew.
        """

    def retire(self, before: int, limit: int, *, actor: str) -> int:
        """Erase at most `limit` versions, of any cloud, that were rejected before a time (milliseconds).

        Their rows and verdicts stay. Nothing under a legal hold. Gives how many were erased.
        """
