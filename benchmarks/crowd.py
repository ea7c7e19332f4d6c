"""Many clients at once for one picture that nobody has made: how often it is made, and who gets it when."""

import re
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import requests

from . import photographs
from .installation import Installation, upload
from .options import Options
from .processes import Server
from .report import Table, middle

_CLIENTS: Final = 200
_AUTH: Final = ("1234", "secret-of-a-benchmark")
_PAUSE: Final = 0.25


def measure(options: Options) -> Table:
    """Each round has a picture of its own; 503 is asked again until there is a picture."""
    cells = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for workers in ("1", "2"):
            installation = Installation(folder / workers)
            with installation.serve(f"{workers} workers", "--workers", workers) as server:
                upload(server, "large", photographs.large(folder, options.photograph))
                rounds = [_round(server, number) for number in range(options.rounds)]
            made, refused, last = (middle(column) for column in zip(*rounds, strict=True))
            cells.append((workers, f"{made:.0f}", f"{refused:.0f}", f"{last:.1f}"))
    notes = (f"{_CLIENTS} clients at once, {options.rounds} rounds, medians. Every client got the picture.",)
    columns = ("workers", "times made", "503 before", "seconds until the last has it")
    return Table("One cold picture", columns, tuple(cells), notes)


def _round(server: Server, number: int) -> tuple[float, float, float]:
    """How often it was made, how often a client was told to come again, seconds until all had it."""
    path, before = server.url(f"/demo/image/upload/w_{900 + number}/large.jpg"), _made(server)
    statuses: Counter[int] = Counter()
    barrier = threading.Barrier(_CLIENTS + 1)
    with ThreadPoolExecutor(_CLIENTS) as pool:
        futures = [pool.submit(_ask, path, barrier, statuses) for _ in range(_CLIENTS)]
        barrier.wait()
        started = time.monotonic()
        for future in futures:
            future.result()
    return _made(server) - before, statuses[503], time.monotonic() - started


def _ask(url: str, barrier: threading.Barrier, statuses: Counter[int]) -> None:
    barrier.wait()
    while True:
        status = requests.get(url, timeout=120).status_code
        statuses[status] += 1
        if status == 200:
            return
        if status != 503:
            raise RuntimeError(f"{url} answered {status}")
        time.sleep(_PAUSE)


def _made(server: Server) -> float:
    said = requests.get(server.url("/metrics"), auth=_AUTH, timeout=60).text
    found = re.search(r"^rekproxy_render_seconds_count (\S+)$", said, re.MULTILINE)
    return float(found[1]) if found else 0.0
