"""The least that Python can do: a WSGI application that sends one file, on gunicorn with our settings.

`python -m benchmarks.bare PORT FILE`
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from rekproxy.serving import gunicorn_options


def application_of(body: bytes) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """An application that answers everything with the same picture."""
    headers = [("Content-Type", "image/jpeg"), ("Content-Length", str(len(body)))]

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return [body]

    return application


class Bare(BaseApplication):  # type: ignore[misc] # gunicorn is untyped
    """That application with one worker, and threads as rekproxy's."""

    def __init__(self, port: int, body: bytes) -> None:
        self._port, self._body = port, body
        super().__init__()

    def load_config(self) -> None:
        options = gunicorn_options(threads=32, response_deadline=30)
        for name, value in {**options, "bind": f"127.0.0.1:{self._port}", "workers": 1}.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return application_of(self._body)


if __name__ == "__main__":
    Bare(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()).run()
