"""A storm over a stage: everything is asked for and done at once, and every line is judged."""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

from tests.takedown.askers import Plan
from tests.takedown.ledger import SECOND, Asked, Bounds, Deed, Verdict, judge, read
from tests.takedown.lives import Life
from tests.takedown.stage import DEADLINE, Stage, disturb
from tests.takedown.ways import Way, ways_of

UPLOADS = ("pic-ada", "pic-bob", "pic-cem", "pic-dua")
CLOSED = (("pic-eve", "private"), ("pic-fay", "authenticated"))
LARGE = "pic-gil"
NOBODY = "pic-nobody"
#: Nothing is done to it, so that only what is laid on it changes what it shows.
STEADY = "pic-hal"
#: A storm lasts so many times as long as its first uploads, if its weather is shorter: where other tests have
#: the machine, as much is to be seen.
_PATIENCE = 3


@dataclass(frozen=True)
class Weather:
    """How a storm blows, in seconds.

    Of a cache in front of the servers `ports` are where clients ask, and `lag` is how old its answers may be.
    """

    seconds: float
    seed: int = 1
    processes: int = 2
    clients: int = 4
    ports: tuple[int, ...] = ()
    lag: float = 0
    #: What a response may take; a busy machine adds to it.
    life: float = DEADLINE + 4


@dataclass
class Crowd:
    """Everybody who acts, and what they wrote down and what went wrong with them."""

    deeds: list[Deed] = field(default_factory=list)
    broken: list[BaseException] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def guarded(self, deed: Callable[[], None]) -> threading.Thread:
        """A thread that does something, and ends the storm if that goes wrong."""

        def run() -> None:
            try:
                deed()
            except BaseException as error:
                self.broken.append(error)
                self.over.set()

        return threading.Thread(target=run, daemon=True)


def blow(stage: Stage, weather: Weather) -> Verdict:
    """Let it storm, and judge. Raises what an actor ran into."""
    crowd, numbers = Crowd(), count(1)
    lives = list(_lives(stage, crowd, numbers, weather))
    seconds = max(weather.seconds, _PATIENCE * _first_uploads(lives))
    with _asking(stage, weather) as logs:
        threads = [
            crowd.guarded(lambda life=life: _live(life, crowd)) for life in lives if life.name != STEADY
        ]
        threads.append(crowd.guarded(lambda: disturb(stage, seconds, weather.seed)))
        for thread in threads:
            thread.start()
        crowd.over.wait(seconds)
        crowd.over.set()
        for thread in threads:
            thread.join(120)
    if crowd.broken:
        raise crowd.broken[0]
    lines: list[Asked | Deed] = [*crowd.deeds]
    for log in logs:
        lines += [read(json.loads(line)) for line in log.read_text().splitlines()]
    return judge(lines, Bounds(round(weather.life * SECOND), lag=round(weather.lag * SECOND)))


def _first_uploads(lives: Iterable[Life]) -> float:
    """Begin every life; gives the seconds that this took."""
    started = time.monotonic()
    for life in lives:
        life.overwrite()
    return time.monotonic() - started


def _live(life: Life, crowd: Crowd) -> None:
    while not crowd.over.is_set():
        life.chance.choice(life.rounds())()
        life.rest(at_most=0.6)


def _lives(stage: Stage, crowd: Crowd, numbers: Iterator[int], weather: Weather) -> Iterator[Life]:
    people = [*((name, "upload") for name in UPLOADS), *CLOSED, (LARGE, "upload"), (STEADY, "upload")]
    for seed, (name, type) in enumerate(people):
        yield Life(
            name,
            type,
            lambda: stage.servers,
            numbers,
            crowd.deeds.append,
            100 * weather.seed + seed,
            large=name == LARGE,
        )


def all_ways() -> list[Way]:
    """Every way of every picture, of their twins, and of one that never was."""
    ways = []
    for number, name in enumerate(UPLOADS):
        others = [UPLOADS[number - 1], UPLOADS[number - 2]]
        ways += ways_of(name, "upload", others)
        ways += ways_of(f"{name}-twin", "upload")[:2]
    ways += ways_of(STEADY, "upload", UPLOADS)[-len(UPLOADS) :] * 3
    for name, type in CLOSED:
        ways += ways_of(name, type, [UPLOADS[0]])
    nobodys = [way for type in ("upload", "private") for way in ways_of(NOBODY, type, UPLOADS[:1])]
    return ways + random.Random(1).sample(nobodys, 6)


@contextmanager
def _asking(stage: Stage, weather: Weather) -> Iterator[list[Path]]:
    """Processes of clients at work while the block lasts; gives where they write."""
    logs, askers = [], []
    for seed in range(weather.processes):
        log = stage.folder / f"asked-{weather.seed}-{seed}.log"
        ports = weather.ports or stage.ports
        seeds = 10 * weather.seed + seed
        plan = Plan(str(log), ports, tuple(all_ways()), LARGE, seeds, weather.clients, 1, DEADLINE + 9)
        command = [sys.executable, "-m", "tests.takedown.askers"]
        asker = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
        asker.stdin.write(json.dumps(asdict(plan)) + "\n")
        asker.stdin.flush()
        logs.append(log)
        askers.append(asker)
    try:
        yield logs
    finally:
        for asker in askers:
            asker.stdin.close()
        for asker in askers:
            assert asker.wait(60) == 0
