"""Restrictions and legal holds, and erasing: what an asset was is gone when the transaction ends."""

from collections.abc import Callable, Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, select

from ...domain.asset import Asset, Hidden, Status
from ...domain.cachekeys import surrogate_key
from ...domain.moderation import hidden_by_reports
from ...errors import ForbiddenError, HeldError, NotFoundError
from ...interfaces.custody import Erasure
from . import audit, jobs
from .backups import erase_versions
from .blobs import HAS_BYTES, awaited
from .engine import Database, Transaction
from .forgetting import forget
from .rows import load_one
from .schema import asset_versions, assets, blobs
from .writing import lock, set_standing

#: Seconds after which a job erases the bytes once more: a crash is healed, and what a derivation that was
#: under way wrote meanwhile goes too.
AGAIN: Final = 60.0
#: Storage keys that one such job has at most.
KEYS: Final = 1000


class Custody:
    """The part of the catalog about restrictions, legal holds, and erasing for good."""

    _database: Database

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
        """See `Catalog.restrict`."""

        def hide() -> Asset:
            with self._database.write() as tx:
                asset = _locked(tx, cloud, asset_id)
                _check_role(asset, roles)
                standing = Hidden.DELETED if asset.hidden is Hidden.DELETED else Hidden.RESTRICTED
                set_standing(tx, asset, standing, restricted_to=role)
                told = {"restricted_to": role, "reason": reason, "note": note}
                return _noted(tx, asset, "restricted", actor, **told)

        return self._database.at_any_cost(hide)

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
        """See `Catalog.lift`."""
        with self._database.write() as tx:
            asset = _locked(tx, cloud, asset_id)
            if asset.restricted_to is None:
                return asset
            _check_role(asset, roles)
            set_standing(tx, asset, _without_restriction(asset), restricted_to=None)
            told = {"restricted_to": asset.restricted_to, "reason": reason, "note": note}
            return _noted(tx, asset, "unrestricted", actor, **told)

    def hold(self, cloud: str, asset_id: str, why: str, *, actor: str) -> Asset:
        """See `Catalog.hold`."""
        with self._database.write() as tx:
            asset = _locked(tx, cloud, asset_id)
            set_standing(tx, asset, asset.standing, hold=why)
            return _noted(tx, asset, "held", actor, note=why)

    def release(self, cloud: str, asset_id: str, *, actor: str, note: str | None = None) -> Asset:
        """See `Catalog.release`."""
        with self._database.write() as tx:
            asset = _locked(tx, cloud, asset_id)
            if asset.hold is None:
                return asset
            set_standing(tx, asset, asset.standing, hold=None)
            return _noted(tx, asset, "released", actor, note=note)

    def erase(
        self, cloud: str, asset_id: str, *, actor: str, reason: str | None = None, note: str | None = None
    ) -> Erasure:
        """See `Catalog.erase`."""

        def remove() -> Erasure:
            with self._database.write() as tx:
                asset = _locked(tx, cloud, asset_id)
                if asset.hold is not None:
                    raise HeldError(f"A legal hold forbids erasing this asset: {asset.hold}")
                digests, shared = _give_up(tx, asset)
                erasure = forget(tx, asset, digests, shared, actor)
                _put_erase(tx, erasure)
                name = surrogate_key(cloud, asset.type, asset.public_id)
                told = {"digests": [*digests, *shared], "versions": erasure.versions, "name": name}
                _note(tx, asset, "erased", actor, None, reason=reason, note=note, **told)
                return erasure

        return self._database.at_any_cost(remove)

    def erase_blob(self, cloud: str, digest: str, erase: Callable[[], None]) -> bool:
        """See `Catalog.erase_blob`."""
        given_up = select(blobs.c.digest).where(blobs.c.digest == digest, blobs.c.state == "erased")
        with self._database.write() as tx:
            if tx.connection.scalar(given_up.with_for_update()) is None:
                return False
            erase()
            return True

    def retire(self, before: int, limit: int, *, actor: str) -> int:
        """See `Catalog.retire`."""
        due = (
            select(assets.c.cloud, asset_versions.c.asset_id, asset_versions.c.version_id)
            .join(assets, assets.c.asset_id == asset_versions.c.asset_id)
            .where(*_rejected_before(before), assets.c.hold.is_(None))
            .order_by(asset_versions.c.decided_at)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(due).all()
        return sum(self._retire_one(row.cloud, row.asset_id, row.version_id, before, actor) for row in rows)

    def _retire_one(self, cloud: str, asset_id: str, version_id: str, before: int, actor: str) -> int:
        """Erase one version, if that is still due now that nobody else can change its asset."""
        with self._database.write() as tx:
            asset = lock(tx, cloud=cloud, asset_id=asset_id)
            own = asset_versions.c.version_id == version_id
            due = exists().where(own, *_rejected_before(before))
            if asset is None or asset.hold is not None or not tx.connection.scalar(select(due)):
                return 0
            for digest in erase_versions(tx, asset, [version_id]).values():
                detail = {"digest": digest, "note": "The rejected image was kept as long as it may be."}
                audit.note(tx, cloud, asset_id, "erased", actor=actor, version_id=version_id, detail=detail)
            return 1


def _without_restriction(asset: Asset) -> Status | Hidden:
    """What a lifted restriction leaves: reports that nobody has answered may go on hiding the asset."""
    if asset.hidden is not Hidden.RESTRICTED:
        return asset.standing
    return Hidden.REPORTED if hidden_by_reports(asset.moderations) else asset.status


def _put_erase(tx: Transaction, erasure: Erasure) -> None:
    """Jobs that free the bytes. They hold no names, only what the bytes are called."""
    asset, digests = erasure.asset, list(erasure.digests)
    for start in range(0, max(1, len(erasure.derived)), KEYS):
        keys = list(erasure.derived[start : start + KEYS])
        rest = {"asset_id": asset.asset_id, "digests": digests, "derived": keys}
        jobs.put(tx, asset.cloud, "erase", rest, delay=AGAIN)
        digests = []


def _locked(tx: Transaction, cloud: str, asset_id: str) -> Asset:
    asset = lock(tx, cloud=cloud, asset_id=asset_id)
    if asset is None:
        raise NotFoundError(f"Resource not found - {asset_id}")
    return asset


def _check_role(asset: Asset, roles: Collection[str]) -> None:
    """Raises `ForbiddenError` where the asset is restricted to a role that is not among these."""
    if asset.restricted_to is not None and not {asset.restricted_to, "admin"} & set(roles):
        raise ForbiddenError(f"This asset is restricted to the role {asset.restricted_to}")


def _give_up(tx: Transaction, asset: Asset) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The digests that only this asset has, given up from now on, and those that another one has too, or that
    an upload has which is yet to be taken in."""
    own = asset_versions.c.asset_id == asset.asset_id
    # those of pins and of versions that were erased lately too: both may have renditions still
    here = select(asset_versions.c.digest).distinct().where(own)
    alone, shared = [], []
    for digest in sorted(tx.connection.scalars(here)):
        row = {"state": "erased", "touched_at": tx.now}
        known = select(blobs.c.digest).where(blobs.c.digest == digest).with_for_update()
        tx.connection.scalar(known)  # an upload of the same bytes is registered before us, or refused
        others = exists().where(asset_versions.c.digest == digest, ~own, *HAS_BYTES)
        if tx.connection.scalar(select(others)) or awaited(tx.connection, [digest]):
            shared.append(digest)
            continue
        statement = tx.upsert(blobs).values(digest=digest, bytes=0, **row)
        tx.connection.execute(statement.on_conflict_do_update(index_elements=[blobs.c.digest], set_=row))
        alone.append(digest)
    return tuple(alone), tuple(shared)


def _rejected_before(before: int) -> tuple[ColumnElement[bool], ...]:
    version = asset_versions.c
    return version.status == Status.REJECTED.value, version.erased_at.is_(None), version.decided_at < before


def _noted(tx: Transaction, before: Asset, action: str, actor: str, **detail: Any) -> Asset:
    """Audit a change that was written; gives the asset as it is now."""
    asset = load_one(tx.connection, asset_id=before.asset_id)
    assert asset is not None, "it is locked by this transaction"  # noqa: S101
    _note(tx, before, action, actor, asset.standing, **detail)
    return asset


def _note(
    tx: Transaction, before: Asset, action: str, actor: str, after: Status | Hidden | None, **detail: Any
) -> None:
    audit.note(
        tx,
        before.cloud,
        before.asset_id,
        action,
        actor=actor,
        version_id=before.current.version_id,
        before=before.standing,
        after=after,
        detail={name: value for name, value in detail.items() if value is not None},
    )
