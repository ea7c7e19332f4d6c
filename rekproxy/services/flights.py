"""One at a time: concurrent requests of one host for the same missing picture make it once."""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog

from ..errors import OverloadedError

T = TypeVar("T")

_log = structlog.get_logger()

#: Lock files per host: a fixed set, so that nothing has to be tidied up.
LOCKS = 256


@dataclass(slots=True)
class Flights:
    """Joins callers of one key: in this process by a future, across processes by a file lock."""

    folder: Path
    seconds: float
    _flying: dict[str, Future[Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self, key: str, found: Callable[[], T | None], make: Callable[[], T]) -> T:
        """What `found` finds, or `make` makes; callers that come meanwhile get the same, or the same error.

        Raises `OverloadedError` to those who waited `seconds` for someone else's.
        """
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
        except TimeoutError as error:
            if future.done():
                raise
            raise OverloadedError("This picture is being made. Try again.") from error

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Hold the host-wide lock of `key`. The holder's work is bounded, and a dead process lets go.

        A disk on which no lock can be made costs a picture that is made twice, and no answer.
        """
        try:
            handle = self._open(f"{int(key[:8], 16) % LOCKS:03d}")
        except OSError as error:
            _log.warning("no_lock", error=str(error))
            yield
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _open(self, name: str) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        return os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
