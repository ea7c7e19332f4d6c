"""A server of files on loopback: answers by path, and remembers what came."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What a path answers, after `wait` seconds; 304 to who knows its ETag."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0


@dataclass
class Origin:
    """`answers` by path; 404 for others. `came` are (path, headers)."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    came: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.place}{path}"

    def put(self, path: str, body: bytes = b"", status: int = 200, wait: float = 0.0, **headers: str) -> str:
        """Have a path answer so; `Content_Type` stands for `Content-Type`. Gives its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = Answer(body, status, named, wait)
        return self.url(path)

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(came == path for came, _ in self.came)


@contextmanager
def serving() -> Iterator[Origin]:
    origin = Origin()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            origin.came.append((self.path, dict(self.headers)))
            answer = origin.answers.get(self.path, Answer(b"not here", 404))
            time.sleep(answer.wait)
            known = answer.headers.get("ETag")
            if known and self.headers.get("If-None-Match") == known:
                answer = Answer(status=304, headers=answer.headers)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that leave early
        origin.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield origin
        server.shutdown()
        thread.join()
