"""The worker: what is due is done once, what fails comes again and dies in sight, bytes are freed."""

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from rekproxy.domain.asset import Job
from rekproxy.domain.cachekeys import derived_prefix, original_key
from rekproxy.errors import CatalogUnavailableError, ProviderError, StorageUnavailableError, ThrottledError
from rekproxy.services.jobs import LEASE_SECONDS, MOST_ATTEMPTS, Sweep, Worker, delay
from rekproxy.services.turns import WORKER_PATIENCE
from tests.conftest import encode, photograph, upload


@dataclass
class Queue:
    """The jobs' part of a catalog, in memory, that remembers what was said to it."""

    jobs: list[Job] = field(default_factory=list)
    said: list[tuple[Any, ...]] = field(default_factory=list)

    def claim(self, kinds: tuple[str, ...], *, lease: float, limit: int) -> tuple[Job, ...]:
        assert lease == LEASE_SECONDS
        due = [job for job in self.jobs if job.kind in kinds][:limit]
        self.jobs = [job for job in self.jobs if job not in due]
        return tuple(due)

    def finish(self, job: Job) -> bool:
        self.said.append(("finish", job.id))
        return True

    def retry(self, job: Job, error: str, *, delay: float, dead: bool) -> bool:
        self.said.append(("retry", job.id, error, delay, dead))
        return True


def job(id: int = 1, kind: str = "work", attempts: int = 1) -> Job:
    return Job(id, kind, "demo", {}, attempts, "lease")


def failing(error: Exception):
    def fail(job: Job) -> None:
        raise error

    return fail


def test_a_job_that_is_done_is_ended_and_others_are_left():
    queue, done = Queue([job(1), job(2, "not ours"), job(3)]), []
    worker = Worker(queue, {"work": lambda job: done.append(job.id)})
    assert [worker.run_once() for _ in range(3)] == [True, True, False]
    assert done == [1, 3]
    assert queue.said == [("finish", 1), ("finish", 3)]


@pytest.mark.parametrize(
    ("error", "attempts", "expected"),
    [
        (StorageUnavailableError("away"), 1, (10.0, False)),
        (ProviderError("slow down", code="Throttling", retryable=True), 3, (40.0, False)),
        (KeyError("a bug of ours"), 12, (10_800.0, False)),
        (StorageUnavailableError("away"), MOST_ATTEMPTS, (10_800.0, True)),
    ],
)
def test_a_job_that_fails_comes_again_later_and_dies_at_last(error, attempts, expected):
    queue = Queue([job(attempts=attempts)])
    assert Worker(queue, {"work": failing(error)}).run_once()
    assert queue.said == [("retry", 1, str(error), *expected)]


def test_what_an_operator_must_mend_is_not_asked_often():
    error = ProviderError("denied", code="AccessDenied", retryable=False)
    queue = Queue([job()])
    Worker(queue, {"work": failing(error)}).run_once()
    assert queue.said[0][3] >= 300
    assert [delay(attempts) for attempts in range(1, 5)] == [10, 20, 40, 80]
    assert delay(10**6) == delay(10**6, retryable=False) == 10_800


def test_a_worker_outlives_a_catalog_that_is_away():
    stop, asked = threading.Event(), []

    class Away(Queue):
        def claim(self, kinds, *, lease, limit):
            asked.append(1)
            if len(asked) == 3:
                stop.set()
            raise CatalogUnavailableError("away")

    Worker(Away(), {}).run(stop, idle=0.001)
    assert len(asked) == 3


def test_a_worker_stops_between_jobs():
    stop, queue = threading.Event(), Queue([job(1), job(2)])
    Worker(queue, {"work": lambda job: stop.set()}).run(stop)
    assert queue.said == [("finish", 1)]


# --- freeing bytes -----------------------------------------------------------------------------------


@pytest.fixture
def sweep(house) -> Sweep:
    return Sweep(house.catalog, house.originals.storage, house.derived)


def keys(house) -> set[str]:
    return {stored.key for stored in house.derived.list("derived/")}


def test_derived_files_of_other_revisions_are_freed(house, sweep, jpeg):
    asset, other = upload(house, jpeg), upload(house, jpeg, "other")
    prefix = derived_prefix(asset.asset_id)
    kept = {f"{prefix}{asset.revision}/ab", f"{derived_prefix(other.asset_id)}1/ab"}
    for key in kept | {f"{prefix}{asset.revision - 1}/ab", f"{prefix}{asset.revision}0/ab"}:
        house.derived.put(key, b"bytes", durable=False)
    sweep.derived_of(replace(job(), payload={"asset_id": asset.asset_id}))
    assert keys(house) == kept
    house.library.destroy("demo", "upload", "cat", actor="key:1")
    sweep.derived_of(replace(job(), payload={"asset_id": asset.asset_id}))
    assert keys(house) == {f"{derived_prefix(other.asset_id)}1/ab"}


def test_an_original_that_somebody_still_has_or_just_wanted_is_kept(house, sweep, jpeg):
    asset = upload(house, jpeg)
    wanted = upload(house, encode(photograph("coffee")), "wanted").current.digest
    house.library.destroy("demo", "upload", "wanted", actor="key:1")
    sweep.original(replace(job(), payload={"digests": [asset.current.digest, wanted, "0" * 64]}))
    assert house.originals.storage.exists(original_key(asset.current.digest))
    assert house.originals.storage.exists(original_key(wanted))


def test_what_a_destroyed_asset_leaves_is_freed_by_its_jobs(house, jpeg):
    upload(house, jpeg)
    house.library.destroy("demo", "upload", "cat", actor="key:1")
    kinds = {kind for kind, _ in house.catalog.job_counts()}
    assert kinds == {"sweep_derived", "sweep_original"}
    while house.worker().run_once():
        pass
    assert house.catalog.job_counts() == {("sweep_original", "waiting"): 1}


# --- turns -------------------------------------------------------------------------------------------


class Turns(Queue):
    """A queue whose jobs can be given back."""

    def give_back(self, job: Job) -> bool:
        self.said.append(("give back", job.id))
        self.jobs.insert(0, job)
        return True


def test_a_job_without_a_turn_is_given_back_and_its_kind_rests_while_others_are_done():
    queue, turn = Turns([job(1), job(2), job(3, "other")]), time.monotonic() + 0.3

    def wait(job: Job) -> None:
        if time.monotonic() < turn:
            raise ThrottledError(turn - time.monotonic() + WORKER_PATIENCE / 2)

    stop = threading.Event()

    def work(job: Job) -> None:
        wait(job)
        if job.id == 2:
            stop.set()

    Worker(queue, {"work": work, "other": lambda job: None}).run(stop, idle=5)
    assert queue.said == [("give back", 1), ("finish", 3), ("finish", 1), ("finish", 2)]
    assert time.monotonic() - turn < 1


def test_a_worker_that_is_told_to_stop_gives_back_a_job_that_does_not_end():
    queue, stop, go_on = Turns([job()]), threading.Event(), threading.Event()
    worker = Worker(queue, {"work": lambda _: go_on.wait(10)})
    running = threading.Thread(target=worker.run, args=(stop,), kwargs={"patience": 0.05})
    running.start()
    while queue.jobs:
        time.sleep(0.01)
    stop.set()
    deadline = time.monotonic() + 5
    while not queue.said and time.monotonic() < deadline:
        time.sleep(0.01)
    assert queue.said == [("give back", 1)]
    go_on.set()
    running.join(5)


def test_a_worker_that_waits_for_a_turn_stops_when_it_is_told():
    queue, stop = Turns([job(1)]), threading.Event()

    def never(job: Job) -> None:
        threading.Timer(0.1, stop.set).start()
        raise ThrottledError(1000)

    began = time.monotonic()
    Worker(queue, {"work": never}).run(stop, idle=60)
    assert queue.said == [("give back", 1)]
    assert time.monotonic() - began < 5
