"""The promises of `interfaces.Catalog` about shared rates and about what was used, on every database."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from catalogcases import together
from sqlalchemy import text

from rekproxy.backends.sql import parse_address
from rekproxy.backends.sql.engine import Database
from rekproxy.interfaces import Catalog


@pytest.fixture
def change(database_url: str) -> Any:
    """Change what the table says of a rate, as time or a clock would."""
    database = Database(parse_address(database_url))

    def run(what: str) -> None:
        with database.write() as tx:
            tx.connection.execute(text(f"UPDATE throttles SET {what}"))

    yield run
    database.close()


def turns(catalog: Catalog, calls: int = 1, **more: float) -> float:
    """Turns of ten seconds each, which nobody really waits for: the machine may be busy."""
    asked: dict[str, Any] = {"rate": 0.1, "burst": 3, "patience": 10_000.0} | more
    return catalog.take_turn("paid", calls, **asked)


def test_a_burst_is_there_at_once_and_then_one_turn_after_the_other(catalog: Catalog) -> None:
    given = [turns(catalog) for _ in range(6)]
    assert given[:3] == [0, 0, 0]
    assert given[3:] == pytest.approx([10, 20, 30], abs=5)


def test_many_turns_at_once_come_when_the_last_has_come(catalog: Catalog) -> None:
    assert turns(catalog, 13) == pytest.approx(100, abs=5)
    assert turns(catalog, 5) == pytest.approx(150, abs=5)


def test_who_cannot_wait_takes_nothing_and_is_told_when_to_come(catalog: Catalog) -> None:
    turns(catalog, 12)
    assert [turns(catalog, patience=20) for _ in range(3)] == pytest.approx([-100] * 3, abs=5)
    assert turns(catalog) == pytest.approx(100, abs=5)


def test_rates_know_nothing_of_each_other(catalog: Catalog) -> None:
    turns(catalog, 30)
    assert catalog.take_turn("other", 1, rate=1, burst=1, patience=0) == 0


def test_all_together_never_get_more_than_the_rate_allows(catalog: Catalog) -> None:
    def takes() -> list[float]:
        began = time.monotonic()
        return [time.monotonic() - began + turns(catalog, rate=100.0, burst=5) for _ in range(10)]

    times = sorted(moment for times in together(*[takes] * 4) for moment in times)
    for start, first in enumerate(times):
        for end in range(start, len(times)):
            # what was granted within any time is at most the burst and the rate over that time
            assert end - start + 1 <= 5 + 100 * (times[end] - first + 0.1)
    assert times[-1] >= 0.3


def test_a_refusal_halves_the_rate_once_a_second_and_it_comes_back_slowly(
    catalog: Catalog, change: Callable[[str], None]
) -> None:
    turns(catalog, 3)
    together(*[lambda: catalog.slow_down("paid", rate=0.1)] * 4)
    change("next_at = 0")
    turns(catalog, 3)
    assert turns(catalog) == pytest.approx(20, abs=3)
    change("next_at = 0, changed_at = changed_at - 120000000")  # two minutes later: 5 + 2 tenths
    turns(catalog, 3)
    assert turns(catalog) == pytest.approx(100 / 7, abs=2)
    change("next_at = 0, changed_at = changed_at - 600000000")
    turns(catalog, 13)
    assert turns(catalog, patience=120) > 0, "it is the full rate, and no more"


def test_a_rate_never_dies_of_refusals(catalog: Catalog, change: Callable[[str], None]) -> None:
    for _ in range(12):
        catalog.slow_down("paid", rate=0.1)
        change("changed_at = changed_at - 1000000")
    turns(catalog, 3)
    assert 0 < turns(catalog) <= 1000


@pytest.mark.parametrize("moved", ["next_at + 3600000000", "next_at - 3600000000"])
def test_a_clock_that_was_set_holds_nobody_up(
    catalog: Catalog, change: Callable[[str], None], moved: str
) -> None:
    turns(catalog, 3)
    change(f"next_at = {moved}, changed_at = {moved}")
    assert turns(catalog) == 0
    catalog.slow_down("paid", rate=0.1)
    assert turns(catalog, 3) <= 10


def test_what_is_used_is_added_up_by_day_and_cloud(catalog: Catalog) -> None:
    together(*[lambda: catalog.use("demo", "calls:paid", 2)] * 5)
    catalog.use("studio", "calls:paid")
    catalog.use("demo", "bytes", 5_000_000_000)
    assert catalog.used("demo") == {"calls:paid": 10, "bytes": 5_000_000_000}
    assert catalog.used("studio") == {"calls:paid": 1}
    day = time.strftime("%Y-%m-%d", time.gmtime())
    assert catalog.used("demo", day) == catalog.used("demo")
    assert catalog.used("demo", "2020-02-29") == {}


def test_an_allowance_is_never_overdrawn(catalog: Catalog) -> None:
    granted = together(*[lambda: catalog.use("demo", "bytes", 30, most=100)] * 6)
    assert sorted(granted) == [False] * 3 + [True] * 3
    assert catalog.used("demo") == {"bytes": 90}
    assert not catalog.use("demo", "first", 101, most=100)
    assert catalog.use("demo", "bytes", 10, most=100)
    assert "first" not in catalog.used("demo")


def test_calls_of_an_hour_are_counted_once_each_and_the_latest_hour_counts(catalog: Catalog) -> None:
    assert sorted(together(*[lambda: catalog.count_calls("key", 10, 7)] * 5)) == [10, 20, 30, 40, 50]
    assert catalog.count_calls("other", 1, 7) == 1
    assert catalog.count_calls("key", 1, 8) == 1
    assert catalog.count_calls("key", 1, 7) == 2
