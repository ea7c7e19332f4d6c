"""One at a time: concurrent requests of one host for the same missing picture make it once."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog

from ..errors import AbandonedError, OverloadedError

T = TypeVar("T")

_log = structlog.get_logger()

#: Lock files per host: a fixed set, so that nothing has to be tidied up.
LOCKS = 256
#: How often a lock that another process has is asked for.
_POLL_SECONDS = 0.01
_BUSY = "This picture is being made. Try again."


class _LeaderLeftError(Exception):
    """Whoever was to make it has given up; those who joined have not."""


@dataclass(slots=True)
class Flights:
    """Joins callers of one key: in this process by a future, across processes by a file lock."""

    folder: Path
    seconds: float
    _flying: dict[str, Future[Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self, key: str, found: Callable[[], T | None], make: Callable[[], T]) -> T:
        """What `found` finds, or `make` makes; callers that come meanwhile get the same, or the same error.

        What was not begun because its caller had left is begun by the next. Raises `OverloadedError` to those
        who waited `seconds` for someone else's.
        """
        while True:
            try:
                return self._join(key, found, make)
            except _LeaderLeftError:
                continue

    def _join(self, key: str, found: Callable[[], T | None], make: Callable[[], T]) -> T:
        with self._lock:
            future = self._flying.get(key)
            mine = future is None
            if future is None:
                future = self._flying[key] = Future()
        if not mine:
            return cast(T, self._wait(future))
        try:
            with self._alone(key):
                result = found() or make()
            future.set_result(result)
        except BaseException as error:
            future.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._flying[key]
        return result

    def _wait(self, future: Future[Any]) -> object:
        try:
            return future.result(timeout=self.seconds)
        except AbandonedError as error:
            raise _LeaderLeftError from error
        except TimeoutError as error:
            if future.done():
                raise
            raise OverloadedError(_BUSY) from error

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Hold the host-wide lock of `key`, waited for as long as a flight. A dead process lets go.

        A disk on which no lock can be made costs a picture that is made twice, and no answer. Raises
        `OverloadedError`: work that is not begun in time is not begun at all.
        """
        try:
            handle = self._open(f"{int(key[:8], 16) % LOCKS:03d}")
        except OSError as error:
            _log.warning("no_lock", error=str(error))
            yield
            return
        try:
            until = time.monotonic() + self.seconds
            while not _locked(handle):
                if time.monotonic() > until:
                    raise OverloadedError(_BUSY)
                time.sleep(_POLL_SECONDS)
            yield
        finally:
            os.close(handle)

    def _open(self, name: str) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        return os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
