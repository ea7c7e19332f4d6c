"""kill -9 at each step of an upload: nothing acknowledged is lost, nothing unjudged is served."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from crashing import JUDGED, LABELLED, REGISTERED, STEPS
from faultplaces import Crash, a_day_later
from werkzeug.test import Client

from rekproxy.app import Application, mount
from rekproxy.domain.asset import Status
from tests.conftest import NUDE, encode, house_of, photograph, settings_for, upload
from tests.doubles.rekognition import RekognitionDouble, Script
from tests.serving import running, serving, wait_until

CAT = "/demo/image/upload/w_90/cat.jpg"
ORDER = list(STEPS)


def is_past(step: str, milestone: str) -> bool:
    return ORDER.index(step) >= ORDER.index(milestone)


@pytest.fixture
def restarted(tmp_path, imager, detector, database_url) -> Iterator[Application]:
    """The same installation in another process than the one that is killed."""
    house = house_of(settings_for(tmp_path, database_url=driven(database_url)), imager, detector)
    yield house
    house.close()


def driven(database_url: str) -> str:
    return database_url.replace("postgresql://", "postgresql+psycopg://")


def work(house: Application) -> None:
    """Do all jobs, as if the grace of those that wait for it were over."""
    a_day_later(house.settings.database_url)
    while house.worker().run_once():
        pass


@pytest.mark.parametrize("step", STEPS)
def test_a_new_upload_that_is_killed(restarted, crash: Crash, jpeg, step):
    crash(step, restarted.settings, jpeg)
    client = Client(mount(restarted))
    assert client.get(CAT).status_code == (200 if is_past(step, JUDGED) else 404)
    work(restarted)
    assert client.get(CAT).status_code == (200 if is_past(step, REGISTERED) else 404)
    assert upload(restarted, jpeg).status is Status.APPROVED
    assert client.get(CAT).status_code == 200
    assert restarted.originals.read(restarted.library.get("demo", "upload", "cat").current) == jpeg


@pytest.mark.parametrize("step", STEPS)
def test_an_overwriting_upload_that_is_killed(restarted, crash: Crash, detector, jpeg, step):
    """What was there stays until the new bytes are registered; those are judged before anyone sees them."""
    upload(restarted, encode(photograph("coffee")))
    client = Client(mount(restarted))
    old = client.get(CAT).data
    crash(step, restarted.settings, jpeg)
    detector.labels = NUDE
    seen = client.get(CAT)
    if not is_past(step, REGISTERED):
        assert seen.data == old
    else:
        assert seen.status_code == (200 if is_past(step, JUDGED) else 404)
    work(restarted)
    looked_now = is_past(step, REGISTERED) and not is_past(step, LABELLED)
    assert client.get(CAT).status_code == (404 if looked_now else 200)
    assert detector.calls == 1 + looked_now, "labels that are kept are not asked for again"


def test_what_a_server_acknowledged_survives_its_death(tmp_path, database_url):
    """Uploads that were answered are there again, and one whose verdict was awaited is judged by a worker."""
    variables = {"REKPROXY_DATABASE_URL": driven(database_url)}
    with RekognitionDouble() as double:
        variables |= double.environment
        with serving(tmp_path, variables) as server:
            for number in range(4):
                assert server.upload(picture(number), public_id=f"cat{number}").status == 200
            double.script = Script(always="hang:30")
            cut_off = threading.Thread(target=lambda: upload_in_vain(server))
            asked = len(double.requests)
            cut_off.start()
            wait_until(lambda: len(double.requests) > asked, 20)
            server.kill()
            cut_off.join()
        double.script = Script()
        with serving(tmp_path, variables) as server:
            for number in range(4):
                assert server.get(f"/demo/image/upload/w_90/cat{number}.jpg").status == 200
            assert server.get("/demo/image/upload/w_90/late.jpg").status == 404
            a_day_later(variables["REKPROXY_DATABASE_URL"])
            with running(tmp_path, variables, "work"):
                wait_until(lambda: server.get("/demo/image/upload/w_90/late.jpg").status == 200, 30)


def picture(number: int) -> bytes:
    return encode(photograph().crop((20 * number, 0, 20 * number + 120, 120)))


def upload_in_vain(server) -> None:
    with suppress(OSError, http.client.HTTPException):
        server.upload(picture(9), public_id="late")
        raise AssertionError("it was acknowledged")
