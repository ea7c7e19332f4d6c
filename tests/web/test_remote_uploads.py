"""Uploads that name a URL, over the whole wire, from a real server on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest

from rekproxy.interfaces import Imager
from tests.conftest import encode, photograph, settings_for
from tests.origin import Origin, serving
from tests.promises.houses import House, folder_place

PICTURE = encode(photograph("coffee").resize((120, 100)))


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def house(origin: Origin, imager: Imager, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("remote")
    settings = settings_for(folder, allowed_private_hosts=origin.place, max_upload_bytes="20000")
    running = House(settings, imager, folder_place(folder / "archive"))
    yield running
    running.stop()


def send(house: House, url: str, status: int = 200, **fields: str) -> Any:
    reply = house.call("POST", "/image/upload", data={"file": url, **fields})
    assert reply.status_code == status, reply.text
    return reply.json if status == 200 else reply.json["error"]["message"]


def test_a_picture_comes_by_its_url_is_judged_and_served(house: House, origin: Origin) -> None:
    origin.put("/moved", status=302, Location="/dir/a%20cup.jpg?size=1")
    origin.put("/dir/a%20cup.jpg?size=1", PICTURE, Content_Type="application/octet-stream")
    told = send(house, origin.url("/moved"), public_id="cup", proxy="http://127.0.0.1:1/")
    assert (told["public_id"], told["bytes"], told["original_filename"]) == ("cup", len(PICTURE), "moved")
    assert told["moderation"][0]["status"] == "approved"
    assert house.get("cup.jpg").status_code == 200


def test_it_is_called_what_it_is_called_there(house: House, origin: Origin) -> None:
    url = origin.put("/dir/a%20mug.jpg?size=1", PICTURE)
    told = send(house, url, use_filename="true", unique_filename="false")
    assert (told["public_id"], told["original_filename"]) == ("a mug", "a mug")


@pytest.mark.parametrize(
    ("path", "answer", "status", "text"),
    [
        ("/none", {"status": 404}, 400, "Error in loading {url} - 404 Not Found"),
        ("/broken", {"status": 500}, 400, "Error in loading {url} - 500 Internal Server Error"),
        ("/large", {"body": b"x" * 20_001}, 400, "File size too large. Got 20001. Maximum is 20000."),
        ("/text", {"body": b"text"}, 400, "Invalid image file"),
        ("/empty", {}, 400, "Empty file"),
        (
            "/page",
            {"body": b"<html>", "Content_Type": "text/html"},
            404,
            "Resource not found - Error in loading {url} - HTML response",
        ),
        (
            "/inwards",
            {"status": 302, "Location": "http://169.254.169.254/latest"},
            400,
            "Error in loading {url} - The URL's host is a private address",
        ),
        (
            "/elsewhere",
            {"status": 302, "Location": "gopher://127.0.0.1/"},
            400,
            "Error in loading {url} - A URL must begin with http:// or https://",
        ),
    ],
)
def test_what_is_no_picture_there_is_told_and_not_stored(
    house: House, origin: Origin, path: str, answer: dict[str, Any], status: int, text: str
) -> None:
    url = origin.put(path, **answer)
    assert send(house, url, status, public_id="never") == text.format(url=url)
    assert house.standing("never") == "none"


def test_no_url_is_asked_for_who_may_not_upload(house: House, origin: Origin) -> None:
    url = origin.put("/secret", PICTURE)
    for fields, status in (({}, 400), ({"api_key": "1", "signature": "2"}, 401)):
        reply = house.client.post("/v1_1/demo/image/upload", data={"file": url, **fields})
        assert reply.status_code == status
    assert send(house, url, 400, moderation="aws_rek:violense:0.7")
    assert send(house, url, 400, tags="x" * 300)
    assert origin.asked("/secret") == 1  # a moderation is read when there is something to judge


def test_a_picture_that_comes_later_is_brought_at_once(house: House, origin: Origin) -> None:
    url = origin.put("/later", PICTURE)
    assert send(house, url, public_id="later", **{"async": "true"})["status"] == "pending"
    house.work()
    assert house.standing("later") == "approved"
