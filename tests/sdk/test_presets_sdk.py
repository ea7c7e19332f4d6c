"""Presets, unsigned and late uploads over a socket: by Cloudinary's Python SDK, and as a browser's page."""

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import cloudinary
import pytest
import requests
from cloudinary import api, uploader
from cloudinary.exceptions import AlreadyExists, BadRequest, NotFound, RateLimited
from cloudinary.utils import verify_api_response_signature
from PIL import Image

from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble
from tests.serving import KEY, SECRET, Server, running, serving

SITE = "https://shop.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("presets")
    with (
        RekognitionDouble() as double,
        serving(folder, double.environment) as server,
        running(folder, double.environment, "work"),
    ):
        yield server


@pytest.fixture(autouse=True)
def sdk(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    url = f"cloudinary://{KEY}:{SECRET}@demo?upload_prefix=http://127.0.0.1:{server.port}"
    monkeypatch.setenv("CLOUDINARY_URL", url)
    cloudinary.reset_config()
    yield
    monkeypatch.delenv("CLOUDINARY_URL")
    cloudinary.reset_config()


def picture(left: int = 0) -> bytes:
    return encode(photograph().crop((left, 0, left + 200, 160)), quality=90)


def soon(found: Callable[[], Any]) -> Any:
    """What `found` gives once it gives something."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            return found()
        except NotFound:
            time.sleep(0.1)
    raise TimeoutError


def test_presets_are_made_listed_changed_and_dropped() -> None:
    made = api.create_upload_preset(
        name="sdk",
        folder="in",
        tags=["a", "b"],
        context={"k": "v"},
        transformation=[{"width": 100, "crop": "limit"}],
        allowed_formats=["jpg", "png"],
        moderation="aws_rek",
        colors=True,
        live=False,
        unsigned=False,
    )
    assert made == {"message": "created", "name": "sdk"}
    with pytest.raises(AlreadyExists):
        api.create_upload_preset(name="sdk")
    found = api.upload_preset("sdk")
    settings = found["settings"]
    assert (found["name"], found["unsigned"]) == ("sdk", False)
    assert settings["transformation"] == [{"crop": "limit", "width": 100}]
    assert (settings["tags"], settings["allowed_formats"], settings["colors"]) == (
        ["a", "b"],
        ["jpg", "png"],
        True,
    )
    # as the SDK's own suite does: what was read is sent back, with changes
    changed = {**settings, "colors": False, "unsigned": True, "disallow_public_id": True}
    assert api.update_upload_preset("sdk", **changed) == {"message": "updated"}
    after = api.upload_preset("sdk")
    assert after["unsigned"] is True
    assert after["settings"] == {**settings, "colors": False, "disallow_public_id": True}
    listed = api.upload_presets(max_results=1)
    assert [preset["name"] for preset in listed["presets"]] == ["sdk"]
    assert "next_cursor" not in listed
    assert api.delete_upload_preset("sdk") == {"message": "deleted"}
    with pytest.raises(NotFound):
        api.upload_preset("sdk")
    with pytest.raises(NotFound):
        api.delete_upload_preset("sdk")


def test_an_unsigned_upload_without_key_or_secret(server: Server) -> None:
    name = api.create_upload_preset(unsigned=True, folder="open", tags="preset", format="png")["name"]
    cloudinary.reset_config()
    cloudinary.config(cloud_name="demo", api_key=None, api_secret=None)
    reply = uploader.unsigned_upload(io.BytesIO(picture()), name, public_id="cat", tags=["mine"])
    assert (reply["public_id"], reply["format"], reply["tags"]) == ("open/cat", "png", ["mine", "preset"])
    assert "api_key" not in reply
    shown = requests.get(f"http://127.0.0.1:{server.port}/demo/image/upload/open/cat.png", timeout=30)
    assert Image.open(io.BytesIO(shown.content)).size == (200, 160)
    again = uploader.unsigned_upload(io.BytesIO(picture(9)), name, public_id="cat")
    # of a name that is taken, a stranger learns nothing else
    assert set(again) == {"public_id", "resource_type", "type", "existing", "request_id"}
    assert (again["public_id"], again["existing"]) == ("open/cat", True)
    with pytest.raises(BadRequest, match=r"Moderation parameter is not allowed when using unsigned upload\."):
        uploader.unsigned_upload(io.BytesIO(picture()), name, moderation="manual")
    with pytest.raises(BadRequest, match="Upload preset not found"):
        uploader.unsigned_upload(io.BytesIO(picture()), "nobody")
    cloudinary.config(api_key=KEY, api_secret=SECRET)
    assert verify_api_response_signature(reply["public_id"], reply["version"], reply["signature"])


def test_a_signed_upload_by_a_signed_preset() -> None:
    name = api.create_upload_preset(tags="preset", transformation={"width": 100})["name"]
    reply = uploader.upload(io.BytesIO(picture()), upload_preset=name, tags="mine", public_id="signed")
    assert (reply["tags"], reply["width"], reply["api_key"]) == (["mine", "preset"], 100, KEY)
    with pytest.raises(BadRequest, match="must be whitelisted"):
        uploader.unsigned_upload(io.BytesIO(picture()), name)


def test_a_late_upload_is_there_soon() -> None:
    reply = uploader.upload(io.BytesIO(picture(20)), public_id="late", **{"async": True})
    assert (reply["status"], reply["public_id"], reply["resource_type"]) == ("pending", "late", "image")
    assert len(reply["batch_id"]) == 64
    assert soon(lambda: api.resource("late"))["bytes"] == len(picture(20))
    with pytest.raises(BadRequest, match="Invalid image file"):
        uploader.upload(io.BytesIO(b"no image"), **{"async": True})


def send(server: Server, preset: str, origin: str | None) -> requests.Response:
    """What `fetch` of a page sends."""
    return requests.post(
        f"http://127.0.0.1:{server.port}/v1_1/demo/image/upload",
        data={"upload_preset": preset},
        files={"file": ("photo.jpg", picture(40), "image/jpeg")},
        headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"} if origin else {},
        timeout=30,
    )


def test_a_page_uploads_where_it_may_and_as_often_as_it_may(server: Server) -> None:
    held = {"unsigned": True, "allowed_origins": [SITE], "rate_per_minute": 2}
    made = requests.post(
        f"http://127.0.0.1:{server.port}/v1_1/demo/upload_presets", json=held, auth=(KEY, SECRET), timeout=30
    )
    name = made.json()["name"]
    for _ in range(2):
        reply = send(server, name, SITE)
        assert reply.status_code == 200, reply.text
        assert reply.headers["Access-Control-Allow-Origin"] == SITE
    for origin in ("https://evil.example", None):
        reply = send(server, name, origin)
        assert (reply.status_code, "Access-Control-Allow-Origin" in reply.headers) == (400, False)
    # two workers answer, and count together
    reply = send(server, name, SITE)
    assert reply.status_code == 420
    assert int(reply.headers["Retry-After"]) > 0
    with pytest.raises(RateLimited):
        cloudinary.uploader.call_api(
            "upload",
            {"upload_preset": name},
            unsigned=True,
            file=io.BytesIO(picture()),
            extra_headers={"Origin": SITE},
        )
