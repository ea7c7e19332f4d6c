"""Figures that people steer by, out of what the catalog counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rekproxy.interfaces.statistics import Overturn, Tally, Waiting
from rekproxy.services.statistics import NOTHING, Day, Hour, Overturned, Statistics

#: 2026-11-23 12:30 UTC.
NOW = 1_795_437_000
NOON = NOW // 3600


@dataclass
class Counts:
    """A catalog that counts what it is told."""

    tallies: tuple[Tally, ...] = ()
    overturns: tuple[Overturn, ...] = ()
    used: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def waiting(self, cloud: str) -> Waiting:
        return Waiting(3, 17)

    def decided(self, cloud: str, since: int, *, actor: str | None = None) -> tuple[Tally, ...]:
        return tuple(each for each in self.tallies if each.hour * 3_600_000 >= since)

    def overturned(self, cloud: str, since: int) -> tuple[Overturn, ...]:
        return self.overturns

    def used_since(self, cloud: str, day: str) -> Mapping[tuple[str, str], int]:
        return {key: amount for key, amount in self.used.items() if key[0] >= day}

    def job_states(self, cloud: str) -> Mapping[str, int]:
        return {"dead": 1}


def statistics(**counts: object) -> Statistics:
    return Statistics(Counts(**counts), lambda: NOW)  # type: ignore[arg-type]


def test_every_hour_of_the_window_is_told_and_the_present_one_is_the_last() -> None:
    told = (
        Tally(NOON, "machine", "approved", 4),
        Tally(NOON, "machine", "failed", 9),
        Tally(NOON - 2, "person", "rejected", 1),
        Tally(NOON - 2, "person", "pending", 1),
        Tally(NOON - 3, "person", "pending", 7),
    )
    figures = statistics(tallies=told).figures("demo", 3)
    noon = NOON * 3600
    assert figures.hours == (Hour(noon - 7200, 0, 2), Hour(noon - 3600, 0, 0), Hour(noon, 4, 0))
    assert (figures.machine, figures.person) == ({"approved": 4, "failed": 9}, {"rejected": 1, "pending": 1})
    assert (figures.waiting, figures.jobs) == (Waiting(3, 17), {"dead": 1})


def test_overturned_pictures_count_in_each_of_their_categories() -> None:
    overturns = (
        Overturn("rejected", "approved", ("Violence", "Alcohol")),
        Overturn("approved", "rejected", ("Violence",)),
        Overturn("approved", "rejected", ()),
    )
    figures = statistics(overturns=overturns).figures("demo", 1)
    alone = (Overturned(NOTHING, 0, 1), Overturned("Alcohol", 1, 0))
    assert figures.overturned == (Overturned("Violence", 1, 1), *alone)
    assert figures.overturns == 3


def test_calls_of_all_detectors_are_added_up_by_day() -> None:
    used = {
        ("2026-11-23", "calls:rekognition"): 3,
        ("2026-11-23", "calls:opennsfw"): 2,
        ("2026-11-23", "saved:rekognition"): 7,
        ("2026-11-23", "uploads:preset"): 8,
        ("2026-11-09", "calls:rekognition"): 5,
    }
    days = statistics(used=used).figures("demo", 1).days
    assert (len(days), days[0], days[-1]) == (14, Day("2026-11-10", 0, 0), Day("2026-11-23", 5, 7))


def test_what_one_person_decided() -> None:
    own = statistics(tallies=(Tally(NOON, "person", "approved", 2),)).own("demo", "user:ada", 2)
    assert ([hour.person for hour in own.hours], own.outcomes) == ([0, 2], {"approved": 2})
