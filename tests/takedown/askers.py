"""A process full of clients that ask without pause and write down what they got, until its input ends.

python -m tests.takedown.askers < plan.json    with the fields of `Plan`
"""

import hashlib
import http.client
import json
import random
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tests.takedown.ledger import Asked, written
from tests.takedown.motifs import UnreadableError, read
from tests.takedown.ways import Way, large_way

_LATER = "Fri, 31 Dec 2100 23:59:59 GMT"
#: Headers that say nothing about the picture.
_OF_THE_MOMENT = {"date", "connection", "age", "x-varnish", "via", "x-request-id", "keep-alive"}
_TAG = re.compile("[0-9a-f]{16}")
_BUFFER = 16384


@dataclass(frozen=True)
class Plan:
    """What to ask for, and where. `large` is the name of the picture that is read slowly."""

    log: str
    ports: tuple[int, ...]
    ways: tuple[Way, ...]
    large: str
    seed: int
    clients: int
    slow: int
    #: How long a slow client goes on reading, in seconds, if it is let.
    patience: float


@dataclass
class Asker:
    """One client, in a thread of its own."""

    plan: Plan
    seed: int
    note: Callable[[Asked], None]
    numbers: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def quick(self) -> None:
        """Ask for anything in any manner on a connection that is kept for a while."""
        connection = self.connect()
        try:
            for _ in range(20):
                way = self.chance.choice(self.plan.ways)
                method, headers = self.manner(way.path)
                self.ask(connection, way, method, headers)
        finally:
            connection.close()

    def heavy(self) -> None:
        """Now and then ask for what takes long to make or much to send."""
        time.sleep(self.chance.uniform(0, 3))
        connection = self.connect()
        try:
            width = self.chance.choice([None, self.chance.randint(1800, 2000)])
            self.ask(connection, large_way(self.plan.large, width), "GET", {})
        finally:
            connection.close()

    def slow(self) -> None:
        """Read a large picture at leisure."""
        connection = self.connect(small=True)
        try:
            pause = self.chance.choice([0.05, 0.15])
            self.ask(connection, large_way(self.plan.large), "GET", {}, pause)
        finally:
            connection.close()

    def connect(self, *, small: bool = False) -> http.client.HTTPConnection:
        port = self.chance.choice(self.plan.ports)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        if small:
            connection.sock = socket.socket()
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            connection.sock.settimeout(30)
            connection.sock.connect(("127.0.0.1", port))
        return connection

    def manner(self, path: str) -> tuple[str, dict[str, str]]:
        known = self.tags.get(path, '"none"')
        accept = {"Accept": self.chance.choice(["image/webp", "image/avif,image/webp", "*/*"])}
        manners = [
            ("GET", {}),
            ("GET", {}),
            ("HEAD", {}),
            ("GET", {"If-None-Match": known}),
            ("GET", {"If-None-Match": f'"other", {known}'}),
            ("GET", {"If-None-Match": "*"}),
            ("GET", {"If-Modified-Since": _LATER}),
            ("GET", {"Range": "bytes=0-99"}),
            ("GET", {"Range": "bytes=-50", "If-Range": known}),
        ]
        method, headers = self.chance.choice(manners)
        return method, accept | headers

    def ask(
        self,
        connection: http.client.HTTPConnection,
        way: Way,
        method: str,
        headers: dict[str, str],
        pause: float = 0,
    ) -> None:
        sent = time.monotonic_ns()
        connection.request(method, way.path, headers=headers)
        response = connection.getresponse()
        answered = time.monotonic_ns()
        body, ended = self.read(response, answered, pause)
        etag = response.getheader("ETag")
        if etag:
            self.tags[way.path] = etag
        whole = (method, response.status) == ("GET", 200) and len(body) == int(
            response.headers["Content-Length"]
        )
        line = Asked(
            sent,
            answered,
            ended,
            way.names,
            way.form,
            response.status,
            etag,
            self.numbers_in(body, len(way.names) - 1) if whole else None,
            _refusal(response, way.names[0]) if response.status == 404 else None,
            f"{method} {way.path} {headers} at {connection.port}" + (" slowly" if pause else ""),
        )
        self.note(line)

    def read(self, response: http.client.HTTPResponse, answered: int, pause: float) -> tuple[bytes, int]:
        """The body as far as it came, and when its last byte did."""
        parts, ended = [], answered
        patience = time.monotonic() + self.plan.patience
        with suppress(OSError, http.client.HTTPException):
            while part := response.read1(_BUFFER if pause else 1 << 20):
                parts.append(part)
                ended = time.monotonic_ns()
                if pause and time.monotonic() > patience:
                    break
                time.sleep(pause)
        return b"".join(parts), ended

    def numbers_in(self, body: bytes, layers: int) -> tuple[int, ...]:
        """The numbers in a body, read once for each body."""
        digest = hashlib.sha256(body).digest()
        if digest not in self.numbers:
            try:
                self.numbers[digest] = read(body, layers)
            except UnreadableError:
                self.numbers[digest] = ()
        return self.numbers[digest]


def _refusal(response: http.client.HTTPResponse, name: str) -> str:
    """The headers of a 404 without what the name makes of them."""
    lines = [f"{key}: {value}" for key, value in response.getheaders() if key.lower() not in _OF_THE_MOMENT]
    return _TAG.sub("TAG", "\n".join(lines).replace(name, "NAME"))


def run(plan: Plan, log: TextIO, over: threading.Event) -> None:
    """All clients of a plan, until it is over."""

    alone = threading.Lock()

    def note(line: Asked) -> None:
        with alone:
            log.write(json.dumps(written(line)) + "\n")

    def again(turn: Callable[[], None]) -> None:
        while not over.is_set():
            # a worker that is killed takes its connections along: nothing was shown on them
            try:
                turn()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)

    askers = [Asker(plan, 1000 * plan.seed + number, note) for number in range(plan.clients + plan.slow + 1)]
    turns = [asker.quick for asker in askers[: plan.clients]] + [
        asker.slow for asker in askers[plan.clients : -1]
    ]
    threads = [threading.Thread(target=again, args=(turn,)) for turn in [*turns, askers[-1].heavy]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Ask as the first line of the input says, until the input ends."""
    given = json.loads(sys.stdin.readline())
    ways = tuple(Way(tuple(names), *rest) for names, *rest in given.pop("ways"))
    plan = Plan(**given | {"ways": ways})
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    with Path(plan.log).open("w") as log:
        run(plan, log, over)


if __name__ == "__main__":
    main()
