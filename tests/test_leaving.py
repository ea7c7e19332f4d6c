"""Told to stop, a server is not ready at once, answers for a while, finishes what is under way, and ends."""

import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REQUIRED
from tests.doubles.rekognition import RekognitionDouble
from tests.serving import _BASIC, Server, multipart, serving, wait_until

if "granian" not in REQUIRED:
    pytest.importorskip("granian", reason="extra fast is not installed")


@pytest.fixture(params=["gunicorn", "granian"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with RekognitionDouble() as double:
        variables = double.environment | {"REKPROXY_SHUTDOWN_DELAY": "2"}
        with serving(tmp_path, variables, "--server", request.param, "--embedded") as running:
            yield running


def begin_upload(server: Server, body: bytes, basic: str) -> socket.socket:
    """An upload of which half has been sent."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    head = (
        f"POST /v1_1/demo/image/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: {basic}\r\n"
        f"Content-Type: multipart/form-data; boundary=rekproxy-test-boundary\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    connection.sendall(head.encode() + body[: len(body) // 2])
    return connection


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_server_takes_its_leave(server: Server, jpeg: bytes) -> None:
    assert server.upload(jpeg, public_id="cat").status == 200
    body = multipart(jpeg, {"public_id": "late"})
    under_way = begin_upload(server, body, _BASIC["Authorization"])
    started = children(server.popen.pid)
    time.sleep(0.3)
    server.popen.send_signal(signal.SIGTERM)
    wait_until(lambda: server.get("/readyz").status == 503, 1.5)
    assert server.get("/readyz").json == {"status": "leaving"}
    assert server.get("/healthz").status == 200
    assert server.get("/demo/image/upload/w_90/cat.jpg").status == 200
    time.sleep(2.2)  # the delay is over
    under_way.sendall(body[len(body) // 2 :])
    answer = http.client.HTTPResponse(under_way)
    answer.begin()
    said = answer.read()
    under_way.close()
    assert answer.status == 200, said
    assert server.popen.wait(15) == 0
    assert not [pid for pid in started if alive(pid)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def answers(server: Server) -> bool:
    try:
        return server.get("/healthz").status == 200
    except OSError:
        return False


def test_somebody_in_a_hurry_asks_twice(server: Server) -> None:
    server.popen.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    server.popen.send_signal(signal.SIGTERM)
    wait_until(lambda: not answers(server), 1.7)  # of the two seconds of its delay
    assert server.popen.wait(15) == 0


def test_workers_that_are_still_starting_leave_as_well(tmp_path: Path) -> None:
    """granian starts them by forking: they have its handlers until they have their own."""
    with RekognitionDouble() as double:
        arguments = ("--server", "granian", "--embedded", "--workers", "6")
        with serving(tmp_path, double.environment, *arguments) as server:  # ready as soon as one of them is
            server.popen.send_signal(signal.SIGTERM)
            assert server.popen.wait(20) == 0  # one that stayed would be killed after thirty seconds
