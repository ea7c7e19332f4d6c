"""What the upload API does with assets that are there: the vendor's SDK on a socket, and bad input."""

import io
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import pytest
from werkzeug.serving import make_server

from rekproxy.app import Application, mount
from rekproxy.errors import AuthenticationError
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.services.deletetokens import LIFE
from tests.conftest import NUDE, ToldDetector, encode, house_of, photograph, settings_for
from tests.promises.houses import KEYS

CLOUDS = """
[[clouds]]
name = "studio"
keys = [
  { key = "sender", secret = "may-only-upload", roles = ["upload"] },
  { key = "judge", secret = "may-decide-too", roles = ["upload", "moderator"] },
]
"""
SENDER = {"cloud_name": "studio", "api_key": "sender", "api_secret": "may-only-upload"}
JUDGE = {"cloud_name": "studio", "api_key": "judge", "api_secret": "may-decide-too"}
BadRequest = cloudinary.exceptions.BadRequest
#: A moderation that sees nothing in what the detector says.
BLIND = "aws_rek:explicit:ignore:explicit_nudity:ignore"
_number = itertools.count()


class Shop:
    """A house on a socket, and the SDK pointed at it."""

    def __init__(self, house: Application, detector: ToldDetector, url: str) -> None:
        self.house, self.detector, self.url = house, detector, url
        self.client = mount(house).test_client()
        key, secret = KEYS["demo"]
        self.options = {"cloud_name": "demo", "api_key": key, "api_secret": secret, "upload_prefix": url}

    def call(self, name: str, *args: Any, **more: Any) -> Any:
        """A call of the SDK's uploader."""
        return getattr(cloudinary.uploader, name)(*args, **{**self.options, **more})

    def upload(self, public_id: str, data: bytes | None = None, **more: Any) -> Any:
        return self.call("upload", io.BytesIO(data or picture()), public_id=public_id, **more)

    def show(self, public_id: str, **more: Any) -> Any:
        return cloudinary.api.resource(public_id, **{**self.options, **more})

    def status(self, public_id: str, *, type: str = "upload", cloud: str = "demo") -> int:
        """What the public gets."""
        return self.client.get(f"/{cloud}/image/{type}/{public_id}", buffered=True).status_code

    def post(self, action: str, **form: Any) -> Any:
        return self.client.post(f"/v1_1/demo/image/{action}", data=form, auth=KEYS["demo"], buffered=True)


def picture() -> bytes:
    """Pixels that no other picture of this module has."""
    return encode(photograph().crop((0, next(_number), 90, 200)).resize((90, 90)))


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder, detector = tmp_path_factory.mktemp("shop"), ToldDetector()
    config = folder / "rekproxy.toml"
    config.write_text(CLOUDS)
    imager: Any = InProcessImager(25_000_000)
    house = house_of(settings_for(folder, config=str(config)), imager, detector)
    server = make_server("127.0.0.1", 0, mount(house), threaded=True)
    thread = threading.Thread(target=partial(server.serve_forever, 0.01), daemon=True)
    thread.start()
    yield Shop(house, detector, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
    house.close()


@pytest.fixture
def shop(opened: Shop) -> Shop:
    opened.detector.labels = ()
    return opened


# --- rename ------------------------------------------------------------------------------------------


def test_a_renamed_picture_is_at_its_new_name_alone(shop: Shop) -> None:
    before = shop.upload("old/cat", tags="a", context="alt=x")
    assert shop.status("old/cat") == 200
    reply = shop.call("rename", "old/cat", "new/süß cat")
    assert (reply["public_id"], reply["asset_id"]) == ("new/süß cat", before["asset_id"])
    assert (reply["folder"], reply["tags"]) == ("new", ["a"])
    assert "context" not in reply
    assert "new/s%C3%BC%C3%9F%20cat.jpg" in reply["url"]
    assert (shop.status("old/cat"), shop.status("new/s%C3%BC%C3%9F%20cat")) == (404, 200)
    with_context = shop.call("rename", "new/süß cat", "cat9", context=True, metadata=True)
    assert with_context["context"] == {"custom": {"alt": "x"}}


def test_a_rename_changes_the_type_and_who_may_see_it(shop: Shop) -> None:
    shop.upload("typed")
    reply = shop.call("rename", "typed", "typed", to_type="authenticated")
    assert (reply["type"], "/image/authenticated/" in reply["url"]) == ("authenticated", True)
    assert (shop.status("typed"), shop.status("typed", type="authenticated")) == (404, 401)


def test_a_rename_does_not_take_a_name_unless_told_to(shop: Shop) -> None:
    shop.upload("one")
    shop.upload("two", moderation="manual")
    with pytest.raises(BadRequest, match=r"to_public_id\(one\) already exists"):
        shop.call("rename", "two", "one")
    assert shop.status("one") == 200
    shop.call("rename", "two", "one", overwrite=True, invalidate=True)
    assert (shop.status("one"), shop.status("two")) == (404, 404)


@pytest.mark.parametrize(
    ("form", "status", "message"),
    [
        ({"to_public_id": "x"}, 400, "Missing required parameter - from_public_id"),
        ({"from_public_id": "x"}, 400, "Missing required parameter - to_public_id"),
        ({"from_public_id": "none", "to_public_id": "x"}, 404, "Resource not found - none"),
        ({"from_public_id": "none", "to_public_id": "a?b"}, 400, "public_id must not contain ?"),
        ({"from_public_id": "none", "to_public_id": "x", "to_type": "x"}, 400, "parameter to_type"),
        ({"from_public_id": "none", "to_public_id": "x", "to_type": "fetch"}, 400, "URL as its name"),
        ({"from_public_id": "none", "to_public_id": "x", "overwrite": "maybe"}, 400, "overwrite"),
        ({"from_public_id": ["a", "b"], "to_public_id": "x"}, 400, "Duplicate parameter from_public_id"),
        ({"from_public_id": "none", "to_public_id": "x", "notification_url": "ftp://x"}, 400, "address"),
    ],
)
def test_a_rename_that_cannot_be_meant_is_refused(
    shop: Shop, form: dict[str, Any], status: int, message: str
) -> None:
    reply = shop.post("rename", **form)
    assert reply.status_code == status
    assert message in reply.json["error"]["message"]


# --- explicit ----------------------------------------------------------------------------------------


def test_explicit_says_things_of_a_picture_that_is_there(shop: Shop) -> None:
    before = shop.upload("said", tags="old", context={"old": "1"})
    reply = shop.call(
        "explicit",
        "said",
        type="upload",
        tags=["b", "a"],
        context={"alt": "x|y"},
        display_name="Said & done",
        asset_folder="shelf/one",
        face_coordinates=[[120, 30, 109, 150]],
        quality_override="auto:best",
        headers={"X-Robots-Tag": "noindex"},
    )
    assert (reply["asset_id"], reply["version"]) == (before["asset_id"], before["version"])
    assert (reply["tags"], reply["context"]) == (["a", "b"], {"custom": {"alt": "x|y"}})
    assert (reply["display_name"], reply["asset_folder"]) == ("Said & done", "shelf/one")
    asset = shop.house.catalog.asset("demo", "upload", "said")
    assert asset
    assert asset.current.faces == ((120, 30, 109, 150),)
    assert (asset.quality_override, asset.headers) == ("auto:best", {"X-Robots-Tag": "noindex"})
    kept = shop.call("explicit", "said", type="upload", quality_override="none")
    assert (kept["tags"], kept["display_name"]) == (["a", "b"], "Said & done")
    assert shop.house.library.get("demo", "upload", "said").quality_override is None


@pytest.mark.parametrize(
    ("name", "empty"),
    [("tags", ""), ("tags", " "), ("tags", ","), ("tags[]", ""), ("context", "|"), ("metadata", "|")],
)
def test_what_explicit_is_sent_empty_changes_nothing(shop: Shop, name: str, empty: str) -> None:
    shop.upload("said", tags="old", context={"old": "1"})
    before = shop.house.catalog.asset("demo", "upload", "said")
    assert shop.post("explicit", public_id="said", type="upload", **{name: empty}).status_code == 200
    assert shop.house.catalog.asset("demo", "upload", "said") == before


def test_explicit_changes_who_may_see_it_at_once(shop: Shop) -> None:
    shop.upload("closed")
    assert shop.status("closed") == 200
    rules = [{"access_type": "token"}]
    reply = shop.call("explicit", "closed", type="upload", access_control=rules)
    assert reply["access_control"] == rules
    assert shop.status("closed") == 401
    opened = {"access_type": "anonymous", "start": "2001-01-01T00:00:00Z", "end": "2101-01-01T00:00:00Z"}
    shop.call("explicit", "closed", type="upload", access_control=[*rules, opened])
    assert shop.status("closed") == 200
    assert shop.post("explicit", public_id="closed", access_mode="authenticated").status_code == 200
    assert shop.status("closed") == 401


def test_explicit_has_it_judged_anew(shop: Shop) -> None:
    shop.detector.labels = NUDE
    shop.upload("anew", moderation=BLIND)
    assert shop.status("anew") == 200
    reply = shop.call("explicit", "anew", type="upload", moderation="aws_rek")
    (entry,) = reply["moderation"]
    assert (entry["kind"], entry["status"]) == ("aws_rek", "rejected")
    assert shop.status("anew") == 404
    waits = shop.call("explicit", "anew", type="upload", moderation="manual")
    assert waits["moderation"] == [{"status": "pending", "kind": "manual"}]
    assert shop.show("anew")["moderation_status"] == "pending"
    assert shop.status("anew") == 404


def test_it_is_the_moderators_to_set_a_rejection_aside(shop: Shop) -> None:
    shop.detector.labels = NUDE
    shop.upload("bad", moderation="aws_rek", **SENDER)
    again = {"type": "upload", "moderation": BLIND}
    with pytest.raises(cloudinary.exceptions.NotAllowed, match="role moderator"):
        shop.call("explicit", "bad", **again, **SENDER)
    assert shop.status("bad", cloud="studio") == 404
    shop.call("explicit", "bad", type="upload", tags="still possible", **SENDER)
    assert shop.call("explicit", "bad", **again, **JUDGE)["moderation"][0]["status"] == "approved"
    assert shop.status("bad", cloud="studio") == 200


@pytest.mark.parametrize("decision", ["rejected", "approved"])
def test_what_a_person_decided_is_what_a_detector_then_says(shop: Shop, decision: str) -> None:
    name, other = f"person_{decision}", "approved" if decision == "rejected" else "rejected"
    shop.detector.labels = NUDE
    seen = shop.upload(name, moderation=BLIND if other == "approved" else "aws_rek")
    assert seen["moderation"][0]["status"] == other
    cloudinary.api.update(name, moderation_status=decision, **shop.options)
    reply = shop.call("explicit", name, type="upload", moderation="aws_rek:violence:0.9|manual")
    assert reply["moderation"][0]["status"] == decision
    reply = shop.call(
        "explicit", name, type="upload", moderation=BLIND if decision == "rejected" else "aws_rek"
    )
    assert reply["moderation"][0]["status"] == decision
    assert shop.status(name) == (200 if decision == "approved" else 404)


def test_what_a_person_put_off_waits_for_a_person(shop: Shop) -> None:
    shop.upload("put off", **SENDER)
    cloudinary.api.update("put off", moderation_status="pending", **{**shop.options, **JUDGE})
    with pytest.raises(cloudinary.exceptions.NotAllowed):
        shop.call("explicit", "put off", type="upload", moderation="aws_rek", **SENDER)
    assert shop.status("put%20off", cloud="studio") == 404


def test_explicit_later_is_pending_until_a_worker_has_judged_it(shop: Shop) -> None:
    shop.upload("later")
    reply = shop.post(
        "explicit", **{"public_id": "later", "moderation": "aws_rek:violence:0.9", "async": "1"}
    )
    assert reply.json["status"] == "pending"
    assert len(reply.json["batch_id"]) == 64
    assert shop.status("later") == 404
    while shop.house.worker().run_once():
        pass
    assert shop.status("later") == 200


def test_explicit_derives_what_it_is_asked_for(shop: Shop) -> None:
    shop.upload("eager")
    reply = shop.call("explicit", "eager", type="upload", eager=[{"width": 20, "crop": "scale"}])
    (image,) = reply["eager"]
    assert (image["width"], image["transformation"]) == (20, "c_scale,w_20")


@pytest.mark.parametrize(
    ("form", "status", "message"),
    [
        ({}, 400, "Missing required parameter - public_id"),
        ({"public_id": "none"}, 404, "Resource not found - none"),
        ({"public_id": "none", "type": "facebook"}, 400, "parameter type: facebook"),
        ({"public_id": "none", "detection": "illegal"}, 400, "Detection invalid model 'illegal'"),
        ({"public_id": "none", "ocr": "adv_ocr"}, 420, "active subscription for ocr"),
        ({"public_id": "there", "moderation": "magic"}, 400, "Moderation magic moderation is not valid"),
        ({"public_id": "there", "moderation": "webpurify"}, 420, "active subscription"),
        ({"public_id": "there", "face_coordinates": "1,2"}, 400, "parameter face_coordinates"),
        ({"public_id": "there", "access_control": "nobody"}, 400, "parameter access_control"),
        ({"public_id": "there", "quality_override": "101"}, 400, "parameter quality_override"),
        ({"public_id": "there", "display_name": "x" * 256}, 400, "at most 255"),
        ({"public_id": "there", "asset_folder": "../up"}, 400, "asset_folder must not contain"),
        ({"public_id": "there", "batch_id": "x" * 256}, 400, "parameter batch_id"),
    ],
)
def test_an_explicit_that_cannot_be_meant_changes_nothing(
    shop: Shop, form: dict[str, str], status: int, message: str
) -> None:
    shop.upload("there", overwrite=False)
    before = shop.house.catalog.asset("demo", "upload", "there")
    reply = shop.post("explicit", **form)
    assert (reply.status_code, message in reply.json["error"]["message"]) == (status, True), reply.json
    assert shop.house.catalog.asset("demo", "upload", "there") == before


def test_values_of_fields_are_checked_given_and_told(shop: Shop) -> None:
    size = {"external_id": "size", "label": "Size", "type": "integer"}
    shop.house.metadata.create("demo", size, actor="test")
    try:
        assert shop.upload("field", metadata={"size": 7})["metadata"] == {"size": 7}
        with pytest.raises(BadRequest):
            shop.upload("field", metadata={"size": "large"})
        assert shop.call("explicit", "field", type="upload", metadata={"size": 8})["metadata"] == {"size": 8}
        with pytest.raises(BadRequest):
            shop.call("explicit", "field", type="upload", metadata={"none": "8"})
        assert shop.show("field")["metadata"] == {"size": 8}
        assert "metadata" not in shop.call("rename", "field", "field 2")
        assert shop.call("rename", "field 2", "field", metadata=True)["metadata"] == {"size": 8}
    finally:
        shop.house.metadata.drop("demo", "size", actor="test")


# --- what an upload says of it -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"asset_folder": "a/b"}, {"asset_folder": "a/b", "display_name": "n0"}),
        (
            {"asset_folder": "a/b", "use_asset_folder_as_public_id_prefix": True},
            {"public_id": "a/b/n1", "asset_folder": "a/b"},
        ),
        ({"display_name": "Shown so"}, {"display_name": "Shown so"}),
        ({"use_filename_as_display_name": True, "filename": "tom cat.jpg"}, {"display_name": "tom cat"}),
        ({"access_mode": "authenticated"}, {"access_control": [{"access_type": "token"}]}),
    ],
)
def test_where_it_is_found_and_what_it_is_called(
    shop: Shop, asked: dict[str, Any], expected: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    number = next(iter(request.node.callspec.indices.values()))
    reply = shop.upload(f"n{number}", **{key: value for key, value in asked.items() if key != "access_mode"})
    if "access_mode" in asked:
        form = {"public_id": "n9", "access_mode": "authenticated", "file": (io.BytesIO(picture()), "a.jpg")}
        reply = shop.post("upload", **form).json
        assert shop.status("n9") == 401
    assert {name: reply[name] for name in expected} == expected


def test_regions_are_no_larger_than_the_picture(shop: Shop) -> None:
    wide = encode(photograph().resize((241, 100)))
    reply = shop.upload("wide", wide, face_coordinates=[[120, 30, 109, 150], [300, 1, 5, 5]], faces=True)
    assert reply["faces"] == [[120, 30, 109, 100]]


def test_a_display_name_may_be_made_unique(shop: Shop) -> None:
    names = {
        shop.upload(f"u{number}", display_name="Same", unique_display_name=True)["display_name"]
        for number in range(2)
    }
    assert len(names) == 2
    assert all(name.startswith("Same_") for name in names)


# --- delete tokens -----------------------------------------------------------------------------------


def token_of(shop: Shop, name: str, **more: Any) -> str:
    reply = shop.upload(name, return_delete_token=True, **more)
    return str(reply["delete_token"])


def redeem(shop: Shop, token: str, path: str = "delete_by_token", cloud: str = "demo") -> tuple[int, Any]:
    reply = shop.client.post(f"/v1_1/{cloud}/{path}", data={"token": token}, buffered=True)
    return reply.status_code, reply.json


@pytest.mark.parametrize("path", ["delete_by_token", "image/delete_by_token"])
def test_a_delete_token_deletes_once(shop: Shop, path: str) -> None:
    token = token_of(shop, "brief")
    assert redeem(shop, token, path) == (200, {"result": "ok"})
    assert shop.status("brief") == 404
    assert redeem(shop, token, path) == (200, {"result": "not found"})


def test_a_delete_token_is_for_what_was_uploaded_with_it(shop: Shop) -> None:
    token = token_of(shop, "mine")
    shop.call("rename", "mine", "mine too")
    shop.upload("mine too")
    assert redeem(shop, token) == (200, {"result": "not found"})
    assert shop.status("mine%20too") == 200
    assert "delete_token" not in shop.upload("mine too", overwrite=False, return_delete_token=True)


def test_a_delete_token_that_is_none_is_refused(shop: Shop) -> None:
    token = token_of(shop, "safe")
    wrong = ["x", "é", "=" * 96, "A" * 96, token[:-2] + "AA", "B" + token[1:], token + "AAAA"]
    for each in wrong:
        assert redeem(shop, each) == (401, {"error": {"message": "Invalid token"}}), each
    assert redeem(shop, token, cloud="studio")[0] == 401
    assert redeem(shop, "")[0] == 400
    late = replace(shop.house.delete_tokens, clock=lambda: time.time() + LIFE + 1)
    with pytest.raises(AuthenticationError):
        late.redeem("demo", token)
    assert shop.status("safe") == 200


def test_an_asset_is_destroyed_by_its_id(shop: Shop) -> None:
    ids = [shop.upload(f"by id {number}")["asset_id"] for number in range(3)]
    path, how = "/v1_1/demo/asset/destroy", {"auth": KEYS["demo"], "buffered": True}
    assert shop.client.delete(path, json={"asset_id": ids[0]}, **how).json == {"result": "ok"}
    assert shop.client.delete(f"{path}?asset_id={ids[1]}", **how).json == {"result": "ok"}
    for result in ("ok", "not found"):
        assert shop.client.post(path, data={"asset_id": ids[2]}, **how).json == {"result": result}
    assert shop.client.delete(f"{path}?asset_id={ids[1]}", buffered=True).status_code == 400


# --- tags and context --------------------------------------------------------------------------------


def test_every_command_of_tags(shop: Shop) -> None:
    for name in ("t1", "t2", "t3"):
        shop.upload(name)
    assert shop.call("add_tag", "b,a", ["t1", "t2", "none"])["public_ids"] == ["t1", "t2"]
    assert shop.show("t1")["tags"] == ["a", "b"]
    assert shop.call("remove_tag", "b", "t1")["public_ids"] == ["t1"]
    assert shop.show("t1")["tags"] == ["a"]
    shop.call("replace_tag", "c & ü", ["t1"])
    assert shop.show("t1")["tags"] == ["c & ü"]
    shop.call("add_tag", "a", ["t3"], exclusive=True)
    assert (shop.show("t3")["tags"], shop.show("t2")["tags"]) == (["a"], ["b"])
    shop.call("remove_all_tags", ["t1", "t2", "t3"])
    assert all("tags" not in shop.show(name) for name in ("t1", "t2", "t3"))


def test_every_command_of_context(shop: Shop) -> None:
    for name in ("c1", "c2"):
        shop.upload(name, context={"kept": "1"})
    context = {"alt": "a=b|c", "caption": "schön & gut"}
    assert shop.call("add_context", context, ["c1", "none", "c2"])["public_ids"] == ["c1", "c2"]
    assert shop.show("c2")["context"]["custom"] == {"kept": "1", **context}
    shop.call("remove_all_context", ["c1"])
    assert "context" not in shop.show("c1")
    assert "context" in shop.show("c2")


@pytest.mark.parametrize("notification_url", [None, "https://example.com/?a=1&b=2"])
def test_newer_clients_leave_the_address_out_of_the_signature(
    shop: Shop, notification_url: str | None
) -> None:
    shop.upload("told")
    reply = shop.call("add_tag", "x", "told", notification_url=notification_url, batch_id="b")
    assert reply["public_ids"] == ["told"]


@pytest.mark.parametrize(
    "ids",
    [{"public_ids": "e1,e2"}, {"public_ids[]": ["e1", "e2"]}, {"public_ids[1]": "e2", "public_ids[0]": "e1"}],
)
def test_lists_in_every_form(shop: Shop, ids: dict[str, Any]) -> None:
    for name in ("e1", "e2"):
        shop.upload(name, overwrite=False)
    assert shop.post("tags", command="add", tag="x", **ids).json == {"public_ids": ["e1", "e2"]}
    document = {"command": "add", "tag": ["x", "y"], "public_ids": ["e1", "e2"]}
    reply = shop.client.post("/v1_1/demo/image/tags", json=document, auth=KEYS["demo"], buffered=True)
    assert reply.json == {"public_ids": ["e1", "e2"]}
    many = ["e1", "e2", *(f"nobody{number}" for number in range(998))]
    reply = shop.post("tags", **{"command": "add", "tag": "z", "public_ids[]": many})
    assert reply.json == {"public_ids": ["e1", "e2"]}


@pytest.mark.parametrize(
    ("action", "form", "message"),
    [
        ("tags", {"tag": "x", "public_ids": "a"}, "Missing required parameter - command"),
        ("tags", {"command": "burn", "tag": "x", "public_ids": "a"}, "parameter command: burn"),
        ("tags", {"command": "add", "public_ids": "a"}, "Missing required parameter - tag"),
        ("tags", {"command": "add", "tag": "x"}, "Missing required parameter - public_ids"),
        ("tags", {"command": "add", "tag": "x" * 300, "public_ids": "a"}, "255 characters"),
        (
            "tags",
            {"command": "add", "tag": "x", "public_ids": ",".join(map(str, range(1001)))},
            "Maximum is 1000",
        ),
        ("context", {"command": "replace", "context": "a=b", "public_ids": "a"}, "parameter command"),
        ("context", {"command": "add", "context": "a", "public_ids": "a"}, "parameter context"),
        ("context", {"command": "add", "public_ids": "a"}, "Missing required parameter - context"),
    ],
)
def test_labels_that_cannot_be_meant_are_refused(
    shop: Shop, action: str, form: dict[str, str], message: str
) -> None:
    reply = shop.post(action, **form)
    assert reply.status_code == 400
    assert message in reply.json["error"]["message"]


def test_what_is_out_of_scope_is_refused_in_clear_words(shop: Shop) -> None:
    for call in (
        lambda: shop.call("multi", "tag"),
        lambda: shop.call("generate_sprite", "tag"),
        lambda: shop.call("explode", "cat", page="all"),
        lambda: shop.call("create_zip", tags="tag"),
    ):
        with pytest.raises(BadRequest, match=r"^Not supported$"):
            call()
