"""Presets and unsigned uploads over the wire, in a whole house."""

import io
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rekproxy.app import mount
from rekproxy.domain.policies import PolicyBook
from rekproxy.domain.signature import NEVER_SIGNED, sign_parameters, sign_response
from tests.conftest import house_of, settings_for

KEY, SECRET = "123456789012345", "a-secret-of-tests"
MORE = """
[[clouds]]
name = "studio"
keys = [
  { key = "studio-key", secret = "studio-secret", roles = ["admin"] },
  { key = "sender", secret = "may-only-send", roles = ["upload", "moderator"] },
]
"""
SITE = "https://shop.example"


class Client:
    """Calls of one application's API."""

    def __init__(self, application) -> None:
        self.application = application
        self.client = mount(application).test_client()

    def presets(self, method, path="", *, auth=(KEY, SECRET), cloud="demo", **more):
        url = f"/v1_1/{cloud}/upload_presets{path}"
        return self.client.open(url, method=method, auth=auth, buffered=True, **more)

    def make(self, **settings):
        reply = self.presets("POST", json={"name": "shop", "unsigned": True, **settings})
        assert reply.status_code == 200, reply.text
        return reply.json["name"]

    def upload(self, data, *, cloud="demo", origin=None, address="192.0.2.1", **fields):
        headers = {"Origin": origin} if origin else {}
        body = {**fields, "file": (io.BytesIO(data), "cat photo.jpg")}
        return self.client.post(
            f"/v1_1/{cloud}/image/upload",
            data=body,
            headers=headers,
            environ_base={"REMOTE_ADDR": address},
            buffered=True,
        )

    def unsigned(self, data, **fields):
        return self.upload(data, **{"upload_preset": "shop", "public_id": "cat", **fields})

    def asset(self, public_id="cat", cloud="demo"):
        return self.application.catalog.asset(cloud, "upload", public_id)


@pytest.fixture
def wire(tmp_path, imager, detector) -> Iterator[Client]:
    toml = tmp_path / "more.toml"
    toml.write_text(MORE)
    application = house_of(settings_for(tmp_path, config=str(toml)), imager, detector)
    yield Client(application)
    application.close()


def signed(**fields):
    fields = {"timestamp": str(int(time.time())), **fields}
    bare = {name: value for name, value in fields.items() if name not in NEVER_SIGNED}
    return {**fields, "api_key": KEY, "signature": sign_parameters(bare, SECRET)}


def refused(reply, status, words):
    assert (reply.status_code, reply.json["error"]["message"]) == (status, words)
    assert reply.headers["X-Cld-Error"] == words[:500]


# --- administrators --------------------------------------------------------------------------------


def test_a_preset_from_its_making_to_its_end(wire):
    given = {
        "name": "shop", "unsigned": True, "folder": "in", "tags": "a,b", "allowed_formats": ["jpg", "png"],
        "context": {"k": "v"}, "transformation": "c_limit,w_1000/f_webp,q_80", "backup": "1", "async": False,
        "max_bytes": 1000, "moderation": "aws_rek:violence:0.7|manual", "disallow_public_id": True,
        "colors": 1, "timestamp": 1, "notification_url": "", "eager": None,
    }  # fmt: skip
    reply = wire.presets("POST", json=given)
    assert reply.json == {"message": "created", "name": "shop"}
    assert wire.presets("GET", "/shop").json == {
        "name": "shop",
        "unsigned": True,
        "settings": {
            "folder": "in", "tags": ["a", "b"], "allowed_formats": ["jpg", "png"], "context": {"k": "v"},
            "transformation": [
                {"crop": "limit", "width": 1000}, {"fetch_format": "webp", "quality": 80}
            ],
            "backup": True, "async": False, "max_bytes": 1000,
            "moderation": "aws_rek:violence:0.7|manual", "disallow_public_id": True, "colors": True,
        },
    }  # fmt: skip
    changed = wire.presets("PUT", "/shop", data={"unsigned": "false", "tags": "", "max_bytes": "2000"})
    assert changed.json == {"message": "updated"}
    after = wire.presets("GET", "/shop").json
    assert (after["unsigned"], after["settings"]["max_bytes"]) == (False, 2000)
    assert "tags" not in after["settings"]
    assert wire.presets("DELETE", "/shop").json == {"message": "deleted"}
    for method in ("GET", "PUT", "DELETE"):
        refused(wire.presets(method, "/shop"), 404, "Can't find upload preset with name shop")


def test_a_listing_in_pages(wire):
    for name in ("c", "a", "b"):
        wire.make(name=name)
    first = wire.presets("GET", query_string={"max_results": 2}).json
    assert [preset["name"] for preset in first["presets"]] == ["a", "b"]
    cursor = {"next_cursor": first["next_cursor"]}
    assert wire.presets("GET", query_string=cursor).json == {
        "presets": [{"name": "c", "unsigned": True, "settings": {}}]
    }
    foreign = wire.presets("GET", auth=("studio-key", "studio-secret"), cloud="studio", query_string=cursor)
    refused(foreign, 400, "Invalid value for parameter next_cursor")
    for wrong in ("0", "501", "x"):
        refused(
            wire.presets("GET", query_string={"max_results": wrong}),
            400,
            "Invalid value for parameter max_results",
        )


def test_only_administrators_of_the_cloud_come_in(wire):
    wire.make()
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/shop"), ("PUT", "/shop"), ("DELETE", "/shop")):
        sender = wire.presets(method, path, auth=("sender", "may-only-send"), cloud="studio")
        assert sender.status_code == 403
        assert wire.presets(method, path, auth=(KEY, "wrong")).status_code == 401
        assert wire.presets(method, path, auth=("studio-key", "studio-secret")).status_code == 401
    assert (
        wire.presets("GET", "/shop", auth=("studio-key", "studio-secret"), cloud="studio").status_code == 404
    )


def test_a_name_once(wire):
    wire.make()
    refused(wire.presets("POST", json={"name": "shop"}), 409, "Upload preset shop already exists")
    refused(wire.presets("PUT", "/shop", json={"name": "b"}), 400, "An upload preset cannot be renamed")
    assert len(wire.presets("POST", json={}).json["name"]) == 20


def test_what_a_preset_tells_of_itself_may_be_sent_back(wire):
    given = {
        "transformation": "c_limit,w_1000/fl_lossy.progressive,q_80",
        "access_control": '[{"access_type":"token"}]',
        "face_coordinates": "1,2,30,40|5,6,70,80",
    }
    assert wire.presets("POST", json={"name": "one", **given}).status_code == 200
    told = wire.presets("GET", "/one").json["settings"]
    reply = wire.presets("POST", json={"name": "two", **told})
    assert reply.status_code == 200, reply.text
    assert wire.presets("GET", "/two").json["settings"] == told


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"moderatoin": "x"}, 400, "cannot hold the parameter moderatoin; did you mean moderation?"),
        ({"moderatoin": ["x"]}, 400, "cannot hold the parameter moderatoin"),
        ({"moderation": ["aws_rek"]}, 400, "Invalid value for parameter moderation"),
        ({"moderation": "aws_rek:violense:1"}, 400, "did you mean violence"),
        ({"moderation": "none"}, 400, "Moderation none moderation is not valid"),
        ({"moderation": "webpurify"}, 420, "active subscription for webpurify"),
        ({"ocr": "adv_ocr"}, 420, "active subscription for ocr"),
        ({"folder": {"a": "b"}}, 400, "Invalid value for parameter folder"),
        ({"tags": {"a": "b"}}, 400, "Invalid value for parameter tags"),
        ({"context": ["a"]}, 400, "Invalid value for parameter context"),
        ({"backup": "maybe"}, 400, "Invalid value for parameter backup"),
        ({"unsigned": "maybe"}, 400, "Invalid value for parameter unsigned"),
        ({"max_bytes": 1.5}, 400, "Invalid value for parameter max_bytes"),
        ({"name": "a/b"}, 400, "Invalid value for parameter name"),
        ({"name": ["a"]}, 400, "Invalid value for parameter name"),
        ({"transformation": "x" * 2001}, 400, "Transformation is too long"),
        ({"transformation": [{"nonsense": 1}]}, 400, "nonsense"),
        ({"access_control": "x"}, 400, "parameter access_control"),
    ],
)
def test_what_no_preset_can_hold(wire, given, status, words):
    reply = wire.presets("POST", json={"name": "shop", **given})
    assert reply.status_code == status
    assert words in reply.json["error"]["message"]
    assert wire.presets("GET").json == {"presets": []}


# --- unsigned uploads ------------------------------------------------------------------------------


def test_an_unsigned_upload(wire, jpeg):
    wire.make(folder="in", tags="a", context="k=theirs", moderation="aws_rek|manual")
    reply = wire.unsigned(jpeg, tags="b", context="k=mine|q=2|uploader=alice", folder="mine", timestamp="1")
    assert reply.status_code == 200, reply.text
    asset = wire.asset("in/cat")
    assert (asset.tags, asset.uploader) == (("a", "b"), "preset:shop")
    assert asset.context == {"k": "theirs", "q": "2", "uploader": "alice"}
    assert [entry.kind for entry in asset.moderations] == ["aws_rek", "manual"]
    assert wire.application.catalog.audit("demo", asset.asset_id)[0].actor == "preset:shop"
    assert "api_key" not in reply.json
    assert reply.json["signature"] == sign_response("in/cat", asset.version, SECRET)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_what_exists_is_neither_replaced_nor_told_of(wire, jpeg):
    wire.make(overwrite=True)
    wire.upload(jpeg, **signed(public_id="cat", context="secret=1", tags="inner"))
    before = wire.asset()
    reply = wire.unsigned(jpeg + b" ")
    assert (reply.status_code, reply.json["existing"]) == (200, True)
    assert wire.asset() == before
    # not even its digest, its size or its id: it may be pending, rejected or restricted
    assert reply.json == {"public_id": "cat", "resource_type": "image", "type": "upload", "existing": True}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"upload_preset": ""}, "Upload preset must be specified when using unsigned upload"),
        ({"upload_preset": "nobody"}, "Upload preset not found"),
        ({"upload_preset": "x" * 90_000}, "Upload preset not found"),
        ({"upload_preset[]": "shop", "upload_preset": None}, "Invalid value for parameter upload_preset"),
        ({"upload_preset": "closed"}, "Upload preset must be whitelisted for unsigned uploads"),
        ({"upload_preset": "theirs"}, "Upload preset not found"),
        ({"tags[a]": "x"}, "Invalid value for parameter tags"),
        ({"public_id": "a?b"}, "public_id must not contain ?"),
        ({"folder": "a" * 256}, "folder is too long. Got 256. Maximum is 255."),
        ({"context": "novalue"}, "Invalid value for parameter context"),
    ],
)
def test_unsigned_uploads_that_are_refused(wire, jpeg, fields, words):
    wire.make()
    wire.make(name="closed", unsigned=False)
    theirs = {"name": "theirs", "unsigned": True}
    wire.presets("POST", auth=("studio-key", "studio-secret"), cloud="studio", json=theirs)
    sent = {"upload_preset": "shop", "public_id": "cat", **fields}
    reply = wire.upload(jpeg, **{name: value for name, value in sent.items() if value is not None})
    refused(reply, 400, words)
    assert wire.asset() is None


@pytest.mark.parametrize(
    "name", ["moderation", "overwrite", "transformation", "format", "type", "async", "backup", "made_up"]
)
def test_what_only_a_signature_may_ask_for(wire, jpeg, name):
    wire.make()
    reply = wire.unsigned(jpeg, **{name: "1"})
    assert reply.status_code == 400
    said = reply.json["error"]["message"]
    assert said.startswith(
        f"{name.capitalize()} parameter is not allowed when using unsigned upload. Only up"
    )
    assert wire.asset() is None


def test_an_empty_parameter_is_none(wire, jpeg):
    wire.make()
    assert wire.unsigned(jpeg, moderation="", overwrite="", format="").status_code == 200


def test_an_unknown_cloud_has_no_presets(wire, jpeg):
    wire.make()
    refused(wire.unsigned(jpeg, cloud="nowhere"), 400, "Upload preset not found")


def test_a_dropped_preset_lets_nobody_in(wire, jpeg):
    wire.make()
    wire.presets("DELETE", "/shop")
    refused(wire.unsigned(jpeg), 400, "Upload preset not found")


def test_destroying_stays_signed(wire, jpeg):
    wire.make()
    wire.unsigned(jpeg)
    body = {"upload_preset": "shop", "public_id": "cat"}
    reply = wire.client.post("/v1_1/demo/image/destroy", data=body, buffered=True)
    refused(reply, 400, "Missing required parameter - api_key")
    assert wire.asset() is not None


def test_limits_of_a_preset(wire, jpeg):
    wire.make(max_width=511)
    refused(wire.unsigned(jpeg), 400, "Image width must be at most 511 pixels. Got 512.")
    wire.make(name="small", max_bytes=10)
    refused(
        wire.unsigned(jpeg, upload_preset="small"),
        400,
        f"File size too large. Got {len(jpeg)}. Maximum is 10.",
    )
    assert wire.asset() is None


def test_a_public_id_where_none_is_allowed(wire, jpeg):
    wire.make(disallow_public_id=True, use_filename=True, unique_filename=False)
    refused(wire.unsigned(jpeg), 400, "public_id is not allowed when using this upload preset")
    assert wire.unsigned(jpeg, public_id="").json["public_id"] == "cat photo"


def test_a_preset_whose_policy_is_gone(wire, jpeg):
    wire.make(moderation="aws_rek:policy:marketplace")
    application = wire.application
    application.__dict__["ingest"] = replace(application.ingest, policies=PolicyBook())
    reply = Client(application).unsigned(jpeg)
    assert reply.status_code == 400
    assert "aws_rek:policy:marketplace" in reply.json["error"]["message"]
    assert wire.asset() is None


# --- sites and rates -------------------------------------------------------------------------------


def test_pages_of_the_allowed_sites_only(wire, jpeg):
    wire.make(allowed_origins=SITE)
    preflight = wire.client.options("/v1_1/demo/image/upload", headers={"Origin": SITE}, buffered=True)
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    let_in = wire.unsigned(jpeg, origin=SITE)
    assert let_in.status_code == 200
    assert (let_in.headers["Access-Control-Allow-Origin"], let_in.headers["Vary"]) == (SITE, "Origin")
    for origin in ("https://evil.example", "null", None):
        reply = wire.unsigned(jpeg, origin=origin, public_id="dog")
        refused(reply, 400, "The upload preset does not allow uploads from this origin")
        assert "Access-Control-Allow-Origin" not in reply.headers
        assert reply.headers["Vary"] == "Origin"
    assert wire.asset("dog") is None


def test_a_rate_that_is_used_up(wire, jpeg):
    wire.make(rate_per_minute=1, allowed_origins=SITE)
    assert wire.unsigned(jpeg, origin=SITE).status_code == 200
    reply = wire.unsigned(jpeg, origin=SITE, public_id="dog")
    assert reply.status_code == 420
    assert reply.json["error"]["message"].startswith(
        "Rate Limit Exceeded. Limit of 1 uploads a minute reached."
    )
    assert 1 <= int(reply.headers["Retry-After"]) <= 61
    assert reply.headers["Access-Control-Allow-Origin"] == SITE
    assert wire.unsigned(jpeg, origin=SITE, public_id="dog", address="192.0.2.2").status_code == 200


def test_bytes_that_are_used_up(wire, jpeg):
    wire.make(bytes_per_day=len(jpeg))
    assert wire.unsigned(jpeg).status_code == 200
    reply = wire.unsigned(jpeg, public_id="dog")
    assert reply.status_code == 420
    assert int(reply.headers["Retry-After"]) <= 86_401
    assert wire.asset("dog") is None


# --- signed uploads --------------------------------------------------------------------------------


def test_a_signed_upload_counts_more_than_its_preset(wire, jpeg):
    wire.make(unsigned=False, folder="in", tags="a", backup=True, transformation="w_100", overwrite=False)
    fields = signed(public_id="cat", upload_preset="shop", tags="b", transformation="w_90", overwrite="true")
    reply = wire.upload(jpeg, **fields)
    assert reply.status_code == 200, reply.text
    asset = wire.asset("in/cat")
    assert (asset.tags, asset.backup, asset.current.width) == (("a", "b"), True, 90)
    assert (asset.uploader, reply.json["api_key"]) == (KEY, KEY)


def test_a_signature_does_not_open_an_unsigned_preset(wire, jpeg):
    wire.make()
    refused(wire.upload(jpeg, **signed(upload_preset="shop")), 400, "Upload preset not found")
    refused(wire.upload(jpeg, **signed(upload_preset="nobody")), 400, "Upload preset not found")


def test_who_signs_wrongly_learns_nothing_of_presets(wire, jpeg):
    wire.make()
    fields = {**signed(upload_preset="shop"), "signature": "0" * 40}
    assert wire.upload(jpeg, **fields).status_code == 401


# --- later -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_preset", [True, False])
def test_an_upload_that_is_taken_in_later(wire, jpeg, by_preset):
    if by_preset:
        wire.make(**{"async": True})
        reply = wire.unsigned(jpeg)
    else:
        reply = wire.upload(jpeg, **signed(public_id="cat", **{"async": "1"}))
    assert reply.status_code == 200, reply.text
    said = reply.json
    assert len(said.pop("batch_id")) == 64
    assert said == {"status": "pending", "resource_type": "image", "type": "upload", "public_id": "cat"}
    assert wire.asset() is None
    wire.application.worker().run_once()
    assert wire.asset().status == "approved"


def test_no_image_is_refused_at_once(wire):
    wire.make(**{"async": True})
    refused(wire.unsigned(b"<html>"), 400, "Invalid image file")
