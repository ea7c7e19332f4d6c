"""The promises of `interfaces.Catalog` about figures, on every database."""

import time
from collections import Counter

from catalogcases import APPROVED, DETECTOR, FAILED, PERSON, REJECTED, add, settle, version

from rekproxy.domain.asset import Asset, Status
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.statistics import Overturn, Waiting

HOUR_AGO = round(time.time() * 1000) - 3_600_000


def judged(catalog: Catalog, name: str, verdict: object = APPROVED, cloud: str = "demo") -> Asset:
    asset = add(catalog, name, cloud=cloud, bytes_=version(pixels=name * 64))
    settle(catalog, asset, verdict)  # type: ignore[arg-type]
    return asset


def decide(catalog: Catalog, asset: Asset, status: Status, actor: str = PERSON) -> None:
    catalog.override(asset.cloud, asset.asset_id, status, actor=actor)


def outcomes(catalog: Catalog, since: int = HOUR_AGO, **more: object) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for tally in catalog.decided("demo", since, **more):  # type: ignore[arg-type]
        found[tally.by, tally.outcome] += tally.count
    return found


def test_what_waits_is_counted_with_the_age_of_the_oldest(catalog: Catalog) -> None:
    assert catalog.waiting("demo") == Waiting(0, None)
    first = add(catalog, "a")
    for name in "bcd":
        add(catalog, name)
    add(catalog, "e", cloud="studio")
    assert catalog.waiting("demo") == Waiting(4, first.current.created_at)
    assert catalog.waiting("demo", most=3).count == 3
    settle(catalog, first)
    assert catalog.waiting("demo").count == 3


def test_decisions_are_counted_by_who_made_them(catalog: Catalog) -> None:
    for name, verdict in (("a", APPROVED), ("b", APPROVED), ("c", REJECTED), ("d", FAILED)):
        judged(catalog, name, verdict)
    judged(catalog, "e", REJECTED, cloud="studio")
    decide(catalog, judged(catalog, "f"), Status.REJECTED, "user:ada")
    decide(catalog, judged(catalog, "g"), Status.PENDING)
    machine = {("machine", "approved"): 4, ("machine", "rejected"): 1, ("machine", "failed"): 1}
    assert outcomes(catalog) == machine | {("person", "rejected"): 1, ("person", "pending"): 1}
    assert outcomes(catalog, actor="user:ada") == {("person", "rejected"): 1}
    assert outcomes(catalog, actor=DETECTOR) == machine


def test_decisions_fall_into_their_hours_and_old_ones_out_of_the_window(catalog: Catalog) -> None:
    judged(catalog, "a")
    (tally,) = catalog.decided("demo", HOUR_AGO)
    assert abs(tally.hour - time.time() / 3600) < 1.1
    assert outcomes(catalog, since=HOUR_AGO + 7_200_000) == {}
    assert catalog.decided("demo", 0) == (tally,)


def test_only_the_latest_decisions_are_read(catalog: Catalog) -> None:
    for name in "abcde":
        judged(catalog, name)
    assert outcomes(catalog, most=3) == {("machine", "approved"): 3}


def test_what_people_overturned_is_told_with_what_was_seen(catalog: Catalog) -> None:
    decide(catalog, judged(catalog, "a", REJECTED), Status.APPROVED)
    decide(catalog, judged(catalog, "b", APPROVED), Status.REJECTED)
    decide(catalog, judged(catalog, "c", REJECTED), Status.REJECTED)
    decide(catalog, judged(catalog, "d", FAILED), Status.REJECTED)
    decide(catalog, judged(catalog, "e", REJECTED, cloud="studio"), Status.APPROVED)
    known = (Overturn("approved", "rejected", ()), Overturn("rejected", "approved", ("Violence",)))
    assert catalog.overturned("demo", HOUR_AGO) == known
    assert catalog.overturned("demo", HOUR_AGO, most=2) == known[:1]
    assert catalog.overturned("demo", HOUR_AGO + 7_200_000) == ()


def test_what_was_taken_back_is_not_overturned(catalog: Catalog) -> None:
    asset = judged(catalog, "a", REJECTED)
    decide(catalog, asset, Status.APPROVED)
    decide(catalog, asset, Status.REJECTED)
    assert catalog.overturned("demo", HOUR_AGO) == ()
    decide(catalog, asset, Status.APPROVED)
    assert len(catalog.overturned("demo", HOUR_AGO)) == 1


def test_usage_is_told_by_day(catalog: Catalog) -> None:
    catalog.use("demo", "calls:double", 3)
    catalog.use("studio", "calls:double", 5)
    ((day, name),) = catalog.used_since("demo", "2026-01-01")
    assert (name, catalog.used_since("demo", day)) == ("calls:double", {(day, name): 3})
    assert catalog.used_since("demo", "9999-01-01") == {}


def test_jobs_are_counted_by_what_became_of_them(catalog: Catalog) -> None:
    for kind in ("a", "b", "c", "d"):
        catalog.enqueue("demo", kind, {})
    catalog.enqueue("studio", "a", {})
    for kind, dead in (("b", False), ("c", True)):
        (job,) = catalog.claim([kind], lease=60)
        catalog.retry(job, "no", delay=60, dead=dead)
    catalog.claim(["d"], lease=60)
    assert catalog.job_states("demo") == {"waiting": 1, "failing": 1, "dead": 1, "leased": 1}
