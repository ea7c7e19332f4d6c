"""How long a caller waits for a verdict: the work goes on without it, in a few threads of its own."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Overdue
from dataclasses import dataclass, field

import structlog

from ..errors import RekproxyError

_log = structlog.get_logger()


@dataclass(slots=True)
class Patience:
    """Runs work for at most `seconds` of the caller's time, in at most `threads` threads per process."""

    seconds: float
    threads: int = 8
    _pool: ThreadPoolExecutor | None = None
    _pid: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, work: Callable[[], object]) -> bool:
        """Whether the work ended in time. Its failure is not raised: the caller reads the outcome."""
        future = self._executor().submit(work)
        try:
            future.result(timeout=self.seconds)
        except Overdue:
            _log.warning("verdict_overdue", seconds=self.seconds)
            future.cancel()
            return False
        except RekproxyError:
            return True
        return True

    def _executor(self) -> ThreadPoolExecutor:
        """The pool, made after fork: threads do not survive one."""
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="verdict")
                self._pid = os.getpid()
            return self._pool

    def close(self) -> None:
        """Wait for what runs, drop what does not."""
        with self._lock:
            if self._pool is not None and self._pid == os.getpid():
                self._pool.shutdown(cancel_futures=True)
            self._pool = None
