"""The entries of a moderation chain: what starts, what a verdict does to the rest, who decides.

Reports of people are an entry beside the chain: they wait for a person, and never are a part of the verdict.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import StaleDecisionError
from .asset import EntryStatus, Moderation, Status
from .chain import KINDS, Item

#: The kind of the entry that collects reports. No upload can ask for it.
REPORTED = "reported"

#: Kinds that entries can have, and listings be of.
LISTED = (*KINDS, REPORTED)

#: Who settled an entry because a person had decided about the same pixels before.
KNOWN_DECISION = "detector:known-decision"

_OPEN = (EntryStatus.QUEUED, EntryStatus.PENDING)


# --- what becomes of it ----------------------------------------------------------------------------


def begin(items: Sequence[Item]) -> tuple[Moderation, ...]:
    """The entries of a new version: the first is pending, the others queue behind it."""
    return tuple(
        Moderation(
            seq,
            item.kind,
            EntryStatus.QUEUED if seq else EntryStatus.PENDING,
            item.text,
            policy_name=item.policy_name,
        )
        for seq, item in enumerate(items)
    )


def begun_anew(entries: Sequence[Moderation], chain: Sequence[Moderation]) -> tuple[Moderation, ...]:
    """The entries of a version that is to be judged once more by a new chain; reports stay beside it.

    The new entries get numbers behind all that there were: a verdict on an old one is about none of them.
    """
    first = _next_seq(entries)
    anew = tuple(replace(entry, seq=first + place) for place, entry in enumerate(chain))
    return tuple(entry for entry in entries if entry.kind == REPORTED) + anew


def advance(
    entries: Sequence[Moderation],
    seq: int,
    status: EntryStatus,
    *,
    response: Any,
    detail: Mapping[str, Any],
    actor: str,
    now: int,
) -> tuple[Moderation, ...]:
    """Settle the pending entry `seq`; `now` is in milliseconds since 1970.

    APPROVED starts the next entry in the queue, REJECTED aborts all that are open, PENDING only notes
    `response` and `detail`. Raises `StaleDecisionError` if the entry is not pending, or waits for a person
    who is to answer reports.
    """
    if status not in (EntryStatus.APPROVED, EntryStatus.REJECTED, EntryStatus.PENDING):
        raise ValueError(f"no entry ends as {status}")
    entry = next((entry for entry in entries if entry.seq == seq), None)
    if entry is None or entry.kind == REPORTED or entry.status is not EntryStatus.PENDING:
        raise StaleDecisionError(f"Moderation {seq} is not waiting for a verdict.")
    settled = replace(entry, status=status, response=response, detail=dict(detail))
    if status is not EntryStatus.PENDING:
        settled = replace(settled, decided_by=actor, updated_at=now)
    return _follow(tuple(settled if other is entry else other for other in entries), status)


def _follow(entries: tuple[Moderation, ...], status: EntryStatus) -> tuple[Moderation, ...]:
    """What a verdict means for the entries of the chain that have none yet."""
    waiting = [entry for entry in counted(entries) if entry.status in _OPEN]
    if status is EntryStatus.REJECTED:
        return tuple(_turn(entry, EntryStatus.ABORTED) if entry in waiting else entry for entry in entries)
    if any(entry.status is EntryStatus.PENDING for entry in waiting):
        return entries
    start = next(iter(waiting), None)
    return tuple(_turn(entry, EntryStatus.PENDING) if entry is start else entry for entry in entries)


def _turn(entry: Moderation, status: EntryStatus) -> Moderation:
    return replace(entry, status=status)


# --- what a person decides -------------------------------------------------------------------------


def override(
    entries: Sequence[Moderation],
    status: Status,
    *,
    actor: str,
    reason: str | None = None,
    note: str | None = None,
    now: int,
) -> tuple[Moderation, ...]:
    """A person's decision: afterwards `overall` is `status`; `now` is in milliseconds since 1970.

    The entry that was deciding so far (a pending `manual`, if it waits for one) is overwritten and keeps its
    kind. To approve, the person also answers for every other entry that did not approve. Without entries a
    `manual` one is made. The status that it is already changes nothing, but to approve or to reject also
    answers open reports.
    """
    by_person: dict[str, Any] = {"decided_by": actor, "reason": reason, "note": note, "updated_at": now}
    chain = counted(entries)
    if not entries or (not chain and status is not Status.APPROVED):
        chain = (Moderation(_next_seq(entries), "manual", EntryStatus(status), "manual", **by_person),)
    elif overall(chain) is not status:
        chain = _overwrite(chain, status, by_person)
    reports = (_answer(entry, status, by_person) for entry in entries if entry.kind == REPORTED)
    return tuple(sorted((*chain, *reports), key=lambda entry: entry.seq))


def _overwrite(
    chain: tuple[Moderation, ...], status: Status, by_person: Mapping[str, Any]
) -> tuple[Moderation, ...]:
    target = deciding(chain)
    return tuple(
        replace(entry, status=EntryStatus(status), **by_person)
        if entry is target or _must_yield(entry, status)
        else _turn(entry, _beside(entry.status, status))
        for entry in chain
    )


def restored(
    entries: Sequence[Moderation], statuses: Mapping[int, str | None], *, actor: str, now: int
) -> tuple[Moderation, ...]:
    """The entries with the statuses, by `seq`, that they had before a person's decision, which is undone.

    One that the decision made (`None`) stays, and approves: there was no chain then, which approves. What
    is pending again waits for a person, reports as if nobody had answered.
    """
    return tuple(
        replace(
            entry,
            status=EntryStatus(statuses[entry.seq] or EntryStatus.APPROVED),
            decided_by=None if entry.kind == REPORTED else actor,
            reason=None,
            note=None,
            updated_at=now,
        )
        if entry.seq in statuses
        else entry
        for entry in entries
    )


def _answer(report: Moderation, status: Status, by_person: Mapping[str, Any]) -> Moderation:
    """What a decision makes of reports: approval dismisses them. To put an asset off answers nothing."""
    if status is Status.PENDING or report.status is not EntryStatus.PENDING:
        return report
    return replace(report, status=EntryStatus(status), **by_person)


def _must_yield(entry: Moderation, status: Status) -> bool:
    """Whether an entry left as it is would keep the whole from having `status`."""
    if status is Status.APPROVED:
        return entry.status is not EntryStatus.APPROVED
    return status is Status.PENDING and entry.status is EntryStatus.REJECTED


def _beside(entry: EntryStatus, status: Status) -> EntryStatus:
    """The state of an entry beside the one that a person set: aborted by a rejection, queued when it ends."""
    if status is Status.REJECTED and entry in _OPEN:
        return EntryStatus.ABORTED
    if status is Status.PENDING and entry is EntryStatus.ABORTED:
        return EntryStatus.QUEUED
    return entry


# --- what people report ----------------------------------------------------------------------------


def reported(entries: Sequence[Moderation]) -> Moderation:
    """The entry that collects reports now: the open one, or else one that begins a round with none.

    There is one such entry: what a person has answered is opened again, so that a listing names a picture
    once. `detail` counts the different reporters of the `round` that is on, and their reasons by code.
    """
    known = next((entry for entry in entries if entry.kind == REPORTED), None)
    if known is not None and known.status is EntryStatus.PENDING:
        return known
    number = known.detail["round"] + 1 if known else 1
    seq = known.seq if known else _next_seq(entries)
    detail: dict[str, Any] = {"round": number, "count": 0, "reasons": {}}
    return Moderation(seq, REPORTED, EntryStatus.PENDING, REPORTED, detail=detail)


def with_reporter(entry: Moderation, reason: str | None, *, hide_after: int = 0) -> Moderation:
    """A report's entry with one more reporter, who gave the code `reason`, or none.

    It hides the asset from the reporter on whose number `hide_after` is; 0 is never.
    """
    reasons: dict[str, int] = dict(entry.detail["reasons"])
    if reason is not None:
        reasons[reason] = reasons.get(reason, 0) + 1
    count = entry.detail["count"] + 1
    hides = {"hides": True} if 0 < hide_after <= count else {}
    return replace(entry, detail={**entry.detail, "count": count, "reasons": reasons, **hides})


def hidden_by_reports(entries: Sequence[Moderation]) -> bool:
    """Whether reports hide the asset until a person has answered them."""
    return any(
        entry.kind == REPORTED and entry.status is EntryStatus.PENDING and "hides" in entry.detail
        for entry in entries
    )


def _next_seq(entries: Sequence[Moderation]) -> int:
    return max((entry.seq for entry in entries), default=-1) + 1


# --- what it amounts to ----------------------------------------------------------------------------


def counted(entries: Sequence[Moderation]) -> tuple[Moderation, ...]:
    """The entries that make the verdict: all but reports."""
    return tuple(entry for entry in entries if entry.kind != REPORTED)


def overall(entries: Sequence[Moderation]) -> Status:
    """What the entries amount to: one rejection rejects, and all must approve. Without entries: APPROVED."""
    states = {entry.status for entry in counted(entries)}
    if EntryStatus.REJECTED in states:
        return Status.REJECTED
    return Status.APPROVED if states <= {EntryStatus.APPROVED} else Status.PENDING


def deciding(entries: Sequence[Moderation]) -> Moderation | None:
    """The entry that fixes `overall`: the first that rejects, else the first that lacks, else the last."""
    chain = counted(entries)
    for states in ((EntryStatus.REJECTED,), _OPEN, (EntryStatus.ABORTED,)):
        for entry in chain:
            if entry.status in states:
                return entry
    return chain[-1] if chain else None


def is_for_people(entries: Sequence[Moderation]) -> bool:
    """Whether it is a person's word, or a rejection, that a new chain would set aside."""
    kept = [entry for entry in counted(entries) if entry.decided_by_person]
    return overall(entries) is Status.REJECTED or any(entry.status in _OPEN for entry in kept)


def settled(entries: Sequence[Moderation]) -> bool:
    """Whether nothing of the chain is to come any more."""
    return not any(entry.status in _OPEN for entry in counted(entries))
