"""The client of another service's Admin API: its address, its rate, and answers that nobody trusts."""

import hashlib
import json
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rekproxy.backends.cloudinary import AdminApi, Rate, read_address
from rekproxy.backends.http import Reply
from rekproxy.domain.moving import Kept, Told
from rekproxy.errors import ConfigurationError, InvalidRequestError, NotFoundError, UnreachableError
from rekproxy.interfaces.fetcher import Brought

ADDRESS = read_address("cloudinary://k%2F1:s%40x@studio?upload_prefix=http://127.0.0.1:9/")
NOW = 1_700_000_000.0


@dataclass
class Double:
    """Answers what it is told, one after the other, and keeps what it was asked."""

    replies: list[Any]
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def send(self, method: str, url: str, *, headers: Any, body: bytes = b"") -> Reply:
        assert method == "GET"
        self.asked.append(url)
        self.headers.append(dict(headers))
        return self._next()

    def bring(self, url: str, **more: Any) -> Any:
        self.asked.append(url)
        return self._next()

    def _next(self) -> Any:
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def answer(body: Any, status: int = 200, **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): text for name, text in headers.items()}, data)


def rates(remaining: int, limit: int = 100, ahead: float = 50) -> dict[str, str]:
    return {
        "x_featureratelimit_limit": str(limit),
        "x_featureratelimit_remaining": str(remaining),
        "x_featureratelimit_reset": formatdate(NOW + ahead, usegmt=True),
    }


@dataclass
class Service:
    client: Double
    files: Double
    waits: list[float]
    api: AdminApi


def service(*replies: Any, files: tuple[Any, ...] = ()) -> Service:
    client, brought, waits = Double(list(replies)), Double(list(files)), []
    rate = Rate(waits.append, lambda: NOW)
    api = AdminApi(ADDRESS, client, brought, 1000, rate, lambda: NOW)  # type: ignore[arg-type]
    return Service(client, brought, waits, api)


def test_an_address_is_read_as_sdks_read_it():
    assert (ADDRESS.key, ADDRESS.secret, ADDRESS.cloud) == ("k/1", "s@x", "studio")
    assert (ADDRESS.prefix, ADDRESS.origin) == ("http://127.0.0.1:9", "127.0.0.1:9/studio")
    assert "s@x" not in repr(ADDRESS)
    assert read_address("cloudinary://k:s@Demo").origin == "api.cloudinary.com/Demo"


@pytest.mark.parametrize(
    "url", ["https://k:s@demo", "cloudinary://demo", "cloudinary://k@demo", "cloudinary://[", ""]
)
def test_another_address_is_refused_without_its_secret(url: str):
    with pytest.raises(ConfigurationError) as error:
        read_address(url)
    assert ":s@" not in str(error.value)


def test_pages_are_asked_with_everything_and_go_on():
    made = service(
        answer({"resources": [{"public_id": "a"}], "next_cursor": "c1"}), answer({"resources": []})
    )
    page = made.api.images("upload", None)
    assert (page.items, page.after) == (({"public_id": "a"},), "c1")
    assert made.api.images("upload", "c1").after is None
    first, second = (urlsplit(url) for url in made.client.asked)
    assert first.path == "/v1_1/studio/resources/image/upload"
    asked = parse_qs(second.query)
    assert asked == {
        name: [value]
        for name, value in {
            "max_results": "500", "tags": "true", "context": "true", "metadata": "true",
            "moderations": "true", "next_cursor": "c1",
        }.items()
    }  # fmt: skip
    assert made.client.headers[0]["Authorization"].startswith("Basic ")


def test_a_tenth_of_the_rate_is_left_to_others():
    told = {"resources": []}
    made = service(answer(told, **rates(12)), *[answer(told)] * 5)
    for _ in range(5):
        made.api.images("upload", None)
    assert made.waits == [50]


def test_a_refusal_is_waited_out():
    told = {"resources": []}
    made = service(
        answer({}, 420, **rates(0)), answer({}, 429, retry_after="7"), answer({}, 420), answer(told)
    )
    assert made.api.images("upload", None).items == ()
    assert made.waits == [50, 7, 60]


def test_what_fails_is_asked_again_and_then_told():
    made = service(UnreachableError("no"), answer({}, 503), answer({"resources": []}))
    assert made.api.images("upload", None).items == ()
    assert made.waits == [1, 2]
    with pytest.raises(UnreachableError, match="studio: no"):
        service(*[UnreachableError("no")] * 6).api.images("upload", None)
    with pytest.raises(UnreachableError, match="503"):
        service(*[answer({}, 503)] * 6).api.images("upload", None)


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"<html>"), answer([]), answer({}), answer({"resources": {}}), answer({"resources": ["a"]}),
        answer({"resources": [], "next_cursor": 5}), answer({"resources": [], "next_cursor": "same"}),
        answer({"error": {"message": "api_secret mismatch"}}, 401), answer({"error": "x"}),
        answer(b"[" * 200_000),
    ],
)  # fmt: skip
def test_nonsense_ends_the_walk(reply: Reply):
    with pytest.raises(InvalidRequestError, match="studio"):
        service(reply).api.images("upload", "same")


def test_what_is_not_there_is_not_found():
    made = service(answer({"error": {"message": "Resource not found - a b/c"}}, 404))
    with pytest.raises(NotFoundError, match="Resource not found"):
        made.api.image("private", "a b/c?")
    assert urlsplit(made.client.asked[0]).path == "/v1_1/studio/resources/image/private/a%20b/c%3F"


def told(data: bytes, **more: Any) -> Told:
    known = {"bytes": len(data), "etag": hashlib.md5(data, usedforsecurity=False).hexdigest()}
    of = {"format": "jpg", "url": "http://files/x.jpg", "asset_id": "a" * 32, "version_id": "b" * 32}
    return Told("upload", "x", 1, 1, "m", **{**of, **known, **more})


def test_bytes_must_be_those_that_were_told_of():
    made = service(
        files=(Brought(404), Brought(200, b"wrong"), Brought(200, b"right")) * 2 + (Brought(200, b"RIGHT"),)
    )
    assert made.api.original(told(b"right")) == b"right"
    assert made.api.original(told(b"other")) is None
    paths = [urlsplit(url).path for url in made.files.asked]
    assert paths[:3] == ["/v1_1/studio/image/download", "/x.jpg", "/v1_1/studio/download_backup"]
    assert paths[3] == "/v1_1/studio/download_backup"
    assert "s%40x" not in "".join(made.files.asked)
    assert made.api.original(told(b"right", etag=None)) == b"RIGHT"


def test_rejected_bytes_come_from_the_backup_alone():
    kept = (Kept("v2", 5), Kept("v1", 3))
    made = service(files=(Brought(404), Brought(200, b"old")))
    assert made.api.original(told(b"", away=True, kept=kept)) == b"old"
    assert [parse_qs(urlsplit(url).query)["version_id"] for url in made.files.asked] == [["v2"], ["v1"]]
    assert service().api.original(told(b"", away=True)) is None


def test_files_are_asked_for_again_too():
    made = service(files=(UnreachableError("no"), Brought(503), Brought(429), Brought(200, b"right")))
    assert made.api.original(told(b"right")) == b"right"
    assert made.waits == [1, 2, 60]
