"""Verdicts by machines and decisions by people: each about one version, and about no other."""

from sqlalchemy import Connection, select

from ...domain import moderation
from ...domain.asset import Asset, EntryStatus, Job, Moderation, Status, is_machine
from ...errors import NotFoundError, StaleDecisionError
from ...interfaces import Override, Verdict
from . import audit, jobs
from .engine import Database, Transaction
from .rows import entries_of, load_one
from .schema import asset_versions, assets, decisions
from .writing import (
    change_entries,
    lock,
    moderate_key,
    put_moderate,
    set_status,
    set_version_status,
)


class Decisions:
    """The part of the catalog that decides what may be shown."""

    _database: Database

    def settle(
        self, cloud: str, version_id: str, seq: int, verdict: Verdict, *, actor: str, lease: Job | None = None
    ) -> Asset | None:
        """See `Catalog.settle`. The verdict on an overwritten version is kept with that version."""
        with self._database.write() as tx:
            asset = _lock_owner(tx, cloud, version_id)
            why = _stale(tx, asset, version_id, seq, lease)
            if asset is None or why is not None:
                _note_stale(tx, cloud, asset, version_id, actor, verdict, why or "destroyed")
                if lease is not None:
                    jobs.end(tx, lease)
                return None
            verdict = _heeding_people(tx, asset, version_id, verdict)
            before = entries_of(tx.connection, version_id)
            after = _advance(before, seq, verdict, actor, tx.now)
            change_entries(tx, asset, version_id, before, after)
            if verdict.status is not EntryStatus.PENDING:
                _end_moderate(tx, cloud, version_id, after)
            if version_id != asset.current.version_id:
                set_version_status(tx, version_id, moderation.overall(after))
                _note_stale(tx, cloud, asset, version_id, actor, verdict, "overwritten")
                return None
            set_status(tx, asset, moderation.overall(after))
            return _judged(tx, asset, actor, verdict)

    def override(
        self,
        cloud: str,
        asset_id: str,
        status: Status,
        *,
        actor: str,
        reason: str | None = None,
        version_id: str | None = None,
    ) -> Override:
        """See `Catalog.override`."""

        def decide() -> Override:
            with self._database.write() as tx:
                asset = lock(tx, assets.c.cloud == cloud, assets.c.asset_id == asset_id)
                if asset is None:
                    raise NotFoundError(f"Resource not found - {asset_id}")
                if version_id not in (None, asset.current.version_id):
                    raise StaleDecisionError("Another version has become the current one since you looked.")
                return _override(tx, asset, status, actor, reason)

        return self._database.at_any_cost(decide)

    def decision_on_pixels(self, cloud: str, pixel_digest: str, asset_id: str | None) -> Status | None:
        """See `Catalog.decision_on_pixels`."""
        with self._database.read() as connection:
            return _decided(connection, cloud, pixel_digest, asset_id)


def _override(tx: Transaction, asset: Asset, status: Status, actor: str, reason: str | None) -> Override:
    after = moderation.override(asset.moderations, status, actor=actor, reason=reason, now=tx.now)
    change_entries(tx, asset, asset.current.version_id, asset.moderations, after)
    set_status(tx, asset, moderation.overall(after))
    if not any(entry.waits_for_machine for entry in after):
        jobs.drop(tx, moderate_key(asset.current.version_id))
    _remember(tx, asset, status, actor)
    _note_override(tx, asset, status, actor, reason)
    return Override(_reload(tx, asset), asset.status, asset.status is not status)


def _decided(connection: Connection, cloud: str, pixel_digest: str, asset_id: str | None) -> Status | None:
    """What people decided about pixels. Within one millisecond a rejection is the later."""
    query = select(decisions.c.asset_id, decisions.c.status, decisions.c.decided_at).where(
        decisions.c.cloud == cloud, decisions.c.pixel_digest == pixel_digest
    )
    rows = connection.execute(query).all()
    rejected_at = max((row.decided_at for row in rows if row.status == Status.REJECTED), default=-1)
    for row in rows:
        approved = row.asset_id == asset_id and row.status == Status.APPROVED
        if approved and row.decided_at > rejected_at:
            return Status.APPROVED
    return Status.REJECTED if rejected_at >= 0 else None


def _heeding_people(tx: Transaction, asset: Asset, version_id: str, verdict: Verdict) -> Verdict:
    """The verdict, unless a person rejected these pixels while the machine looked at them."""
    if verdict.status is not EntryStatus.APPROVED:
        return verdict
    pixels = select(asset_versions.c.pixel_digest).where(asset_versions.c.version_id == version_id)
    digest = tx.connection.scalar(pixels)
    if digest is None or _decided(tx.connection, asset.cloud, digest, asset.asset_id) is not Status.REJECTED:
        return verdict
    return Verdict(EntryStatus.REJECTED, verdict.response, {**verdict.detail, "provider": "person"})


def _lock_owner(tx: Transaction, cloud: str, version_id: str) -> Asset | None:
    """The asset that has or had a version, locked."""
    owner = select(asset_versions.c.asset_id).where(asset_versions.c.version_id == version_id)
    return lock(tx, assets.c.cloud == cloud, assets.c.asset_id == owner.scalar_subquery())


def _stale(tx: Transaction, asset: Asset | None, version_id: str, seq: int, lease: Job | None) -> str | None:
    """Why a verdict may not even be written beside its version."""
    if asset is None:
        return "destroyed"
    if lease is not None and not jobs.holds(tx, lease):
        return "lease lost"
    entry = next((entry for entry in entries_of(tx.connection, version_id) if entry.seq == seq), None)
    return None if entry is not None and entry.waits_for_machine else "decided"


def _advance(
    before: tuple[Moderation, ...], seq: int, verdict: Verdict, actor: str, now: int
) -> tuple[Moderation, ...]:
    return moderation.advance(
        before,
        seq,
        verdict.status,
        response=verdict.response,
        detail=verdict.detail,
        actor=actor,
        now=now,
    )


def _end_moderate(tx: Transaction, cloud: str, version_id: str, after: tuple[Moderation, ...]) -> None:
    """The version's job is done, whoever held it; the next machine in the chain gets one of its own."""
    jobs.drop(tx, moderate_key(version_id))
    if any(entry.waits_for_machine for entry in after):
        put_moderate(tx, cloud, version_id, delay=0.0)


def _judged(tx: Transaction, asset: Asset, actor: str, verdict: Verdict) -> Asset:
    judged = _reload(tx, asset)
    audit.note(
        tx,
        asset.cloud,
        asset.asset_id,
        "judged",
        actor=actor,
        version_id=asset.current.version_id,
        before=asset.status,
        after=judged.status,
        detail={"verdict": verdict.status, **verdict.detail},
    )
    return judged


def _note_stale(
    tx: Transaction, cloud: str, asset: Asset | None, version_id: str, actor: str, verdict: Verdict, why: str
) -> None:
    audit.note(
        tx,
        cloud,
        asset.asset_id if asset else "",
        "stale",
        actor=actor,
        version_id=version_id,
        detail={"verdict": verdict.status, "why": why},
    )


def _remember(tx: Transaction, asset: Asset, status: Status, actor: str) -> None:
    """Keep what a person decided about these pixels, whatever becomes of the asset."""
    if is_machine(actor):
        return
    said = {"status": status.value, "decided_at": tx.now}
    statement = tx.upsert(decisions).values(
        cloud=asset.cloud, pixel_digest=asset.current.pixel_digest, asset_id=asset.asset_id, **said
    )
    tx.connection.execute(
        statement.on_conflict_do_update(index_elements=list(decisions.primary_key.columns), set_=said)
    )


def _note_override(tx: Transaction, asset: Asset, status: Status, actor: str, reason: str | None) -> None:
    audit.note(
        tx,
        asset.cloud,
        asset.asset_id,
        "overridden",
        actor=actor,
        version_id=asset.current.version_id,
        before=asset.status,
        after=status,
        detail={"reason": reason} if reason else {},
    )


def _reload(tx: Transaction, asset: Asset) -> Asset:
    now = load_one(tx.connection, assets.c.asset_id == asset.asset_id)
    assert now is not None, "it is locked by this transaction"  # noqa: S101
    return now
