"""An API of a CDN on the loopback: keeps what it was asked, answers what it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class EdgeDouble:
    port: int = 0
    status: int = 200
    answer: bytes = b"{}"
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def edge_double() -> Iterator[EdgeDouble]:
    double = EdgeDouble()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            double.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            self.send_response(double.status)
            self.send_header("Content-Length", str(len(double.answer)))
            self.end_headers()
            self.wfile.write(double.answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
