"""Server processes under measurement: started, waited for, weighed, and ended by their own ids."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from .report import SkippedError

_START_SECONDS: Final = 60.0
_END_SECONDS: Final = 15.0
_UNCHANGED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Server:
    """A server with everything that it started. `root` is the first process' id."""

    name: str
    root: int
    port: int

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self) -> float:
        """Processor time, user and system, of all its processes and of those that they have outlived."""
        ticks = sum(sum(map(int, _stat(process)[11:15])) for process in family(self.root))
        return ticks / os.sysconf("SC_CLK_TCK")

    def run_seconds(self) -> float:
        """The same of the processes that live, to the nanosecond, as the scheduler counts it."""
        nanoseconds = 0
        for process in family(self.root):
            for task in Path(f"/proc/{process}/task").glob("[0-9]*"):
                with suppress(OSError):
                    nanoseconds += int((task / "schedstat").read_text().split()[0])
        return nanoseconds / 1e9

    def resident_bytes(self) -> int:
        """Resident memory of the largest process below the first: of the worker that answers."""
        page = os.sysconf("SC_PAGE_SIZE")
        return max(int(_stat(process)[21]) * page for process in family(self.root)[1:] or [self.root])


@contextmanager
def running(
    name: str, command: Sequence[str | Path], *, port: int, path: str, environ: Mapping[str, str] = _UNCHANGED
) -> Iterator[Server]:
    """Run a server until the block ends. Raises `SkippedError` if it never answers 200 to `path`."""
    if not Path("/proc/self/stat").exists():
        raise SkippedError("processor time of processes is only read on Linux")
    process = subprocess.Popen(
        list(map(str, command)),
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = Server(name, process.pid, port)
    try:
        _await(server, path, process)
        yield server
    finally:
        _end(process)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(root: int) -> list[int]:
    """A process, and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found = [root]
    for process in found:
        found += parents.get(process, [])
    return found


def _stat(process: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on (proc_pid_stat(5)); the second may hold anything."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _await(server: Server, path: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(server.url(path), timeout=30) as response:
            response.read()
            return
        time.sleep(0.02)
    raise SkippedError(f"{server.name} did not answer {path}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    with suppress(ProcessLookupError):  # its session is its own: nobody else is in it
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
