"""The Varnish that ships, by itself: what it keeps, for how long, and who may purge it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rekproxy.backends.http import GuardedClient
from rekproxy.backends.varnish import VarnishPurger
from rekproxy.domain.addresses import Allowed
from rekproxy.errors import EdgeError
from tests.edge.varnish import SECRET, Varnish, varnish

pytestmark = pytest.mark.usefixtures("needs_varnish")
PATH = "/demo/image/upload/cat.jpg"


@dataclass
class Origin:
    """Answers every path with the same; counts what is asked."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def say(self, status: int = 200, **headers: str) -> None:
        self.status, self.headers = status, {name.replace("_", "-"): text for name, text in headers.items()}
        self.asked.clear()


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Origin, Varnish]]:
    origin = Origin()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            origin.asked.append((self.path, dict(self.headers)))
            status, headers = origin.status, dict(origin.headers)
            assert origin.gate.wait(20)
            self.send_response(status)
            for name, value in {"Content-Length": "4", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(b"body")

        do_HEAD = do_GET  # noqa: N815 - the base class names it

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with varnish(origin.port) as started:
        yield origin, started
    server.shutdown()
    server.server_close()


@pytest.fixture
def edge(running: tuple[Origin, Varnish]) -> Iterator[tuple[Origin, Varnish]]:
    origin, started = running
    origin.gate.set()
    yield running
    purger(started).purge(["k1", "k2"])


def purger(started: Varnish, secret: str = SECRET) -> VarnishPurger:
    client = GuardedClient(Allowed.of([f"127.0.0.1:{started.port}"]))
    return VarnishPurger("varnish", (started.url,), secret, client)


def test_the_life_that_is_meant_for_it_counts_and_is_not_passed_on(edge: tuple[Origin, Varnish]) -> None:
    origin, varnish = edge
    origin.say(Cache_Control="public, max-age=0", Surrogate_Control="max-age=60", Surrogate_Key="k1 k2")
    first, again = varnish.get(PATH), varnish.get(PATH + "?a=b")
    assert (first.body, again.body, len(origin.asked)) == (b"body", b"body", 1)
    assert not {"Surrogate-Control", "xkey"} & set(again.headers)
    assert again.headers["Surrogate-Key"] == "k1 k2"


@pytest.mark.parametrize("key", ["k1", "k2"])
def test_a_purge_by_either_key_is_confirmed_and_final(edge: tuple[Origin, Varnish], key: str) -> None:
    origin, varnish = edge
    origin.say(Surrogate_Control="max-age=60", Surrogate_Key="k1 k2")
    varnish.get(PATH)
    receipt = purger(varnish).purge(["other", key])
    assert (receipt.edge, receipt.keys, receipt.confirmed) == ("varnish", 2, True)
    varnish.get(PATH)
    assert len(origin.asked) == 2


def test_who_does_not_know_the_secret_purges_nothing(edge: tuple[Origin, Varnish]) -> None:
    origin, varnish = edge
    origin.say(Surrogate_Control="max-age=60", Surrogate_Key="k1")
    varnish.get(PATH)
    with pytest.raises(EdgeError, match="answered 403"):
        purger(varnish, "a-wrong-secret").purge(["k1"])
    assert varnish.get(PATH, method="PURGE", X_Rekproxy_Keys="k1").status == 403
    varnish.get(PATH)
    assert len(origin.asked) == 1


def test_without_a_secret_nobody_can_purge(edge: tuple[Origin, Varnish]) -> None:
    origin, _ = edge
    with varnish(origin.port, secret="") as open_to_all, pytest.raises(EdgeError):
        purger(open_to_all, "").purge(["k1"])


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_errors_are_never_kept(edge: tuple[Origin, Varnish], status: int) -> None:
    origin, varnish = edge
    origin.say(status, Cache_Control="max-age=60", Surrogate_Control="max-age=60")
    varnish.get(f"/{status}")
    assert varnish.get(f"/{status}").status == status
    assert len(origin.asked) == 2


@pytest.mark.parametrize("control", ["no-store", "private, max-age=60", "public"])
def test_what_is_not_for_it_is_not_kept(edge: tuple[Origin, Varnish], control: str) -> None:
    origin, varnish = edge
    origin.say(Cache_Control=control)
    varnish.get(f"/{control}".replace(" ", ""))
    varnish.get(f"/{control}".replace(" ", ""))
    assert len(origin.asked) == 2


def test_a_missing_picture_is_kept_as_long_as_it_is_told(edge: tuple[Origin, Varnish]) -> None:
    origin, varnish = edge
    origin.say(404, Cache_Control="no-store", Surrogate_Control="max-age=10", Surrogate_Key="k1")
    assert [varnish.get(PATH).status, varnish.get(PATH).status] == [404, 404]
    assert len(origin.asked) == 1


@pytest.mark.parametrize("path", ["/v1_1/demo/resources/image", "/healthz", f"{PATH}?__cld_token__=exp=1"])
def test_what_is_none_of_its_business_passes_whole(edge: tuple[Origin, Varnish], path: str) -> None:
    origin, varnish = edge
    origin.say(Surrogate_Control="max-age=60", Surrogate_Key="k1")
    for _ in range(2):
        varnish.get(path, Authorization="Basic abc", Cookie="a=b")
    assert [(asked, headers.get("Authorization")) for asked, headers in origin.asked] == [
        (path, "Basic abc")
    ] * 2


def test_a_picture_that_a_cookie_opens_passes(edge: tuple[Origin, Varnish]) -> None:
    origin, varnish = edge
    origin.say(Surrogate_Control="max-age=60", Surrogate_Key="k1")
    for _ in range(2):
        varnish.get(PATH, Cookie="a=b; __cld_token__=exp=1~hmac=00")
    assert len(origin.asked) == 2


def test_what_browsers_accept_makes_three_copies(edge: tuple[Origin, Varnish]) -> None:
    origin, varnish = edge
    origin.say(Surrogate_Control="max-age=60", Surrogate_Key="k1", Vary="Accept")
    accepted = [
        "image/avif,image/webp,*/*",
        "text/html, image/avif",
        "image/webp,*/*;q=0.8",
        "image/avif;q=0,image/webp",
        "*/*",
        "image/avif;q=0.0",
    ]
    for accept in accepted:
        varnish.get("/auto", Accept=accept)
    assert [headers.get("Accept") for _, headers in origin.asked] == ["image/avif", "image/webp", None]


def test_nothing_stale_when_the_origin_is_slow_or_gone(edge: tuple[Origin, Varnish]) -> None:
    origin, varnish = edge
    origin.say(Surrogate_Control="max-age=1", Surrogate_Key="k1")
    varnish.get(PATH)
    origin.say(503, Cache_Control="no-store")
    threading.Event().wait(1.3)
    assert varnish.get(PATH).status == 503


def test_a_range_is_cut_from_the_whole(edge: tuple[Origin, Varnish]) -> None:
    origin, varnish = edge
    origin.say(Surrogate_Control="max-age=60", Surrogate_Key="k1", Accept_Ranges="bytes")
    part = varnish.get(PATH, Range="bytes=1-2")
    assert (part.status, part.body) == (206, b"od")
    assert "Range" not in origin.asked[0][1]


def test_many_keys_are_one_purge(edge: tuple[Origin, Varnish]) -> None:
    origin, varnish = edge
    origin.say(Surrogate_Control="max-age=60", Surrogate_Key="k1")
    varnish.get(PATH)
    purger(varnish).purge([f"{number:016x}" for number in range(900)] + ["k1"])
    varnish.get(PATH)
    assert len(origin.asked) == 2


def test_a_varnish_that_is_not_there_is_an_error_of_ours(edge: tuple[Origin, Varnish]) -> None:
    client = GuardedClient(Allowed.of(["127.0.0.1:9"]))
    with pytest.raises(EdgeError, match="cannot be reached"):
        VarnishPurger("varnish", ("http://127.0.0.1:9/",), SECRET, client).purge(["k1"])
