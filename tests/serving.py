"""Real servers for tests: `rekproxy serve` with its worker processes, on a free port of the loopback.

with RekognitionDouble() as double, serving(tmp_path, double.environment) as server:
    reply = server.upload(jpeg, public_id="cat")
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

KEY, SECRET = "123456789012345", "a-secret-of-tests"
_BASIC = {"Authorization": "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode()}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_BOUNDARY = "rekproxy-test-boundary"


@dataclass(frozen=True)
class Answer:
    """One answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Process:
    """A process and all that it started: they share a process group of their own."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End the whole group at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(10)


@dataclass(frozen=True)
class Server(Process):
    """A server that answers. Every request has a connection of its own."""

    port: int

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """GET; header names with `_` for `-`."""
        return self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def admin(self, method: str, path: str, **form: str) -> Answer:
        """A call of the admin wire below `/v1_1/demo`."""
        body = urlencode(form).encode() if form else None
        return self.request(method, f"/v1_1/demo{path}", body, _BASIC | (_FORM if form else {}))

    def decide(self, public_id: str, status: str) -> Answer:
        """A person's decision."""
        return self.admin("POST", f"/resources/image/upload/{quote(public_id)}", moderation_status=status)

    def destroy(self, public_id: str) -> Answer:
        return self.admin("DELETE", f"/resources/image/upload?public_ids[]={quote(public_id)}")

    def upload(self, data: bytes, **form: str) -> Answer:
        """An upload with Basic."""
        body = multipart(data, form)
        headers = _BASIC | {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        return self.request("POST", "/v1_1/demo/image/upload", body, headers)

    @property
    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        children = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        return [int(each) for each in children.read_text().split()]


def multipart(data: bytes, form: Mapping[str, str]) -> bytes:
    """A body of multipart/form-data with the fields of `form` and one file."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in form.items()
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="picture"\r\n\r\n'
    parts.append(f"--{_BOUNDARY}\r\n{head}".encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode())
    return b"".join(parts)


def environment(data_dir: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The variables of an installation in `data_dir`; nothing of this process' own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REKPROXY_", "AWS_"))}
    return kept | {
        "REKPROXY_DATA_DIR": str(data_dir),
        "REKPROXY_DETECTOR": "rekognition",
        "REKPROXY_API_KEY": KEY,
        "REKPROXY_API_SECRET": SECRET,
        "REKPROXY_SECRET_KEY": "signs-what-tests-need-signed",
        "REKPROXY_MIN_FREE_BYTES": "0",
        "REKPROXY_TRANSFORM_CONCURRENCY": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


@contextmanager
def running(data_dir: Path, variables: Mapping[str, str], *command: str) -> Iterator[Process]:
    """`rekproxy` with a command, in a process group of its own, which is killed at the end of the block."""
    with _started(data_dir, variables, [sys.executable, "-m", "rekproxy", *command], command[0]) as process:
        yield process


@contextmanager
def _started(
    data_dir: Path, variables: Mapping[str, str], command: Sequence[str], name: str
) -> Iterator[Process]:
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / f"{name}-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        popen = subprocess.Popen(
            command,
            env=environment(data_dir, variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = Process(popen, log)
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def serving(
    data_dir: Path, variables: Mapping[str, str], *options: str, workers: int = 2, port: int | None = None
) -> Iterator[Server]:
    """A server over `data_dir` that is ready. `variables` come on top of those of `environment`."""
    port = port or free_port()
    command = ("serve", "--port", str(port), "--workers", str(workers), *options)
    with running(data_dir, variables, *command) as process:
        yield _ready(process, port)


@contextmanager
def launched(
    data_dir: Path, variables: Mapping[str, str], command: Sequence[str], port: int
) -> Iterator[Server]:
    """As `serving`, by a command of one's own that listens on `port`."""
    with _started(data_dir, variables, command, "server") as process:
        yield _ready(process, port)


def _ready(process: Process, port: int) -> Server:
    server = Server(process.popen, process.log, port)
    wait_until(lambda: _is_ready(server), 60, lambda: f"the server is not ready:\n{server.said}")
    return server


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(reached: Any, seconds: float, otherwise: Any = lambda: "it did not come in time") -> None:
    """Ask `reached` until it is true; fail with `otherwise()` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.02)


def _is_ready(server: Server) -> bool:
    assert server.popen.poll() is None, server.said
    try:
        return server.get("/readyz").status == 200
    except (OSError, http.client.HTTPException):
        return False
