"""Who waits for an answer: told aside by the web, so that work that nobody wants any more is not begun."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose answer is of use until a time of `time.monotonic`, and who may have `left` before."""

    until: float
    left: Callable[[], bool] = lambda: False


_NOBODY = Caller(math.inf)
_caller: ContextVar[Caller] = ContextVar("caller", default=_NOBODY)


@contextmanager
def waiting(caller: Caller) -> Iterator[None]:
    """What this thread does within the block, it does for `caller`."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def seconds_left() -> float:
    """How long an answer is still of use; without an end where a job, and no caller, wants it."""
    return _caller.get().until - time.monotonic()


def is_over() -> bool:
    """Whether nobody has any use for the answer: its time is over, or its caller has left."""
    return seconds_left() <= 0 or _caller.get().left()
