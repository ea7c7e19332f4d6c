"""Figures that people steer by: what waits, who decided what, what was overturned, what the detector cost."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ..interfaces import Catalog
from ..interfaces.statistics import Overturn, Tally, Waiting

_HOUR: Final = 3_600
#: Days of the detector's calls that are shown, today among them.
_DAYS: Final = 14
#: Stands for a picture in which the detector saw nothing.
NOTHING: Final = ""


@dataclass(frozen=True, slots=True)
class Hour:
    """Decisions of one hour, which began at `at` (seconds since 1970)."""

    at: int
    machine: int
    person: int


@dataclass(frozen=True, slots=True)
class Day:
    """Calls of detectors on a day (`2026-11-23`): made, and saved because the answer was known."""

    day: str
    made: int
    saved: int


@dataclass(frozen=True, slots=True)
class Overturned:
    """Verdicts about one category that people overturned; `category` is `NOTHING` where none was seen."""

    category: str
    approved: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Own:
    """What one person decided, by hour and by outcome."""

    hours: tuple[Hour, ...]
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Totals of a cloud. `machine` and `person` count outcomes: approved, rejected, pending, failed.
    All counts give 0 for what there is none of."""

    waiting: Waiting
    hours: tuple[Hour, ...]
    machine: Mapping[str, int]
    person: Mapping[str, int]
    overturned: tuple[Overturned, ...]
    overturns: int
    days: tuple[Day, ...]
    jobs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Reads the catalog's figures. `clock` gives seconds since 1970."""

    catalog: Catalog
    clock: Callable[[], float] = time.time

    def waiting(self, cloud: str) -> Waiting:
        """What waits for a verdict."""
        return self.catalog.waiting(cloud)

    def figures(self, cloud: str, hours: int) -> Figures:
        """Totals of the last `hours`, the one that has begun among them."""
        starts = self._starts(hours)
        tallies = self.catalog.decided(cloud, starts[0] * 1000)
        overturned = self.catalog.overturned(cloud, starts[0] * 1000)
        return Figures(
            waiting=self.catalog.waiting(cloud),
            hours=_by_hour(tallies, starts),
            machine=_outcomes(tallies, "machine"),
            person=_outcomes(tallies, "person"),
            overturned=_by_category(overturned),
            overturns=len(overturned),
            days=self._days(cloud),
            jobs=Counter(self.catalog.job_states(cloud)),
        )

    def own(self, cloud: str, actor: str, hours: int) -> Own:
        """What one actor decided in the last `hours`."""
        starts = self._starts(hours)
        tallies = self.catalog.decided(cloud, starts[0] * 1000, actor=actor)
        return Own(_by_hour(tallies, starts), _outcomes(tallies, "person"))

    def _starts(self, hours: int) -> range:
        last = int(self.clock()) // _HOUR * _HOUR
        return range(last - (hours - 1) * _HOUR, last + _HOUR, _HOUR)

    def _days(self, cloud: str) -> tuple[Day, ...]:
        today = datetime.fromtimestamp(self.clock(), UTC).date()
        days = [(today - timedelta(back)).isoformat() for back in reversed(range(_DAYS))]
        used: Counter[tuple[str, str]] = Counter()
        for (day, name), amount in self.catalog.used_since(cloud, days[0]).items():
            used[day, name.partition(":")[0]] += amount
        return tuple(Day(day, used[day, "calls"], used[day, "saved"]) for day in days)


def _by_hour(tallies: Iterable[Tally], starts: range) -> tuple[Hour, ...]:
    """One for every hour, though nothing was decided in it. Failed looks decided nothing."""
    counted: Counter[tuple[int, str]] = Counter()
    for tally in tallies:
        if tally.outcome != "failed":
            counted[tally.hour * _HOUR, tally.by] += tally.count
    return tuple(Hour(at, counted[at, "machine"], counted[at, "person"]) for at in starts)


def _outcomes(tallies: Iterable[Tally], by: str) -> Mapping[str, int]:
    counted: Counter[str] = Counter()
    for tally in tallies:
        if tally.by == by:
            counted[tally.outcome] += tally.count
    return counted


def _by_category(overturns: Iterable[Overturn]) -> tuple[Overturned, ...]:
    """The most overturned first; a picture counts in each of its categories."""
    counted: Counter[tuple[str, str]] = Counter(
        (category, overturn.after) for overturn in overturns for category in overturn.categories or (NOTHING,)
    )
    found = [
        Overturned(category, counted[category, "approved"], counted[category, "rejected"])
        for category in {category for category, _ in counted}
    ]
    return tuple(sorted(found, key=lambda each: (-each.approved - each.rejected, each.category)))
