"""Memory of a worker after some and after many mixed requests: it must not grow with what was asked."""

import tempfile
from pathlib import Path
from typing import Final

import requests

from . import photographs
from .catalogs import heat
from .installation import Installation, upload
from .load import Load
from .options import Options
from .processes import Server
from .report import Table, ratio

_HOT: Final = 300


def measure(options: Options) -> Table:
    """Hits of many pictures, pictures that are not there, and derivations; then the same for long."""
    few, many = 10_000, 1_000_000 if options.long else 50_000
    load = Load.here(options.seconds, options.requests)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Installation(folder / "data").serve("rekproxy") as server:
            upload(server, "portrait", photographs.portrait(folder))
            paths = heat(server, _HOT)
            first = _after(server, load, paths, 0, few)
            last = _after(server, load, paths, few, many)
    cells = (
        (f"{few:,}", f"{first / 2**20:.0f}", "1.00"),
        (f"{many:,}", f"{last / 2**20:.0f}", ratio(last, first)),
    )
    notes = ("Hits of 300 pictures; between spells of them one is not there, and one is made.",)
    return Table("Memory of a worker", ("requests", "MiB", "/ first"), cells, notes)


def _after(server: Server, load: Load, paths: list[str], done: int, until: int) -> float:
    """Bytes of memory of the worker after `until` requests, `done` of which came before."""
    number = done
    while number < until:
        number += load.apply(server.url(paths[0]), paths)
        missing = requests.get(server.url(f"/demo/image/upload/nobody-{number}.jpg"), timeout=60)
        if missing.status_code != 404:
            raise RuntimeError(f"a picture that is not there answered {missing.status_code}")
        made = f"/demo/image/upload/c_fill,h_{20 + number % 480},w_{20 + number // 480 % 480}/portrait.jpg"
        requests.get(server.url(made), timeout=60).raise_for_status()
    return float(server.resident_bytes())
