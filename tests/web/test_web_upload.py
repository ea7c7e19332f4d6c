"""Uploads over the wire: who may, what arrives, what is said back."""

import io
import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import wiredoubles
from werkzeug.datastructures import FileStorage
from wireclient import MAX_UPLOAD, NOW, SECRETS, Wire, signed

from rekproxy.domain.signature import sign_response
from rekproxy.domain.uploadparameters import OF_BOTH
from rekproxy.errors import (
    InvalidImageError,
    InvalidModerationError,
    OverloadedError,
    SubscriptionError,
)
from rekproxy.services.uploads import Accepted

PICTURE = b"\xff\xd8 bytes that are never decoded here"
DATA_URI = "data:image/jpeg;base64," + b64encode(PICTURE).decode()
STALE = datetime.fromtimestamp(NOW - 3601, UTC).strftime("%Y-%m-%d %H:%M:%S +0000")


def part(data=PICTURE, name="cat photo.jpg"):
    return FileStorage(io.BytesIO(data), name)


def message(reply):
    assert reply.content_type == "application/json; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    text = reply.json["error"]["message"]
    assert reply.headers["X-Cld-Error"] == text[:500]
    return text


def refused(wire, reply, status, text):
    assert (reply.status_code, message(reply)) == (status, text)
    assert wire.ingest.seen == []


def test_signed_upload_reaches_the_service(wire: Wire):
    fields = signed(
        {
            "public_id": "cat",
            "folder": "pets",
            "use_filename": "1",
            "unique_filename": "0",
            "overwrite": "false",
            "tags": "b,a,b",
            "context": r"alt=a \| b|caption=x\=y",
            "moderation": "aws_rek:violence:0.7|manual",
            "type": "private",
            "notification_url": "https://hook.example/",
            "filename_override": "dir/other.jpg",
            "discard_original_filename": "true",
            "eager": "w_400",
        }
    )
    assert wire.upload({**fields, "file": part()}).status_code == 200
    ((cloud, upload, actor),) = wire.ingest.seen
    assert (cloud, actor, upload.uploader) == ("demo", "key:all", "all")
    assert upload.data == PICTURE
    assert (upload.public_id, upload.folder, upload.filename) == ("cat", "pets", "other.jpg")
    assert (upload.use_filename, upload.unique_filename, upload.overwrite) == (True, False, False)
    assert upload.discard_original_filename
    assert upload.tags == ("b", "a")
    assert upload.context == {"alt": "a | b", "caption": "x=y"}
    assert (upload.moderation, upload.type) == ("aws_rek:violence:0.7|manual", "private")
    assert upload.notification_url == "https://hook.example/"


def test_what_is_not_said_has_the_wires_defaults(wire: Wire):
    wire.upload({**signed({}), "file": part()})
    upload = wire.ingest.seen[0][1]
    assert (upload.type, upload.unique_filename, upload.overwrite, upload.use_filename) == (
        "upload",
        True,
        True,
        False,
    )
    assert (upload.public_id, upload.moderation, upload.tags) == (None, None, ())
    assert upload.filename == "cat photo.jpg"


@pytest.mark.parametrize("parameter", OF_BOTH, ids=lambda parameter: parameter.name)
def test_what_is_sent_empty_is_not_said_or_refused(wire: Wire, parameter):
    assert wire.upload({parameter.name: "", "file": part()}, auth=("up", SECRETS["up"])).status_code == 200
    for name, empty in (("", " "), ("", ","), ("", "|"), ("[]", "")):
        fields = {f"{parameter.name}{name}": empty, "file": part()}
        assert wire.upload(fields, auth=("up", SECRETS["up"])).status_code in (200, 400), (name, empty)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_every_signature_of_the_wire_is_good(wire: Wire, version, algorithm):
    fields = signed({"public_id": "a/b", "tags": "x,y"}, version=version, algorithm=algorithm)
    assert wire.upload({**fields, "file": part()}).status_code == 200


@pytest.mark.parametrize("path", ["image/upload", "auto/upload", "upload"])
def test_every_path_takes_a_data_uri_with_basic(wire: Wire, path):
    reply = wire.upload({"file": DATA_URI, "tags[]": ["x", "y,z"]}, path=path, auth=("up", SECRETS["up"]))
    assert reply.status_code == 200
    upload = wire.ingest.seen[0][1]
    assert (upload.data, upload.filename, upload.tags) == (PICTURE, "file", ("x", "y,z"))


def test_a_small_data_uri_may_come_url_encoded(wire: Wire):
    reply = wire.client.post("/v1_1/demo/image/upload", data=signed({"file": DATA_URI}))
    assert reply.status_code == 200


def test_the_reply_is_the_wires_in_its_order(wire: Wire):
    fields = signed({"public_id": "pets/cat & dog", "folder": "pets", "context": "alt=x", "tags": "b,a"})
    reply = wire.upload({**fields, "file": part()})
    assert list(json.loads(reply.data).items()) == [
        ("asset_id", f"{1:032x}"),
        ("public_id", "pets/cat & dog"),
        ("version", 1_719_307_544),
        ("version_id", f"{1001:032x}"),
        ("signature", sign_response("pets/cat & dog", 1_719_307_544, SECRETS["all"])),
        ("width", 1920),
        ("height", 1441),
        ("format", "jpg"),
        ("resource_type", "image"),
        ("created_at", "2024-06-25T09:25:44Z"),
        ("tags", ["a", "b"]),
        ("pages", 1),
        ("bytes", 896_838),
        ("type", "upload"),
        ("etag", "e" * 32),
        ("placeholder", False),
        ("url", "http://images.example/base/demo/image/upload/v1719307544/pets/cat%20%26%20dog.jpg"),
        ("secure_url", "https://images.example/base/demo/image/upload/v1719307544/pets/cat%20%26%20dog.jpg"),
        ("folder", "pets"),
        ("asset_folder", "pets"),
        ("display_name", "cat & dog"),
        ("access_mode", "public"),
        ("context", {"custom": {"alt": "x"}}),
        ("original_filename", "sample"),
        ("api_key", "all"),
    ]
    assert len(reply.headers["X-Request-Id"]) == 32
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_existing_and_overwritten_are_said_when_true(wire: Wire):
    wire.ingest.answer = Accepted(wiredoubles.asset(), existing=True, overwritten=True)
    reply = wire.upload({**signed({}), "file": part()}).json
    assert (reply["existing"], reply["overwritten"]) == (True, True)


def test_the_verdict_is_in_the_reply_and_nothing_internal(wire: Wire):
    wire.ingest.answer = Accepted(wiredoubles.rejected("nasty", 3))
    reply = wire.upload({**signed({}), "file": part()})
    assert reply.json["moderation"] == [
        {
            "response": {"moderation_labels": wiredoubles.LABELS},
            "status": "rejected",
            "kind": "aws_rek",
            "updated_at": "2024-06-25T09:25:44Z",
        }
    ]
    assert b"secret" not in reply.data
    assert "moderation_status" not in reply.json


def test_a_filename_that_was_discarded_is_not_in_the_reply(wire: Wire):
    asset = wiredoubles.asset()
    asset = replace(asset, current=replace(asset.current, original_filename=None))
    wire.ingest.answer = Accepted(asset)
    assert "original_filename" not in wire.upload({**signed({}), "file": part()}).json


# who


def test_a_wrong_signature_says_what_to_sign_but_no_secret(wire: Wire):
    reply = wire.upload({**signed({"public_id": "cat"}), "signature": "0" * 40, "file": DATA_URI})
    text = f"Invalid Signature {'0' * 40}. String to sign - 'public_id=cat&timestamp={NOW}'."
    refused(wire, reply, 401, text)


def test_a_parameter_added_later_breaks_the_signature(wire: Wire):
    reply = wire.upload({**signed({}), "moderation": "manual", "file": part()})
    assert reply.status_code == 401
    assert wire.ingest.seen == []


def test_parameters_of_the_query_do_not_count(wire: Wire):
    fields = {**signed({}), "file": part()}
    wire.upload(fields, query_string={"public_id": "smuggled", "moderation": "manual"})
    assert wire.ingest.seen[0][1].public_id is None
    reply = wire.client.post("/v1_1/demo/image/upload", query_string=signed({"file": DATA_URI}))
    assert reply.status_code == 400


@pytest.mark.parametrize(("age", "side"), [(3601, "ago"), (-3601, "ahead")])
def test_an_hour_is_the_life_of_a_signature(wire: Wire, age, side):
    reply = wire.upload({**signed({"timestamp": str(NOW - age)}), "file": part()})
    assert reply.status_code == 400
    assert message(reply).startswith("Stale request - reported time is 20")
    assert message(reply).endswith(f"+0000 which is more than 1 hour {side}")
    assert wire.ingest.seen == []
    for within in (3600, -3600):
        assert wire.upload({**signed({"timestamp": str(NOW - within)}), "file": part()}).status_code == 200


def test_the_stale_time_is_written_as_the_wire_does(wire: Wire):
    reply = wire.upload({**signed({"timestamp": str(NOW - 3601)}), "file": part()})
    assert message(reply) == f"Stale request - reported time is {STALE} which is more than 1 hour ago"


@pytest.mark.parametrize("timestamp", ["now", "1e9", "-5", "٣", "9" * 40, "1800000000.5"])
def test_a_timestamp_is_a_number(wire: Wire, timestamp):
    reply = wire.upload({**signed({"timestamp": timestamp}), "file": part()})
    refused(wire, reply, 400, "Invalid value for parameter timestamp")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "Upload preset must be specified when using unsigned upload"),
        ({"upload_preset": "free"}, "Upload preset not found"),
        ({"api_key": "all", "timestamp": str(NOW)}, "Missing required parameter - signature"),
        ({"signature": "abc", "timestamp": str(NOW)}, "Missing required parameter - api_key"),
        (signed({"timestamp": ""}), "Missing required parameter - timestamp"),
        (signed({"upload_preset": "mine"}), "Upload preset not found"),
    ],
)
@pytest.mark.parametrize("cloud", ["demo", "nowhere"])
def test_unsigned_and_half_signed_are_refused_alike_everywhere(wire: Wire, fields, text, cloud):
    if cloud == "nowhere" and fields.get("upload_preset") == "mine":
        text = "cloud_name mismatch"
    reply = wire.upload({**fields, "file": part()}, cloud=cloud)
    refused(wire, reply, 401 if "mismatch" in text else 400, text)


def test_an_unknown_key_is_named(wire: Wire):
    reply = wire.upload({**signed({}), "api_key": "nobody", "file": part()})
    refused(wire, reply, 401, "Invalid api_key nobody")


@pytest.mark.parametrize("cloud", ["other", "nowhere"])
def test_another_cloud_and_no_cloud_are_the_same(wire: Wire, cloud):
    refused(wire, wire.upload({**signed({}), "file": part()}, cloud=cloud), 401, "cloud_name mismatch")


def test_a_key_without_the_role_is_forbidden(wire: Wire):
    reply = wire.upload({**signed({}, "mod"), "file": part()})
    refused(wire, reply, 403, "This key has no role upload")


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_basic_from_another_site_is_forbidden_and_a_signature_is_not(wire: Wire, headers):
    basic = wire.upload({"file": part()}, auth=("all", SECRETS["all"]), headers=headers)
    assert (basic.status_code, wire.ingest.seen) == (403, [])
    assert wire.upload({**signed({}), "file": part()}, headers=headers).status_code == 200


def test_bearer_tokens_are_not_known_here(wire: Wire):
    reply = wire.upload({"file": part()}, headers={"Authorization": "Bearer abc"})
    refused(wire, reply, 401, "Invalid token")


# what


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "Missing required parameter - file"),
        ({"file": ""}, "Missing required parameter - file"),
        ({"file": part(b"")}, "Empty file"),
        ({"file": "data:image/png;base64,"}, "Empty file"),
        ({"file": [part(), part()]}, "Only one file can be uploaded at a time"),
        ({"file": [part(), DATA_URI]}, "Only one file can be uploaded at a time"),
        ({"file": [DATA_URI, DATA_URI]}, "Duplicate parameter file"),
        ({"file[]": [DATA_URI, DATA_URI], "file": ""}, "Duplicate parameter file"),
        ({"file[]": [DATA_URI]}, "Only one file can be uploaded at a time"),
        ({"file": part(b"x" * (MAX_UPLOAD + 1))}, "File size too large. Got 100001. Maximum is 100000."),
        ({"file": "data:image/png;base64,@@@@"}, "Invalid data URI: its base64 is malformed"),
        ({"file": "data:image/png;base64,AAA"}, "Invalid data URI: its base64 is malformed"),
        (
            {"file": "data:image/png,AAAA"},
            "Invalid file parameter: send a file, a URL, or a data URI in base64",
        ),
        ({"file": "just text"}, "Invalid file parameter: send a file, a URL, or a data URI in base64"),
        (
            {"file": "https://host.example/a.jpg"},
            "Error in loading https://host.example/a.jpg - The server cannot be reached",
        ),
        ({"file": "S3://bucket/a.jpg"}, "Unsupported source URL: S3://bucket/a.jpg"),
        ({"file": "ftp://host.example/a.jpg"}, "Unsupported source URL: ftp://host.example/a.jpg"),
        (
            {"file": "http://host.example/" + "a" * 2000},
            "Invalid file parameter: a URL may have 2000 characters",
        ),
    ],
)
def test_what_is_no_file_is_refused(wire: Wire, fields, text):
    refused(wire, wire.upload({**signed({}), **fields}), 400, text)


def test_a_data_uri_beyond_the_limit_is_refused(wire: Wire):
    uri = "data:image/png;base64," + b64encode(b"x" * (MAX_UPLOAD + 1)).decode()
    reply = wire.upload({**signed({}), "file": uri})
    refused(wire, reply, 400, "File size too large. Got 100001. Maximum is 100000.")


def test_a_file_of_exactly_the_limit_is_taken(wire: Wire):
    assert wire.upload({**signed({}), "file": part(b"x" * MAX_UPLOAD)}).status_code == 200
    uri = "data:image/png;base64,\n" + b64encode(b"x" * MAX_UPLOAD).decode() + "\n"
    assert wire.upload({**signed({}), "file": uri}).status_code == 200


def test_a_chunk_is_not_taken_for_the_file(wire: Wire):
    size = len(PICTURE)
    first = {"Content-Range": f"bytes 0-{size - 1}/{size + 1}", "X-Unique-Upload-Id": "u"}
    reply = wire.upload({**signed({}), "file": part()}, headers=first)
    said = {"done": False, "bytes": size, "kind": "upload", "resource_type": "image"}
    assert (reply.json, wire.ingest.seen) == (said, [])
    whole = {"Content-Range": f"bytes 0-{size - 1}/{size}"}
    assert wire.upload({**signed({}), "file": part()}, headers=whole).status_code == 200


@pytest.mark.parametrize(
    ("said", "file"),
    [
        ("bytes 0-9/10", part),
        ("bytes 0-9/20", part),
        ("bytes 5-4/20", part),
        ("bytes 0-36/36", part),
        ("0-36/37", part),
        ("bytes 0-36", part),
        ("", part),
        ("bytes 0-36/*/2", part),
        ("bytes 0-36/50", lambda: DATA_URI),
        ("bytes 0-36/37", lambda: "https://host.example/a.jpg"),
    ],
)
def test_a_range_that_is_not_what_came_is_refused(wire: Wire, said, file):
    headers = {"Content-Range": said, "X-Unique-Upload-Id": "u"}
    reply = wire.upload({**signed({}), "file": file()}, headers=headers)
    assert (reply.status_code, wire.ingest.seen) == (400, [])


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"public_id": ["a", "b"]}, "Duplicate parameter public_id"),
        ({"public_id[]": ["a"]}, "Invalid value for parameter public_id"),
        ({"public_id[x]": "a"}, "Invalid value for parameter public_id"),
        ({"a[b][c]": "a"}, "Illegal parameter name"),
        ({"a[b": "a"}, "Illegal parameter name"),
        ({"[]": "a"}, "Illegal parameter name"),
        ({"n" * 300: "a"}, "Illegal parameter name"),
        ({"tags": "a", "tags[]": "b"}, "Duplicate parameter tags"),
        ({"tags[0]": ["a", "b"]}, "Duplicate parameter tags"),
        ({"tags[0]": "a", "tags[]": "b"}, "Duplicate parameter tags"),
        ({"tags[x]": "a"}, "Invalid value for parameter tags"),
        ({"public_id": "a\x00b"}, "Illegal character in parameter public_id"),
        ({"public_id": "a\nb"}, "Illegal character in parameter public_id"),
        ({"folder": "a\x7f"}, "Illegal character in parameter folder"),
        ({"tags": "a,b\x01"}, "Illegal character in parameter tags"),
        ({"context": "a=b\x00"}, "Illegal character in parameter context"),
        ({"context": "no pair"}, "Invalid value for parameter context"),
        ({"context": "=x"}, "Invalid value for parameter context"),
        ({"context": "a=1|a=2"}, "Duplicate parameter context"),
        ({"overwrite": "perhaps"}, "Invalid value for parameter overwrite"),
        ({"type": "fetch"}, "Invalid value for parameter type: fetch"),
        ({"access_control": "{"}, "Invalid value for parameter access_control: it must be JSON"),
        ({"access_mode": "secret"}, "Invalid value for parameter access_mode: secret"),
        ({"detection": "illegal"}, "Detection invalid model 'illegal'"),
        ({"caption": "x" * 200_000}, "Parameter caption is too long"),
        ({"caption": "x" * 3_000_000}, "File size too large. Got "),
        ({"caption": "x" * 10_000_000}, "Request Entity Too Large"),
    ],
)
def test_parameters_in_doubt_are_refused(wire: Wire, fields, text):
    reply = wire.upload({**fields, "file": part()}, auth=("all", SECRETS["all"]))
    assert message(reply).startswith(text)
    assert reply.status_code == (413 if text == "Request Entity Too Large" else 400)
    assert wire.ingest.seen == []


def test_more_than_a_thousand_parameters_are_refused(wire: Wire):
    fields = {f"p{number}": "x" for number in range(1100)}
    reply = wire.upload({**signed({}), **fields, "file": part()})
    refused(wire, reply, 400, "Too many parameters")
    reply = wire.client.post("/v1_1/demo/image/upload", data={**signed({}), **fields})
    refused(wire, reply, 400, "Too many parameters")


def test_a_body_somewhat_too_large_is_read_and_refused_in_the_wires_words(wire: Wire):
    body = b"x" * 2_000_000
    stream = io.BytesIO(body)
    reply = wire.client.post(
        "/v1_1/demo/image/upload",
        input_stream=stream,
        content_type="multipart/form-data; boundary=x",
    )
    refused(wire, reply, 400, f"File size too large. Got {len(body)}. Maximum is {MAX_UPLOAD}.")
    assert stream.tell() == len(body)


def test_a_body_far_too_large_is_cut_off_unread(wire: Wire):
    stream = io.BytesIO(b"x" * 10)
    reply = wire.client.post(
        "/v1_1/demo/image/upload",
        input_stream=stream,
        environ_overrides={"CONTENT_LENGTH": str(10**12)},
        content_type="multipart/form-data; boundary=x",
    )
    assert (reply.status_code, stream.tell(), wire.ingest.seen) == (413, 0, [])
    assert message(reply) == "Request Entity Too Large"


def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(wire: Wire):
    stream = io.BytesIO(b"x" * 5_000_000)
    reply = wire.client.post(
        "/v1_1/demo/image/upload",
        input_stream=stream,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
        content_type="multipart/form-data; boundary=x",
    )
    assert reply.status_code == 413
    assert stream.tell() < 1_500_000


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("text/plain", "The request body must be multipart/form-data"),
        ("application/json", "The request body must be multipart/form-data"),
        ("", "The request body must be multipart/form-data"),
        ("multipart/form-data", "Upload preset must be specified when using unsigned upload"),
        ("multipart/form-data; boundary=b", "Upload preset must be specified when using unsigned upload"),
        ("application/x-www-form-urlencoded", "Illegal parameter name"),
    ],
)
def test_bodies_of_other_kinds_are_refused(wire: Wire, content_type, text):
    reply = wire.client.post("/v1_1/demo/image/upload", data=b"{[%ff", content_type=content_type)
    refused(wire, reply, 400, text)


def test_a_body_that_breaks_off_is_refused(wire: Wire):
    reply = wire.client.post(
        "/v1_1/demo/image/upload",
        input_stream=io.BytesIO(b'--b\r\nContent-Disposition: form-data; name="file"'),
        environ_overrides={"CONTENT_LENGTH": "4000"},
        content_type="multipart/form-data; boundary=b",
    )
    assert (reply.status_code, wire.ingest.seen) == (400, [])


@pytest.mark.parametrize("kind", ["video", "raw"])
def test_only_images_are_taken(wire: Wire, kind):
    reply = wire.upload({**signed({}), "file": part()}, path=f"{kind}/upload")
    refused(wire, reply, 400, f"Resource type {kind} is not supported: only images are")


@pytest.mark.parametrize(
    ("failure", "status", "text"),
    [
        (InvalidImageError("Invalid image file"), 400, "Invalid image file"),
        (InvalidModerationError("Moderation x moderation is not valid"), 400, None),
        (SubscriptionError("You don't have an active subscription for webpurify"), 420, None),
        (OverloadedError("inside: pool 3"), 503, "Service temporarily unavailable, please try again"),
        (ZeroDivisionError("inside"), 500, "Internal server error"),
    ],
)
def test_failures_of_the_service_get_their_status_and_words(wire: Wire, failure, status, text):
    wire.ingest.failure = failure
    reply = wire.upload({**signed({}), "file": part()})
    assert (reply.status_code, message(reply)) == (status, text or str(failure))
    assert reply.headers.get("Retry-After") == ("1" if status == 503 else None)


def test_browsers_may_ask_first(wire: Wire):
    reply = wire.client.options("/v1_1/demo/image/upload", headers={"Origin": "https://app.example"})
    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]


# destroy


@pytest.mark.parametrize("how", ["signed", "basic"])
def test_destroy_says_what_became_of_it(wire: Wire, how):
    wire.library.assets = [wiredoubles.asset("a/b")]
    fields, more = {"public_id": "a/b", "invalidate": "1"}, {}
    if how == "signed":
        fields = signed(fields)
    else:
        more = {"auth": ("up", SECRETS["up"])}
    assert wire.upload(fields, path="image/destroy", **more).json == {"result": "ok"}
    assert wire.upload(fields, path="image/destroy", **more).json == {"result": "not found"}


def test_destroy_looks_at_the_type(wire: Wire):
    wire.library.assets = [wiredoubles.asset("a")]
    fields = signed({"public_id": "a", "type": "private"})
    assert wire.upload(fields, path="image/destroy").json == {"result": "not found"}
    assert wire.library.assets


@pytest.mark.parametrize("fields", [{}, {"public_id": ""}, {"public_id": "a\x00"}, {"public_id[]": "a"}])
def test_destroy_needs_a_name(wire: Wire, fields):
    wire.library.assets = [wiredoubles.asset("a")]
    reply = wire.upload(fields, path="image/destroy", auth=("all", SECRETS["all"]))
    assert reply.status_code == 400
    assert wire.library.assets
