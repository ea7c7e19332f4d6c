"""The promises of `interfaces.Catalog` about looks, kept labels and what waits, on every database."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from catalogcases import add, together
from sqlalchemy import text

from rekproxy.backends.sql import parse_address
from rekproxy.backends.sql.engine import Database
from rekproxy.interfaces import Catalog

KEY = ("demo", "p" * 64, "double", "recipe")
PIXELS = ("demo", "p" * 64, "double")


@pytest.fixture
def change(database_url: str) -> Any:
    database = Database(parse_address(database_url))

    def run(statement: str) -> None:
        with database.write() as tx:
            tx.connection.execute(text(statement))

    yield run
    database.close()


def keep(catalog: Catalog, *, model: str = "m-1", pixels: str = "p" * 64, **more: Any) -> None:
    floor = more.pop("floor", 20.0)
    cloud = more.pop("cloud", "demo")
    catalog.keep_labels(cloud, pixels, "double", model, "recipe", floor, "[]", None, **more)


def kept(catalog: Catalog, floor: float = 50.0, days: int | None = 90) -> str | None:
    found = catalog.kept_labels(*PIXELS, None, "recipe", floor, days=days)
    return found and found.model


# --- looks -------------------------------------------------------------------------------------------


def test_of_many_who_come_at_once_one_looks(catalog: Catalog) -> None:
    holders = together(
        *[lambda name=f"t{each}": (name, catalog.claim_look(*KEY, name, seconds=60)) for each in range(6)]
    )
    assert len({holder for _, holder in holders}) == 1
    assert sum(name == holder for name, holder in holders) == 1
    look = catalog.look(*KEY)
    assert look is not None
    assert (look.token, look.running, look.failure) == (holders[0][1], True, None)


def test_other_clouds_pixels_and_detectors_are_looked_at_meanwhile(catalog: Catalog) -> None:
    catalog.claim_look(*KEY, "first", seconds=60)
    for place in range(4):
        other = tuple("other" if at == place else part for at, part in enumerate(KEY))
        assert catalog.claim_look(*other, "second", seconds=60) == "second"


def test_the_look_of_a_crashed_process_runs_out(catalog: Catalog) -> None:
    catalog.claim_look(*KEY, "crashed", seconds=0.6)
    assert catalog.claim_look(*KEY, "next", seconds=60) == "crashed"
    time.sleep(0.7)
    look = catalog.look(*KEY)
    assert look is not None
    assert not look.running
    assert catalog.claim_look(*KEY, "next", seconds=60) == "next"
    catalog.prolong_look(*KEY, "crashed", seconds=900)
    catalog.end_look(*KEY, "crashed")
    assert catalog.claim_look(*KEY, "third", seconds=60) == "next"


def test_a_look_can_be_prolonged(catalog: Catalog) -> None:
    catalog.claim_look(*KEY, "slow", seconds=0.05)
    catalog.prolong_look(*KEY, "slow", seconds=60)
    time.sleep(0.1)
    assert catalog.claim_look(*KEY, "next", seconds=60) == "slow"


def test_a_failed_look_is_over_at_once_and_its_failure_is_told(catalog: Catalog) -> None:
    catalog.claim_look(*KEY, "first", seconds=60)
    catalog.end_look(*KEY, "first", failure="away", calls=2)
    look = catalog.look(*KEY)
    assert look is not None
    assert (look.token, look.running, look.failure) == ("first", False, "away")
    assert catalog.used("demo") == {"calls:double": 2}
    assert catalog.claim_look(*KEY, "next", seconds=60) == "next"
    look = catalog.look(*KEY)
    assert look is not None
    assert look.failure is None


def test_failures_of_long_ago_are_forgotten(catalog: Catalog, change: Callable[[str], None]) -> None:
    for name in ("old", "new"):
        catalog.claim_look("demo", name, "double", "recipe", name, seconds=60)
        catalog.end_look("demo", name, "double", "recipe", name, failure="away")
        change("UPDATE looks SET until = until - 700000 WHERE token = 'old'")
    assert catalog.look("demo", "old", "double", "recipe") is None
    assert catalog.look("demo", "new", "double", "recipe") is not None


def test_kept_labels_end_the_look_and_count_its_calls(catalog: Catalog) -> None:
    catalog.claim_look(*KEY, "first", seconds=60)
    keep(catalog, calls=3)
    assert catalog.look(*KEY) is None
    assert catalog.used("demo") == {"calls:double": 3}


# --- kept labels -------------------------------------------------------------------------------------


def test_kept_labels_are_those_of_the_model_that_answered_last(
    catalog: Catalog, change: Callable[[str], None]
) -> None:
    keep(catalog, model="m-1")
    assert kept(catalog) == "m-1"
    change("UPDATE labels SET created_at = created_at - 10")
    keep(catalog, model="m-2", pixels="q" * 64, cloud="studio")
    assert kept(catalog) is None, "another cloud learned that there is a new model"
    keep(catalog, model="m-2")
    assert kept(catalog) == "m-2"


def test_kept_labels_stand_for_some_days(catalog: Catalog, change: Callable[[str], None]) -> None:
    keep(catalog)
    change(f"UPDATE labels SET created_at = created_at - {30 * 86_400_000}")
    assert (kept(catalog, days=31), kept(catalog, days=29), kept(catalog, days=None)) == ("m-1", None, "m-1")


def test_kept_labels_from_too_high_a_floor_are_none(catalog: Catalog) -> None:
    keep(catalog, floor=50.0)
    assert (kept(catalog, 50.0), kept(catalog, 49.9)) == ("m-1", None)


# --- what waits --------------------------------------------------------------------------------------


def test_a_job_that_is_given_back_keeps_its_place_and_counts_no_attempt(catalog: Catalog) -> None:
    for number in range(2):
        catalog.enqueue("demo", "work", {"n": number})
    for _ in range(3):
        (job,) = catalog.claim(["work"], lease=60)
        assert (job.payload, job.attempts) == ({"n": 0}, 1)
        assert catalog.give_back(job)
        assert not catalog.give_back(job)


def test_the_oldest_due_job_is_one_that_nobody_does(catalog: Catalog, change: Callable[[str], None]) -> None:
    catalog.enqueue("demo", "work", {}, delay=60)
    catalog.enqueue("demo", "other", {})
    assert catalog.oldest_due("work") is None
    change("UPDATE jobs SET run_after = run_after - 100000 WHERE kind = 'work'")
    assert catalog.oldest_due("work") == pytest.approx(40, abs=5)
    (job,) = catalog.claim(["work"], lease=60)
    assert catalog.oldest_due("work") is None
    catalog.retry(job, "no", delay=0, dead=True)
    assert catalog.oldest_due("work") is None


def test_dead_jobs_are_told_by_cloud_the_latest_first(catalog: Catalog) -> None:
    for cloud in ("demo", "studio", "demo"):
        catalog.enqueue(cloud, "work", {})
        (job,) = catalog.claim(["work"], lease=60)
        catalog.retry(job, f"of {cloud}", delay=0, dead=True)
        time.sleep(0.002)
    catalog.enqueue("demo", "work", {})
    assert [dead.error for dead in catalog.dead_jobs(None)] == ["of demo", "of studio", "of demo"]
    (latest,) = catalog.dead_jobs("demo", limit=1)
    assert (latest.kind, latest.cloud, latest.attempts) == ("work", "demo", 1)
    assert latest.dead_at > 0


def test_a_version_that_is_handed_over_is_due_now(catalog: Catalog) -> None:
    asset = add(catalog)
    assert catalog.claim(["moderate"], lease=60) == ()
    catalog.hand_over("demo", asset.current.version_id)
    (job,) = catalog.claim(["moderate"], lease=60)
    assert job.payload == {"version_id": asset.current.version_id}
    assert catalog.job_counts() == {("moderate", "leased"): 1}
