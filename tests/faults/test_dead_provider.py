"""A provider that is dead to a running server and its worker: nobody is held up, and nothing is approved."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from faultplaces import a_day_later

from rekproxy.backends.sql import open_catalog
from rekproxy.interfaces import Catalog
from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble, Script
from tests.serving import Server, running, serving, wait_until

UPLOADS = 30
#: Twelve threads, of which eight are kept free: four uploads at a time.
THREADS = 12
#: What one upload may take beyond its patience, on a machine that is busy with others.
MARGIN = 5.0


@dataclass
class Answered:
    """What uploads and hits were answered, and how long each took in seconds."""

    told: list[tuple[int, str, float]] = field(default_factory=list)
    hits: list[tuple[int, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """A server whose provider is ours, and a way into its catalog."""

    server: Server
    double: RekognitionDouble
    folder: Path
    variables: dict[str, str]
    catalog: Catalog

    def upload(self, number: int, answered: Answered) -> None:
        """Upload a picture that no other number has, as often as the server asks for that."""
        cut = encode(photograph().crop((10 * number, 0, 10 * number + 130, 130)))
        while True:
            began = time.monotonic()
            reply = self.server.upload(cut, public_id=f"cat{number}")
            took = time.monotonic() - began
            status = reply.json["moderation"][0]["status"] if reply.status == 200 else ""
            answered.told.append((reply.status, status, took))
            if reply.status != 503:
                return
            assert int(reply.headers["Retry-After"]) > 0
            time.sleep(0.2)

    def seen(self, number: int | str) -> int:
        return self.server.get(f"/demo/image/upload/w_90/cat{number}.jpg").status

    def failure(self, number: int) -> str:
        asset = self.catalog.asset("demo", "upload", f"cat{number}")
        assert asset
        return str(asset.moderations[0].detail.get("failure", ""))

    def heal(self, numbers: list[int]) -> None:
        """The provider is well again, and a worker runs."""
        self.double.script = Script()
        a_day_later(self.variables["REKPROXY_DATABASE_URL"])
        with running(self.folder, self.variables, "work"):
            for number in numbers:
                wait_until(lambda number=number: self.seen(number) == 200, 60)


def placed(folder: Path, database_url: str, patience: str) -> Iterator[Place]:
    database_url = database_url.replace("postgresql://", "postgresql+psycopg://")
    with RekognitionDouble() as double:
        variables = double.environment | {
            "REKPROXY_MODERATION_SECONDS": patience,
            "REKPROXY_DATABASE_URL": database_url,
            "REKPROXY_PROVIDER_RATE": "0",
        }
        with (
            serving(folder, variables, "--threads", str(THREADS), workers=1) as server,
            closing(open_catalog(database_url)) as catalog,
        ):
            yield Place(server, double, folder, variables, catalog)


@pytest.fixture
def impatient(tmp_path: Path, database_url: str) -> Iterator[Place]:
    """Uploads wait for a verdict for one second."""
    yield from placed(tmp_path, database_url, "1")


@pytest.fixture
def patient(tmp_path: Path, database_url: str) -> Iterator[Place]:
    """Uploads wait as long as in earnest."""
    yield from placed(tmp_path, database_url, "25")


def test_a_hung_provider_holds_nobody_up(impatient: Place) -> None:
    """Hits are answered while uploads wait; each upload is told pending, or to come again, in time."""
    place, answered = impatient, Answered()
    place.upload(0, answered)
    assert place.seen(0) == 200
    place.double.script = Script(always="hang:60")
    numbers = list(range(1, UPLOADS + 1))
    uploading = [threading.Thread(target=place.upload, args=(number, answered)) for number in numbers]
    for thread in uploading:
        thread.start()
    while any(thread.is_alive() for thread in uploading):
        began = time.monotonic()
        answered.hits.append((place.seen(0), time.monotonic() - began))
        time.sleep(0.05)
    told = answered.told[1:]
    assert {status for status, *_ in told} <= {200, 503}
    assert [status for _, status, _ in told if status] == ["pending"] * UPLOADS
    assert max(took for *_, took in told) < 1 + MARGIN
    assert {status for status, _ in answered.hits} == {200}
    assert max(took for _, took in answered.hits) < 1, "no hit waits for an upload"
    assert {place.seen(number) for number in numbers} == {404}
    place.heal(numbers)


def test_a_dead_provider_is_left_alone_and_people_decide_meanwhile(patient: Place) -> None:
    place, answered = patient, Answered()
    place.double.script = Script(always="reset")
    uploading = [threading.Thread(target=place.upload, args=(number, answered)) for number in range(6)]
    for thread in uploading:
        thread.start()
    for thread in uploading:
        thread.join()
    asked = len(place.double.requests)
    place.upload(6, answered)
    assert len(place.double.requests) == asked, "the circuit is open"
    assert place.failure(6) == "CircuitOpen"
    assert answered.told[-1][2] < MARGIN, "told at once, not after 25 seconds"
    assert [told[:2] for told in answered.told if told[0] != 503] == [(200, "pending")] * 7
    with running(place.folder, place.variables, "work"):
        a_day_later(place.variables["REKPROXY_DATABASE_URL"])
        wait_until(lambda: len(place.double.requests) > asked, 30)
        for number, status, seen in ((0, "approved", 200), (1, "rejected", 404)):
            assert place.server.decide(f"cat{number}", status).status == 200
            assert place.seen(number) == seen
        assert {place.seen(number) for number in range(2, 7)} == {404}
    place.heal([2, 3, 4, 5, 6])
    assert (place.seen(0), place.seen(1)) == (200, 404), "what people decided stays"
