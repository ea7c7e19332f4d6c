"""What the upload API does with assets that are there: the vendor's SDK on a socket, and bad input."""

import io
import itertools
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import pytest
from werkzeug.serving import make_server

from rekproxy.app import Application, mount
from rekproxy.imaging.inprocess import InProcessImager
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for
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
BadRequest, NotFound = cloudinary.exceptions.BadRequest, cloudinary.exceptions.NotFound
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
        ({"from_public_id": "none", "to_public_id": "x", "to_type": "fetch"}, 400, "parameter to_type"),
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
    reply = shop.client.post("/v1_1/demo/image/tags", json=document, auth=KEYS["demo"])
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
