"""A provider that fails never approves: through boto3, a running server and a worker."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from rekproxy.backends.sql import open_catalog
from rekproxy.domain.asset import Asset
from rekproxy.interfaces import Catalog
from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble, Script
from tests.serving import Server, running, serving, wait_until

#: Only an operator can mend it: the server stops asking, and a new process asks again.
FOR_GOOD = "error:AccessDeniedException:400"
FAULTS = {
    "throttle-400": "ThrottlingException",
    "internal": "InternalServerError",
    "reset": "ConnectionClosedError",
    "empty-object": "MalformedResponse",
    "nan": "MalformedResponse",
    "no-json": "MalformedResponse",
    "hang:2": "MalformedResponse",  # after longer than an upload waits
    FOR_GOOD: "AccessDeniedException",
}


@dataclass(frozen=True)
class Place:
    """A server whose provider is ours."""

    server: Server
    double: RekognitionDouble
    folder: Path
    catalog: Catalog

    def upload(self, number: int) -> str:
        """Upload a picture that no other number has, and give the status of its moderation."""
        cut = photograph().crop((25 * number, 0, 25 * number + 130, 130))
        reply = self.server.upload(encode(cut), public_id=f"cat{number}")
        assert reply.status == 200
        (entry,) = reply.json["moderation"]
        status: str = entry["status"]
        return status

    def seen(self, number: int) -> int:
        return self.server.get(f"/demo/image/upload/w_90/cat{number}.jpg").status

    def asset(self, number: int) -> Asset:
        asset = self.catalog.asset("demo", "upload", f"cat{number}")
        assert asset is not None
        return asset


@pytest.fixture
def place(tmp_path) -> Iterator[Place]:
    with RekognitionDouble() as double:
        variables = {**double.environment, "REKPROXY_MODERATION_SECONDS": "1"}
        with (
            serving(tmp_path, variables, workers=1) as server,
            closing(open_catalog(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")) as catalog,
        ):
            yield Place(server, double, tmp_path, catalog)


def test_no_failure_is_a_verdict_and_a_worker_judges_when_it_is_over(place):
    for number, (fault, code) in enumerate(FAULTS.items()):
        place.double.script = Script(always=fault)
        assert place.upload(number) == "pending", fault
        assert place.seen(number) == 404
        wait_until(lambda number=number: place.asset(number).moderations[0].detail, 20)
        assert place.asset(number).moderations[0].detail["failure"] == code, fault
        assert place.seen(number) == 404
        place.double.script = Script()
        if fault != FOR_GOOD:
            # an answer in between, or failures in a row would stop the asking
            assert place.upload(number + 10) == "approved"
    decide(place)
    recover(place)


def decide(place: Place) -> None:
    """Meanwhile people can decide, either way."""
    for number, status, seen in ((0, "approved", 200), (1, "rejected", 404)):
        assert place.server.decide(f"cat{number}", status).status == 200
        assert place.seen(number) == seen


def recover(place: Place) -> None:
    """The worker asks again, and what people decided stays."""
    for id in range(1, 50):
        place.catalog.wake("demo", id)
    with running(place.folder, place.double.environment, "work"):
        for number in range(2, len(FAULTS)):
            wait_until(lambda number=number: place.seen(number) == 200, 30)
    assert (place.seen(0), place.seen(1)) == (200, 404)


def test_a_worker_that_meets_a_failing_provider_approves_nothing_and_tries_again(place):
    place.double.script = Script(always="unavailable")
    assert place.upload(0) == "pending"
    wait_until(lambda: place.asset(0).moderations[0].detail, 20)
    before = len(place.double.requests)
    for id in range(1, 10):
        place.catalog.wake("demo", id)
    with running(place.folder, place.double.environment, "work"):
        wait_until(lambda: len(place.double.requests) >= before + 3, 30)
        wait_until(lambda: place.catalog.job_counts() == {("moderate", "waiting"): 1}, 30)
    assert place.seen(0) == 404
