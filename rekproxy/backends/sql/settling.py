"""Verdicts by machines: each about one version, and heeded only while it waits for one."""

from collections.abc import Sequence

from ...domain import moderation
from ...domain.asset import Asset, EntryStatus, Job, Moderation
from ...interfaces import Verdict
from . import audit, jobs, known, verdicts
from .engine import Transaction
from .rows import entries_of
from .writing import (
    change_entries,
    lock_owner,
    moderate_key,
    put_moderate,
    reread,
    set_status,
    set_version_status,
)


def settle(
    tx: Transaction,
    cloud: str,
    version_id: str,
    seq: int,
    verdict: Verdict,
    actor: str,
    lease: Job | None,
) -> Asset | None:
    """Do what `Catalog.settle` says. The verdict on an overwritten version is kept with that version."""
    asset = lock_owner(tx, cloud, version_id)
    before = entries_of(tx.connection, version_id)
    why = _stale(tx, asset, before, seq, lease)
    if asset is None or why is not None:
        _note_stale(tx, cloud, asset, version_id, actor, verdict, why or "destroyed")
        if lease is not None:
            jobs.end(tx, lease)
        return None
    verdict, actor = _heeding_people(tx, asset, version_id, verdict, actor)
    after = _advance(before, seq, verdict, actor, tx.now)
    change_entries(tx, asset, version_id, before, after)
    if verdict.status is not EntryStatus.PENDING:
        _end_moderate(tx, cloud, version_id, after)
    if version_id != asset.current.version_id:
        set_version_status(tx, version_id, moderation.overall(after))
        _note_stale(tx, cloud, asset, version_id, actor, verdict, "overwritten")
        return None
    set_status(tx, asset, moderation.overall(after))
    return _judged(tx, asset, seq, actor, verdict)


def _heeding_people(
    tx: Transaction, asset: Asset, version_id: str, verdict: Verdict, actor: str
) -> tuple[Verdict, str]:
    """The verdict and whose it is, unless a person rejected these pixels while the machine looked at them."""
    if verdict.status is not EntryStatus.APPROVED or not known.rejected(tx, asset, version_id):
        return verdict, actor
    detail = {**verdict.detail, "provider": "person"}
    return Verdict(EntryStatus.REJECTED, verdict.response, detail), moderation.KNOWN_DECISION


def _stale(
    tx: Transaction, asset: Asset | None, before: Sequence[Moderation], seq: int, lease: Job | None
) -> str | None:
    """Why a verdict may not even be written beside its version."""
    if asset is None:
        return "destroyed"
    if lease is not None and not jobs.holds(tx, lease):
        return "lease lost"
    entry = next((entry for entry in before if entry.seq == seq), None)
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


def _judged(tx: Transaction, asset: Asset, seq: int, actor: str, verdict: Verdict) -> Asset:
    judged = reread(tx, asset)
    entry = next(entry for entry in judged.moderations if entry.seq == seq)
    verdicts.note(
        tx,
        asset,
        asset.current.version_id,
        "judged",
        entry,
        actor=actor,
        before=asset.status,
        after=judged.status,
        detail={"verdict": verdict.status, **verdict.detail},
    )
    if verdict.status is not EntryStatus.PENDING:
        verdicts.tell(tx, judged, asset.moderations, entry, actor=actor)
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
