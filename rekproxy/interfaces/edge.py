"""What an edge cache must offer, and what the catalog keeps of the purges that it still owes to one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ..domain.asset import Job

#: Kinds of jobs: a purge at once, a purge again, and the question whether an accepted one has ended.
FIRST: Final = "purge_edge"
AGAIN: Final = "purge_edge_again"
CONFIRM: Final = "confirm_edge"


@dataclass(frozen=True, slots=True)
class EdgePlan:
    """Which edges every change is followed by a purge of, by name, the one nearest to us first.

    Each is purged at once, and again `again_after` seconds later: an edge may keep an answer that was under
    way during the first purge.
    """

    names: tuple[str, ...] = ()
    again_after: float = 0.0


#: Nothing is cached at an edge for longer than anywhere else.
NO_EDGES: Final = EdgePlan()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an edge says of a purge: how many keys, and `confirmed` once nothing is served under them.

    What is only accepted is asked for again under its `ids`.
    """

    edge: str
    keys: int
    confirmed: bool
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a takedown took at an edge, in seconds, and when that was seen, in milliseconds since 1970."""

    seconds: float
    at: int


class EdgePurger(Protocol):
    """Empties an edge cache of everything that carries one of some surrogate keys."""

    def purge(self, keys: Sequence[str]) -> Receipt:
        """Purge them, however many; twice does no harm. Raises `EdgeError`, which holds no secret."""

    def confirmed(self, id: str) -> bool:
        """Whether an accepted purge has ended. Raises `EdgeError`."""


class Seen(Protocol):
    """What the public got."""

    @property
    def status(self) -> int:
        """The status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, with names in lower case."""


class Public(Protocol):
    """Looks from outside, as the public does."""

    def send(self, method: str, url: str, *, headers: Mapping[str, str]) -> Seen:
        """Ask for a URL. Raises `UnreachableError`."""


class Purges(Protocol):
    """The part of the catalog that knows which purges are owed. They are written with what causes them."""

    def claim_purges(
        self, cloud: str, edge: str, asset_ids: Sequence[str], *, lease: float
    ) -> tuple[Job, ...]:
        """Lease the first purges of one edge that still wait for these assets, for `lease` seconds."""

    def oldest_purge(self) -> float | None:
        """By how many seconds the purge that is latest is late, over all clouds; `None` if none is owed."""

    def note_takedown(self, seconds: float) -> None:
        """Remember how long a takedown took that was just tried; the one before is forgotten."""

    def last_takedown(self) -> Measured | None:
        """The takedown that was tried last; `None` if none ever was."""
