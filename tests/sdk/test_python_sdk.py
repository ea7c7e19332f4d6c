"""Cloudinary's Python SDK, unmodified, against a running server of two workers.

It is configured by the one line that `rekproxy credentials show` prints, and by nothing else.
"""

import base64
import io
import itertools
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cloudinary
import pytest
import requests
from cloudinary import api, uploader, utils
from cloudinary.exceptions import (
    AuthorizationRequired,
    BadRequest,
    GeneralError,
    NotAllowed,
    NotFound,
    RateLimited,
)
from PIL import Image

from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble, Script
from tests.serving import KEY, SECRET, Server, environment, serving

_EXPLICIT = [["Explicit", "", 97.0, 1], ["Explicit Nudity", "Explicit", 97.0, 2]]
_VIOLENT = [["Violence", "", 65.0, 1], ["Weapon Violence", "Violence", 65.0, 2]]
#: The double sees these in pictures that are near to a colour.
SCRIPT = Script(by_colour={"ff0000": _EXPLICIT, "0000ff": _VIOLENT})

STUDIO = """
[[clouds]]
name = "studio"
keys = [
  { key = "sender", secret = "may-only-upload", roles = ["upload"] },
  { key = "judge", secret = "may-only-decide", roles = ["moderator"] },
]
"""
_number = itertools.count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the server."""
    return tmp_path_factory.mktemp("sdk")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    config = folder / "rekproxy.toml"
    config.write_text(STUDIO)
    with RekognitionDouble(script=SCRIPT) as double:
        variables = {**double.environment, "REKPROXY_CONFIG": str(config)}
        with serving(folder, variables) as server:
            assert len(server.workers) == 2
            yield server


@pytest.fixture(scope="module")
def printed(server: Server, folder: Path) -> str:
    """`CLOUDINARY_URL` as the command prints it."""
    command = [sys.executable, "-m", "rekproxy", "credentials", "show", "--port", str(server.port)]
    done = subprocess.run(command, env=environment(folder, {}), capture_output=True, text=True, timeout=60)
    found = re.search(r"^CLOUDINARY_URL=(.*)$", done.stdout, re.MULTILINE)
    assert found, done.stderr
    return shlex.split(found[1])[0]


@pytest.fixture(autouse=True)
def sdk(printed: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The SDK in its first state, with that one variable set."""
    for name in [name for name in os.environ if name.startswith("CLOUDINARY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CLOUDINARY_URL", printed)
    cloudinary.reset_config()
    yield
    monkeypatch.delenv("CLOUDINARY_URL")
    cloudinary.reset_config()


def picture(size: tuple[int, int] = (200, 160)) -> bytes:
    """A part of a photograph, of pixels that no other picture of this module has."""
    number = next(_number)
    left, top = 7 * number % 300, 7 * (number // 40)
    return encode(photograph().crop((left, top, left + size[0], top + size[1])), quality=90)


def plain(colour: str) -> bytes:
    """A picture of one colour, of a size that no other has."""
    return encode(Image.new("RGB", (120 + next(_number), 120), colour))


def shown(url: str) -> Image.Image:
    """The image that an anonymous client gets."""
    reply = requests.get(url, timeout=30)
    assert reply.status_code == 200, (url, reply.headers)
    return Image.open(io.BytesIO(reply.content))


def status(url: str) -> int:
    return requests.get(url, timeout=30).status_code


def url_of(public_id: str, **options: Any) -> str:
    return str(utils.cloudinary_url(public_id, **options)[0])


# --- upload ------------------------------------------------------------------------------------------


def test_the_printed_line_is_all_that_it_needs(printed: str) -> None:
    assert cloudinary.config().cloud_name == "demo"
    assert f"{KEY}:{SECRET}@demo" in printed
    answer = api.ping()
    assert answer["status"] == "ok"
    assert answer.rate_limit_remaining == answer.rate_limit_allowed - 1


@pytest.mark.parametrize("source", ["path", "bytes", "stream", "data uri"])
def test_every_kind_of_source_arrives_whole(source: str, tmp_path: Path) -> None:
    data = picture()
    (tmp_path / "über.jpg").write_bytes(data)
    file = {
        "path": str(tmp_path / "über.jpg"),
        "bytes": data,
        "stream": io.BytesIO(data),
        "data uri": "data:image/jpeg;base64," + base64.b64encode(data).decode(),
    }[source]
    reply = uploader.upload(file)
    assert (reply["bytes"], reply["format"], reply["width"], reply["height"]) == (len(data), "jpg", 200, 160)
    assert reply["moderation"][0]["status"] == "approved"
    assert shown(reply["url"]).size == (200, 160)
    assert reply["secure_url"] == reply["url"].replace("http://", "https://")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, r"[a-z0-9]{20}"),
        ({"public_id": "häuser am see ☀"}, "häuser am see ☀"),
        ({"public_id": "pets/cats/tom"}, "pets/cats/tom"),
        ({"public_id": "tom", "folder": "haustiere/größe"}, "haustiere/größe/tom"),
        ({"use_filename": True, "unique_filename": False}, "mein foto"),
        ({"use_filename": True}, r"mein foto_[a-z0-9]{6}"),
        ({"use_filename": True, "filename_override": "named.png"}, r"named_[a-z0-9]{6}"),
    ],
)
def test_names_are_those_that_were_asked_for(asked: dict[str, Any], expected: str, tmp_path: Path) -> None:
    (tmp_path / "mein foto.jpg").write_bytes(picture())
    public_id = uploader.upload(str(tmp_path / "mein foto.jpg"), **asked)["public_id"]
    assert re.fullmatch(expected, public_id)
    assert shown(url_of(public_id, format="jpg")).size == (200, 160)
    assert shown(url_of(public_id, width=50, crop="scale")).size == (50, 40)
    assert api.resource(public_id)["public_id"] == public_id


def test_tags_and_context_come_back() -> None:
    context = {"alt": "a cat = a|b", "caption": "schön"}
    uploader.upload(picture(), public_id="labelled", tags=["ä b", "pets"], context=context)
    asset = api.resource("labelled")
    assert asset["tags"] == ["pets", "ä b"]
    assert asset["context"]["custom"] == context
    listed = api.resources_by_tag("ä b", tags=True, context=True)["resources"]
    assert [(item["public_id"], item["tags"]) for item in listed] == [("labelled", ["pets", "ä b"])]
    assert api.resources_by_tag("no such tag")["resources"] == []


def test_without_overwrite_the_first_upload_stays() -> None:
    first = uploader.upload(picture(), public_id="kept")
    second = uploader.upload(picture(), public_id="kept", overwrite=False)
    assert second["existing"] is True
    assert (second["etag"], second["version"]) == (first["etag"], first["version"])
    third = uploader.upload(picture((90, 80)), public_id="kept")
    assert third["overwritten"] is True
    assert third["version"] > first["version"]
    assert shown(first["url"]).size == shown(third["url"]).size == (90, 80)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("version", [1, 2])
def test_every_way_of_signing(algorithm: str, version: int) -> None:
    cloudinary.config(signature_algorithm=algorithm, signature_version=version)
    reply = uploader.upload(
        picture(),
        folder="signed ü",
        tags=["b", "a"],
        context={"k": "a=b"},
        notification_url="https://a.test/?x",
    )
    url = url_of(reply["public_id"], width=40, crop="scale", sign_url=True)
    assert shown(url).size == (40, 32)
    cloudinary.config(signature_algorithm="sha1")
    assert utils.verify_api_response_signature(reply["public_id"], reply["version"], reply["signature"])
    with pytest.raises(AuthorizationRequired, match="Invalid Signature"):
        uploader.upload(picture(), signature_version=version, api_secret="another secret")


def test_version_one_covers_no_value_that_could_pass_for_two() -> None:
    with pytest.raises(AuthorizationRequired):
        uploader.upload(picture(), tags=["a&b"], signature_version=1)
    assert uploader.upload(picture(), tags=["a&b"])["tags"] == ["a&b"]


# --- moderation --------------------------------------------------------------------------------------


def test_a_manual_one_waits_for_a_person_and_obeys() -> None:
    url = uploader.upload(picture(), public_id="manual", moderation="manual")["url"]
    assert status(url) == 404
    for decision, expected in (("approved", 200), ("rejected", 404), ("pending", 404), ("approved", 200)):
        asset = api.update("manual", moderation_status=decision)
        assert (asset["moderation_kind"], asset["moderation_status"]) == ("manual", decision)
        assert [status(url) for _ in range(4)] == [expected] * 4


def test_the_detector_rejects_and_a_person_overrides() -> None:
    reply = uploader.upload(plain("red"), public_id="nasty", moderation="aws_rek")
    (entry,) = reply["moderation"]
    assert (entry["kind"], entry["status"]) == ("aws_rek", "rejected")
    labels = {label["name"]: label for label in entry["response"]["moderation_labels"]}
    assert labels["Explicit Nudity"]["parent_name"] == "Explicit"
    assert labels["Explicit Nudity"]["confidence"] == 97.0
    assert status(reply["url"]) == 404
    rejected = api.resources_by_moderation("aws_rek", "rejected", moderations=True)["resources"]
    assert "nasty" in [item["public_id"] for item in rejected]
    assert rejected[0]["placeholder"] is True
    assert api.update("nasty", moderation_status="approved")["moderation_status"] == "approved"
    assert status(reply["url"]) == 200
    approved = api.resources_by_moderation("aws_rek", "approved")["resources"]
    assert "nasty" in [item["public_id"] for item in approved]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("aws_rek:violence:0.7", "approved"),
        ("aws_rek:violence:0.6", "rejected"),
        ("aws_rek:violence:ignore", "approved"),
        ("aws_rek:violence:0.7|manual", "pending"),
    ],
)
def test_a_policy_is_followed(policy: str, expected: str) -> None:
    reply = uploader.upload(plain("blue"), moderation=policy)
    assert reply["moderation"][-1]["status"] == expected
    assert status(reply["url"]) == (200 if expected == "approved" else 404)


def test_the_same_picture_is_looked_at_once_and_usage_says_so() -> None:
    data, before = picture(), api.usage()
    for number in range(3):
        uploader.upload(data, public_id=f"twin{number}", moderation="aws_rek")
    used = api.usage(date=datetime.now(UTC).date())
    calls, saved = ("provider_calls", "provider_calls_saved")
    assert used[calls]["rekognition"] - before[calls].get("rekognition", 0) == 1
    assert used[saved]["rekognition"] - before[saved].get("rekognition", 0) == 2
    assert used["aws_rek_moderation"]["usage"] == used[calls]["rekognition"]
    assert used["resources"] - before["resources"] == 3


def test_cursors_walk_through_a_moderation_listing_once() -> None:
    sent = [uploader.upload(picture(), folder="walk", moderation="manual")["public_id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = api.resources_by_moderation("manual", "pending", max_results=2, next_cursor=cursor)
        seen += [item["public_id"] for item in page["resources"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
        assert len(page["resources"]) == 2
        with pytest.raises(BadRequest, match="cursor"):
            api.resources_by_moderation("manual", "approved", next_cursor=cursor)
    assert len(seen) == len(set(seen))
    assert [public_id for public_id in seen if public_id.startswith("walk/")] == sent[::-1]


# --- library -----------------------------------------------------------------------------------------


def test_assets_are_found_listed_and_deleted() -> None:
    sent = [uploader.upload(picture(), public_id=f"shelf/{name}") for name in "abc"]
    urls = [reply["url"] for reply in sent]
    first = api.resources(type="upload", prefix="shelf/", max_results=2)
    rest = api.resources(type="upload", prefix="shelf/", next_cursor=first["next_cursor"])
    names = [item["public_id"] for page in (first, rest) for item in page["resources"]]
    assert names == ["shelf/a", "shelf/b", "shelf/c"]  # by a prefix: in the order of names
    assert "next_cursor" not in rest
    by_id = api.resources_by_ids(["shelf/a", "shelf/c", "shelf/none"])["resources"]
    assert {item["public_id"] for item in by_id} == {"shelf/a", "shelf/c"}
    assert api.resource_by_asset_id(sent[0]["asset_id"])["public_id"] == "shelf/a"
    gone = api.delete_resources(["shelf/a", "shelf/none"])
    assert gone["deleted"] == {"shelf/a": "deleted", "shelf/none": "not_found"}
    assert uploader.destroy("shelf/b", invalidate=True)["result"] == "ok"
    assert uploader.destroy("shelf/b")["result"] == "not found"
    assert [status(url) for url in urls] == [404, 404, 200]
    with pytest.raises(NotFound, match="Resource not found - shelf/a"):
        api.resource("shelf/a")


def test_versions_are_kept_restored_downloaded_and_erased() -> None:
    first, second = picture(), picture((150, 120))
    one, two = (uploader.upload(data, public_id="kept/cat", backup=True) for data in (first, second))
    asset_id = one["asset_id"]
    versions = api.resource("kept/cat", versions=True)["versions"]
    assert [each["version_id"] for each in versions] == [two["version_id"], one["version_id"]]
    assert [each["restorable"] for each in versions] == [True, True]
    assert shown(url_of("kept/cat", format="png")).size == (150, 120)
    back = api.restore(["kept/cat"], versions=[one["version_id"]])["kept/cat"]
    assert (back["bytes"], back["version"] > two["version"]) == (len(first), True)
    assert shown(url_of("kept/cat", format="png")).size == (200, 160)
    backup = requests.get(utils.download_backedup_asset(asset_id, two["version_id"]), timeout=30)
    assert (backup.status_code, backup.content) == (200, second)
    assert api.delete_resources(["kept/cat"])["deleted_counts"]["kept/cat"]["original"] == 1
    assert status(back["url"]) == 404
    gone = api.resource("kept/cat")
    assert (gone["bytes"], gone["placeholder"], gone["backup"]) == (0, True, True)
    assert api.restore_by_asset_ids([asset_id])[asset_id]["bytes"] == len(first)
    assert status(back["url"]) == 200
    erased = api.delete_backed_up_assets(asset_id, [two["version_id"]])
    assert erased["deleted_version_ids"] == [two["version_id"]]
    assert api.restore(["kept/cat"], versions=[two["version_id"]])["kept/cat"]["error"] == "no_backup"
    assert api.restore(["kept/none"]) == {"kept/none": {"error": "no_backup"}}


# --- delivery ----------------------------------------------------------------------------------------


@pytest.fixture
def photo() -> str:
    """A photograph of 400 x 300."""
    data = encode(photograph("coffee").resize((400, 300)))
    uploader.upload(data, public_id="photos/coffee", overwrite=False)
    return "photos/coffee"


@pytest.mark.parametrize(
    ("asked", "size", "format"),
    [
        ({}, (400, 300), "JPEG"),
        ({"width": 100, "height": 100, "crop": "fill"}, (100, 100), "JPEG"),
        ({"width": 100, "height": 100, "crop": "fit", "format": "png"}, (100, 75), "PNG"),
        ({"width": 100, "crop": "scale", "fetch_format": "webp", "quality": "auto"}, (100, 75), "WEBP"),
        ({"width": 90, "height": 90, "crop": "pad", "background": "#ff8800", "dpr": 2}, (180, 180), "JPEG"),
        ({"width": 60, "height": 60, "crop": "thumb", "gravity": "north_west"}, (60, 60), "JPEG"),
        ({"aspect_ratio": "2:1", "width": 80, "crop": "lfill", "quality": 40}, (80, 40), "JPEG"),
        ({"overlay": "photos:coffee", "width": 50, "gravity": "south_east", "x": 5}, (400, 300), "JPEG"),
        (
            {
                "transformation": [
                    {"width": 200, "crop": "scale"},
                    {"width": 50, "height": 50, "crop": "crop"},
                ]
            },
            (50, 50),
            "JPEG",
        ),
        ({"version": 1, "width": 30, "crop": "scale", "sign_url": True}, (30, 22), "JPEG"),
        ({"width": 30, "crop": "scale", "sign_url": True, "long_url_signature": True}, (30, 22), "JPEG"),
    ],
)
def test_what_the_sdk_builds_is_what_arrives(
    photo: str, asked: dict[str, Any], size: tuple[int, int], format: str
) -> None:
    image = shown(cloudinary.CloudinaryImage(photo, format="jpg").build_url(**asked))
    assert (image.format, abs(image.size[0] - size[0]) + abs(image.size[1] - size[1]) <= 1) == (format, True)


def test_a_signature_covers_what_was_signed_and_no_more(photo: str) -> None:
    url = url_of(photo, width=31, crop="scale", sign_url=True)
    assert status(url) == 200
    assert status(url.replace("w_31", "w_32")) == 401
    assert status(url.replace("w_31", "w_31,q_1")) == 401
    assert status(url_of(photo, width=31, crop="scale", sign_url=True, api_secret="another secret")) == 401


@pytest.mark.parametrize("long", [False, True])
def test_authenticated_and_private_pictures_need_a_signature(long: bool) -> None:
    how = {"sign_url": True, "long_url_signature": long}
    for type_ in ("authenticated", "private"):
        public_id = f"closed/{type_}{long}"
        reply = uploader.upload(picture(), public_id=public_id, type=type_)
        assert reply["type"] == type_
        assert status(reply["url"]) == 401
        small = {"width": 20, "crop": "scale", "type": type_}
        assert status(url_of(public_id, type=type_, **how)) == 200
        assert status(url_of(public_id, **small, **how)) == 200
        assert status(url_of(public_id, **small)) == (401 if type_ == "authenticated" else 200)
        assert status(url_of(public_id, sign_url=True)) == 404
        api.update(public_id, type=type_, moderation_status="rejected")
        assert status(url_of(public_id, type=type_, **how)) == 404


# --- errors ------------------------------------------------------------------------------------------


def _upload(**options: Any) -> Any:
    return uploader.upload(picture(), **options)


_WRONG = "another secret"
_SENDER = {"cloud_name": "studio", "api_key": "sender", "api_secret": "may-only-upload"}
_JUDGE = {"cloud_name": "studio", "api_key": "judge", "api_secret": "may-only-decide"}

REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "wrong secret": (lambda: _upload(api_secret=_WRONG), AuthorizationRequired, "Invalid Signature"),
    "unknown key": (lambda: _upload(api_key="1"), AuthorizationRequired, "Invalid api_key 1"),
    "other cloud": (lambda: _upload(cloud_name="studio"), AuthorizationRequired, "cloud_name mismatch"),
    "no cloud": (lambda: _upload(cloud_name="none"), AuthorizationRequired, "cloud_name mismatch"),
    "basic": (lambda: api.resources(api_secret=_WRONG), AuthorizationRequired, "api_secret mismatch"),
    "role, signed": (lambda: _upload(**_JUDGE), NotAllowed, "no role upload"),
    "role, list": (lambda: api.resources(**_SENDER), NotAllowed, "no role moderator"),
    "role, delete": (lambda: api.delete_resources(["a"], **_JUDGE), NotAllowed, "no role admin"),
    "unknown": (lambda: api.resource("no such"), NotFound, "Resource not found - no such"),
    "unknown folder": (lambda: api.upload_mapping("none"), NotFound, "Can't find"),
    "typo": (lambda: _upload(moderation="aws_rek:violense:0.7"), BadRequest, "violence"),
    "not installed": (lambda: _upload(moderation="webpurify"), RateLimited, "active subscription"),
    "bad name": (lambda: _upload(public_id="a/../b"), BadRequest, "must not contain"),
    "text": (lambda: uploader.upload(b"text", filename="a.jpg"), BadRequest, "image"),
    "cut off": (lambda: uploader.upload(picture()[:1500]), BadRequest, "image"),
    "small": (lambda: uploader.upload(picture((79, 200))), BadRequest, "80 pixels"),
    "remote": (lambda: uploader.upload("http://127.0.0.1/b.jpg"), BadRequest, "private address"),
    "video": (lambda: _upload(resource_type="video"), BadRequest, "only images"),
    "unsigned": (lambda: uploader.unsigned_upload(picture(), "one"), BadRequest, "preset not found"),
    "status": (lambda: api.update("kept", moderation_status="fine"), BadRequest, "Illegal moderation"),
    "nobody": (lambda: api.ping(upload_prefix="http://127.0.0.1:9"), GeneralError, "Unexpected error"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_the_exceptions_that_clients_catch(name: str) -> None:
    act, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        act()


@pytest.mark.parametrize(("hours", "side"), [(-1.1, "ago"), (1.1, "ahead")])
def test_a_client_whose_clock_is_wrong_is_told(
    hours: float, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(utils, "now", lambda: str(int(time.time() + 3600 * hours)))
    with pytest.raises(BadRequest, match=f"Stale request - .* which is more than 1 hour {side}"):
        _upload()


@contextmanager
def without_storage(folder: Path) -> Iterator[None]:
    """The originals' folder is not there: a file is in its place, as if a mount had gone."""
    (folder / "originals").rename(folder / "originals.away")
    (folder / "originals").write_bytes(b"")
    try:
        yield
    finally:
        (folder / "originals").unlink()
        (folder / "originals.away").rename(folder / "originals")


def test_a_storage_that_is_gone_is_an_error_that_passes(folder: Path) -> None:
    _upload(public_id="before")
    with without_storage(folder), pytest.raises(GeneralError, match="temporarily unavailable"):
        _upload(public_id="meanwhile")
    assert _upload(public_id="after")["moderation"][0]["status"] == "approved"
    with pytest.raises(NotFound):
        api.resource("meanwhile")
