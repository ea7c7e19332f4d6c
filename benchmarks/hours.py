"""Bad hours: how much of the quiet rate of hits is left while others keep the server busy."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

import requests

from tests.doubles.rekognition import RekognitionDouble, Script

from . import photographs
from .installation import Installation, upload
from .load import Load
from .options import Options
from .processes import Server
from .report import Table, middle

_OURS: Final = "/demo/image/upload/w_320,q_80/portrait.jpg"
_AUTH: Final = ("1234", "secret-of-a-benchmark")
#: Who asks for what imagers must make, who uploads to a provider that hangs, and who uploads slowly.
_ASKERS, _UPLOADERS, _SLOW = 8, 16, 50
#: Seconds from one upload of a person to the next.
_PAUSE: Final = 2.0

Trouble = Callable[[Server, Path, threading.Event], None]


def measure(options: Options) -> Table:
    """Quiet and bad seconds in turn, on one server; medians of the rounds."""
    load = Load.here(options.seconds, options.requests)
    with tempfile.TemporaryDirectory() as name, RekognitionDouble() as double:
        folder = Path(name)
        portrait = photographs.portrait(folder)
        settings = {**double.environment, "REKPROXY_DETECTOR": "rekognition"}
        with Installation(folder / "data", settings).serve("rekproxy") as server:
            upload(server, "portrait", portrait)
            requests.get(server.url(_OURS), timeout=60).raise_for_status()
            load.apply(server.url(_OURS))
            double.script = Script(always="hang:600")
            hours: dict[str, tuple[int, Trouble]] = {
                "imagers are saturated": (_ASKERS, _derive),
                "the provider hangs": (_UPLOADERS, _upload),
                f"{_SLOW} slow uploads run": (_SLOW, _dribble),
            }
            cells = [
                _cells(name, hour, server, portrait, load, options.rounds) for name, hour in hours.items()
            ]
    notes = (f"Hits of one picture, {load.name}; {options.rounds} rounds of each, medians of hits a second.",)
    return Table("Hits in bad hours", ("while", "quiet", "then", "left"), tuple(cells), notes)


def _cells(
    name: str, hour: tuple[int, Trouble], server: Server, portrait: Path, load: Load, rounds: int
) -> tuple[str, ...]:
    quiet, then = [], []
    for _ in range(rounds):
        quiet.append(load.apply(server.url(_OURS)) / load.seconds)
        with _troubled(server, portrait, *hour):
            then.append(load.apply(server.url(_OURS)) / load.seconds)
    share = middle(then) / middle(quiet)
    return (name, f"{middle(quiet):.0f}", f"{middle(then):.0f}", f"{share:.0%}")


@contextmanager
def _troubled(server: Server, portrait: Path, people: int, trouble: Trouble) -> Iterator[None]:
    """Have so many people make trouble until the block ends."""
    over = threading.Event()
    threads = [
        threading.Thread(target=trouble, args=(server, portrait, over), daemon=True) for _ in range(people)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(60)


_sizes = count(100)


def _derive(server: Server, portrait: Path, over: threading.Event) -> None:
    """Ask for pictures that nobody has, one after the other."""
    while not over.is_set():
        number = next(_sizes)
        path = f"/demo/image/upload/c_fill,h_{100 + number % 300},w_{100 + number // 300}/portrait.webp"
        with suppress(requests.RequestException):
            requests.get(server.url(path), timeout=30)


def _upload(server: Server, portrait: Path, over: threading.Event) -> None:
    """Upload what the provider has to judge, every few seconds, however soon the answer comes."""
    while not over.is_set():
        next_one = time.monotonic() + _PAUSE
        with suppress(requests.RequestException):
            requests.post(
                server.url("/v1_1/demo/image/upload"),
                auth=_AUTH,
                data={"moderation": "aws_rek"},
                files={"file": ("portrait.jpg", portrait.read_bytes() + str(time.monotonic_ns()).encode())},
                timeout=_PAUSE,
            )
        over.wait(max(0.0, next_one - time.monotonic()))


def _dribble(server: Server, portrait: Path, over: threading.Event) -> None:
    """Upload a megabyte at ten bytes a second."""
    head = (
        "POST /v1_1/demo/image/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
    )
    with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(head.encode())
        while not over.wait(0.1):
            client.sendall(b"x")
