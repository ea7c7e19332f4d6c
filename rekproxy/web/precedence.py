"""Hits first: while they lack time, what has to be made takes no more than a share of the process' own.

Python runs one thread at a time, and is fair to each: eight requests for new pictures would take eight ninths
of the time from the one thread that answers all hits, however long imagers take over the pictures themselves.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from ..interfaces.waiting import seconds_left

#: The part of a process' time that making pictures may take while hits would take all of it.
SHARE: Final = 0.05
#: Hits a second, and the part of its time that a process works, from which on hits may lack it.
MANY: Final = 500.0
BUSY: Final = 0.75
#: For so many seconds hits are counted, at least, before it is said how many they are.
_WINDOW: Final = 0.05
#: The longest that one request gives way, in seconds.
PATIENCE: Final = 2.0
#: How much the latest request counts in the mean of what one costs.
_WEIGHT: Final = 0.1


@dataclass(slots=True)
class Precedence:
    """Whose turn it is in this process. `hits` is counted by whoever answers them."""

    hits: int = 0
    _lacking: bool = False
    _counted: tuple[float, float, int] = (0.0, 0.0, 0)
    _next: float = 0.0
    _cost: float = 0.005
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """Do what is no hit, in turn: at once, unless hits lack time and others were here just before."""
        self._wait()
        started = time.thread_time()
        try:
            yield
        finally:
            self._cost += _WEIGHT * (time.thread_time() - started - self._cost)

    def _wait(self) -> None:
        now = time.monotonic()
        turn = min(self._turn(now), now + min(PATIENCE, max(0.0, seconds_left())))
        while self.hits_lack_time(now) and now < turn:
            time.sleep(min(turn - now, _WINDOW))
            now = time.monotonic()

    def _turn(self, now: float) -> float:
        """When the next request may begin: so long after the one before it as makes the share right."""
        with self._lock:
            turn = max(self._next, now)
            self._next = min(turn, now + PATIENCE) + self._cost / SHARE if self._lacking else now
            return turn

    def hits_lack_time(self, now: float) -> bool:
        """Whether hits are so many at `now` (`time.monotonic`), and the process so busy, that others wait."""
        since, worked, hits = self._counted
        if (passed := now - since) >= _WINDOW:
            self._counted = (now, time.process_time(), self.hits)
            many = self._counted[2] - hits > MANY * passed
            self._lacking = many and self._counted[1] - worked > BUSY * passed
        return self._lacking
