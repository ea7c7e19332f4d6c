"""What becomes here of the verdict that another service tells of an image."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from .asset import EntryStatus, Moderation, Status
from .chain import INSTALLED
from .moving import Told

#: What is done with verdicts, and with images that nobody has judged there.
Verdicts = Literal["keep", "judge"]
Unmoderated = Literal["approve", "judge", "hold"]

_OPEN = (EntryStatus.QUEUED, EntryStatus.PENDING)


def take_over(
    told: Told, verdicts: Verdicts, unmoderated: Unmoderated, *, actor: str
) -> tuple[Moderation, ...] | None:
    """The entries that an image gets here; `None` has it judged here.

    A rejection is always kept: no machine here takes it back. What is hidden there waits for a person, and
    so does what waited for one. A kept verdict is one of `actor`.
    """
    if told.status is Status.REJECTED:
        return _settled(told, actor)
    if told.hidden:
        return (_waiting(len(told.entries)),)
    if told.status is None:
        return _unmoderated(told, unmoderated, actor)
    if verdicts == "judge":
        return None
    if told.status is Status.APPROVED:
        return _settled(told, actor)
    by_hand = any(entry.kind not in INSTALLED or entry.kind == "manual" for entry in _open(told.entries))
    return _for_a_person(told, actor) if by_hand else None


def _unmoderated(told: Told, how: Unmoderated, actor: str) -> tuple[Moderation, ...] | None:
    if how == "judge":
        return None
    entry = _waiting(0)
    if how == "approve":
        why = {"why": "Never moderated at its source, and approved unseen."}
        entry = replace(
            entry,
            status=EntryStatus.APPROVED,
            decided_by=actor,
            updated_at=told.uploaded_at,
            detail={**entry.detail, **why},
        )
    return (entry,)


def _settled(told: Told, actor: str) -> tuple[Moderation, ...]:
    """The entries as they are there; what was never begun there stays aborted."""
    return tuple(
        replace(
            entry,
            status=EntryStatus.ABORTED if entry in _open(told.entries) else entry.status,
            decided_by=None if entry in _open(told.entries) else actor,
            updated_at=entry.updated_at or told.uploaded_at,
        )
        for entry in told.entries
    )


def _for_a_person(told: Told, actor: str) -> tuple[Moderation, ...]:
    """What was approved of it so far, and one entry that waits for a person."""
    done = [entry for entry in told.entries if entry.status is EntryStatus.APPROVED]
    kept = [replace(entry, decided_by=actor, seq=seq) for seq, entry in enumerate(done)]
    return (*kept, _waiting(len(kept)))


def _waiting(seq: int) -> Moderation:
    return Moderation(seq, "manual", EntryStatus.PENDING, "manual")


def _open(entries: Sequence[Moderation]) -> list[Moderation]:
    return [entry for entry in entries if entry.status in _OPEN]
