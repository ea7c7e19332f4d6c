"""`/usage`: what there is, and what was asked of detectors, by day."""

import time
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from rekproxy.app import mount
from tests.conftest import upload

AUTH = ("123456789012345", "a-secret-of-tests")


@pytest.fixture
def client(house) -> FlaskClient:
    return mount(house).test_client()


def usage(client: FlaskClient, path: str = "/usage") -> dict:
    reply = client.get(f"/v1_1/demo{path}", auth=AUTH)
    assert reply.status_code == 200, reply.text
    return reply.json


def test_calls_that_were_made_and_saved_are_shown(house, jpeg, client) -> None:
    upload(house, jpeg)
    upload(house, jpeg, "again")
    upload(house, jpeg, "third")
    house.catalog.use("demo", "bytes:preset", 5)
    house.catalog.use("studio", "calls:told", 5)
    said = usage(client)
    assert (said["provider_calls"], said["provider_calls_saved"]) == ({"told": 1}, {"told": 2})
    assert said["aws_rek_moderation"] == {"usage": 1}
    assert said["media_limits"]["image_max_size_bytes"] == 40_000_000
    assert said["last_updated"] == datetime.now(UTC).date().isoformat()


def test_assets_are_counted_without_those_that_are_deleted(house, jpeg, client) -> None:
    for name in ("a", "b"):
        upload(house, jpeg, name)
    house.library.destroy("demo", "upload", "a", actor="key:1")
    assert client.get("/demo/image/upload/w_90/b.jpg").status_code == 200
    house.notes.flush()
    said = usage(client)
    assert (said["resources"], said["derived_resources"], said["objects"]) == (1, 1, {"usage": 2})


def test_bytes_are_told_by_tier(house, jpeg, client) -> None:
    upload(house, jpeg)
    client.get("/demo/image/upload/w_90/cat.jpg")
    house.notes.flush()
    (file,) = house.derived.list("derived/")
    said = usage(client)
    assert said["tiers"] == {"original": {"bytes": len(jpeg)}, "derived": {"bytes": file.size}}
    assert said["storage"] == {"usage": len(jpeg) + file.size}


def test_another_day_has_calls_of_its_own(house, jpeg, client) -> None:
    upload(house, jpeg)
    today = time.strftime("%d-%m-%Y", time.gmtime())
    assert usage(client, f"/usage/{today}")["provider_calls"] == {"told": 1}
    long_ago = usage(client, "/usage/29-02-2024")
    assert (long_ago["provider_calls"], long_ago["last_updated"]) == ({}, "2024-02-29")


@pytest.mark.parametrize("day", ["30-02-2024", "2024-02-28", "yesterday", "1-1-2024", "00-00-0000"])
def test_what_is_no_day_is_refused(client, day: str) -> None:
    reply = client.get(f"/v1_1/demo/usage/{day}", auth=AUTH)
    assert reply.status_code == 400
    assert "dd-mm-YYYY" in reply.json["error"]["message"]


def test_usage_is_for_those_who_have_a_key(client) -> None:
    assert client.get("/v1_1/demo/usage").status_code == 401
    assert client.get("/v1_1/studio/usage", auth=AUTH).status_code == 401


def test_pictures_that_were_sent_are_counted_and_their_bytes(house, jpeg, client) -> None:
    upload(house, jpeg)
    path = "/demo/image/upload/w_90/cat.jpg"
    first = client.get(path)  # made
    known = {"If-None-Match": first.headers["ETag"]}
    several = {"If-None-Match": f'"other", {first.headers["ETag"]}'}
    for headers in ({}, known, several, {"Range": "bytes=0-9"}):
        client.get(path, headers=headers)
    client.head(path)
    assert client.get(path, headers={"Range": "bytes=99999999-"}).status_code == 416
    for missing in ("/demo/image/upload/w_90/dog.jpg", "/nobody/image/upload/cat.jpg"):
        assert client.get(missing).status_code == 404
    house.traffic.tell()
    said = usage(client)
    assert (said["requests"], said["bandwidth"]["usage"]) == (6, 2 * len(first.data) + 10)
    assert usage(client, "/usage/29-02-2024")["requests"] == 0
