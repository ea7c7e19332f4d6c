"""What catalog, storage, workers and clocks can do wrong while a picture is being judged."""

from contextlib import ExitStack
from pathlib import Path

from faultplaces import CLEAN, DETECTOR, RED, Outcome, Place, fault, fill, script, small_disk

from rekproxy.domain.asset import Job
from tests.conftest import encode, photograph

KNOWN = "known"
#: Another clean picture.
OTHER = encode(photograph("coffee").crop((0, 0, 130, 130)))


def _known(place: Place) -> None:
    """A picture that was approved before, and lies in memory."""
    assert place.upload(OTHER, KNOWN) == "200 approved"
    assert place.house.seen(f"{KNOWN}.jpg") == [200]


def _again(place: Place) -> str:
    """The caller asks again, as it was told to."""
    assert (place.upload(CLEAN), place.upload(RED, "red")) == ("200 approved", "200 rejected")
    return place.judged()


@fault("catalog-locked")
def catalog_locked(place: Place) -> Outcome:
    _known(place)
    with place.locked():
        told = place.both()
        state = place.dark("cat", "red")
        assert place.house.seen(f"{KNOWN}.jpg") == [200], "readers wait for no writer"
    return Outcome(told, state, _again(place))


@fault("catalog-locked-late")
def catalog_locked_late(place: Place) -> Outcome:
    """The provider has answered, and the answer cannot be written down."""
    with ExitStack() as lock:
        place.double.meanwhile = lambda: lock.enter_context(place.locked())
        told = place.upload()
        state = place.dark("cat")
    assert place.upload(RED, "red") == "200 rejected"
    place.work()
    return Outcome(told, state, place.judged())


@fault("catalog-gone")
def catalog_gone(place: Place) -> Outcome:
    _known(place)
    with place.gone():
        told = place.both()
        _nothing_proven(place)
    assert place.house.seen(f"{KNOWN}.jpg") == [200]
    return Outcome(told, place.dark("cat", "red"), _again(place))


@fault("catalog-gone-late")
def catalog_gone_late(place: Place) -> Outcome:
    """It goes while the provider answers: what was registered stays, and is judged when it is back."""
    _known(place)
    with ExitStack() as absence:
        place.double.meanwhile = lambda: absence.enter_context(place.gone())
        told = place.upload()
        _nothing_proven(place)
    state = place.dark("cat")
    assert place.upload(RED, "red") == "200 rejected"
    place.work()
    return Outcome(told, state, place.judged())


def _nothing_proven(place: Place) -> None:
    """503 for all, also for what lies in memory, and no cache keeps it."""
    for name in (f"{KNOWN}.jpg", f"w_60/{KNOWN}.jpg", "cat.jpg", "nobody.jpg"):
        answer = place.house.get(name)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
        assert int(answer.headers["Retry-After"]) > 0


@fault("storage-gone")
def storage_gone(place: Place) -> Outcome:
    """For uploads, and for a job that wants to look at what was uploaded before."""
    place.double.script = script("internal")
    assert place.upload(RED, "red") == "200 pending"
    place.mend()
    originals = Path(place.house.settings.storage_url)
    originals.rename(originals.with_name("away"))
    told = place.upload()
    place.work()
    assert place.dark("red") == "pending"
    state = place.dark("cat")
    originals.with_name("away").rename(originals)
    place.work()
    assert place.upload() == "200 approved"
    return Outcome(told, state, place.judged())


@fault("disk-full")
def disk_full(place: Place) -> Outcome:
    with small_disk(place.folder / "disk") as disk:
        changed = {"storage_url": str(disk / "originals"), "derived_url": str(disk / "derived")}
        if place.on_sqlite:
            changed["database_url"] = f"sqlite:///{disk / 'catalog.sqlite3'}"
        place.restart(**changed)
        _known(place)
        filler = fill(disk)
        told = place.both()
        state = place.dark("cat", "red")
        filler.unlink()
        ends = _again(place)
        place.house.stop()
    return Outcome(told, state, ends)


# --- jobs ----------------------------------------------------------------------------------------------


def _waiting(place: Place, data: bytes = CLEAN) -> str:
    """A picture that was uploaded while the provider failed; its job is due."""
    place.double.script = script("internal")
    told = place.upload(data)
    place.mend()
    place.execute("UPDATE jobs SET run_after = 0")
    place.double.requests.clear()
    return told


def _claim(place: Place) -> Job:
    (job,) = place.house.application.catalog.claim(("moderate",), lease=60)
    return job


@fault("job-twice")
def job_twice(place: Place) -> Outcome:
    """At least once is what a queue can promise: the second time finds nothing to do."""
    told = _waiting(place)
    state = place.dark("cat")
    job = _claim(place)
    before = len(place.house.audit("cat"))
    for _ in range(2):
        place.house.application.moderate.again(job)
        assert len(place.double.requests) == 1
        assert len(place.house.audit("cat")) == before + 1
    assert place.upload(RED, "red") == "200 rejected"
    return Outcome(told, state, place.judged())


@fault("lease-lost")
def lease_lost(place: Place) -> Outcome:
    """A worker was away for so long that another took its job: what the first brings back counts no more."""
    told = _waiting(place)
    state = place.dark("cat")
    first = _claim(place)
    place.double.meanwhile = place.work
    place.house.application.moderate.again(first)
    assert (DETECTOR, "stale", None, None) in place.house.audit("cat")
    assert not place.house.application.catalog.finish(first)
    assert place.house.standing("cat") == "approved"
    assert place.upload(RED, "red") == "200 rejected"
    return Outcome(told, state, "judged")


@fault("killed")
def killed(place: Place) -> Outcome:
    """SIGKILL between the answer and the commit of the verdict: labels that were kept are not paid again."""
    settings, environment = place.house.settings, place.double.environment
    place.crash("detector answered", settings, CLEAN, environment)
    state = place.dark("cat")
    place.work()
    assert len(place.double.requests) == 2, "an answer that died with its process is asked for again"
    assert place.house.standing("cat") == "approved"
    place.crash("labels kept", settings, OTHER, environment)
    assert place.house.seen("cat.jpg", "w_60/cat.jpg") == [404, 404]
    asked = len(place.double.requests)
    place.work()
    assert len(place.double.requests) == asked, "labels that are kept are not paid for again"
    assert place.upload(RED, "red") == "200 rejected"
    return Outcome("nothing", state, place.judged())


# --- clocks --------------------------------------------------------------------------------------------


@fault("clock-jump")
def clock_jump(place: Place) -> Outcome:
    """A day ahead, and a day behind. Amazon refuses such signatures; leases are by the database's clock."""
    told = set()
    for name, data, seconds in (("cat", CLEAN, 86_400), ("red", RED, -86_400)):
        with place.clock_off_by(seconds):
            told.add(place.upload(data, name))
            assert place.failure(name) == "InvalidSignatureException"
            place.execute("UPDATE jobs SET run_after = 0")
            catalog = place.house.application.catalog
            held = catalog.claim(("moderate",), lease=60, limit=9)
            assert catalog.claim(("moderate",), lease=60) == (), "leased, whatever time it is here"
            assert all(catalog.retry(job, "given back", delay=0) for job in held)
            state = place.dark(name)
        place.mend()
    place.work()
    (said,) = told
    return Outcome(said, state, place.judged())
