"""Lists of a tag: only where they are allowed, and only what everybody may see."""

import pytest
from werkzeug.test import Client

from rekproxy.app import mount
from rekproxy.domain.access import ONLY_TOKENS
from rekproxy.imaging.inprocess import InProcessImager
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for, upload
from tests.web.test_web_access_rules import rule


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    built = house_of(settings_for(folder, tag_lists="true"), InProcessImager(25_000_000), ToldDetector())
    picture = encode(photograph().resize((120, 100)), quality=80)
    for name, more in {
        "a/cat": {}, "dog": {}, "waits": {"moderation": "manual"}, "ruled": {}, "closed": {"type": "private"},
    }.items():  # fmt: skip
        upload(built, picture, name, tags=("pets", "ö/ü"), **more)
    rule(built, "ruled", ONLY_TOKENS)
    yield built
    built.close()


def get(house, path, **more):
    return Client(mount(house)).get(path, buffered=True, **more)


@pytest.mark.parametrize(
    "path", ["/demo/image/list/pets.json", "/image/list/v12/pets.json", "/demo/image/list/%C3%B6/%C3%BC.json"]
)
def test_a_list_names_what_everybody_may_see(house, path):
    answer = get(house, path)
    assert answer.status_code == 200
    assert [item["public_id"] for item in answer.json["resources"]] == ["dog", "a/cat"]
    item = answer.json["resources"][1]
    assert (item["format"], item["width"], item["height"], item["type"]) == ("jpg", 120, 100, "upload")
    assert set(item) == {"public_id", "version", "format", "width", "height", "type", "created_at"}
    assert answer.json["updated_at"] >= item["created_at"]
    assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        "/demo/image/list/never.json",
        "/studio/image/list/pets.json",
        "/demo/image/list/pets",
        "/demo/image/list/.json",
    ],
)
def test_what_is_not_there_is_one_404(house, path):
    answer = get(house, path)
    assert (answer.status_code, answer.data) == (404, get(house, "/demo/image/list/none.json").data)


def test_a_decision_shows_at_once(house):
    house.library.destroy("demo", "upload", "dog", actor="key:1")
    assert [item["public_id"] for item in get(house, "/demo/image/list/pets.json").json["resources"]] == [
        "a/cat"
    ]


def test_lists_are_off_unless_they_are_asked_for(tmp_path):
    built = house_of(settings_for(tmp_path), InProcessImager(25_000_000), ToldDetector())
    upload(built, encode(photograph().resize((120, 100))), tags=("pets",))
    assert get(built, "/demo/image/list/pets.json").status_code == 404
    built.close()
