"""A cached hit: processor time of the server for one request, beside nginx, thumbor and bare gunicorn."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import requests

from . import peers, photographs
from .installation import Installation, upload
from .load import CONNECTIONS, Load
from .options import Options
from .processes import Server, free_port, running
from .report import SkippedError, Table, middle, ratio

_WIDTH: Final = 320
_OURS: Final = f"/demo/image/upload/w_{_WIDTH},q_80/portrait.jpg"
_THUMBORS: Final = f"/unsafe/{_WIDTH}x{_WIDTH}/hit.jpg"
_BARE: Final = "bare (gunicorn)"

Start = Callable[[], AbstractContextManager[Server]]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A server, the address of the picture there, and microseconds for one request, a figure a round."""

    server: Server
    url: str
    cost: list[float] = field(default_factory=list)

    def measure(self, load: Load) -> None:
        before = self.server.cpu_seconds()
        answers = load.apply(self.url)
        self.cost.append((self.server.cpu_seconds() - before) / answers * 1e6)

    def cells(self, against: Sequence[float | None]) -> tuple[str, ...]:
        cost = middle(self.cost)
        spread = f"{min(self.cost):.0f} to {max(self.cost):.0f}"
        size = len(requests.get(self.url, timeout=60).content) / 1000
        memory = self.server.resident_bytes() / (1 << 20)
        ratios = (ratio(cost, base) for base in against)
        return (self.server.name, f"{cost:.0f}", spread, *ratios, f"{size:.1f}", f"{memory:.0f}")


def measure(options: Options) -> Table:
    """Every server in turn, in rounds; medians of the rounds."""
    load = Load.here(options.seconds, options.requests)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        candidates, notes = _start(stack, Path(folder), options)
        for candidate in candidates:
            load.apply(candidate.url)
        for _ in range(options.rounds):
            for candidate in candidates:
                candidate.measure(load)
        costs = {candidate.server.name: middle(candidate.cost) for candidate in candidates}
        against = (costs.get("nginx"), costs.get(_BARE))
        cells = tuple(c.cells(against) for c in sorted(candidates, key=lambda c: middle(c.cost)))
    notes.insert(0, f"{load.name}, {CONNECTIONS} kept connections, {options.rounds} rounds, medians.")
    notes.append("rekproxy's worker also takes uploads, so that its memory holds the detector.")
    columns = ("server", "CPU µs a request", "spread", "/ nginx", "/ bare", "kB a picture", "MiB a worker")
    return Table("A cached hit", columns, cells, tuple(notes))


def _start(stack: ExitStack, folder: Path, options: Options) -> tuple[list[_Candidate], list[str]]:
    """All servers that can be had, each with the same picture, and why others cannot."""
    root = folder / "files"
    root.mkdir()
    installation = Installation(folder / "data")
    ours = stack.enter_context(installation.serve("rekproxy (gunicorn)"))
    upload(ours, "portrait", photographs.portrait(folder))
    picture = root / "hit.jpg"
    picture.write_bytes(requests.get(ours.url(_OURS), timeout=60).content)
    found, notes = [_Candidate(ours, ours.url(_OURS))], []
    others: dict[str, tuple[Start, str]] = {
        "nginx": (lambda: peers.nginx(root, folder / "nginx", "/hit.jpg"), "/hit.jpg"),
        _BARE: (lambda: _bare(picture), "/"),
        "granian": (lambda: installation.serve("rekproxy (granian)", "--server", "granian"), _OURS),
        "thumbor": (lambda: _thumbor(options.thumbor, root, folder / "thumbor"), _THUMBORS),
    }
    for name, (start, path) in others.items():
        try:
            server = stack.enter_context(start())
            found.append(_Candidate(server, server.url(path)))
        except SkippedError as reason:
            notes.append(f"{name} is not measured: {reason}.")
    return found, notes


def _bare(picture: Path) -> AbstractContextManager[Server]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare", str(port), str(picture)]
    return running(_BARE, command, port=port, path="/")


def _thumbor(given: Path | None, root: Path, folder: Path) -> AbstractContextManager[Server]:
    """With its result storage, where the first request, by which we see that it is up, leaves the picture."""
    return peers.thumbor(given).serve(root, folder, _THUMBORS, keep=True)
