"""A cached hit where the catalog is another, or larger, or where many pictures are hot."""

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import requests

from . import photographs, standing
from .installation import Installation, upload
from .load import Load
from .options import Options
from .processes import Server
from .report import SkippedError, Table, middle, ratio

_FEW: Final = 1_000
_OURS: Final = "/demo/image/upload/w_320,q_80/portrait.jpg"


def measure(options: Options) -> Table:
    """Processor time of the server for one hit; medians of the rounds."""
    many, hot = (1_000_000, 10_000) if options.long else (50_000, 500)
    load = Load.here(options.seconds, options.requests)
    cells: list[tuple[str, ...]] = []
    notes = [f"By CPU of the server, {load.name}, {options.rounds} rounds, medians."]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        databases: dict[str, Callable[[], dict[str, str]]] = {
            "SQLite": dict,
            "PostgreSQL": lambda: {
                "REKPROXY_DATABASE_URL": stack.enter_context(standing.postgres()),
                "REKPROXY_SECRET_KEY": "of-a-throw-away-installation",
            },
        }
        for database, settings in databases.items():
            try:
                cells += _rows(Path(name) / database, settings(), database, (many, hot), load, options)
            except SkippedError as reason:
                notes.append(f"{database} is not measured: {reason}.")
    columns = ("database", "assets", "hot pictures", "CPU µs a hit", "/ fewest")
    return Table("A cached hit in larger catalogs", columns, tuple(cells), tuple(notes))


def _rows(
    folder: Path,
    settings: dict[str, str],
    database: str,
    sizes: tuple[int, int],
    load: Load,
    options: Options,
) -> list[tuple[str, ...]]:
    """Few assets, many, and many pictures hot: the same server for all of them."""
    many, hot = sizes
    installation = Installation(folder, settings)
    url = settings.get("REKPROXY_DATABASE_URL", f"sqlite:///{folder / 'catalog.sqlite3'}")
    costs = []
    folder.mkdir()
    with installation.serve(database) as server:
        upload(server, "portrait", photographs.portrait(folder))
        for first, last in ((0, _FEW), (_FEW, many)):
            standing.fill(url, first, last)
            costs.append(_cost(server, load, options, ()))
        paths = heat(server, hot)
        costs.append(_cost(server, load, options, paths))
    said = ((_FEW, 1), (many, 1), (many, hot))
    return [
        (database, f"{assets:,}", f"{pictures:,}", f"{cost:.0f}", ratio(cost, costs[0]))
        for (assets, pictures), cost in zip(said, costs, strict=True)
    ]


def _cost(server: Server, load: Load, options: Options, paths: Sequence[str]) -> float:
    """Microseconds of processor time for one hit."""
    url = server.url(_OURS)
    load.apply(url, paths)
    costs = []
    for _ in range(options.rounds):
        before = server.cpu_seconds()
        answers = load.apply(url, paths)
        costs.append((server.cpu_seconds() - before) / answers * 1e6)
    return middle(costs)


def heat(server: Server, count: int) -> list[str]:
    """Have so many pictures made, small ones; gives their paths."""
    sizes = [(20 + number % 100, 20 + number // 100) for number in range(count)]
    paths = [f"/demo/image/upload/c_fill,h_{height},w_{width}/portrait.jpg" for width, height in sizes]
    with ThreadPoolExecutor(4) as pool, requests.Session() as session:
        for response in pool.map(lambda path: session.get(server.url(path), timeout=120), paths):
            response.raise_for_status()
    return paths
