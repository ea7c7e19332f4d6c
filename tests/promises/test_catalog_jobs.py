"""The promises of `interfaces.Catalog` about jobs, on every database."""

from dataclasses import replace
from itertools import chain

from catalogcases import APPROVED, DETECTOR, PERSON, add, settle, together

from rekproxy.domain.asset import Job, Status
from rekproxy.interfaces import Catalog


def claim_one(catalog: Catalog, kind: str = "work", lease: float = 60) -> Job:
    (job,) = catalog.claim([kind], lease=lease)
    return job


def test_a_job_is_claimed_once_and_finished_once(catalog: Catalog) -> None:
    catalog.enqueue("demo", "work", {"n": 1})
    assert catalog.job_counts() == {("work", "waiting"): 1}
    job = claim_one(catalog)
    assert (job.kind, job.cloud, job.payload, job.attempts) == ("work", "demo", {"n": 1}, 1)
    assert catalog.claim(["work"], lease=60) == ()
    assert catalog.job_counts() == {("work", "leased"): 1}
    assert catalog.finish(job)
    assert not catalog.finish(job)
    assert catalog.job_counts() == {}


def test_only_due_jobs_of_the_asked_kinds_are_claimed(catalog: Catalog) -> None:
    catalog.enqueue("demo", "later", {}, delay=60)
    catalog.enqueue("demo", "work", {"n": 1})
    catalog.enqueue("demo", "work", {"n": 2})
    assert catalog.claim(["later", "other"], lease=60) == ()
    assert [job.payload["n"] for job in catalog.claim(["work"], lease=60, limit=5)] == [1, 2]


def test_an_expired_lease_is_lost_to_the_next(catalog: Catalog) -> None:
    catalog.enqueue("demo", "work", {})
    slow = claim_one(catalog, lease=0)
    assert catalog.job_counts() == {("work", "waiting"): 1}
    quick = claim_one(catalog)
    assert quick.attempts == 2
    assert not catalog.finish(slow)
    assert not catalog.retry(slow, "too late", delay=0)
    assert catalog.finish(quick)


def test_a_retried_job_comes_again_and_a_dead_one_waits_for_people(catalog: Catalog) -> None:
    catalog.enqueue("demo", "work", {})
    assert catalog.retry(claim_one(catalog), "no", delay=60)
    assert catalog.claim(["work"], lease=60) == ()
    counts = catalog.job_counts()
    assert counts == {("work", "waiting"): 1}
    catalog.enqueue("demo", "other", {})
    job = claim_one(catalog, "other")
    assert catalog.retry(job, "never", delay=0, dead=True)
    assert catalog.claim(["other"], lease=60) == ()
    assert catalog.job_counts()["other", "dead"] == 1
    assert not catalog.wake("elsewhere", job.id)
    assert catalog.wake("demo", job.id)
    assert claim_one(catalog, "other").attempts == 2
    assert not catalog.wake("demo", job.id), "somebody is at it"


def test_a_waiting_job_of_the_same_key_stands_for_both(catalog: Catalog) -> None:
    catalog.enqueue("demo", "work", {"n": 1}, dedupe_key="k", delay=60)
    catalog.enqueue("demo", "work", {"n": 2}, dedupe_key="k")
    catalog.enqueue("demo", "work", {"n": 3}, dedupe_key="k", delay=60)
    job = claim_one(catalog)
    assert job.payload == {"n": 3}
    catalog.enqueue("demo", "work", {"n": 4}, dedupe_key="k")
    assert catalog.job_counts() == {("work", "waiting"): 1, ("work", "leased"): 1}


def test_the_same_key_at_once_makes_one_job(catalog: Catalog) -> None:
    together(*[lambda: catalog.enqueue("demo", "work", {}, dedupe_key="k")] * 6)
    assert catalog.job_counts() == {("work", "waiting"): 1}


def test_two_workers_never_get_the_same_job(catalog: Catalog) -> None:
    for number in range(24):
        catalog.enqueue("demo", "work", {"n": number})

    def work() -> list[int]:
        done = []
        while jobs := catalog.claim(["work"], lease=60, limit=2):
            done += [job.payload["n"] for job in jobs]
        return done

    done = together(*[work] * 4)
    assert sorted(chain.from_iterable(done)) == list(range(24))


def test_an_upload_that_waits_for_a_detector_leaves_a_job_with_grace(catalog: Catalog) -> None:
    asset = add(catalog)
    assert catalog.job_counts() == {("moderate", "waiting"): 1}
    assert catalog.claim(["moderate"], lease=60) == ()
    settle(catalog, asset)
    assert ("moderate", "waiting") not in catalog.job_counts()


def moderate_job(catalog: Catalog, version_id: str) -> Job:
    catalog.enqueue("demo", "moderate", {"version_id": version_id}, dedupe_key=f"moderate:{version_id}")
    return claim_one(catalog, "moderate")


def test_a_verdict_under_a_lease_ends_its_job(catalog: Catalog) -> None:
    asset = add(catalog)
    job = moderate_job(catalog, asset.current.version_id)
    judged = catalog.settle("demo", asset.current.version_id, 0, APPROVED, actor=DETECTOR, lease=job)
    assert judged
    assert judged.status is Status.APPROVED
    assert not catalog.finish(job)
    assert ("moderate", "leased") not in catalog.job_counts()


def test_a_verdict_under_a_lost_lease_decides_nothing(catalog: Catalog) -> None:
    asset = add(catalog)
    job = moderate_job(catalog, asset.current.version_id)
    lost = replace(job, lease_token="0" * 32)
    assert catalog.settle("demo", asset.current.version_id, 0, APPROVED, actor=DETECTOR, lease=lost) is None
    assert catalog.asset_by_id("demo", asset.asset_id) == asset
    assert catalog.audit("demo", asset.asset_id)[-1].action == "stale"
    assert catalog.finish(job)


def test_a_stale_verdict_ends_its_own_job(catalog: Catalog) -> None:
    asset = add(catalog)
    job = moderate_job(catalog, asset.current.version_id)
    catalog.enqueue("demo", "moderate", {"version_id": "x"}, dedupe_key="moderate:x")
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    assert catalog.settle("demo", asset.current.version_id, 0, APPROVED, actor=DETECTOR, lease=job) is None
    assert not catalog.finish(job)
    assert catalog.job_counts()["moderate", "waiting"] == 1


def test_a_flip_leaves_one_sweep_that_knows_what_to_keep(catalog: Catalog) -> None:
    asset = settle(catalog, add(catalog))
    assert asset
    for status in (Status.REJECTED, Status.APPROVED):
        asset = catalog.override("demo", asset.asset_id, status, actor=PERSON).asset
    job = claim_one(catalog, "sweep_derived")
    assert job.payload == {"asset_id": asset.asset_id, "revision": asset.revision}
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    assert catalog.finish(job), "a sweep that runs is left to its holder"
    assert claim_one(catalog, "sweep_derived").payload["revision"] > asset.revision
