"""Load on a server over kept connections: by wrk where it is installed, else by a small client of ours."""

import http.client
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

#: Enough that the server is never idle, few enough that none of its threads waits for another.
CONNECTIONS = 8


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

    def apply(self, url: str) -> int:
        """Ask for `url` again and again; gives how many answered. Raises `RuntimeError` if one is not 200."""
        return _by_wrk(self.wrk, url, self.seconds) if self.wrk else self._by_ourselves(url)

    def _by_ourselves(self, url: str) -> int:
        each = max(1, self.requests // CONNECTIONS)
        until = time.monotonic() + self.seconds
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            return sum(pool.map(lambda _: _ask(url, each, until), range(CONNECTIONS)))


def _ask(url: str, count: int, until: float) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    done = 0
    while done < count and (done == 0 or time.monotonic() < until):
        connection.request("GET", parts.path)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{url} answered {response.status}")
        done += 1
    connection.close()
    return done


def _by_wrk(wrk: str, url: str, seconds: float) -> int:
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = re.search(r"(\d+) requests in", said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"wrk on {url}: {said}")
    return int(found[1])
