"""Load on a server over kept connections: by wrk where it is installed, else by a small client of ours."""

import http.client
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from .report import SkippedError

#: Enough that the server is never idle, few enough that none of its threads waits for another.
CONNECTIONS = 8
_UNITS: Final = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
#: Has wrk ask for the paths of a file in no order; every run begins alike.
_SCRIPT: Final = """\
local paths = {{}}
for line in io.lines({file!r}) do paths[#paths + 1] = line end
math.randomseed(1)
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
"""


@dataclass(frozen=True, slots=True)
class Times:
    """How many answers a second, and milliseconds within which half and 99 % of them came."""

    rate: float
    half: float
    most: float


@dataclass(frozen=True, slots=True)
class Load:
    """As many requests as fit into `seconds`, but at most `requests` by our own client."""

    seconds: float
    requests: int
    wrk: str | None

    @classmethod
    def here(cls, seconds: float, requests: int) -> "Load":
        """By what this machine has."""
        return cls(seconds, requests, shutil.which("wrk"))

    @property
    def name(self) -> str:
        """Who makes the requests."""
        return "wrk" if self.wrk else "our own client, as wrk is not installed"

    def apply(self, url: str, paths: Sequence[str] = ()) -> int:
        """Ask for `url`, or for any of `paths` of its host, again and again; gives how many answered.

        Raises `RuntimeError` if one is not 200.
        """
        if self.wrk is None:
            return self._by_ourselves(url, paths)
        return _counted(self._wrk(url, CONNECTIONS, paths))

    def times(self, url: str, connections: int) -> Times:
        """How long answers take. Raises `SkippedError` without wrk."""
        if self.wrk is None:
            raise SkippedError("wrk is not installed (Debian: apt-get install wrk)")
        said = self._wrk(url, connections, (), "--latency")
        return Times(_counted(said) / self.seconds, _percentile(said, 50), _percentile(said, 99))

    def _wrk(self, url: str, connections: int, paths: Sequence[str], *options: str) -> str:
        with tempfile.NamedTemporaryFile("w") as file, tempfile.NamedTemporaryFile("w") as script:
            if paths:
                file.write("\n".join(paths))
                file.flush()
                script.write(_SCRIPT.format(file=file.name))
                script.flush()
                options = (*options, "-s", script.name)
            seconds = max(1, round(self.seconds))
            command = [
                str(self.wrk),
                "-t1",
                f"-c{connections}",
                f"-d{seconds}s",
                "--timeout",
                "30s",
                *options,
            ]
            return subprocess.run(
                [*command, url], capture_output=True, text=True, check=True, timeout=seconds + 60
            ).stdout

    def _by_ourselves(self, url: str, paths: Sequence[str]) -> int:
        each = max(1, self.requests // CONNECTIONS)
        until = time.monotonic() + self.seconds
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            return sum(pool.map(lambda _: _ask(url, paths, each, until), range(CONNECTIONS)))


def _ask(url: str, paths: Sequence[str], count: int, until: float) -> int:
    parts = urlsplit(url)
    chance = random.Random(1)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    done = 0
    while done < count and (done == 0 or time.monotonic() < until):
        connection.request("GET", chance.choice(paths) if paths else parts.path)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{url} answered {response.status}")
        done += 1
    connection.close()
    return done


def _counted(said: str) -> int:
    found = re.search(r"(\d+) requests in", said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"wrk: {said}")
    return int(found[1])


def _percentile(said: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)$", said, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"wrk: {said}")
    return float(found[1]) * _UNITS[found[2]]
