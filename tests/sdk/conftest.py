"""One running installation for those who make every call of the wire: a server, a worker, and a web site."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble
from tests.serving import Server, running, serving


@dataclass(frozen=True)
class Place:
    """The server, its folder, and the address of a web site that has a picture."""

    server: Server
    folder: Path
    site: str

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"


class _Site(BaseHTTPRequestHandler):
    """Has `/<anything>.jpg`, and no other page."""

    def do_GET(self) -> None:
        body = encode(small(len(self.path))) if self.path.endswith(".jpg") else b"<html>nothing</html>"
        self.send_response(200 if self.path.endswith(".jpg") else 404)
        self.send_header("Content-Type", "image/jpeg" if self.path.endswith(".jpg") else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def small(number: int) -> Image.Image:
    """A small picture of a photograph, unlike that of another number."""
    left, top = 7 * number % 380, 5 * (number // 40)
    return photograph().crop((left, top, left + 120, top + 100))


def heavy() -> bytes:
    """A picture of more than 5.5 MB, so that it goes in two pieces, that is quickly drawn and read."""
    noise = Image.frombytes("RGB", (1500, 1300), random.Random(7).randbytes(3 * 1500 * 1300))
    return encode(noise, "PNG", compress_level=0)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=site.serve_forever, args=(0.05,), daemon=True).start()
    folder, name = tmp_path_factory.mktemp("place"), f"127.0.0.1:{site.server_port}"
    with RekognitionDouble() as double:
        variables = {
            **double.environment,
            "REKPROXY_ALLOWED_PRIVATE_HOSTS": name,
            "REKPROXY_LOG_HITS": "true",
            "REKPROXY_TAG_LISTS": "true",
        }
        with serving(folder, variables, workers=1) as server, running(folder, variables, "work"):
            yield Place(server, folder, f"http://{name}")
    site.shutdown()
    site.server_close()
