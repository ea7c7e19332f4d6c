"""Clients that ask without pause, people who decide without pause, and the judge of what they wrote down.

Every time is of `time.monotonic_ns`, one clock for all of a machine. A client writes its time down before it
sends and after the status line came; a person after the decision's reply came and before the next decision is
sent. So a doubtful order of events always counts for the server.
"""

import http.client
import random
import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.serving import Server

SHOWN = {200, 206, 304}
_LATER = "Fri, 31 Dec 2100 23:59:59 GMT"


class Seen(NamedTuple):
    """One request, and how it was answered."""

    sent: int
    answered: int
    status: int
    etag: str | None
    what: str


class Spell(NamedTuple):
    """A time in which a picture's state was known: from a decision's reply to the next decision's sending."""

    start: int
    end: int
    never: frozenset[str] | None  # entity tags that may not be seen; `None`: no picture may


@dataclass
class Diary:
    """What all clients saw and all people did, by picture. Appending to a list is safe among threads."""

    seen: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    spells: dict[str, list[Spell]] = field(default_factory=lambda: defaultdict(list))
    broken: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def hidden(self, name: str, start: int, end: int) -> None:
        self.spells[name].append(Spell(start, end, None))

    def shown(self, name: str, start: int, end: int, never: frozenset[str] = frozenset()) -> None:
        self.spells[name].append(Spell(start, end, never))

    def watch(self, name: str, since: int, least: int) -> None:
        """Wait until so many requests for a picture were sent since then and answered; at most 10 s."""
        deadline = time.monotonic() + 10
        while (
            time.monotonic() < deadline and sum(seen.sent >= since for seen in self.seen[name][-50:]) < least
        ):
            time.sleep(0.005)


@dataclass
class Client(threading.Thread):
    """Asks for pictures in every way there is, at any of the servers, until the diary is over."""

    diary: Diary
    servers: Sequence[Server]
    paths: Sequence[tuple[str, str]]  # (name of the picture that is flipped, path)
    seed: int

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.chance = random.Random(self.seed)
        self.etags: dict[str, str] = {}

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.diary.over.is_set():
            server = self.chance.choice(self.servers)
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            # a worker that is killed takes its connections along: nothing was shown on them
            with suppress(OSError, http.client.HTTPException):
                for _ in range(20):
                    self.ask(connection)
                    if self.diary.over.is_set():
                        break
            connection.close()

    def ask(self, connection: http.client.HTTPConnection) -> None:
        name, path = self.chance.choice(self.paths)
        method, headers = self.way(path)
        sent = time.monotonic_ns()
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        answered = time.monotonic_ns()
        response.read()
        etag = response.getheader("ETag")
        if etag:
            self.etags[path] = etag
        what = f"{method} {path} {headers}"
        self.diary.seen[name].append(Seen(sent, answered, response.status, etag, what))

    def way(self, path: str) -> tuple[str, dict[str, str]]:
        accept = {"Accept": self.chance.choice(["image/webp", "*/*"])}
        return self.chance.choice(
            [
                ("GET", accept),
                ("HEAD", accept),
                ("GET", {**accept, "If-None-Match": self.etags.get(path, '"none"')}),
                ("GET", {**accept, "If-None-Match": f'"other", {self.etags.get(path, "*")}'}),
                ("GET", {**accept, "If-Modified-Since": _LATER}),
                ("GET", {**accept, "Range": "bytes=0-9"}),
            ]
        )


def persistently(call: Callable[[], Any]) -> tuple[int, int]:
    """Call a server until it answers 200, and give (when it was first sent, when it had answered)."""
    sent = time.monotonic_ns()
    for _ in range(100):
        with suppress(OSError, http.client.HTTPException):
            if call().status == 200:
                return sent, time.monotonic_ns()
        time.sleep(0.02)
    raise AssertionError("a decision was never taken")


@contextmanager
def clients(diary: Diary, servers: Sequence[Server], paths: Sequence[tuple[str, str]], count: int) -> Any:
    """So many clients at work while the block lasts."""
    crowd = [Client(diary, servers, paths, seed) for seed in range(count)]
    for client in crowd:
        client.start()
    try:
        yield
    finally:
        diary.over.set()
        for client in crowd:
            client.join(30)


def at_once(diary: Diary, *deeds: Callable[[], None]) -> None:
    """Do things at the same time, and raise what any of them raised."""

    def guarded(deed: Callable[[], None]) -> None:
        try:
            deed()
        except BaseException as error:
            diary.broken.append(repr(error))

    threads = [threading.Thread(target=guarded, args=(deed,), daemon=True) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not diary.broken


@dataclass
class Judgement:
    """How many requests fell wholly into a known spell, and those that were answered wrongly."""

    hidden: int = 0
    shown: int = 0
    leaks: list[Seen] = field(default_factory=list)
    withheld: list[Seen] = field(default_factory=list)


def judge(diary: Diary) -> Judgement:
    """Compare what clients saw with what people had decided by then.

    A request counts if it was sent after a decision's reply had come, and answered before the next decision
    was sent. While nothing may be shown, 200, 206 and 304 are leaks; while a picture may, 404 withholds it,
    and the entity tag of an earlier one is a leak.
    """
    judgement = Judgement()
    for name, spells in diary.spells.items():
        spells.sort(key=lambda spell: spell.start)
        starts = [spell.start for spell in spells]
        for seen in diary.seen[name]:
            at = bisect_right(starts, seen.sent) - 1
            if at >= 0 and seen.answered <= spells[at].end:
                _weigh(judgement, seen, spells[at])
    return judgement


def _weigh(judgement: Judgement, seen: Seen, spell: Spell) -> None:
    shown = seen.status in SHOWN
    if spell.never is None:
        judgement.hidden += 1
    else:
        judgement.shown += shown
        if seen.status == 404:
            judgement.withheld.append(seen)
    if shown and (spell.never is None or seen.etag in spell.never):
        judgement.leaks.append(seen)
