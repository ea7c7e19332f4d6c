"""How long a caller waits for a verdict: the work goes on without it, in a few threads of its own."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Overdue
from dataclasses import dataclass, field

import structlog

from ..errors import OverloadedError, RekproxyError

_log = structlog.get_logger()


@dataclass(slots=True)
class Patience:
    """Runs work for at most `seconds` of the caller's time, in at most `threads` threads per process.

    A thread is waited for `line` seconds at most: where a provider hangs, all of them may be held for long,
    and whoever waits holds a place that others could use.
    """

    seconds: float
    threads: int = 8
    line: float = 1.0
    _pool: ThreadPoolExecutor | None = None
    _free: threading.Semaphore = field(default_factory=threading.Semaphore)
    _pid: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, work: Callable[[], object]) -> bool:
        """Whether the work ended in time. Its failure is not raised: the caller reads the outcome.

        Raises `OverloadedError` when no thread is free: the work is not begun then, nor ever.
        """
        pool, free = self._executor()
        if not free.acquire(timeout=min(self.line, self.seconds)):
            raise OverloadedError("All threads wait for verdicts.")
        try:
            future = pool.submit(work)
        except RuntimeError as error:
            free.release()
            raise OverloadedError("This process is about to end.") from error
        future.add_done_callback(lambda _: free.release())
        try:
            future.result(timeout=self.seconds)
        except Overdue:
            _log.warning("verdict_overdue", seconds=self.seconds)
            return False
        except RekproxyError:
            return True
        return True

    def _executor(self) -> tuple[ThreadPoolExecutor, threading.Semaphore]:
        """The pool and its free threads, made after fork: threads do not survive one."""
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="verdict")
                self._free = threading.Semaphore(self.threads)
                self._pid = os.getpid()
            return self._pool, self._free

    def close(self) -> None:
        """Wait for what runs, drop what does not."""
        with self._lock:
            if self._pool is not None and self._pid == os.getpid():
                self._pool.shutdown(cancel_futures=True)
            self._pool = None
