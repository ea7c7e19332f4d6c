"""How many admin calls a key may make in an hour: counted in the catalog, a handful at a time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ..errors import RateLimitedError
from ..interfaces import Catalog

#: What is said of a key without a limit.
UNLIMITED: Final = 1_000_000
_HOUR: Final = 3600
#: A process takes so many hundredths of an hour's calls at once, and no more than these.
_SHARE: Final = 100
_MOST_TAKEN: Final = 1000


@dataclass(frozen=True, slots=True)
class Rate:
    """What a key may do in an hour, what is left of that, and when the next hour begins (unix seconds)."""

    limit: int
    remaining: int
    reset: int
    refused: bool = False

    def check(self, now: float) -> None:
        """Raises `RateLimitedError` for a call beyond the limit."""
        if self.refused:
            when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self.reset))
            raise RateLimitedError(
                f"Rate Limit Exceeded. Limit of {self.limit} api operations reached. Try again on {when}",
                max(1, self.reset - int(now)),
            )


def unlimited(now: float) -> Rate:
    """What is said of a key without a limit, and where no key is known."""
    return Rate(UNLIMITED, UNLIMITED, (int(now) // _HOUR + 1) * _HOUR)


@dataclass(slots=True)
class _Held:
    """Calls of one hour that this process took; `total` is how many were taken by all of them."""

    hour: int
    left: int
    total: int


@dataclass(slots=True)
class Rates:
    """Counts the calls of keys over all processes. `usual` is the limit of keys that have none of their own.

    What a process took and did not use is lost at the end of the hour: never is a limit exceeded for that.
    """

    catalog: Catalog
    usual: int
    now: Callable[[], float] = time.time
    _held: dict[str, _Held] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def admit(self, key: str, own: int | None) -> Rate:
        """Count one call; `own` is the key's own limit, 0 for none."""
        limit = self.usual if own is None else own
        hour = int(self.now()) // _HOUR
        if not limit:
            return unlimited(self.now())
        with self._lock:
            held = self._held.get(key)
            if held is None or held.hour != hour or (held.left <= 0 and held.total < limit):
                held = self._held[key] = self._take(key, limit, hour)
            refused = held.left <= 0
            held.left -= not refused
            left = max(0, limit - held.total) + held.left
            return Rate(limit, left, (hour + 1) * _HOUR, refused)

    def _take(self, key: str, limit: int, hour: int) -> _Held:
        wanted = max(1, min(limit // _SHARE, _MOST_TAKEN))
        total = self.catalog.count_calls(key, wanted, hour)
        return _Held(hour, max(0, min(wanted, limit - (total - wanted))), min(total, limit))
