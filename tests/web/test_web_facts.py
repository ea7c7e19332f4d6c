"""Facts over the wire: told when they are asked for, and what a file says only to callers with a role."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from rekproxy.app import Application, mount
from rekproxy.errors import ImagerError
from tests.conftest import NUDE, ToldDetector, encode, house_of, photograph, settings_for

KEY = ("123456789012345", "a-secret-of-tests")
FACTS = ("phash", "colors", "predominant", "grayscale", "semi_transparent", "quality_analysis")
FILES = ("image_metadata", "exif")
ALL = {"phash": "1", "colors": "1", "quality_analysis": "1", "media_metadata": "1", "exif": "1", "faces": "1"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, imager: Any) -> Iterator[Application]:
    settings = settings_for(tmp_path_factory.mktemp("facts"), delivery_url="http://localhost/")
    application = house_of(settings, imager, ToldDetector())
    application.presets.create(
        "demo", "public", True, {"image_metadata": True, "exif": True, "phash": True}, actor="key:1"
    )
    yield application
    application.close()


@pytest.fixture
def client(house: Application) -> FlaskClient:
    return mount(house).test_client()


def picture(left: int = 0) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6)})
    return encode(photograph().crop((left, 0, left + 200, 160)), exif=exif)


def send(client: FlaskClient, public_id: str, left: int = 0, **fields: str) -> dict[str, Any]:
    form = {"public_id": public_id, "file": (io.BytesIO(picture(left)), "cat.jpg"), **fields}
    auth = None if "upload_preset" in fields else KEY
    reply = client.post("/v1_1/demo/image/upload", data=form, auth=auth, buffered=True)
    assert reply.status_code == 200, reply.text
    return dict(reply.json)


def show(client: FlaskClient, public_id: str, **asked: str) -> dict[str, Any]:
    reply = client.get(f"/v1_1/demo/resources/image/upload/{public_id}", query_string=asked, auth=KEY)
    assert reply.status_code == 200
    return dict(reply.json)


def test_an_upload_tells_all_that_it_asks_for(client: FlaskClient) -> None:
    said = send(client, "all", **ALL, face_coordinates="10,20,30,400")
    assert all(name in said for name in (*FACTS, *FILES))
    assert len(said["phash"]) == 16
    assert isinstance(said["quality_analysis"]["focus"], float)
    assert said["image_metadata"]["GPSLatitude"].startswith("48 deg")
    assert said["exif"]["Make"] == "Maker"
    assert said["faces"] == [[10, 20, 30, 160]], "cut to the height of the picture, as the wire does"


def test_an_upload_that_asks_nothing_finds_nothing_out(
    house: Application, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(house.imager), "facts", None)
    said = send(client, "plain", 10, phash="0", colors="false")
    assert not {*FACTS, *FILES, "faces"} & said.keys()
    assert house.catalog.asset("demo", "upload", "plain").current.facts == {}
    assert not {*FACTS, *FILES} & show(client, "plain").keys()


def test_what_was_not_asked_for_then_is_found_out_later_and_remembered(
    house: Application, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "later", 20, phash="1")
    first = show(client, "later", colors="1", phash="1", image_metadata="true", faces="1")
    assert first["image_metadata"]["Make"] == "Maker"
    assert first["faces"] == []
    assert {"colors", "predominant", "phash"} <= first.keys()
    assert "exif" not in first
    monkeypatch.setattr(type(house.imager), "facts", None)
    again = show(client, "later", colors="1", phash="1", image_metadata="true")
    assert [again[name] for name in ("colors", "phash")] == [first[name] for name in ("colors", "phash")]


def test_the_public_is_not_told_what_a_file_says(house: Application, client: FlaskClient) -> None:
    said = send(client, "stranger", 30, upload_preset="public")
    assert len(said["phash"]) == 16
    assert not {*FILES} & said.keys()
    assert "48 deg" not in str(said)
    assert show(client, "stranger", image_metadata="1")["image_metadata"]["Make"] == "Maker"
    again = send(client, "stranger", 30, upload_preset="public")
    assert again["existing"] is True
    assert "phash" not in again
    assert b"48 deg" not in client.get("/demo/image/upload/fl_getinfo/stranger.jpg").data


def test_a_rejected_picture_has_facts_for_callers_with_a_role(
    house: Application, client: FlaskClient
) -> None:
    house.detector.labels = NUDE
    try:
        said = send(client, "nude", 40, phash="1")
    finally:
        house.detector.labels = ()
    assert said["moderation"][0]["status"] == "rejected"
    assert len(said["phash"]) == 16
    assert "colors" in show(client, "nude", colors="1")


def test_an_upload_that_is_put_off_is_told_with_its_facts(house: Application, client: FlaskClient) -> None:
    hook = "https://hook.example/facts"
    send(client, "off", 50, phash="1", exif="1", notification_url=hook, **{"async": "1"})
    worker = house.worker()
    while worker.run_once():
        pass
    (told,) = [
        each for each in house.catalog.list_notifications("demo").notifications if each.type == "upload"
    ]
    body = house.notify.write(told)
    assert (len(body["phash"]), body["exif"]["Make"]) == (16, "Maker")


def test_what_cannot_be_found_out_spoils_no_upload(
    house: Application, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ImagerError("dead")

    with monkeypatch.context() as patch:
        patch.setattr(type(house.imager), "facts", fail)
        assert "phash" not in send(client, "dead", 60, phash="1")
        assert "phash" not in show(client, "dead", phash="1")
    asset = house.catalog.asset("demo", "upload", "dead")
    for stored in list(house.originals.storage.list("")):
        if asset.current.digest in stored.key:
            house.originals.storage.delete(stored.key)
    assert "phash" not in show(client, "dead", phash="1")
