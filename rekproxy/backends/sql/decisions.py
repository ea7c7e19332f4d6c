"""Decisions: by people, and what follows from them for the same pixels; by machines in `settling`."""

from dataclasses import replace
from typing import TypeVar

from ...domain import moderation
from ...domain.asset import Asset, Hidden, Job, Moderation, Status
from ...errors import ErasedError, NotFoundError, StaleDecisionError
from ...interfaces import Override, Verdict
from . import audit, jobs, known, verdicts
from .engine import Database, Transaction
from .rows import entries_of
from .settling import settle
from .writing import (
    change_entries,
    lock,
    lock_owner,
    moderate_key,
    reread,
    set_standing,
    set_version_status,
)

T = TypeVar("T")


class Decisions:
    """The part of the catalog that decides what may be shown."""

    _database: Database

    def settle(
        self, cloud: str, version_id: str, seq: int, verdict: Verdict, *, actor: str, lease: Job | None = None
    ) -> Asset | None:
        """See `Catalog.settle`."""
        with self._database.write() as tx:
            return settle(tx, cloud, version_id, seq, verdict, actor, lease)

    def override(
        self,
        cloud: str,
        asset_id: str,
        status: Status,
        *,
        actor: str,
        reason: str | None = None,
        note: str | None = None,
        version_id: str | None = None,
        revision: int | None = None,
    ) -> Override:
        """See `Catalog.override`."""

        def write() -> Override | None:
            with self._database.write() as tx:
                asset = lock(tx, cloud=cloud, asset_id=asset_id)
                if asset is None:
                    raise NotFoundError(f"Resource not found - {asset_id}")
                if not is_current(tx, asset, status, actor, version_id, revision):
                    return None
                return decide(tx, asset, status, actor, reason, note)

        return as_looked_at(self._database.at_any_cost(write))

    def decision_on_pixels(self, cloud: str, pixel_digest: str, asset_id: str | None) -> Status | None:
        """See `Catalog.decision_on_pixels`."""
        with self._database.read() as connection:
            return known.decided_on(connection, cloud, pixel_digest, asset_id)

    def reject_alike(
        self, cloud: str, pixel_digest: str, *, reason: str | None, after: str = "", limit: int = 50
    ) -> str | None:
        """See `Catalog.reject_alike`."""
        with self._database.read() as connection:
            alike = known.approved_alike(connection, cloud, pixel_digest, after, limit)
        for version_id in alike:
            self._database.at_any_cost(lambda found=version_id: self._follow(cloud, found, reason))  # type: ignore[misc]
        return alike[-1] if len(alike) == limit else None

    def _follow(self, cloud: str, version_id: str, reason: str | None) -> None:
        """Reject one version, unless a person approved these pixels for its asset afterwards."""
        with self._database.write() as tx:
            asset = lock_owner(tx, cloud, version_id)
            if asset is not None and known.rejected(tx, asset, version_id):
                _reject_alike(tx, asset, version_id, reason)


def is_current(
    tx: Transaction,
    asset: Asset,
    status: Status,
    actor: str,
    version_id: str | None,
    revision: int | None,
) -> bool:
    """Whether a locked asset is still what a person looked at; if not, that is written down."""
    same_version = version_id is None or version_id == asset.current.version_id
    if same_version and (revision is None or revision == asset.revision):
        return True
    _note_late(tx, asset, status, actor, version_id)
    return False


def as_looked_at(done: T | None) -> T:
    """What was done; raises `StaleDecisionError` if it was about what is no longer so."""
    if done is None:
        raise StaleDecisionError("The asset has changed since you looked: nothing was decided.")
    return done


def decide(
    tx: Transaction,
    asset: Asset,
    status: Status,
    actor: str,
    reason: str | None,
    note: str | None,
    *,
    notification_url: str | None = None,
) -> Override:
    """A person's decision about a locked asset, and what follows from it; see `Catalog.override`."""
    if status is Status.APPROVED and known.forbid(tx, asset, actor):
        _note_late(tx, asset, status, actor, None, why="a person rejected these very pixels")
        return Override(asset, asset.status, False)
    if status is Status.APPROVED and asset.current.erased_at is not None:
        raise ErasedError("Its bytes were erased: it cannot be approved. Upload the image again.")
    before, version_id = asset.moderations, asset.current.version_id
    after = moderation.override(before, status, actor=actor, reason=reason, note=note, now=tx.now)
    change_entries(tx, asset, version_id, before, after)
    _set_status(tx, asset, status)
    if not any(entry.waits_for_machine for entry in after):
        jobs.drop(tx, moderate_key(version_id))
    known.remember(tx, asset, status, actor, reason)
    changed = asset.status is not status or _answered(before, after) is not None
    entry = _decided(asset, after, status)
    said = entry if changed else replace(entry, reason=reason, note=note)
    detail = {"entries": verdicts.changes(before, after)}
    verdicts.note(
        tx,
        asset,
        version_id,
        "overridden",
        said,
        actor=actor,
        before=asset.status,
        after=status,
        detail=detail,
    )
    now = reread(tx, asset)
    if changed:
        told = replace(now, notification_url=notification_url or now.notification_url)
        verdicts.tell(tx, told, before, entry, actor=actor)
    return Override(now, asset.status, changed)


def _set_status(tx: Transaction, asset: Asset, status: Status) -> None:
    """Write what a person decided. It lifts what reports have hidden; what else hides the asset stays."""
    if status is not asset.status:
        set_version_status(tx, asset.current.version_id, status)
    lifted = asset.hidden is Hidden.REPORTED and status is not Status.PENDING
    set_standing(tx, asset, status if lifted else asset.hidden or status)


def _answered(before: tuple[Moderation, ...], after: tuple[Moderation, ...]) -> Moderation | None:
    """The entry of reports that a decision answered, if it did."""
    return next((entry for entry in after if entry.kind == moderation.REPORTED and entry not in before), None)


def _decided(asset: Asset, after: tuple[Moderation, ...], status: Status) -> Moderation:
    """The entry that a decision is told by: the one that decides; reports, where they alone were answered."""
    entry = _answered(asset.moderations, after) if asset.status is status else None
    entry = entry or moderation.deciding(after)
    assert entry is not None, "a decision leaves an entry"  # noqa: S101
    return entry


def _reject_alike(tx: Transaction, asset: Asset, version_id: str, reason: str | None) -> None:
    before = entries_of(tx.connection, version_id)
    if moderation.overall(before) is not Status.APPROVED:
        return
    actor = moderation.KNOWN_DECISION
    after = moderation.override(before, Status.REJECTED, actor=actor, reason=reason, now=tx.now)
    change_entries(tx, asset, version_id, before, after)
    is_current = version_id == asset.current.version_id
    if is_current:
        _set_status(tx, asset, Status.REJECTED)
    else:
        set_version_status(tx, version_id, Status.REJECTED)
    entry = moderation.deciding(after)
    assert entry is not None, "it was rejected just now"  # noqa: S101
    verdicts.note(
        tx,
        asset,
        version_id,
        "judged",
        entry,
        actor=actor,
        before=Status.APPROVED,
        after=Status.REJECTED,
        detail={"entries": verdicts.changes(before, after), "why": "A person rejected these very pixels."},
    )
    if is_current:
        verdicts.tell(tx, reread(tx, asset), before, entry, actor=actor)


def _note_late(
    tx: Transaction,
    asset: Asset,
    status: Status,
    actor: str,
    version_id: str | None,
    *,
    why: str = "changed since it was looked at",
) -> None:
    """A person decided about what is no longer so: that decides nothing, and is not forgotten."""
    audit.note(
        tx,
        asset.cloud,
        asset.asset_id,
        "stale",
        actor=actor,
        version_id=version_id or asset.current.version_id,
        detail={"verdict": status, "why": why},
    )
