"""Slow uploads hold their slots and nothing else: hits are answered as ever."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.doubles.rekognition import RekognitionDouble
from tests.serving import Server, serving
from tests.takedown.conftest import picture

HEAD = (
    "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
)
HIT = "/demo/image/upload/w_90/cat.jpg"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow")
    with RekognitionDouble() as double, serving(folder, double.environment, workers=1) as server:
        server.upload(picture(0), public_id="cat")
        assert server.get(HIT).status == 200
        yield server


@pytest.mark.parametrize("path", ["/v1_1/demo/image/upload", "/nothing/is/here"])
def test_hits_are_not_behind_uploads_that_never_end(server: Server, path: str) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(HEAD.format(path=path).encode())
        begun = time.monotonic()
        assert [server.get(HIT).status for _ in range(20)] == [200] * 20
        assert time.monotonic() - begun < 5


def test_who_sends_little_and_is_refused_still_reads_why(server: Server) -> None:
    answer = server.request("POST", "/nothing/is/here", b"x" * 30_000)
    assert answer.status == 405


def test_a_connection_lives_on_after_an_upload_in_chunks(server: Server) -> None:
    """Node's SDK sends so, and asks for the next thing on the connection that it keeps."""
    body = b'--b\r\nContent-Disposition: form-data; name="public_id"\r\n\r\ndog\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        for _ in range(2):
            connection.request("POST", "/v1_1/demo/image/upload", iter([body[:20], body[20:]]), headers)
            answer = connection.getresponse()
            assert (answer.status, len(answer.read()) > 0) == (400, True)
            assert connection.sock is not None, "it was closed"
            connection.auto_open = 0
