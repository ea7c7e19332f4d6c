"""How long a cached hit takes where many are asked for at once: the middle and the slowest of a hundred."""

import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import requests

from . import peers, photographs
from .installation import Installation, upload
from .load import Load, Times
from .options import Options
from .processes import Server
from .report import SkippedError, Table, middle

_CONNECTIONS: Final = 16
_OURS: Final = "/demo/image/upload/w_320,q_80/portrait.jpg"


def measure(options: Options) -> Table:
    """Each server by itself, as they would disturb each other; medians of the rounds."""
    load = Load.here(options.seconds, options.requests)
    cells, notes = [], [f"{_CONNECTIONS} kept connections, never idle; {options.rounds} rounds, medians."]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installation = Installation(folder / "data")
        root = folder / "files"
        root.mkdir()
        with installation.serve("filling") as server:
            upload(server, "portrait", photographs.portrait(folder))
            (root / "hit.jpg").write_bytes(requests.get(server.url(_OURS), timeout=60).content)
        servers: dict[str, tuple[AbstractContextManager[Server], str]] = {
            "rekproxy (gunicorn)": (installation.serve("rekproxy (gunicorn)"), _OURS),
            "rekproxy (granian)": (installation.serve("rekproxy (granian)", "--server", "granian"), _OURS),
        }
        try:
            servers["nginx"] = (peers.nginx(root, folder / "nginx", "/hit.jpg"), "/hit.jpg")
        except SkippedError as reason:
            notes.append(f"nginx is not measured: {reason}.")
        for who, (start, path) in servers.items():
            with start as server:
                cells.append((who, *_cells(_rounds(load, server.url(path), options.rounds))))
    return Table(
        "Times of a cached hit", ("server", "hits/s", "p50 ms", "p99 ms"), tuple(cells), tuple(notes)
    )


def _rounds(load: Load, url: str, rounds: int) -> list[Times]:
    load.times(url, _CONNECTIONS)
    return [load.times(url, _CONNECTIONS) for _ in range(rounds)]


def _cells(times: list[Times]) -> tuple[str, str, str]:
    rate, half, most = (middle([getattr(one, what) for one in times]) for what in ("rate", "half", "most"))
    return f"{rate:.0f}", f"{half:.1f}", f"{most:.1f}"
