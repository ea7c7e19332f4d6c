"""Turns of calls to a provider that is paid by the call: one rate, shared by all processes."""

import time
from dataclasses import dataclass
from typing import Final

from ..errors import ThrottledError
from ..interfaces import Catalog, Detector

#: How far ahead a worker takes a turn, and how long one waits for the next of a picture begun, in seconds.
WORKER_PATIENCE: Final = 1.0
_GOING_ON: Final = 60.0
#: A backlog whose oldest picture has waited this long may be one that nobody works at, in seconds.
_STALLED: Final = 300.0
#: Words of providers for "you call too often".
_TOO_OFTEN: Final = {
    "429",
    "ProvisionedThroughputExceededException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}


@dataclass(frozen=True, slots=True)
class Turns:
    """Waits for turns. `rate` is the calls a second to a paid provider (0: no limit)."""

    catalog: Catalog
    detector: Detector
    rate: float

    @property
    def burst(self) -> int:
        """Calls that may be made at once after a rest: a second's worth."""
        return max(1, round(self.rate))

    @property
    def _limited(self) -> bool:
        return self.detector.paid and self.rate > 0

    def refused(self, code: str) -> None:
        """A call failed with `code`: everybody slows down, if that says that we call too often."""
        if self._limited and code in _TOO_OFTEN:
            self.catalog.slow_down(self.detector.name, rate=self.rate)

    def take(self, calls: int, deadline: float | None, *, begun: bool) -> None:
        """Wait for our turn; a picture once begun is looked at to its end. Raises `ThrottledError`."""
        if not self._limited:
            return
        patience = _GOING_ON + calls / self.rate if begun else self._patience(calls, deadline)
        seconds = self.catalog.take_turn(
            self.detector.name, calls, rate=self.rate, burst=self.burst, patience=patience
        )
        if seconds < 0:
            raise ThrottledError(-seconds)
        time.sleep(seconds)

    def _patience(self, calls: int, deadline: float | None) -> float:
        """How long a turn may be waited for. A fresh upload goes behind the pictures that wait already.

        Where nobody works at these they hold up nobody: it may have a turn that is there now.
        """
        if deadline is None:
            return WORKER_PATIENCE + (calls - 1) / self.rate
        waiting = self.catalog.oldest_due("moderate")
        if waiting is None:
            return max(0.0, deadline - time.monotonic())
        if waiting < _STALLED:
            raise ThrottledError(1 / self.rate)
        return 0.0
