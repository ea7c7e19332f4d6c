"""One at a time: whoever asks for a missing picture at once, it is made once, and everybody gets it."""

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.doubles.rekognition import RekognitionDouble
from tests.serving import _BASIC, Answer, Server, serving

CLIENTS = 200


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> Iterator[Server]:
    """Two workers, and a picture that takes a while to make."""
    folder = tmp_path_factory.mktemp("one")
    with RekognitionDouble() as double, serving(folder, double.environment, workers=2) as server:
        assert server.upload(noise, public_id="big").json["moderation"][0]["status"] == "approved"
        yield server


def renders(server: Server) -> int:
    """How many pictures both workers made so far."""
    said = server.request("GET", "/metrics", headers=_BASIC).body.decode()
    found = re.search(r"^rekproxy_render_seconds_count (\S+)$", said, re.MULTILINE)
    return int(float(found[1])) if found else 0


def test_many_clients_of_one_cold_picture_have_it_made_once(server: Server) -> None:
    path, before = "/demo/image/upload/w_1200/big.avif", renders(server)
    statuses: Counter[int] = Counter()
    bodies: set[bytes] = set()
    barrier = threading.Barrier(CLIENTS)

    def ask() -> None:
        barrier.wait(60)
        until = time.monotonic() + 60
        while True:
            answer: Answer = server.get(path)
            statuses[answer.status] += 1
            if answer.status == 200:
                bodies.add(answer.body)
                return
            assert (answer.status, time.monotonic() < until) == (503, True)
            assert int(answer.headers["Retry-After"]) >= 1
            time.sleep(0.3)

    with ThreadPoolExecutor(CLIENTS) as pool:
        for future in [pool.submit(ask) for _ in range(CLIENTS)]:
            future.result()
    assert set(statuses) <= {200, 503}
    assert statuses[200] == CLIENTS
    assert len(bodies) == 1
    assert renders(server) - before == 1


def test_a_client_that_hangs_up_does_not_keep_the_others_waiting(server: Server) -> None:
    path, before = "/demo/image/upload/w_1201/big.avif", renders(server)
    for _ in range(4):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.get(path).status, range(4)))
    assert answers == [200] * 4
    assert renders(server) - before == 1
