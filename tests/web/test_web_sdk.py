"""The vendor's Python SDK, unmodified, against the wire on a socket."""

import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import cloudinary.api
import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import pytest
from werkzeug.serving import make_server
from wireclient import SECRETS, make_wire
from wiredoubles import asset, rejected

PICTURE = b"\x89PNG bytes that are never decoded here"


@pytest.fixture
def sdk() -> Iterator[Any]:
    """(wire, options that point the SDK at it)."""
    wire = make_wire(time.time)
    server = make_server("127.0.0.1", 0, wire.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    options = {
        "cloud_name": "demo",
        "api_key": "all",
        "api_secret": SECRETS["all"],
        "upload_prefix": f"http://127.0.0.1:{server.server_port}",
    }
    yield wire, options
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("version", [1, 2])
def test_upload(sdk, algorithm, version):
    wire, options = sdk
    reply = cloudinary.uploader.upload(
        io.BytesIO(PICTURE),
        public_id="ünï cat",
        folder="pets",
        tags=["b", "a,c"],
        context={"alt": "a|b=c", "caption": "x & y" if version == 2 else "x"},
        moderation="aws_rek:violence:0.7",
        overwrite=False,
        unique_filename=False,
        type="private",
        eager=[{"width": 10, "crop": "scale"}],
        signature_algorithm=algorithm,
        signature_version=version,
        **options,
    )
    upload = wire.ingest.seen[0][1]
    assert upload.data == PICTURE
    assert (upload.public_id, upload.folder, upload.filename) == ("ünï cat", "pets", "stream")
    assert (upload.overwrite, upload.unique_filename, upload.type) == (False, False, "private")
    assert upload.context["alt"] == "a|b=c"
    assert upload.tags == ("b", "a", "c")
    assert len(reply["request_id"]) == 32
    known = {"public_id": reply["public_id"], "version": reply["version"]}
    assert reply["signature"] == cloudinary.utils.api_sign_request(known, SECRETS["all"], signature_version=1)


def test_upload_of_a_data_uri_and_in_one_large_piece(sdk):
    wire, options = sdk
    uri = "data:image/png;base64,iVBORw0KGgo="
    cloudinary.uploader.upload(uri, **options)
    cloudinary.uploader.upload_large(io.BytesIO(PICTURE), resource_type="image", filename="a.png", **options)
    assert [each[1].filename for each in wire.ingest.seen] == ["file", "a.png"]


def test_errors_are_the_exceptions_that_clients_catch(sdk):
    wire, options = sdk
    for changes, expected in (
        ({"api_secret": "wrong"}, cloudinary.exceptions.AuthorizationRequired),
        ({"api_key": "mod", "api_secret": SECRETS["mod"]}, cloudinary.exceptions.NotAllowed),
        ({"cloud_name": "nowhere"}, cloudinary.exceptions.AuthorizationRequired),
    ):
        with pytest.raises(expected):
            cloudinary.api.delete_resources(["a"], **{**options, **changes})
    with pytest.raises(cloudinary.exceptions.Error, match="Invalid Signature"):
        cloudinary.uploader.upload(io.BytesIO(PICTURE), **{**options, "api_secret": "wrong"})
    with pytest.raises(cloudinary.exceptions.Error, match="File size too large"):
        cloudinary.uploader.upload(io.BytesIO(b"x" * 3_000_000), **options)
    with pytest.raises(cloudinary.exceptions.Error, match="Upload preset not found"):
        cloudinary.uploader.unsigned_upload(io.BytesIO(PICTURE), "preset", **options)
    assert wire.ingest.seen == []


def test_admin(sdk):
    wire, options = sdk
    name = "folder a b+c d-e??f(g)h/cat"
    wire.library.assets = [asset(name, 1, tags=("x",)), rejected("nasty", 2), asset("third", 3)]
    assert cloudinary.api.ping(**options)["status"] == "ok"
    first = cloudinary.api.resources(max_results=2, tags=True, **options)
    assert [item["public_id"] for item in first["resources"]] == ["third", "nasty"]
    assert first.rate_limit_allowed > 0
    assert first.rate_limit_reset_at is not None
    rest = cloudinary.api.resources(type="upload", next_cursor=first["next_cursor"], **options)
    assert [item["public_id"] for item in rest["resources"]] == [name]
    assert cloudinary.api.resource(name, **options)["tags"] == ["x"]
    assert len(cloudinary.api.resources_by_tag("x", **options)["resources"]) == 1
    assert len(cloudinary.api.resources_by_ids(["third", name], **options)["resources"]) == 2
    assert len(cloudinary.api.resources_by_moderation("aws_rek", "rejected", **options)["resources"]) == 1
    assert cloudinary.api.resource_by_asset_id(f"{3:032x}", **options)["public_id"] == "third"


def test_a_decision_and_its_undoing(sdk):
    wire, options = sdk
    wire.library.assets = [rejected("nasty", 2)]
    approved = cloudinary.api.update("nasty", moderation_status="approved", **options)
    assert approved["moderation_status"] == "approved"
    with pytest.raises(cloudinary.exceptions.BadRequest, match="Illegal moderation status: illegal"):
        cloudinary.api.update("nasty", moderation_status="illegal", **options)
    assert cloudinary.uploader.destroy("nasty", **options)["result"] == "ok"
    assert cloudinary.uploader.destroy("nasty", **options)["result"] == "not found"
    with pytest.raises(cloudinary.exceptions.NotFound, match="Resource not found - nasty"):
        cloudinary.api.resource("nasty", **options)
    deleted = cloudinary.api.delete_resources(["nasty"], **options)
    assert deleted["deleted"] == {"nasty": "not_found"}
