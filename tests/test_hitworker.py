"""Hits on kept connections: answered where gunicorn waits, as a thread would, and without one."""

import http.client
import io
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from PIL import Image

from tests.conftest import encode, photograph
from tests.serving import Server, serving

CAT, LARGE = "/demo/image/upload/c_fill,h_90,w_90/cat.jpg", "/demo/image/upload/w_1200/large.png"
#: Threads of the worker: eight are free of all that is not a hit, so that few are to be filled.
THREADS = 12


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    variables = {
        "REKPROXY_DETECTOR": "opennsfw",
        "REKPROXY_DEFAULT_MODERATION": "none",
        "REKPROXY_THREADS": str(THREADS),
        "REKPROXY_METRICS_TOKEN": "read-by-a-test",
    }
    folder = tmp_path_factory.mktemp("hits")
    with serving(folder, variables, workers=1) as running:
        noise = Image.effect_noise((1200, 900), 90).convert("RGB")
        assert running.upload(encode(photograph()), public_id="cat").status == 200
        assert running.upload(encode(noise, "PNG"), public_id="large").status == 200
        for path in (CAT, LARGE):
            assert running.get(path).status == 200
        yield running


@pytest.fixture
def kept(server: Server) -> Iterator[http.client.HTTPConnection]:
    """A connection whose first request a thread has answered."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    assert ask(connection)[0] == 200
    yield connection
    connection.close()


def ask(
    connection: http.client.HTTPConnection, path: str = CAT, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection.request(
        method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    reply = connection.getresponse()
    told = {name: value for name, value in reply.getheaders() if name not in ("Date", "X-Request-Id")}
    return reply.status, told, reply.read()


def raw(server: Server, data: bytes, *more: bytes) -> bytes:
    """All that is answered on a connection to this, sent behind a first request in as many packets."""
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=20)) as sock:
        sock.sendall(f"GET {CAT} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        heard = sock.recv(1 << 16)
        while not heard.endswith(b"\xff\xd9"):
            heard += sock.recv(1 << 16)
        for part in (data, *more):
            sock.sendall(part)
            time.sleep(0.05)
        sock.shutdown(socket.SHUT_WR)
        heard = b""
        while part := sock.recv(1 << 16):
            heard += part
        return heard


def busy(server: Server, stack: ExitStack) -> None:
    """Have every thread wait for the rest of a request."""
    for _ in range(THREADS):
        sock = stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
    time.sleep(0.3)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("HEAD", {}),
        ("GET", {"If_None_Match": "*"}),
        ("GET", {"If_None_Match": '"other"'}),
        ("GET", {"Range": "bytes=0-9"}),
        ("GET", {"If_Modified_Since": "Fri, 31 Dec 2100 23:59:59 GMT"}),
        ("GET", {"Accept": "image/avif"}),
        ("POST", {}),
    ],
)
def test_it_answers_as_a_thread_does(server, kept, method, headers):
    first = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with closing(first):
        by_thread = ask(first, CAT, method, **headers)
    assert ask(kept, CAT, method, **headers) == by_thread


def test_a_condition_that_holds_is_304(kept):
    etag = ask(kept)[1]["ETag"]
    status, told, body = ask(kept, If_None_Match=etag)
    assert (status, told["ETag"], body) == (304, etag, b"")
    assert "Content-Length" not in told


def test_a_hit_needs_no_thread(server, kept):
    with ExitStack() as stack:
        busy(server, stack)
        for _ in range(3):
            assert ask(kept)[0] == 200
        other = stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
        other.settimeout(0.5)
        other.sendall(f"GET {CAT} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with pytest.raises(TimeoutError):
            other.recv(1)


def test_a_rejection_holds_for_the_next_request_of_the_same_connection(server, kept):
    for status, answered in (("rejected", 404), ("approved", 200), ("rejected", 404), ("approved", 200)):
        assert server.decide("cat", status).status == 200
        assert ask(kept)[0] == answered


PLAIN = f"GET {CAT} HTTP/1.1\r\nHost: x\r\n".encode()


@pytest.mark.parametrize(
    ("packets", "statuses"),
    [
        ([(PLAIN + b"\r\n") * 3], [200, 200, 200]),
        ([PLAIN[:20], PLAIN[20:] + b"\r\n"], [200]),
        ([PLAIN + b"Connection: close\r\n\r\n"], [200]),
        ([f"GET {CAT} HTTP/1.0\r\n\r\n".encode()], [200]),
        ([PLAIN + b"Content-Length: 4\r\n\r\nabcd"], [200]),
        ([PLAIN + b"Content-Length: 44\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"], [200]),
        ([PLAIN + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"], [200]),
        ([f"GET {CAT} HTTP/1.1\r\nHost : x\r\n\r\n".encode()], [400]),
        ([b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n"], [414]),
        ([b"\x16\x03\x01\x00\r\n\r\n"], [400]),
    ],
)
def test_what_is_not_one_plain_request_goes_its_usual_way(server, packets, statuses):
    heard = raw(server, *packets)
    assert [int(line[:3]) for line in re.split(rb"HTTP/1\.[01] ", heard)[1:]] == statuses


def test_each_answer_is_counted_once(server, kept):
    """Also of a picture that is too large to be sent without a thread."""

    def counted() -> float:
        said = server.get("/metrics", Authorization="Bearer read-by-a-test").body.decode()
        lines = [line for line in said.splitlines() if line.startswith("rekproxy_requests_total")]
        return sum(float(line.split()[-1]) for line in lines if 'tier="memory"' in line)

    for path in (CAT, LARGE):
        before = counted()
        status, _, body = ask(kept, path)
        assert status == 200
        assert (len(body) > 1 << 20) is (path == LARGE)
        assert counted() - before == 1


def test_a_slow_reader_gets_all_of_it_and_holds_nobody_up(server, kept):
    whole = server.get(LARGE).body
    assert len(whole) > 1_000_000
    with closing(socket.socket()) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        slow.settimeout(20)
        slow.connect(("127.0.0.1", server.port))
        for path in (CAT, LARGE):
            slow.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            reply = http.client.HTTPResponse(slow)
            reply.begin()
            got = io.BytesIO()
            while part := reply.read(200_000):
                got.write(part)
                assert ask(kept)[0] == 200
        assert got.getvalue() == whole


def test_clients_that_do_not_hang_up_hold_nobody_up(server, kept):
    """gunicorn itself waits two seconds for each, where all others wait."""
    with ExitStack() as stack:
        for _ in range(THREADS):
            sock = stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert sock.recv(1)
        began = time.monotonic()
        assert ask(kept)[0] == 200
        assert time.monotonic() - began < 2
