"""What the catalog must offer about what waits for people: queues, who looks at what now, escalations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain.asset import Asset

#: A place in a queue: since when (milliseconds since 1970), and the version that breaks a tie.
Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, oldest first: current versions with a pending entry of one of these kinds.

    `category` is a label's name as the detector writes it, `older_than` a time waited in seconds. Escalated
    pictures are in no queue but that of the `escalated` ones. What is deleted or restricted waits for nobody,
    and a fresh upload that a detector is about to judge does not yet.
    """

    kinds: tuple[str, ...]
    uploader: str | None = None
    category: str | None = None
    older_than: float = 0.0
    escalated: bool = False


@dataclass(frozen=True, slots=True)
class Escalation:
    """That somebody wants another to decide: who, when (milliseconds), and what they wrote."""

    by: str
    at: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A picture that is leased to one person: why it waits, and since when (milliseconds)."""

    asset: Asset
    kind: str
    since: int
    escalation: Escalation | None = None

    @property
    def place(self) -> Place:
        """Where it is in its queue."""
        return self.since, self.asset.current.version_id


@dataclass(frozen=True, slots=True)
class Depth:
    """How many wait, counted up to a limit, and since when the oldest does (milliseconds)."""

    count: int
    oldest: int | None = None


class Leases(Protocol):
    """The part of the catalog about what waits for people."""

    def claim_versions(
        self,
        cloud: str,
        queue: Queue,
        holder: str,
        *,
        seconds: float,
        limit: int = 1,
        after: Place | None = None,
        without: Collection[str] = (),
    ) -> tuple[Claimed, ...]:
        """Lease the oldest pictures of a queue behind `after` to a person, for so long.

        No two holders ever have a lease on the same version at one time. What the holder has already is given
        again, but for the versions in `without`. Fewer than `limit` are given at the end of the queue, and
        where only the first 10,000 entries are looked through for a category.
        """

    def claim_version(self, cloud: str, version_id: str, holder: str, *, seconds: float) -> Claimed | None:
        """Lease this very version to a person, if it waits and nobody else has it."""

    def renew_leases(
        self, cloud: str, version_ids: Sequence[str], holder: str, *, seconds: float
    ) -> frozenset[str]:
        """Prolong a person's leases; gives those that are still theirs."""

    def release_leases(self, cloud: str, version_ids: Sequence[str], holder: str) -> None:
        """Give a person's leases back."""

    def depth(self, cloud: str, queue: Queue, *, most: int = 1000) -> Depth:
        """How many wait in a queue, leased or not, counted up to `most`; its category is not heeded."""

    def escalate(self, cloud: str, version_id: str, *, actor: str, note: str | None = None) -> bool:
        """Move a picture from its queues to the escalated ones; audited. False if it waits for nobody."""

    def recall_escalation(self, cloud: str, version_id: str, *, actor: str) -> bool:
        """Take back an escalation of one's own; audited. False if there is none."""
