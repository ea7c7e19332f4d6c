"""Varnish before a real server: what is shown after a takedown, whatever was under way."""

import http.client
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble
from tests.edge.varnish import SECRET, Varnish, varnish
from tests.serving import Server, free_port, serving, wait_until

pytestmark = pytest.mark.usefixtures("needs_varnish")
DEADLINE = 1  # so that the second purge comes after 6 s


@dataclass
class Delay:
    """What stands between Varnish and the server: answers to paths with `slow` in them wait here."""

    behind: int = 0
    port: int = 0
    held: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


@pytest.fixture(scope="module")
def delay() -> Iterator[Delay]:
    between = Delay()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", between.behind, timeout=30)
            connection.request("GET", self.path, headers=dict(self.headers))
            reply = connection.getresponse()
            body = reply.read()
            connection.close()
            if "w_77" in self.path:
                between.held.set()
                assert between.go.wait(20)
            self.send_response(reply.status)
            for name, value in reply.getheaders():
                if name.lower() not in ("connection", "date", "server"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    between.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield between
    server.shutdown()
    server.server_close()


_heights = count(100)


def picture() -> bytes:
    """Other pixels each time: a person's rejection holds for all that shows the same."""
    return encode(photograph("chelsea").resize((200, next(_heights))), quality=85)


@dataclass(frozen=True)
class Site:
    """A server, and the Varnish that the public sees."""

    server: Server
    public: Varnish

    def upload(self, name: str) -> str:
        """Gives the asset's id."""
        reply = self.server.upload(picture(), public_id=name)
        assert reply.json["moderation"][0]["status"] == "approved", reply.body
        return str(reply.json["asset_id"])

    def status(self, name: str) -> int:
        return self.public.get(f"/demo/image/upload/{name}").status

    def reject(self, name: str) -> Any:
        return self.server.decide(name, "rejected").json["purge"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, delay: Delay) -> Iterator[Site]:
    port = free_port()
    told = {
        "REKPROXY_EDGE": "varnish",
        "REKPROXY_VARNISH_URLS": f"http://127.0.0.1:{port}/",
        "REKPROXY_VARNISH_SECRET": SECRET,
        "REKPROXY_RESPONSE_DEADLINE": str(DEADLINE),
        "REKPROXY_METRICS_TOKEN": "read-by-a-test",
        "REKPROXY_TAKEDOWN_SECONDS": "1",
    }
    with (
        RekognitionDouble() as double,
        serving(tmp_path_factory.mktemp("edge"), {**double.environment, **told}, "--embedded") as server,
        varnish(delay.port, port) as public,
    ):
        delay.behind = server.port
        yield Site(server, public)


def kept_for(site: Site, name: str) -> int:
    """The life that the server gives to Varnish."""
    control = site.server.get(f"/demo/image/upload/{name}").headers["Surrogate-Control"]
    return int(control.removeprefix("max-age="))


def test_a_rejection_is_confirmed_and_nothing_is_shown_any_more(site: Site) -> None:
    site.upload("cat")
    site.upload("dog")
    shown = ("cat.jpg", "w_50/cat.jpg", "w_50/cat.png", "l_cat/dog.jpg")
    # beyond the life for others: only the edge's own can keep it, once what the uploads purge is purged
    wait_until(lambda: site.public.age("/demo/image/upload/cat.jpg") >= 2, 30)
    assert [site.status(name) for name in shown] == [200] * 4
    (told,) = site.reject("cat")
    assert (told["tier"], told["state"]) == ("varnish", "confirmed")
    assert 0 <= told["seconds"] < 2
    assert [site.status(name) for name in shown] == [404] * 4
    assert site.status("dog.jpg") == 200


def test_an_approval_clears_the_404_that_varnish_keeps(site: Site) -> None:
    site.upload("bird")
    site.reject("bird")
    assert site.status("bird.jpg") == 404
    headers = site.public.get("/demo/image/upload/bird.jpg").headers
    assert headers["Cache-Control"] == "no-store"
    site.server.decide("bird", "approved")
    assert site.status("bird.jpg") == 200


def test_what_was_under_way_is_gone_after_the_second_purge(site: Site, delay: Delay) -> None:
    site.upload("fish")
    late = threading.Thread(target=site.status, args=("w_77/fish.jpg",))
    late.start()
    assert delay.held.wait(10)
    assert site.reject("fish")[0]["state"] == "confirmed"
    decided = time.monotonic()
    delay.go.set()
    late.join()
    assert site.status("w_77/fish.jpg") == 200  # the reason why there is a second purge
    wait_until(lambda: site.status("w_77/fish.jpg") == 404, DEADLINE + 5 + 5)
    assert time.monotonic() - decided > DEADLINE + 3


@pytest.mark.parametrize(
    ("method", "path", "form", "where"),
    [
        ("DELETE", "/resources/image/upload?public_ids[]={name}", {}, "purge"),
        ("POST", "/image/destroy", {"public_id": "{name}"}, "purge"),
        ("POST", "/resources/{id}/restrict", {"role": "admin"}, "purge"),
        ("POST", "/resources/{id}/erase", {}, "purge"),
        ("POST", "/cache/purge", {"public_ids[]": "{name}"}, "tiers"),
    ],
)
def test_every_call_that_ends_a_picture_says_what_became_of_the_edge(
    site: Site, method: str, path: str, form: dict[str, str], where: str
) -> None:
    name = re.sub(r"\W", "", method + path)
    asset_id = site.upload(name)
    assert site.status(f"{name}.jpg") == 200
    filled = {key: value.format(name=name) for key, value in form.items()}
    reply = site.server.admin(method, path.format(name=name, id=asset_id), **filled)
    assert reply.status == 200, reply.body
    assert reply.json[where][-1]["tier"] == "varnish"
    assert reply.json[where][-1]["state"] == "confirmed"
    if where == "purge":
        assert site.status(f"{name}.jpg") == 404


def test_the_figures_are_metrics(site: Site) -> None:
    site.upload("mouse")
    site.reject("mouse")
    metrics = site.server.get("/metrics", Authorization="Bearer read-by-a-test").body.decode()
    assert 'rekproxy_edge_purges_total{edge="varnish",outcome="confirmed"}' in metrics
    assert re.search(r"rekproxy_takedown_seconds_count [1-9]", metrics)


def test_while_a_purge_is_late_nothing_gets_a_long_life(site: Site, tmp_path: Path) -> None:
    dead = free_port()
    told = {
        "REKPROXY_EDGE": "varnish",
        "REKPROXY_VARNISH_URLS": f"http://127.0.0.1:{dead}/",
        "REKPROXY_VARNISH_SECRET": SECRET,
        "REKPROXY_TAKEDOWN_SECONDS": "1",
    }
    with (
        RekognitionDouble() as double,
        serving(tmp_path, {**double.environment, **told}, "--embedded", workers=1) as server,
    ):
        other = Site(server, site.public)
        other.upload("cat")
        other.upload("dog")
        wait_until(lambda: kept_for(other, "dog") == 1, 10)  # the approval's purge is late
        assert other.reject("cat") == [{"tier": "varnish", "state": "queued"}]
        assert "Surrogate-Control" not in server.get("/demo/image/upload/cat").headers
        with varnish(server.port, dead):
            wait_until(lambda: kept_for(other, "dog") == 3600, 20)


def test_with_the_purger_off_nothing_is_shown_after_the_takedown_seconds(
    tmp_path: Path,
) -> None:
    with (
        RekognitionDouble() as double,
        serving(tmp_path, {**double.environment, "REKPROXY_TAKEDOWN_SECONDS": "2"}, workers=1) as server,
        varnish(server.port) as public,
    ):
        site = Site(server, public)
        site.upload("cat")
        assert site.status("cat.jpg") == 200
        assert "purge" not in server.decide("cat", "rejected").json
        decided = time.monotonic()
        while site.status("cat.jpg") == 200:
            assert time.monotonic() - decided < 2.5
            time.sleep(0.05)
        assert "Surrogate-Control" not in server.get("/demo/image/upload/cat").headers
