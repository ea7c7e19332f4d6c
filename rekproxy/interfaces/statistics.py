"""What the catalog must offer about how much was done lately, and how much waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pictures that wait for a verdict: how many, and when the oldest came (milliseconds since 1970)."""

    count: int
    oldest: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Decisions of one hour that came out alike.

    `hour` is in whole hours since 1970, `by` is `machine` or `person`, `outcome` is `approved`, `rejected`,
    `pending` (put off), or `failed` for a look without an answer.
    """

    hour: int
    by: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class Overturn:
    """A verdict of a machine that a person made into its opposite, and the categories that were seen."""

    before: str
    after: str
    categories: tuple[str, ...]


class Statistics(Protocol):
    """The catalog's part about figures. A call reads a window by an index, and no more than `most` rows."""

    def waiting(self, cloud: str, *, most: int = 10_000) -> Waiting:
        """What waits for a verdict; of more than `most`, `most` are counted."""

    def decided(
        self, cloud: str, since: int, *, actor: str | None = None, most: int = 50_000
    ) -> tuple[Tally, ...]:
        """Decisions since a time (milliseconds since 1970), of all or of one actor, the latest `most`."""

    def overturned(self, cloud: str, since: int, *, most: int = 1_000) -> tuple[Overturn, ...]:
        """What people overturned since then and still stands so, newest first, of their latest
        `most` decisions."""

    def used_since(self, cloud: str, day: str) -> Mapping[tuple[str, str], int]:
        """What was used from a day (`2026-11-23`) on, by (day, name)."""

    def job_states(self, cloud: str, *, most: int = 10_000) -> Mapping[str, int]:
        """Jobs of a cloud by state: `waiting`, `failing` (to be tried again), `leased` and `dead`. They are
        counted among the oldest `most` of the installation."""
