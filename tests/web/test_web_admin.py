"""The admin wire: who may see and decide what, and how it is paged and written."""

import io
import json
from dataclasses import replace
from urllib.parse import quote

import pytest
import wiredoubles
from wireclient import SECRETS, Wire
from wiredoubles import asset, rejected

from rekproxy.domain.asset import EntryStatus, Moderation, Status
from rekproxy.errors import CatalogUnavailableError, StaleDecisionError

EVERY_CALL = [
    ("GET", "ping", None),
    ("GET", "resources/image", "moderator"),
    ("GET", "resources/image/upload", "moderator"),
    ("GET", "resources/image/tags/x", "moderator"),
    ("GET", "resources/image/moderations/manual/pending", "moderator"),
    ("GET", "resources/image/upload/cat", "moderator"),
    ("GET", "resources/" + f"{1:032x}", "moderator"),
    ("POST", "resources/image/upload/cat", "moderator"),
    ("PUT", "resources/" + f"{1:032x}", "moderator"),
    ("DELETE", "resources/image/upload", "admin"),
    ("POST", "cache/purge", "admin"),
]


def message(reply):
    assert reply.content_type == "application/json; charset=utf-8"
    text = reply.json["error"]["message"]
    assert reply.headers["X-Cld-Error"] == text
    return text


def pending(public_id, number):
    entry = Moderation(0, "manual", EntryStatus.PENDING, "manual")
    return asset(public_id, number, status=Status.PENDING, moderations=(entry,))


# who


@pytest.mark.parametrize(("method", "path", "role"), EVERY_CALL)
def test_nobody_comes_in_without_a_key(wire: Wire, method, path, role):
    for auth, text in (
        (None, "unknown api_key"),
        (("nobody", "x"), "unknown api_key"),
        (("all", "all-secreT"), "api_secret mismatch"),
        (("all", ""), "api_secret mismatch"),
        (("far", SECRETS["far"]), "cloud_name mismatch"),
    ):
        reply = wire.client.open(f"/v1_1/demo/{path}", method=method, auth=auth)
        assert (reply.status_code, message(reply)) == (401, text)


@pytest.mark.parametrize(("method", "path", "role"), EVERY_CALL)
def test_each_call_needs_its_role(wire: Wire, method, path, role):
    holders = {"moderator": ("all", "mod"), "admin": ("all",), None: ("all", "mod", "up")}[role]
    for key in ("all", "mod", "up"):
        status = wire.call(method, path, key).status_code
        assert (status == 403) == (key not in holders)


@pytest.mark.parametrize(("method", "path", "role"), EVERY_CALL)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://["},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_browsers_of_other_sites_are_sent_away(wire: Wire, method, path, role, headers):
    reply = wire.call(method, path, headers=headers)
    assert reply.status_code == 403
    assert wire.library.searches == wire.library.purges == wire.review.decisions == []


def test_our_own_origin_is_welcome(wire: Wire):
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert wire.get("ping", headers=headers).json == {"status": "ok"}


def test_an_unknown_cloud_is_told_from_another_by_nobody(wire: Wire):
    answers = [
        wire.client.get(f"/v1_1/{cloud}/ping", auth=("all", SECRETS["all"])) for cloud in ("other", "nowhere")
    ]
    assert {(answer.status_code, answer.data) for answer in answers} == {
        (401, b'{"error":{"message":"cloud_name mismatch"}}')
    }


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Basic YWxs", "Digest x", "Bearer all-secret"])
def test_a_malformed_authorization_is_401(wire: Wire, header):
    assert wire.client.get("/v1_1/demo/ping", headers={"Authorization": header}).status_code == 401


# headers


@pytest.mark.parametrize("path", ["ping", "resources/image/upload/none", "resources/image?max_results=x"])
def test_every_reply_has_the_wires_headers(wire: Wire, path):
    headers = wire.get(path).headers
    assert int(headers["X-FeatureRateLimit-Limit"]) == int(headers["X-FeatureRateLimit-Remaining"]) > 0
    assert headers["X-FeatureRateLimit-Reset"].endswith(":00:00 GMT")
    assert len(bytes.fromhex(headers["X-Request-Id"])) == 16
    assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers


def test_each_request_has_an_id_of_its_own_and_not_the_callers(wire: Wire):
    ids = {wire.get("ping", headers={"X-Request-Id": "mine"}).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3
    assert "mine" not in ids


# listings


def test_an_item_is_written_as_the_wire_does(wire: Wire):
    wire.library.assets = [asset(tags=("b", "a"), context={"alt": "x"}, folder="holiday")]
    (item,) = wire.get("resources/image").json["resources"]
    assert item == {
        "asset_id": f"{1:032x}",
        "public_id": "holiday/cat",
        "format": "jpg",
        "version": 1_719_307_544,
        "resource_type": "image",
        "type": "upload",
        "created_at": "2024-06-25T09:25:44Z",
        "bytes": 896_838,
        "width": 1920,
        "height": 1441,
        "folder": "holiday",
        "asset_folder": "holiday",
        "display_name": "cat",
        "access_mode": "public",
        "url": "http://images.example/base/demo/image/upload/v1719307544/holiday/cat.jpg",
        "secure_url": "https://images.example/base/demo/image/upload/v1719307544/holiday/cat.jpg",
    }
    (more,) = wire.get("resources/image?tags=true&context=1&metadata=True&moderations=false").json[
        "resources"
    ]
    assert more == item | {"tags": ["a", "b"], "context": {"custom": {"alt": "x"}}, "metadata": {}}


def test_a_rejected_item_is_a_placeholder(wire: Wire):
    wire.library.assets = [rejected("nasty", 1)]
    (item,) = wire.get("resources/image/upload?moderations=true").json["resources"]
    assert (item["bytes"], item["placeholder"], item["backup"]) == (0, True, True)
    assert (item["width"], item["format"]) == (1920, "jpg")
    assert item["moderation"][0]["status"] == "rejected"


def test_pages_follow_one_another_and_end(wire: Wire):
    wire.library.assets = [asset(f"a{number:02}", number) for number in range(25)]
    names, cursor = [], ""
    for expected in (10, 10, 5):
        page = wire.get("resources/image", query_string={"next_cursor": cursor}).json
        assert len(page["resources"]) == expected
        names += [item["public_id"] for item in page["resources"]]
        cursor = page.get("next_cursor")
    assert cursor is None
    assert names == [f"a{number:02}" for number in reversed(range(25))]


def test_a_cursor_is_good_for_its_listing_and_cloud_alone(wire: Wire):
    wire.library.assets = [replace(asset(f"a{number}", number), tags=("x",)) for number in range(3)]
    cursor = wire.get("resources/image?max_results=1").json["next_cursor"]
    asked = {"next_cursor": cursor}
    assert wire.get("resources/image", query_string=asked).status_code == 200
    assert wire.get("resources/image/tags/x", query_string=asked).status_code == 400
    far = wire.client.get("/v1_1/other/resources/image", query_string=asked, auth=("far", SECRETS["far"]))
    assert message(far) == "Invalid value for parameter next_cursor"


@pytest.mark.parametrize("cursor", ["x", "a.b", "WzEsImEiXQ.AAAA", "%00", "ü", "x" * 5000])
def test_a_made_up_cursor_is_refused(wire: Wire, cursor):
    assert wire.get(f"resources/image?next_cursor={cursor}").status_code == 400
    assert wire.library.searches == []


@pytest.mark.parametrize("number", ["0", "-1", "501", "ten", "1.5", "9" * 30, "٣"])
def test_max_results_is_1_to_500(wire: Wire, number):
    reply = wire.get("resources/image", query_string={"max_results": number})
    assert (reply.status_code, message(reply)) == (400, "Invalid value for parameter max_results")
    assert wire.get("resources/image?max_results=500").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "public_ids[]=a&public_ids[]=c,d",
        "public_ids%5B%5D=a&public_ids%5B%5D=c%2Cd",
        "public_ids[1]=c,d&public_ids[0]=a",
    ],
)
def test_public_ids_come_in_every_encoding(wire: Wire, query):
    wire.get(f"resources/image/upload?{query}")
    assert wire.library.searches[0]["public_ids"] == ("a", "c,d")


def test_one_text_of_public_ids_is_split_at_commas(wire: Wire):
    wire.get("resources/image/upload?public_ids=a,%20b&prefix=p")
    assert wire.library.searches == [
        {"type": "upload", "prefix": "p", "public_ids": ("a", "b"), "uploader": None, "limit": 300},
    ]


def test_a_hundred_public_ids_come_on_one_page_and_more_are_refused(wire: Wire):
    names = [f"a{number}" for number in range(101)]
    wire.get("resources/image", query_string={"public_ids[]": names[:100]})
    assert wire.library.searches[0]["limit"] == 300
    assert wire.get("resources/image", query_string={"public_ids[]": names}).status_code == 400


def test_assets_are_found_by_tag(wire: Wire):
    wire.library.assets = [asset("a", 1, tags=("red/dark blue",)), asset("b", 2)]
    found = wire.get(f"resources/image/tags/{quote('red/dark blue')}").json["resources"]
    assert [item["public_id"] for item in found] == ["a"]


def test_assets_are_found_by_moderation(wire: Wire):
    wire.library.assets = [rejected("nasty", 1), pending("waits", 2), asset("fine", 3)]
    (item,) = wire.get("resources/image/moderations/aws_rek/rejected").json["resources"]
    assert (item["public_id"], item["moderation_kind"], item["moderation_status"]) == (
        "nasty",
        "aws_rek",
        "rejected",
    )
    assert "moderation" not in item
    (item,) = wire.get("resources/image/moderations/manual/pending").json["resources"]
    assert (item["public_id"], item["bytes"]) == ("waits", 896_838)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("moderations/astrology/pending", 400),
        ("moderations/manual/perhaps", 400),
        ("moderations/manual/APPROVED", 400),
        ("moderations/webpurify/queued", 200),
        ("moderations/manual", 400),
        ("facebook", 400),
        ("tags", 400),
    ],
)
def test_kinds_statuses_and_types_are_the_wires(wire: Wire, path, status):
    assert wire.get(f"resources/image/{path}").status_code == status


# one asset


def test_a_single_resource_tells_its_moderation_and_what_derives_from_it(wire: Wire):
    wire.library.assets = [rejected("pets/nasty", 1)]
    record = wire.get("resources/image/upload/pets/nasty").json
    assert (record["moderation_kind"], record["moderation_status"]) == ("aws_rek", "rejected")
    assert record["moderation"][0]["response"] == {"moderation_labels": wiredoubles.LABELS}
    assert (record["bytes"], record["placeholder"], record["backup"]) == (0, True, True)
    assert (record["etag"], record["version_id"], record["original_filename"]) == (
        "e" * 32,
        f"{1001:032x}",
        "sample",
    )
    assert "tags" not in record
    assert "context" not in record
    assert record["derived"][:1] == [
        {
            "transformation": "c_scale,w_100",
            "format": "webp",
            "bytes": 1,
            "id": f"{10:032x}",
            "transformation_signature": "5bda344140ef50b6fc23c635c3d672a7",
            "url": "http://images.example/base/demo/image/upload/c_scale,w_100/v1719307544/pets/nasty.webp",
            "secure_url": (
                "https://images.example/base/demo/image/upload/c_scale,w_100/v1719307544/pets/nasty.webp"
            ),
        }
    ]
    assert record["history"][1] == {
        "at": "1970-01-01T00:00:06Z",
        "actor": "key:mod",
        "action": "overridden",
        "from": "pending",
        "to": "rejected",
        "reason": "complaint",
        "version_id": "v" * 32,
    }
    assert record["last_updated"] == {"updated_at": "2024-06-25T09:25:44Z"}
    assert "secret" not in json.dumps(record)


def test_an_asset_without_moderation_has_none(wire: Wire):
    wire.library.assets = [asset("plain", 1)]
    record = wire.get("resources/" + f"{1:032x}").json
    assert record["public_id"] == "plain"
    assert not [name for name in record if name.startswith("moderation")]


@pytest.mark.parametrize("public_id", ["a b+c d-e??f(g)h", "tags/x", "a//b", "a:b/c", "100%", "ünï/日本"])
def test_public_ids_arrive_encoded_once(wire: Wire, public_id):
    wire.library.assets = [asset(public_id, 1)]
    path = "resources/image/upload/" + quote(public_id, safe="/:")
    assert wire.get(path).json["public_id"] == public_id
    reply = wire.call("POST", path, json={"moderation_status": "rejected"})
    assert reply.json["public_id"] == public_id


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("image/upload/none", 404),
        ("image/private/cat", 404),
        ("image/facebook/cat", 400),
        ("image/upload/a%00b", 400),
        ("image/upload/a%0d%0ab", 404),
        ("f" * 32, 404),
        ("a%00", 400),
        ("video", 404),
    ],
)
def test_what_is_not_there_is_not_there(wire: Wire, path, status):
    wire.library.assets = [asset("cat", 1)]
    reply = wire.get(f"resources/{path}")
    assert (reply.status_code, bool(message(reply))) == (status, True)


def test_a_missing_asset_is_named(wire: Wire):
    reply = wire.get("resources/image/upload/pets/none")
    assert message(reply) == "Resource not found - pets/none"


# deciding


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"moderation_status": "rejected", "tags": None, "reason": "spam"}},
        {"data": {"moderation_status": "rejected", "reason": "spam"}},
        {"data": {"moderation_status": "rejected", "reason": "spam"}, "content_type": "multipart/form-data"},
        {"query_string": {"moderation_status": "rejected", "reason": "spam"}},
    ],
)
def test_a_moderator_decides(wire: Wire, body):
    wire.library.assets = [pending("pets/cat", 1)]
    record = wire.call("POST", "resources/image/upload/pets/cat", "mod", **body).json
    assert (record["moderation_status"], record["moderation_kind"]) == ("rejected", "manual")
    assert record["moderation"] == [
        {"status": "rejected", "kind": "manual", "updated_at": "2024-06-25T09:25:44Z", "reason": "spam"}
    ]
    assert record["placeholder"] is True
    assert wire.review.decisions == [("pets/cat", Status.REJECTED, "key:mod", "spam")]


def test_a_decision_may_say_what_it_is_about_and_why(wire: Wire):
    wire.library.assets = [pending("cat", 1)]
    said = {"note": "seen twice\nby two", "version_id": "v" * 32, "revision": 12_345_678_901}
    reply = wire.call(
        "POST", "resources/image/upload/cat", "mod", json={"moderation_status": "rejected", **said}
    )
    assert wire.review.looked_at == [tuple(said.values())]
    assert reply.json["moderation"][0]["note"] == "seen twice\nby two"
    bad = wire.call(
        "POST",
        "resources/image/upload/cat",
        "mod",
        json={"moderation_status": "rejected", "revision": "-1"},
    )
    assert (bad.status_code, message(bad)) == (400, "Invalid value for parameter revision")


@pytest.mark.parametrize(
    "path", ["image", "image/upload", "image/tags/x", "image/moderations/manual/pending"]
)
def test_listings_may_be_of_one_uploader(wire: Wire, path):
    wire.get(f"resources/{path}?uploader=user-7")
    assert wire.library.searches[-1]["uploader"] == "user-7"


def test_reports_are_listed_but_for_no_upload(wire: Wire):
    assert wire.get("resources/image/moderations/reported/pending").json == {"resources": []}
    assert wire.get("resources/image/moderations/rejected/pending").status_code == 400


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_decision_may_name_the_asset_by_id(wire: Wire, method):
    wire.library.assets = [pending("cat", 1)]
    reply = wire.call(method, f"resources/{1:032x}", json={"moderation_status": "approved"})
    assert reply.json["moderation_status"] == "approved"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"moderation_status": "illegal"}, "Illegal moderation status: illegal"),
        ({"moderation_status": "Approved"}, "Illegal moderation status: Approved"),
        ({"moderation_status": "queued"}, "Illegal moderation status: queued"),
        ({"moderation_status": True}, "Illegal moderation status: true"),
        ({"moderation_status": ["approved"]}, "Invalid value for parameter moderation_status"),
        ({"moderation_status": {"a": "approved"}}, "Invalid value for parameter moderation_status"),
        ({"moderation_status": [["approved"]]}, "Invalid value for parameter moderation_status"),
        ({"moderation_status": "a\x00"}, "Illegal character in parameter moderation_status"),
        ({"moderation_status": "\ud800"}, "Illegal character in parameter moderation_status"),
        ({"moderation_status": "x" * 100_001}, "Parameter moderation_status is too long"),
        ({"moderation_status": None}, "Missing required parameter - moderation_status"),
        ({}, "Missing required parameter - moderation_status"),
        ({"moderation_status": "approved", "tags": {"a": "b"}}, "Invalid value for parameter tags"),
        (["approved"], "The request body must be a JSON object"),
        ("approved", "The request body must be a JSON object"),
    ],
)
def test_what_is_no_decision_decides_nothing(wire: Wire, body, text):
    wire.library.assets = [pending("cat", 1)]
    reply = wire.call("POST", "resources/image/upload/cat", json=body)
    assert (reply.status_code, message(reply)) == (400, text)
    assert wire.review.decisions == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"moderation_status":"rejected","moderation_status":"approved"}',
        b'{"moderation_status":' + b"9" * 5000 + b"}",
        b'{"moderation_status":"approved"} x',
    ],
)
def test_bad_json_decides_nothing(wire: Wire, body):
    wire.library.assets = [pending("cat", 1)]
    reply = wire.call("POST", "resources/image/upload/cat", data=body, content_type="application/json")
    assert (reply.status_code, wire.review.decisions) == (400, [])


@pytest.mark.parametrize(
    ("data", "kind", "query"),
    [
        ("moderation_status=approved", "text/plain", ""),
        ("moderation_status=approved&moderation_status=rejected", "application/x-www-form-urlencoded", ""),
        ("moderation_status=approved", "application/x-www-form-urlencoded", "?moderation_status=rejected"),
        ("x" * 1_100_000, "application/x-www-form-urlencoded", "?moderation_status=approved"),
        ("moderation_status=approved&" + "a&" * 1100, "application/x-www-form-urlencoded", ""),
    ],
)
def test_a_decision_in_doubt_is_none(wire: Wire, data, kind, query):
    wire.library.assets = [pending("cat", 1)]
    reply = wire.call("POST", f"resources/image/upload/cat{query}", data=data, content_type=kind)
    assert (reply.status_code, wire.review.decisions) == (400, [])


def test_a_decision_about_bytes_that_are_gone_is_a_conflict(wire: Wire, monkeypatch):
    def stale(*_, **__):
        raise StaleDecisionError("Other bytes are current by now")

    wire.library.assets = [pending("cat", 1)]
    monkeypatch.setattr(wire.review, "update", stale)
    reply = wire.call("POST", "resources/image/upload/cat", json={"moderation_status": "approved"})
    assert (reply.status_code, message(reply)) == (409, "Other bytes are current by now")


# deleting and purging


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"public_ids": ["a", "none"], "keep_original": False, "invalidate": True, "prefix": None}},
        {"data": {"public_ids[]": ["a", "none"], "keep_original": "false"}},
        {"query_string": {"public_ids[]": ["a", "none"]}},
    ],
)
def test_an_administrator_deletes(wire: Wire, body):
    wire.library.assets = [asset("a", 1), asset("b", 2)]
    reply = wire.call("DELETE", "resources/image/upload", **body)
    assert reply.json == {
        "deleted": {"a": "deleted", "none": "not_found"},
        "deleted_counts": {"a": {"original": 1, "derived": 3}},
        "partial": False,
    }
    assert [each.public_id for each in wire.library.assets] == ["b"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"public_ids": []},
        {"public_ids": ["a"], "transformations": "w_x"},
        {"public_ids": ["a"], "prefix": "a"},
        {"prefix": "a", "all": True},
        {"all": False},
        {"prefix": ""},
        {"all": True, "next_cursor": "x"},
        {"public_ids": ["a", "b\x00"]},
        {"public_ids": [["a"]]},
        {"public_ids": {"a": "b"}},
        {"public_ids": [f"a{number}" for number in range(101)]},
    ],
)
def test_a_delete_in_doubt_deletes_nothing(wire: Wire, body):
    wire.library.assets = [asset("a", 1)]
    assert wire.call("DELETE", "resources/image/upload", json=body).status_code == 400
    assert wire.call("DELETE", "resources/image/facebook", json={"public_ids": ["a"]}).status_code == 400
    assert wire.library.assets


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"public_ids": ["a", "b"]}, {"public_ids": ("a", "b"), "prefix": None, "tag": None}),
        ({"prefix": "pets/"}, {"public_ids": None, "prefix": "pets/", "tag": None}),
        ({"tag": "red"}, {"public_ids": None, "prefix": None, "tag": "red"}),
        ({"all": True}, {"public_ids": None, "prefix": None, "tag": None}),
    ],
)
def test_a_purge_says_what_was_done(wire: Wire, body, asked):
    reply = wire.call("POST", "cache/purge", json=body)
    assert reply.json == {
        "purged": 1,
        "public_ids": ["cat"],
        "tiers": [{"tier": "memory", "state": "confirmed"}],
    }
    assert wire.library.purges == [{**asked, "actor": "key:all"}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"all": False},
        {"all": "yes"},
        {"all": True, "prefix": "a"},
        {"public_ids": ["a"], "tag": "b"},
        {"public_ids": [""]},
        {"prefix": ""},
        {"prefix": "\x00"},
    ],
)
def test_a_purge_needs_exactly_one_choice(wire: Wire, body):
    reply = wire.call("POST", "cache/purge", json=body)
    assert (reply.status_code, wire.library.purges) == (400, [])


# faults


@pytest.mark.parametrize("path", ["/v1_1/demo/nothing", "/v1_1/x", "/v2/demo/analysis/analyze/uri", "/else"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_unknown_routes_are_a_json_404(wire: Wire, path, method):
    reply = wire.client.open(path, method=method)
    assert (reply.status_code, message(reply)) == (404, "Not Found")


@pytest.mark.parametrize("path", ["/v1_1/demo/nothing", "/v2/demo/x", "/v1_1/demo/ping", "/else"])
def test_a_body_that_nobody_asked_for_is_read_so_that_the_connection_stays(wire: Wire, path):
    body = io.BytesIO(b"a=b" * 100)
    reply = wire.client.post(path, input_stream=body, content_length=300, content_type="text/plain")
    assert (reply.status_code, body.tell()) == (404, 300)


def test_a_catalog_that_is_away_is_503_and_says_nothing_of_itself(wire: Wire, monkeypatch):
    def away(*_, **__):
        raise CatalogUnavailableError("no route to db.internal:5432")

    monkeypatch.setattr(wire.library, "find", away)
    reply = wire.get("resources/image")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert b"db.internal" not in reply.data


def test_a_bug_says_nothing_of_itself_and_is_logged_with_the_request(wire: Wire, monkeypatch, logged):
    def broken(*_, **__):
        raise RuntimeError("inside")

    monkeypatch.setattr(wire.library, "find", broken)
    reply = wire.get("resources/image?next_cursor=&signature=secret-word")
    assert (reply.status_code, message(reply)) == (500, "Internal server error")
    said = logged.getvalue()
    assert reply.headers["X-Request-Id"] in said
    assert "inside" in said
    assert "secret-word" not in said
