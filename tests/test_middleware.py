"""rekproxy below a prefix of another site: in this process, and over a socket as the README writes it."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cloudinary import api, uploader, utils
from flask import Flask
from werkzeug.test import Client

from rekproxy import middleware
from rekproxy.app import mount
from rekproxy.interfaces import Imager
from rekproxy.middleware import Rekproxy
from tests.conftest import NUDE, ToldDetector, encode, house_of, photograph, settings_for
from tests.doubles.rekognition import RekognitionDouble
from tests.doubles.s3 import await_port, free_port
from tests.serving import environment

AUTH = ("123456789012345", "a-secret-of-tests")
API = "/images/v1_1/demo"


@pytest.fixture
def site(
    tmp_path: Path, imager: Imager, detector: ToldDetector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """A site of its own, and rekproxy below `/images` by the README's line; the detector is ours."""
    house = house_of(settings_for(tmp_path), imager, detector)
    monkeypatch.setattr(middleware, "create_app", lambda settings: mount(house))
    site = Flask(__name__)
    site.add_url_rule("/", view_func=lambda: "the site itself", endpoint="home")
    site.add_url_rule("/image/upload/cat.jpg", view_func=lambda: "the site's own", endpoint="cat")
    site.add_url_rule("/images-of-ours", view_func=lambda: "its gallery", endpoint="gallery")
    site.add_url_rule("/v1_1/<path:rest>", view_func=lambda rest: f"its {rest}", endpoint="rest")
    site.wsgi_app = Rekproxy(site.wsgi_app, "/images")  # type: ignore[method-assign]
    yield site
    house.close()


@pytest.fixture
def client(site: Flask) -> Client:
    return Client(site)


def upload(client: Client, data: bytes, public_id: str = "cat") -> Any:
    body = {"file": (io.BytesIO(data), "cat.jpg"), "public_id": public_id}
    reply = client.post(f"{API}/image/upload", data=body, auth=AUTH, buffered=True)
    assert reply.status_code == 200, reply.text
    return reply.json


def path_of(url: str) -> str:
    assert url.startswith("http://localhost/images/demo/image/upload/v")
    return url.removeprefix("http://localhost")


def test_what_is_uploaded_below_the_prefix_is_fetched_below_it(client: Client, jpeg: bytes) -> None:
    path = path_of(upload(client, jpeg, "größe/a cat")["url"])
    assert client.get(path, buffered=True).content_type == "image/jpeg"
    small = path.replace("/upload/", "/upload/c_fill,h_40,w_50/")
    for tier in ("original", "memory"):
        answer = client.get(small, buffered=True)
        assert answer.status_code == 200
        assert answer.headers["Server-Timing"].startswith(f"rekproxy;desc={tier}")
    for asked in (f"{API}/resources/image", f"{API}/resources/image/upload/gr%C3%B6%C3%9Fe/a%20cat"):
        item = client.get(asked, auth=AUTH, buffered=True).json
        assert path_of(item.get("resources", [item])[0]["url"]) == path


def test_the_gate_works_below_the_prefix(client: Client, detector: ToldDetector, jpeg: bytes) -> None:
    path = path_of(upload(client, jpeg)["url"])
    etag = client.get(path, buffered=True).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}, buffered=True).status_code == 304
    assert client.get(path, headers={"Range": "bytes=0-1"}, buffered=True).data == b"\xff\xd8"
    decision = {"moderation_status": "rejected"}
    client.post(f"{API}/resources/image/upload/cat", data=decision, auth=AUTH, buffered=True)
    for headers in ({}, {"If-None-Match": etag}, {"Range": "bytes=0-1"}):
        answer = client.get(path, headers=headers, buffered=True)
        assert (answer.status_code, answer.data) == (404, b"")
    detector.labels = NUDE
    url = upload(client, encode(photograph("coffee")), "other")["url"]
    assert client.get(path_of(url), buffered=True).status_code == 404


def test_the_site_keeps_what_is_its_own(client: Client, jpeg: bytes) -> None:
    upload(client, jpeg)
    said = {
        "/": "the site itself",
        "/image/upload/cat.jpg": "the site's own",
        "/images-of-ours": "its gallery",
        "/v1_1/demo/ping": "its demo/ping",
    }
    assert {path: client.get(path, buffered=True).text for path in said} == said
    assert client.get("/demo/image/upload/cat.jpg", buffered=True).status_code == 404
    assert client.get("/images/", buffered=True).status_code == 404
    assert client.get("/images/healthz", buffered=True).json == {"status": "ok"}
    assert client.get(f"{API}/ping", buffered=True).status_code == 401


@pytest.mark.parametrize("prefix", ["images", "/images", "/images/", "/media/images"])
def test_the_prefix_may_be_written_as_people_write_it(
    prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "create_app", lambda settings: _Echo())
    client = Client(Rekproxy(_Echo("site:"), prefix))
    assert client.get(f"/{prefix.strip('/')}/a/b", buffered=True).text == "/a/b"
    assert client.get("/a/b", buffered=True).text == "site:/a/b"


class _Echo:
    """An application that says which path it was asked for."""

    def __init__(self, before: str = "") -> None:
        self.before = before

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [(self.before + environ["PATH_INFO"]).encode()]


_DJANGO = """
import sys
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
from werkzeug.test import Client

urlpatterns = [path("", lambda request: HttpResponse("the site itself"))]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50)

from rekproxy.middleware import Rekproxy

application = Rekproxy(get_wsgi_application(), "/images")

client = Client(application)
for path in ("/", "/images/healthz", "/images/demo/image/upload/cat.jpg"):
    reply = client.get(path, buffered=True)
    print(reply.status_code, reply.text.strip())
"""


def test_django_keeps_what_is_its_own_too(tmp_path: Path) -> None:
    pytest.importorskip("django", reason="django is not installed")
    variables = environment(tmp_path / "var", {"REKPROXY_DETECTOR": "opennsfw"})
    command = [sys.executable, "-c", _DJANGO]
    said = subprocess.run(
        command, env=variables, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert said.splitlines() == ["200 the site itself", '200 {"status":"ok"}', "404 "]


# --- over a socket -----------------------------------------------------------------------------------

_SITE = """
from flask import Flask
from rekproxy.middleware import Rekproxy

site = Flask(__name__)
site.add_url_rule("/", view_func=lambda: "the site itself")
site.wsgi_app = Rekproxy(site.wsgi_app, "/images")
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of that site, run by gunicorn with two workers."""
    (tmp_path / "site_of_ours.py").write_text(_SITE)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--threads", "16", "--log-level", "warning", "site_of_ours:site"]
    with (
        RekognitionDouble() as double,
        subprocess.Popen(
            command, cwd=tmp_path, env=environment(tmp_path / "var", double.environment)
        ) as gunicorn,
    ):
        try:
            await_port(port, gunicorn)
            yield f"http://127.0.0.1:{port}"
        finally:
            gunicorn.terminate()


def test_the_sdk_speaks_to_a_site_over_a_socket(address: str, jpeg: bytes) -> None:
    key, secret = AUTH
    where = {"cloud_name": "demo", "api_key": key, "api_secret": secret, "upload_prefix": f"{address}/images"}
    reply = uploader.upload(jpeg, public_id="größe/a cat", **where)
    assert reply["moderation"][0]["status"] == "approved"
    assert reply["url"].startswith(f"{address}/images/demo/image/upload/v")
    small = {"width": 90, "crop": "scale", "sign_url": True, "cname": f"{address.partition('//')[2]}/images"}
    urls = [reply["url"], utils.cloudinary_url("größe/a cat", format="jpg", **small, **where)[0]]
    assert [requests.get(url, timeout=30).status_code for url in urls * 2] == [200] * 4
    api.update("größe/a cat", moderation_status="rejected", **where)
    assert [requests.get(url, timeout=30).status_code for url in urls * 4] == [404] * 8
    assert requests.get(f"{address}/", timeout=30).text == "the site itself"
