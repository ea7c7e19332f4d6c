"""Eager transformations over the wire: what is approved is derived, and told; nothing else is."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from rekproxy.app import Application, mount
from rekproxy.domain.asset import Status
from rekproxy.errors import OverloadedError
from rekproxy.services.eager import Eager
from tests.conftest import NUDE, ToldDetector, encode, house_of, photograph, settings_for
from tests.services.test_deliver import override

KEY = ("123456789012345", "a-secret-of-tests")
HOOK = "https://hook.example/eager"
PICTURE = encode(photograph().resize((200, 160)))
_number = count()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, imager: Any) -> Iterator[Application]:
    settings = settings_for(tmp_path_factory.mktemp("eager"), delivery_url="http://localhost/")
    application = house_of(settings, imager, ToldDetector())
    yield application
    application.close()


@pytest.fixture
def house(whole: Application) -> Application:
    """The module's house, empty of jobs, with a detector that lets everything pass."""
    whole.detector.labels = ()
    with whole.catalog._database.engine.begin() as connection:
        connection.execute(text("DELETE FROM jobs"))
        connection.execute(text("DELETE FROM notifications"))
    return whole


@pytest.fixture
def client(house: Application) -> FlaskClient:
    return mount(house).test_client()


def send(client: FlaskClient, public_id: str, **fields: str) -> dict[str, Any]:
    """Upload a part of a photograph that no other test has."""
    left = 5 * next(_number)
    data = encode(photograph().crop((left, 0, left + 200, 160)))
    form = {"public_id": public_id, "file": (io.BytesIO(data), "cat.jpg"), **fields}
    reply = client.post("/v1_1/demo/image/upload", data=form, auth=KEY, buffered=True)
    assert reply.status_code == 200, reply.text
    return dict(reply.json)


def refusal(client: FlaskClient, **fields: str) -> str:
    form = {"file": (io.BytesIO(PICTURE), "cat.jpg"), **fields}
    reply = client.post("/v1_1/demo/image/upload", data=form, auth=KEY, buffered=True)
    assert reply.status_code == 400
    return str(reply.json["error"]["message"])


def work(house: Application) -> None:
    worker = house.worker()
    while worker.run_once():
        pass


def jobs(house: Application) -> int:
    return sum(count for (kind, _), count in house.catalog.job_counts().items() if kind == "eager")


def told(house: Application) -> list[dict[str, Any]]:
    """Bodies of what is told of eager images."""
    listed = house.catalog.list_notifications("demo", limit=100).notifications
    bodies = [(each.uri, dict(house.notify.write(each))) for each in listed if each.type == "eager"]
    assert all(uri == HOOK for uri, _ in bodies)
    return [body for _, body in bodies]


def tier(house: Application, client: FlaskClient, url: str) -> str:
    house.memory._pictures.clear()
    reply = client.get(url.removeprefix("http://localhost"))
    assert reply.status_code == 200
    return reply.headers["Server-Timing"].partition("desc=")[2].partition(",")[0].partition(";")[0]


def test_what_is_asked_for_is_there_when_the_reply_is(house: Application, client: FlaskClient) -> None:
    said = send(client, "now", eager="c_scale,w_100|w_50,h_40,c_fill/png|e_grayscale/")
    first, second, third = said["eager"]
    assert list(first) == ["transformation", "width", "height", "bytes", "format", "url", "secure_url"]
    assert (first["transformation"], first["width"], first["height"]) == ("c_scale,w_100", 100, 80)
    assert (second["transformation"], second["format"]) == ("c_fill,h_40,w_50", "png")
    assert (third["transformation"], third["format"], third["width"]) == ("e_grayscale", "jpg", 200)
    base = f"http://localhost/demo/image/upload/c_fill,h_40,w_50/v{said['version']}/now.png"
    assert second["url"] == base
    assert [tier(house, client, each["url"]) for each in said["eager"]] == ["derived"] * 3
    assert len(client.get(first["url"].removeprefix("http://localhost")).data) == first["bytes"]
    assert (jobs(house), told(house)) == (0, [])


def test_nothing_is_derived_of_what_is_rejected_until_a_person_approves_it(
    house: Application, client: FlaskClient
) -> None:
    house.detector.labels = NUDE
    for late in ("0", "1"):
        data = encode(photograph("chelsea").resize((200 + int(late), 160)))
        form = {"public_id": f"nude{late}", "file": (io.BytesIO(data), "a.jpg"), "eager": "w_100"}
        form |= {"eager_async": late, "eager_notification_url": HOOK}
        said = client.post("/v1_1/demo/image/upload", data=form, auth=KEY, buffered=True).json
        assert said["moderation"][0]["status"] == "rejected"
        assert "eager" not in said
        asset = house.catalog.asset("demo", "upload", f"nude{late}")
        work(house)
        assert not list(house.derived.list(f"derived/{asset.asset_id}"))
        override(house, f"nude{late}", Status.APPROVED)
        work(house)
        assert len(list(house.derived.list(f"derived/{asset.asset_id}"))) == 1
    assert (jobs(house), len(told(house))) == (0, 2)


def test_what_waits_for_a_person_is_derived_when_it_is_approved(
    house: Application, client: FlaskClient
) -> None:
    asked = {"eager": "c_scale,w_100|c_scale,w_60/webp", "eager_notification_url": HOOK}
    said = send(client, "held", moderation="manual", **asked)
    assert [list(each) for each in said["eager"]] == [
        ["batch_id", "transformation", "status", "url", "secure_url"]
    ] * 2
    assert {each["status"] for each in said["eager"]} == {"processing"}
    assert said["eager"][1]["url"].endswith("/held.webp")
    work(house)
    assert (jobs(house), told(house)) == (1, [])
    override(house, "held", Status.APPROVED)
    work(house)
    (body,) = told(house)
    assert (body["notification_type"], body["public_id"]) == ("eager", "held")
    assert body["batch_id"] == said["eager"][0]["batch_id"]
    assert [each["url"] for each in body["eager"]] == [each["url"] for each in said["eager"]]
    assert [each["width"] for each in body["eager"]] == [100, 60]
    assert tier(house, client, body["eager"][0]["url"]) == "derived"


def test_what_nobody_approves_in_time_is_given_up(house: Application, client: FlaskClient) -> None:
    send(client, "refused", moderation="manual", eager="w_100", eager_notification_url=HOOK)
    override(house, "refused", Status.REJECTED)
    assert jobs(house) == 1
    with house.catalog._database.engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET run_after = 0"))
    work(house)
    assert (jobs(house), told(house)) == (0, [])


def test_what_is_asked_for_later_is_made_by_a_job_and_told(house: Application, client: FlaskClient) -> None:
    said = send(
        client, "late", eager="c_scale,w_90", eager_async="true", notification_url=HOOK, batch_id="b1"
    )
    assert said["eager"][0]["status"] == "processing"
    work(house)
    (body,) = told(house)
    assert (body["batch_id"], body["eager"][0]["height"]) == (said["eager"][0]["batch_id"], 72)
    assert json.dumps(body)


def test_an_upload_that_is_put_off_is_derived_too(house: Application, client: FlaskClient) -> None:
    send(client, "put-off", eager="c_scale,w_80", eager_notification_url=HOOK, **{"async": "1"})
    work(house)
    (body,) = told(house)
    assert body["eager"][0]["width"] == 80


def test_what_cannot_be_made_says_why_and_spoils_nothing(house: Application, client: FlaskClient) -> None:
    said = send(client, "part", eager="l_nowhere,w_9|c_scale,w_70|t_nothing")
    first, second, third = said["eager"]
    assert (first["status"], first["reason"]) == ("failed", "Resource not found - part")
    assert second["width"] == 70
    assert third["status"] == "failed"


def test_what_takes_too_long_is_left_to_a_job(house: Application, client: FlaskClient) -> None:
    ticks = iter(range(0, 1000, 10))
    slow = Eager(house.catalog, house.deliver, 15.0, lambda: next(ticks))
    house.__dict__["analysis"] = replace(house.analysis, eager=slow)
    try:
        said = send(mount(house).test_client(), "slow", eager="w_31|w_32|w_33", eager_notification_url=HOOK)
    finally:
        del house.__dict__["analysis"]
    assert [each.get("status", "made") for each in said["eager"]] == ["made", "processing", "processing"]
    work(house)
    assert [each["width"] for each in told(house)[0]["eager"]] == [32, 33]


def test_what_the_imagers_have_no_time_for_is_left_to_a_job(
    house: Application, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise OverloadedError("busy")

    with monkeypatch.context() as patch:
        patch.setattr(type(house.deliver), "make", busy)
        said = send(client, "busy", eager="w_41", eager_notification_url=HOOK)
    assert said["eager"][0]["status"] == "processing"
    work(house)
    assert told(house)[0]["eager"][0]["width"] == 41


def test_explicit_derives_facts_and_images_of_what_is_there(house: Application, client: FlaskClient) -> None:
    send(client, "there")
    asked = {"public_id": "there", "type": "upload", "eager": "c_scale,w_44", "phash": "1"}
    steps = {"responsive_breakpoints": json.dumps({"max_images": 1})}
    said = client.post("/v1_1/demo/image/explicit", data={**asked, **steps}, auth=KEY).json
    assert said["eager"][0]["width"] == 44
    assert len(said["phash"]) == 16
    assert said["responsive_breakpoints"][0]["breakpoints"][0]["width"] == 200
    late = {**asked, "eager": "c_scale,w_45", "eager_async": "1", "eager_notification_url": HOOK}
    said = client.post("/v1_1/demo/image/explicit", data=late, auth=KEY).json
    assert said["eager"][0]["status"] == "processing"
    work(house)
    assert [body["eager"][0]["width"] for body in told(house)] == [45]


def test_a_picture_that_was_there_before_is_left_as_it_is(house: Application, client: FlaskClient) -> None:
    send(client, "again")
    assert "eager" not in send(client, "again", eager="w_10", overwrite="0")


@pytest.mark.parametrize(
    ("eager", "words"),
    [
        ("w_10/auto", "Invalid extension in transformation: auto"),
        ("w_10/svg", "Invalid extension in transformation: svg"),
        ("w_10|bogus_1", "Invalid transformation component - bogus_1"),
        ("|".join(["w_1"] * 51), "Too many eager transformations. Maximum is 50."),
    ],
)
def test_what_is_not_understood_is_refused_before_anything_is_stored(
    house: Application, client: FlaskClient, eager: str, words: str
) -> None:
    assert refusal(client, public_id="bad", eager=eager) == words
    assert house.catalog.asset("demo", "upload", "bad") is None
