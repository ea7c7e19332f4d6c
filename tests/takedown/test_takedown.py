"""A takedown is a bound: once the rejecting call has returned, no process of ours shows the picture."""

import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from storm import Diary, Judgement, at_once, clients, judge, persistently

from tests.serving import Server
from tests.takedown.conftest import DEADLINE, picture

NAMES = ("ada", "bob", "cem", "dua")
CLIENTS = 10


def paths_of(name: str) -> list[tuple[str, str]]:
    """The ways in which a picture leaves: itself, smaller, negotiated, and on or under another one."""
    return [
        (name, f"/demo/image/upload/{path}")
        for path in (
            f"{name}.jpg",
            f"w_60/{name}.jpg",
            f"c_fill,h_50,w_70/{name}.png",
            f"f_auto,w_80/{name}",
            f"w_90,l_{name}/steady.jpg",
            f"w_90,l_steady/{name}.jpg",
        )
    ]


def stock(servers: Sequence[Server], names: Sequence[str]) -> None:
    """Upload pictures that wait for a person, and one that is always there."""
    assert servers[0].upload(picture(0), public_id="steady").json["moderation"][0]["status"] == "approved"
    for number, name in enumerate(names, 1):
        assert servers[0].upload(picture(number), public_id=name, moderation="manual").status == 200


def override(diary: Diary, servers: Sequence[Server], name: str, rounds: int) -> None:
    """Approve and reject, over and over, at any of the servers."""
    chance = random.Random(name)
    hidden_since = time.monotonic_ns()
    for _ in range(rounds):
        server, other = chance.choice(servers), chance.choice(servers)
        sent, approved = persistently(lambda server=server: server.decide(name, "approved"))
        diary.hidden(name, hidden_since, sent)
        diary.watch(name, approved, chance.randint(0, 6))
        sent, hidden_since = persistently(lambda server=other: server.decide(name, "rejected"))
        diary.shown(name, approved, sent)
        diary.watch(name, hidden_since, chance.randint(2, 6))
    diary.hidden(name, hidden_since, time.monotonic_ns())


def overrides(diary: Diary, servers: Sequence[Server], rounds: int) -> list[Callable[[], None]]:
    return [lambda name=name: override(diary, servers, name, rounds) for name in NAMES]


def hold(judgement: Judgement, *, least: int) -> None:
    """Nothing leaked, nothing was withheld, and there was enough of both to say so."""
    assert judgement.leaks == []
    assert judgement.withheld == []
    assert judgement.hidden >= least
    assert judgement.shown >= least


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_no_request_sent_after_a_rejection_is_shown_the_picture(database, request):
    servers = request.getfixturevalue({"sqlite": "servers", "postgres": "postgres_servers"}[database])
    stock(servers, NAMES)
    diary = Diary()
    paths = [path for name in NAMES for path in paths_of(name)]
    with clients(diary, servers, paths, CLIENTS):
        at_once(diary, *overrides(diary, servers, 25 if database == "sqlite" else 15))
    hold(judge(diary), least=150)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="workers are found by /proc")
def test_workers_that_are_killed_take_no_decision_along(servers):
    stock(servers, NAMES)
    diary = Diary()
    paths = [path for name in NAMES for path in paths_of(name)]

    def kill_workers() -> None:
        for number in range(4):
            time.sleep(0.7)
            os.kill(random.Random(number).choice(servers[number % 2].workers), signal.SIGKILL)

    with clients(diary, servers, paths, CLIENTS):
        at_once(diary, kill_workers, *overrides(diary, servers, 20))
    hold(judge(diary), least=100)


def test_destroyed_and_overwritten_pictures_are_as_gone(servers):
    """The bytes change each time: after an overwrite is approved, nobody may see the ones before."""
    stock(servers, NAMES)
    diary = Diary()
    paths = [path for name in NAMES for path in paths_of(name) if path[1].endswith((".jpg", ".png"))]
    tags = [learn_tags(servers[0], paths, letter) for letter in (0, 1)]
    with clients(diary, servers, paths, CLIENTS):
        at_once(diary, *(lambda name=name: replace(diary, servers, name, tags, 12) for name in NAMES))
    hold(judge(diary), least=100)


def bytes_of(name: str, letter: int) -> bytes:
    return picture(10 + 2 * NAMES.index(name) + letter)


def learn_tags(server: Server, paths: Sequence[tuple[str, str]], letter: int) -> frozenset[str]:
    """Entity tags of everything made of the pictures of that letter."""
    for name in NAMES:
        server.upload(bytes_of(name, letter), public_id=name, moderation="manual")
        assert server.decide(name, "approved").status == 200
    return frozenset(server.get(path).headers["ETag"] for _, path in paths)


def replace(
    diary: Diary, servers: Sequence[Server], name: str, tags: Sequence[frozenset[str]], rounds: int
) -> None:
    """Put other bytes under a name over and over, half the time after destroying it, and approve them."""
    chance = random.Random(name)
    for number in range(rounds):
        server, letter = chance.choice(servers), number % 2
        if chance.random() < 0.5:
            _, hidden_since = persistently(lambda server=server: server.destroy(name))
            diary.watch(name, hidden_since, 2)
        else:
            hidden_since = None
        body = bytes_of(name, letter)
        _, uploaded = persistently(
            lambda server=server, body=body: server.upload(body, public_id=name, moderation="manual")
        )
        diary.watch(name, uploaded, 2)
        sent, approved = persistently(lambda server=server: server.decide(name, "approved"))
        diary.hidden(name, hidden_since or uploaded, sent)
        diary.watch(name, approved, 3)
        diary.shown(name, approved, time.monotonic_ns(), never=tags[1 - letter])


@pytest.fixture
def big(servers, noise) -> str:
    """The name of a large approved picture, slow to encode."""
    assert servers[0].upload(noise, public_id="big").status == 200
    assert servers[0].decide("big", "approved").status == 200
    return "big"


@pytest.mark.parametrize("rejected", ["big", "mark"])
def test_a_rejection_during_a_derivation_wins(servers, big, rejected):
    """Of the picture itself, or of one that is laid on it."""
    servers[0].upload(picture(9), public_id="mark")
    answers: list[int] = []
    for number in range(6):
        assert servers[1].decide(rejected, "approved").status == 200
        path = f"/demo/image/upload/w_{1800 + number},l_mark/{big}.avif"
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(lambda path=path: (servers[0].get(path).status, time.monotonic()))
            time.sleep(0.2)
            assert servers[1].decide(rejected, "rejected").status == 200
            returned = time.monotonic()
            status, answered = asked.result()
        assert servers[0].get(path).status == 404
        if answered > returned + 0.3:  # or it may have been on its way already
            answers.append(status)
        if len(answers) == 2:
            break
    assert answers == [404, 404]


@pytest.mark.parametrize("size", ["", "w_900/"], ids=["large", "middling"])
@pytest.mark.parametrize("silence", [0, DEADLINE + 1], ids=["slowly", "not at all"])
def test_a_response_that_has_begun_ends_within_the_deadline(servers, big, size, silence):
    """Also one that the kernel would have taken off our hands, to be read at leisure."""
    path = f"/demo/image/upload/{size}{big}.jpg"
    whole = int(servers[0].get(path).headers["Content-Length"])
    begun = time.monotonic()
    with reading_slowly(servers[0], path) as client:
        received = len(client.recv(16384))
        assert servers[1].decide(big, "rejected").status == 200
        time.sleep(silence)
        received += read_until_cut_off(client, pause=0 if silence else 0.2)
    assert time.monotonic() - begun < DEADLINE + 2
    assert received < whole


def test_small_responses_one_after_the_other_end_within_the_deadline_too(servers):
    """Each fits what the kernel takes; a client that reads none of them holds no thread for longer."""
    servers[0].upload(picture(3), public_id="small")
    assert servers[0].decide("small", "approved").status == 200
    path = "/demo/image/upload/w_150/small.jpg"
    size, count = len(servers[0].get(path).body), 1000
    with reading_slowly(servers[0], path) as client:
        begun = time.monotonic()
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * (count - 1))
        time.sleep(DEADLINE + 1)
        assert servers[1].decide("small", "rejected").status == 200
        received = read_until_cut_off(client, pause=0)
    assert time.monotonic() - begun < DEADLINE + 3
    assert received < size * count / 2


def read_until_cut_off(client: socket.socket, pause: float) -> int:
    """How many bytes came before the connection was reset."""
    received = 0
    with suppress(ConnectionResetError):
        while chunk := client.recv(16384):
            received += len(chunk)
            time.sleep(pause)
        pytest.fail("it ended as if it were whole")
    return received


@contextmanager
def reading_slowly(server: Server, path: str) -> Iterator[socket.socket]:
    """A client that has asked, and whose own buffer is small."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        client.settimeout(4 * DEADLINE)
        client.connect(("127.0.0.1", server.port))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield client
