"""Kept from sight, kept from being erased, and erased: from the catalog at once, then from every store."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog

from ..domain.asset import ALL_TYPES, Asset, Job
from ..domain.cachekeys import derived_prefix
from ..domain.reasons import Reasons, check_note
from ..errors import (
    CatalogUnavailableError,
    InvalidRequestError,
    NotFoundError,
    StorageUnavailableError,
)
from ..interfaces import Catalog, Storage
from ..interfaces.custody import Erasure

_log = structlog.get_logger()

#: Roles that an asset may be restricted to.
ROLES: Final = ("moderator", "admin")
#: Other assets' pictures that a call removes itself; jobs remove the rest.
MOST_KEYS: Final = 1000
#: How often rejected images are looked through for those that are kept long enough.
RETAIN_SECONDS: Final = 3600.0
#: Versions that the retention erases before it asks for more.
_CHUNK: Final = 100


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of an erasure: each store's state is `confirmed`, or `queued` for a job."""

    erasure: Erasure
    stores: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Custody:
    """Hides, holds and erases assets. `erase_original` removes a digest's original and renditions."""

    catalog: Catalog
    derived: Storage
    erase_original: Callable[[str], None]
    reasons: Reasons

    def find(self, cloud: str, name: str) -> Asset:
        """The asset of an id, or of a public id that only one delivery type has.

        Raises `NotFoundError`, `InvalidRequestError` where several types have it.
        """
        asset = self.catalog.asset_by_id(cloud, name)
        found = [asset] if asset else [self.catalog.asset(cloud, type, name) for type in ALL_TYPES]
        named = [each for each in found if each is not None]
        if not named:
            raise NotFoundError(f"Resource not found - {name}")
        if len(named) > 1:
            ids = ", ".join(f"{each.asset_id} ({each.type})" for each in named)
            raise InvalidRequestError(f"Several assets have this public id. Name one by its id: {ids}")
        return named[0]

    def restrict(
        self,
        cloud: str,
        asset_id: str,
        role: str | None,
        *,
        roles: Collection[str],
        actor: str,
        reason: str | None = None,
        note: str | None = None,
    ) -> Asset:
        """Hide an asset at once from all but a role (`admin` if none is named).

        Raises `InvalidRequestError`, `NotFoundError`, `ForbiddenError`.
        """
        named = role or "admin"
        if named not in ROLES:
            raise InvalidRequestError(f"Invalid value for parameter role: must be one of {', '.join(ROLES)}")
        why = {"reason": self.reasons.check(reason), "note": check_note(note)}
        return self.catalog.restrict(cloud, asset_id, named, roles=roles, actor=actor, **why)

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
        """End a restriction. Raises `InvalidRequestError`, `NotFoundError`, `ForbiddenError`."""
        why = {"reason": self.reasons.check(reason), "note": check_note(note)}
        return self.catalog.lift(cloud, asset_id, roles=roles, actor=actor, **why)

    def hold(self, cloud: str, asset_id: str, why: str | None, *, actor: str) -> Asset:
        """Put an asset under a legal hold, which needs a reason in words.

        Raises `InvalidRequestError`, `NotFoundError`.
        """
        if not why:
            raise InvalidRequestError("Missing required parameter - reason")
        return self.catalog.hold(cloud, asset_id, check_note(why) or "", actor=actor)

    def release(self, cloud: str, asset_id: str, *, actor: str, note: str | None = None) -> Asset:
        """End a legal hold. Raises `InvalidRequestError`, `NotFoundError`."""
        return self.catalog.release(cloud, asset_id, actor=actor, note=check_note(note))

    def erase(
        self, cloud: str, asset_id: str, *, actor: str, reason: str | None = None, note: str | None = None
    ) -> Erased:
        """Erase an asset for good: from the catalog in one step, then its bytes from every store.

        A store that does not answer is left to a job. Raises `InvalidRequestError`, `NotFoundError`,
        `HeldError`.
        """
        why = {"reason": self.reasons.check(reason), "note": check_note(note)}
        erasure = self.catalog.erase(cloud, asset_id, actor=actor, **why)
        here = erasure.derived[:MOST_KEYS]
        originals = self._state("originals", partial(self._erase_originals, cloud, erasure.digests))
        derived = self._state("derived", partial(self._erase_derived, asset_id, here))
        if len(here) < len(erasure.derived):
            derived["state"] = "queued"
        return Erased(erasure, ({"store": "memory", "state": "confirmed"}, originals, derived))

    def erase_again(self, job: Job) -> None:
        """Erase the bytes of an asset that the catalog has forgotten, as often as it takes."""
        self._erase_originals(job.cloud, job.payload["digests"])
        self._erase_derived(job.payload["asset_id"], job.payload["derived"])

    def _erase_originals(self, cloud: str, digests: Sequence[str]) -> None:
        for digest in digests:
            self.catalog.erase_blob(cloud, digest, partial(self.erase_original, digest))

    def _erase_derived(self, asset_id: str, keys: Sequence[str]) -> None:
        self.derived.delete_prefix(derived_prefix(asset_id))
        for key in keys:
            self.derived.delete(key)

    def _state(self, store: str, erase: Callable[[], None]) -> dict[str, Any]:
        try:
            erase()
        except (StorageUnavailableError, CatalogUnavailableError) as error:
            _log.warning("erase_waits", store=store, error=str(error))
            return {"store": store, "state": "queued"}
        return {"store": store, "state": "confirmed"}


@dataclass(frozen=True, slots=True)
class Retention:
    """Erases the originals of images that were rejected `days` ago; 0 keeps them."""

    catalog: Catalog
    days: int

    def run(self) -> None:
        """Erase what is due by the catalog's clock, a chunk at a time."""
        if not self.days:
            return
        before = self.catalog.clock() - self.days * 86_400_000
        while self.catalog.retire(before, _CHUNK, actor="retention"):
            pass
