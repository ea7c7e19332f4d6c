"""`doctor --edge` and `takedown-check` through a good edge, and through one that keeps what it should not."""

import http.client
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.rekognition import RekognitionDouble
from tests.edge.varnish import SECRET, Varnish, varnish
from tests.serving import Server, environment, free_port, serving

pytestmark = pytest.mark.usefixtures("needs_varnish")


@dataclass(frozen=True)
class Site:
    folder: Path
    variables: Mapping[str, str]
    server: Server
    public: Varnish

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rekproxy", *command],
            env=environment(self.folder, self.variables),
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port, folder = free_port(), tmp_path_factory.mktemp("live")
    told = {
        "REKPROXY_EDGE": "varnish",
        "REKPROXY_VARNISH_URLS": f"http://127.0.0.1:{port}/",
        "REKPROXY_VARNISH_SECRET": SECRET,
        "REKPROXY_TAKEDOWN_SECONDS": "2",
        "REKPROXY_METRICS_TOKEN": "read-by-a-test",
    }
    with RekognitionDouble() as double:
        variables = {**double.environment, **told}
        with serving(folder, variables, workers=1) as server, varnish(server.port, port) as public:
            yield Site(folder, variables, server, public)


@contextmanager
def keeping_everything(behind: int) -> Iterator[str]:
    """An edge that shows for ever what it once got, for one path and any query string alike."""
    kept: dict[str, tuple[int, list[tuple[str, str]], bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path not in kept:
                connection = http.client.HTTPConnection("127.0.0.1", behind, timeout=30)
                connection.request("GET", self.path, headers=dict(self.headers))
                reply = connection.getresponse()
                answer = reply.status, reply.getheaders(), reply.read()
                connection.close()
                if answer[0] != 200:
                    self._say(*answer)
                    return
                kept[self.path] = answer
            self._say(*kept[self.path])

        def _say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("connection", "date", "server"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_takedown_through_varnish_is_measured(site: Site) -> None:
    done = site.run("takedown-check", site.public.url)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 2
    assert "varnish: confirmed" in done.stderr
    metrics = site.server.get("/metrics", Authorization="Bearer read-by-a-test").body.decode()
    (figure,) = re.findall(r"^rekproxy_takedown_check_seconds (.+)$", metrics, re.MULTILINE)
    assert float(figure) == pytest.approx(float(done.stdout), abs=0.01)
    left = site.server.admin("GET", "/resources/image/upload?prefix=rekproxy-canary").json
    assert left["resources"] == []


def test_the_doctor_finds_a_good_edge_good(site: Site) -> None:
    done = site.run("doctor", "--edge", site.public.url)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = [line for line in done.stdout.splitlines() if " edge " in line]
    assert [line.split(":")[0] for line in seen] == [
        "ok      edge refuses",
        "ok      edge forgets a 404",
        "ok      edge life",
        "ok      edge formats",
        "ok      edge query strings",
        "ok      edge takedown",
    ]
    assert "make no other copy" in done.stdout
    assert "varnish confirmed" in done.stdout


def test_an_edge_that_keeps_everything_is_found_out(site: Site) -> None:
    with keeping_everything(site.server.port) as url:
        measured = site.run("takedown-check", url)
        assert measured.returncode == 1
        assert float(measured.stdout) > 2
        found = site.run("doctor", "--edge", url)
    assert found.returncode == 1
    assert "not ok  edge formats: who accepts webp gets image/avif" in found.stdout
    assert "not ok  edge takedown: shown for" in found.stdout


def test_a_url_that_is_none_is_refused_in_words(site: Site) -> None:
    refused = site.run("takedown-check", "images.example.com")
    assert refused.returncode == 1
    assert "must begin with http" in refused.stderr
    assert "REKPROXY_DELIVERY_URL" in site.run("takedown-check").stderr
