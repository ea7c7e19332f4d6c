"""Search over the wire, in a whole house, by the SDK's own search class and by hand."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import urlsplit

import cloudinary
import pytest
from cloudinary.search import Search
from flask.testing import FlaskClient

from rekproxy.app import mount
from rekproxy.domain.asset import Status
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for
from tests.conftest import upload as upload_into

KEY, SECRET = "123456789012345", "a-secret-of-tests"
STUDIO = """
[[clouds]]
name = "studio"
hosts = ["studio.example"]
keys = [
  { key = "studio-key", secret = "studio-secret", roles = ["admin"] },
  { key = "sender", secret = "may-only-send", roles = ["upload"] },
]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory, imager) -> Iterator[object]:
    folder = tmp_path_factory.mktemp("search")
    config = folder / "rekproxy.toml"
    config.write_text(STUDIO)
    house = house_of(settings_for(folder, config=str(config)), imager, ToldDetector())
    for number in range(3):
        small = encode(photograph().crop((number, 0, number + 120, 90)))
        upload_into(house, small, f"s/{number}", tags=("sought",), context={"stage": f"v{number}"})
    rejected = upload_into(house, encode(photograph().crop((9, 9, 129, 99))), "s/bad", tags=("sought",))
    house.catalog.override("demo", rejected.asset_id, Status.REJECTED, actor="key:1")
    yield house
    house.close()


class Client(FlaskClient):
    """Reads each reply to its end: it holds a slot until then."""

    def open(self, *given, **more):
        return super().open(*given, **{**more, "buffered": True})


@pytest.fixture(scope="module")
def client(house):
    app = mount(house)
    app.test_client_class = Client
    return app.test_client()


def ask(client, *, auth=(KEY, SECRET), cloud="demo", **document):
    return client.post(f"/v1_1/{cloud}/resources/search", json=document, auth=auth)


def ids(reply):
    return [item["public_id"] for item in reply.json["resources"]]


def test_a_search_as_the_sdk_sends_it(client):
    search = Search().expression("tags=sought AND bytes>1").sort_by("public_id", "asc").max_results("2")
    document = search.with_field(["tags", "context"]).aggregate("format").as_dict()
    first = ask(client, **document, next_cursor="")
    assert first.status_code == 200, first.text
    assert (first.json["total_count"], first.json["aggregations"]) == (4, {"format": {"jpg": 4}})
    assert ids(first) == ["s/0", "s/1"]
    item = first.json["resources"][0]
    assert (item["tags"], item["context"]) == (["sought"], {"stage": "v0"})
    assert isinstance(first.json["time"], int)
    second = ask(client, **{**document, "next_cursor": first.json["next_cursor"]})
    assert (ids(second), "next_cursor" in second.json) == (["s/2", "s/bad"], False)


def test_what_every_item_has(client):
    [item] = ask(client, expression="public_id=s/1").json["resources"]
    assert set(item) >= {
        "public_id", "asset_id", "asset_folder", "folder", "filename", "format", "version", "resource_type",
        "type", "created_at", "uploaded_at", "bytes", "backup_bytes", "width", "height", "aspect_ratio",
        "pixels", "url", "secure_url", "status", "access_mode", "access_control", "etag", "created_by",
        "uploaded_by",
    }  # fmt: skip
    assert (item["folder"], item["filename"], item["status"]) == ("s", "1", "active")
    assert (item["width"], item["pixels"], item["aspect_ratio"]) == (120, 120 * 90, 1.33333)
    assert item["uploaded_by"] == {"type": "user", "access_key": "1"}
    assert "tags" not in item


def test_what_is_rejected_is_a_placeholder(client):
    [item] = ask(client, expression="moderation_status=rejected").json["resources"]
    assert (item["public_id"], item["bytes"], item["moderation_status"]) == ("s/bad", 0, "rejected")
    assert item["placeholder"] is True


def test_chosen_fields_alone(client):
    [item] = ask(client, expression="public_id=s/1", fields=["bytes", "tags"]).json["resources"]
    assert set(item) == {"asset_id", "public_id", "bytes", "tags"}


def test_ranges_are_counted(client):
    ranges = [{"key": "tiny", "to": 10}, {"key": "rest", "from": 10}]
    reply = ask(client, expression="tags=sought", aggregate=[{"type": "bytes", "ranges": ranges}, "type"])
    assert reply.json["aggregations"] == {"bytes": {"tiny": 0, "rest": 4}, "type": {"upload": 4}}


def test_a_search_by_its_query(client):
    path = '/v1_1/demo/resources/search?expression=tags%3Dsought&sort_by=[{"public_id":"asc"}]&max_results=1'
    assert ids(client.get(path, auth=(KEY, SECRET))) == ["s/0"]
    form = {"expression": "tags=sought", "sort_by": "filename", "with_field[]": ["tags"]}
    reply = client.post("/v1_1/demo/resources/search", data=form, auth=(KEY, SECRET))
    assert ids(reply) == ["s/bad", "s/2", "s/1", "s/0"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"expression": "tags=("}, "Query Error (at position 5)"),
        ({"expression": "nothing=1"}, "Query Error (at position 0): unknown field nothing"),
        ({"expression": ["a"]}, "Invalid value for parameter expression"),
        ({"expression": "a\u0000b"}, "Illegal character in parameter expression"),
        ({"max_results": 501}, "Invalid value for parameter max_results"),
        ({"max_results": 0}, "Invalid value for parameter max_results"),
        ({"max_results": True}, "Invalid value for parameter max_results"),
        ({"sort_by": [{"nothing": "asc"}]}, "Invalid value for parameter sort_by: nothing"),
        ({"sort_by": [{"bytes": "up"}]}, "Invalid value for parameter sort_by"),
        ({"sort_by": [[["bytes"]]]}, "Invalid value for parameter sort_by"),
        ({"with_field": ["bytes"]}, "Invalid value for parameter with_field"),
        ({"fields": [1]}, "Invalid value for parameter fields"),
        ({"aggregate": ["tags"]}, "Invalid value for parameter aggregate"),
        ({"aggregate": [{"type": "format", "ranges": [{"key": "a"}]}]}, "only bytes and pixels"),
        ({"next_cursor": "nothing"}, "Invalid value for parameter next_cursor"),
    ],
)
def test_what_is_not_understood_is_refused(client, document, words):
    reply = ask(client, **document)
    assert (reply.status_code, words in reply.json["error"]["message"]) == (400, True), reply.text


def test_bodies_that_are_no_documents(client):
    for body in (b"[]", b"{", b'{"a": NaN}', b'{"a":1,"a":2}', b"[" * 20_000, b'{"expression":"\\ud800"}'):
        reply = client.post(
            "/v1_1/demo/resources/search", data=body, content_type="application/json", auth=(KEY, SECRET)
        )
        assert reply.status_code == 400, body[:20]


def test_cursors_are_of_one_search_and_one_cloud(client):
    cursor = ask(client, expression="tags=sought", max_results=1).json["next_cursor"]
    studio = {"auth": ("studio-key", "studio-secret"), "cloud": "studio"}
    for other in (
        ask(client, expression="tags=other", next_cursor=cursor),
        ask(client, expression="tags=sought", sort_by=[{"bytes": "asc"}], next_cursor=cursor),
        ask(client, expression="tags=sought", next_cursor=cursor, **studio),
    ):
        assert other.status_code == 400
    assert ask(client, **studio).json["resources"] == []
    assert ask(client, auth=("studio-key", "studio-secret")).status_code == 401
    assert ask(client, auth=("sender", "may-only-send"), cloud="studio").status_code == 403


def path_of(search, **options):
    given = {"cloud_name": "demo", "api_secret": SECRET, "secure": True, **options}
    return urlsplit(search.to_url(**given)).path


def test_a_search_url_shows_what_the_public_may_see(client):
    cloudinary.reset_config()
    search = Search().expression("tags=sought").sort_by("public_id", "asc").max_results(2).with_field("tags")
    first = client.get(path_of(search))
    assert (first.status_code, first.json["total_count"]) == (200, 3), first.text
    assert ids(first) == ["s/0", "s/1"]
    assert "uploaded_by" not in first.json["resources"][0]
    assert first.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    second = client.get(path_of(search, next_cursor=first.json["next_cursor"], ttl=10))
    assert (ids(second), second.headers["Cache-Control"]) == (["s/2"], "public, max-age=10, must-revalidate")
    # a path without a cloud is the first one's
    assert client.get(path_of(search).removeprefix("/demo")).status_code == 200


def test_a_search_url_that_nobody_signed(client):
    search = Search().expression("tags=sought")
    path = path_of(search)
    for wrong in (
        path.replace("/300/", "/301/"),
        path_of(search, api_secret="another"),
        path_of(search, cloud_name="studio"),
        path_of(search, cloud_name="nobody"),
        path.removesuffix("=") + "A",
    ):
        assert client.get(wrong).status_code == 401, wrong
    for query in (b"[]", b"no document", json.dumps({"expression": "("}).encode()):
        text = urlsafe_b64encode(query).decode()
        signature = hashlib.sha256(f"300{text}{SECRET}".encode()).hexdigest()
        assert client.get(f"/demo/search/{signature}/300/{text}").status_code == 400


def test_a_host_of_one_cloud_shows_no_other(client):
    path, host = path_of(Search().expression("tags=sought")), {"Host": "studio.example"}
    for written in (path, path.removeprefix("/demo")):
        assert client.get(written, headers=host).status_code == 401
    own = path_of(Search(), cloud_name="studio", api_secret="studio-secret")
    for written in (own, own.removeprefix("/studio")):
        assert client.get(written, headers=host).json["resources"] == []


def test_a_takedown_takes_it_out_of_search_urls(house, client):
    asset = upload_into(house, encode(photograph().crop((30, 30, 150, 120))), "gone", tags=("brief",))
    path = path_of(Search().expression("tags=brief"))
    assert ids(client.get(path)) == ["gone"]
    house.catalog.override("demo", asset.asset_id, Status.REJECTED, actor="key:1")
    assert ids(client.get(path)) == []


def find_folders(client, *, cloud="demo", auth=(KEY, SECRET), **document):
    reply = client.post(f"/v1_1/{cloud}/folders/search", json=document, auth=auth)
    assert reply.status_code == 200, reply.text
    return reply.json


def test_folders_are_found(house, client):
    for path in ("shop/shoes", "shop/hats", "attic"):
        house.catalog.add_folder("demo", path, actor="key:1")
    found = find_folders(client, expression="path:shop*", max_results=2)
    assert [folder["path"] for folder in found["folders"]] == ["shop", "shop/hats"]
    assert (found["total_count"], set(found["folders"][0])) == (
        3,
        {"name", "path", "created_at", "external_id"},
    )
    asked = {"expression": "path:shop*", "max_results": 2, "next_cursor": found["next_cursor"]}
    last = find_folders(client, **asked)
    assert ([folder["name"] for folder in last["folders"]], "next_cursor" in last) == (["shoes"], False)
    by_name = find_folders(client, expression="path=shop/*", sort_by=[{"name": "desc"}])
    assert [folder["name"] for folder in by_name["folders"]] == ["shoes", "hats"]
    assert [folder["path"] for folder in find_folders(client, expression="name:hats")["folders"]] == [
        "shop/hats"
    ]
    assert find_folders(client, expression="created_at>1d")["total_count"] >= 4
    studio = {"cloud": "studio", "auth": ("studio-key", "studio-secret")}
    assert find_folders(client, **studio)["folders"] == []
    wrong = client.post("/v1_1/demo/folders/search", json={"expression": "tags=a"}, auth=(KEY, SECRET))
    assert wrong.json["error"]["message"].startswith("Query Error (at position 0)")
