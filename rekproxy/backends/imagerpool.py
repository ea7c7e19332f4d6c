"""Worker processes for pixels: few, limited, killed when they overrun, and never trusted."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import AbandonedError, ImagerError, OverloadedError
from ..imaging import factwire, wire
from ..interfaces import Ingested, InputLimits, Rendered, RenderJob
from ..interfaces.waiting import is_over, seconds_left
from .perprocess import PerProcess

_MODULE = "rekproxy.imaging.worker"
_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
#: What a new process may take to start, on a machine that is busy, beyond the time of its first job.
_START_SECONDS = 10.0
#: glibc's allocator hands nothing back between jobs: to fault the same pages in again for each picture of 12
#: megapixels costs 100 ms. An imager without a job gives them back by itself (`worker.IDLE_SECONDS`).
_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 28),
}
#: Bytes that are asked of a pipe at once: about what it holds.
_PART = 1 << 18
#: A job that overran without so much of its time on a processor was kept from it: the image is not to blame.
_OWN = 0.25
_OVERLOADED = "All imagers are taken. Try again soon."
_HINDERED = "This machine is too busy for this image. Try again soon."
_ABANDONED = "This image would have come too late. Try again."


class ImagerPool:
    """`Imager` by worker processes, started when first needed, in each process that the pool is forked into.

    At most `workers` jobs run, at most `queue` callers wait, each at most `seconds`, which is also the time
    that a job may take. `memory_bytes` limits the address space of a worker. What nobody waits for any more
    when its turn comes is not begun.
    """

    def __init__(
        self,
        workers: int,
        queue: int,
        seconds: float,
        memory_bytes: int,
        max_output_pixels: int,
    ) -> None:
        arguments = (seconds, memory_bytes, max_output_pixels)
        self._crew = PerProcess(lambda: _Crew([_Worker(*arguments) for _ in range(workers)], queue, seconds))

    def ingest(self, data: bytes, limits: InputLimits) -> Ingested:
        return wire.ingested_of(self._crew.get().run(wire.ingest_message(data, limits)))

    def facts(self, data: bytes, limits: InputLimits, asked: Collection[str]) -> dict[str, Any]:
        return factwire.facts_of(self._crew.get().run(factwire.job_message(data, limits, asked)), asked)

    def render(self, job: RenderJob) -> Rendered:
        return wire.rendered_of(self._crew.get().run(wire.render_message(job)), job.format)

    def close(self) -> None:
        self._crew.get().close()


class _Crew:
    """The workers of one process, and who waits for them."""

    def __init__(self, workers: list["_Worker"], waiting: int, seconds: float) -> None:
        self._workers = workers
        self._seconds = seconds
        self._closing = threading.Lock()
        self._places = threading.BoundedSemaphore(len(workers) + waiting)
        # last in, first out: a worker that is warm is used again before another is started
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in workers:
            self._idle.put(worker)

    def run(self, message: wire.Message) -> wire.Message:
        with self._worker() as worker:
            answer = worker.run(message)
        wire.raise_error(answer)
        return answer

    @contextmanager
    def _worker(self) -> Iterator["_Worker"]:
        if not self._places.acquire(blocking=False):
            raise OverloadedError(_OVERLOADED)
        try:
            worker = self._turn()
            try:
                if is_over():
                    raise AbandonedError(_ABANDONED)
                yield worker
            finally:
                self._idle.put(worker)
        finally:
            self._places.release()

    def _turn(self) -> "_Worker":
        """A worker, as soon as there is one, if that is in time."""
        try:
            return self._idle.get(timeout=max(0.0, min(self._seconds, seconds_left())))
        except queue.Empty:
            if seconds_left() <= 0:
                raise AbandonedError(_ABANDONED) from None
            raise OverloadedError(_OVERLOADED) from None

    def close(self) -> None:
        with self._closing:
            for worker in self._workers:
                worker.end()
            for worker in [self._idle.get() for _ in self._workers]:
                worker.discard()
                self._idle.put(worker)


class _NotTakenError(ImagerError):
    """A process ended before it had a job whole: nothing in the job can have ended it."""


class _Worker:
    """One process at a time, replaced when it has died or was killed."""

    def __init__(self, seconds: float, memory_bytes: int, max_output_pixels: int) -> None:
        self._seconds = seconds
        self._limits = (round(seconds + 0.5), memory_bytes, max_output_pixels)
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: socket.socket | None = None
        self._closed = False

    def run(self, message: wire.Message) -> wire.Message:
        """Send one job and wait for its answer.

        Raises `ImagerError` when it takes too long or ends its process, `OverloadedError` when others had the
        processor all that time. A process that died while idle may not be seen to be dead: a job that it
        never took goes to another.
        """
        try:
            return self._attempt(message)
        except _NotTakenError:
            return self._attempt(message)

    def _attempt(self, message: wire.Message) -> wire.Message:
        pipe, allowance = self._ready()
        deadline = time.monotonic() + self._seconds + allowance
        began: float | None = None
        try:
            for part in message.parts():
                pipe.settimeout(_left(deadline))
                pipe.sendall(part)
            began = wire.processor_seconds_of(_exactly(pipe, wire.TAKEN_BYTES, deadline))
            return wire.receive(lambda count: _exactly(pipe, count, deadline))
        except TimeoutError:
            raise self._overrun(began) from None
        except (OSError, EOFError):
            kind = _NotTakenError if began is None else ImagerError
            raise kind(f"An imager ended before its job ({self.discard().how})") from None
        except BaseException:
            self.discard()
            raise

    def _overrun(self, began: float | None) -> ImagerError | OverloadedError:
        """What to say of a job that is not done in time, after `began` processor seconds of earlier ones."""
        spent = self.discard().processor_seconds
        if began is None or spent - began < self._seconds * _OWN:
            return OverloadedError(_HINDERED)
        return ImagerError(f"An image took longer than {self._seconds:g} seconds")

    def end(self) -> None:
        """Start no more; a job that runs fails. The one method for a thread that does not hold the worker."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()

    def _ready(self) -> tuple[socket.socket, float]:
        """The way to a living process, and the seconds that it may still need to get going."""
        if self._closed:
            raise ImagerError("The imager is closed")
        if self._process is not None and self._process.poll() is not None:
            self.discard()
        if self._pipe is not None:
            return self._pipe, 0.0
        self._pipe = self._start()
        return self._pipe, _START_SECONDS

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _MODULE, str(os.getpid()), *map(str, self._limits)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
            )
        return ours

    def discard(self) -> "_End":
        """End the process, if there is one."""
        process, self._process = self._process, None
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        return _End("closed", 0.0) if process is None else _ended(process)


class _End(NamedTuple):
    """How a process ended, and how long it had worked, in seconds on a processor."""

    how: str
    processor_seconds: float


def _ended(process: subprocess.Popen[bytes]) -> _End:
    """End a process, unless it has ended by itself: then nobody asks how long it worked."""
    process.kill()
    seconds = 0.0
    if process.returncode is None:
        with suppress(ChildProcessError):  # `end`, in another thread, was told first
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = usage.ru_utime + usage.ru_stime
    code = process.wait()
    return _End(signal.Signals(-code).name if code < 0 else f"exit {code}", seconds)


def _environment() -> dict[str, str]:
    """Where to import from, and nothing else: no key or password is in reach of hostile bytes."""
    paths = (str(Path(entry).absolute()) for entry in sys.path)
    libraries = {name: os.environ[name] for name in _LIBRARY_PATHS if name in os.environ}
    return {"PYTHONPATH": os.pathsep.join(paths), **_MALLOC, **libraries}


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _exactly(pipe: socket.socket, count: int, deadline: float) -> bytes:
    parts = []
    while count:
        pipe.settimeout(_left(deadline))
        part = pipe.recv(min(count, _PART))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
