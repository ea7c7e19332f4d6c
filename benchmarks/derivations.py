"""A first derivation: nothing is cached, the picture is made now, beside thumbor without storages."""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Final

import requests
from PIL import Image

from . import peers, photographs
from .installation import Installation, upload
from .options import Options
from .processes import Server
from .report import SkippedError, Table, middle, ratio

_WIDTH: Final = 400
_PEER: Final = "thumbor"
_OURS: Final = "/demo/image/upload/w_{width}/{name}.jpg"


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to make a picture: whose, of which photograph, and the seconds that each time took.

    `forget` is done before each time.
    """

    server: Server
    photograph: str
    path: str
    forget: Callable[[], None] = lambda: None
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take(self, width: int) -> None:
        """Make the picture `width` wide."""
        self.forget()
        before, started = self.server.cpu_seconds(), time.monotonic()
        response = requests.get(self.server.url(self.path.format(width=width)), timeout=120)
        self.wall.append(time.monotonic() - started)
        self.cpu.append(self.server.cpu_seconds() - before)
        response.raise_for_status()

    def cost(self) -> tuple[float, float]:
        """Seconds of wall time, and of processor time, which the system only counts in hundredths."""
        return middle(self.wall), fmean(self.cpu)

    def cells(self, ways: Sequence["_Way"]) -> tuple[str, ...]:
        peer = next((w for w in ways if w.server.name == _PEER and w.photograph == self.photograph), None)
        costs = [self.cost(), *([peer.cost()] if peer else [])]
        ratios = [ratio(*pair) for pair in zip(*costs, strict=True)] if peer else ["-", "-"]
        return (self.photograph, self.server.name, *(f"{c * 1e3:.0f}" for c in self.cost()), *ratios)


def measure(options: Options) -> Table:
    """Each way in turn, every time at another width, so that nobody has the picture already."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ways, notes = _start(stack, Path(folder), options)
        for way in ways:
            way.take(_WIDTH)  # starts imagers, fills the system's caches
            way.wall.clear()
            way.cpu.clear()
        for number in range(1, options.rounds + 1):
            for way in ways:
                way.take(_WIDTH - number)
        ways.sort(key=lambda way: (way.photograph, middle(way.wall)))
        cells = tuple(way.cells(ways) for way in ways)
    notes.insert(
        0, f"About {_WIDTH} wide, one request at a time, {options.rounds} each; median of wall, mean of CPU."
    )
    columns = ("photograph", "server", "wall ms", "CPU ms", "wall / thumbor", "CPU / thumbor")
    return Table("A first derivation", columns, cells, tuple(notes))


def _start(stack: ExitStack, folder: Path, options: Options) -> tuple[list[_Way], list[str]]:
    root = folder / "files"
    root.mkdir()
    large = photographs.large(root, options.photograph)
    files = [large, photographs.small(large, root)]
    ways, notes = _ours(stack, folder, files), []
    try:
        first = f"/unsafe/100x0/{files[1].name}"
        server = stack.enter_context(
            peers.thumbor(options.thumbor).serve(root, folder / _PEER, first, keep=False)
        )
        ways += [_Way(server, _said(file), "/unsafe/{width}x0/" + file.name) for file in files]
    except SkippedError as reason:
        notes.append(f"{_PEER} is not measured: {reason}.")
    return ways, notes


def _ours(stack: ExitStack, folder: Path, files: Sequence[Path]) -> list[_Way]:
    """With the renditions that ingest makes of large originals; and without, so that they are made first."""
    ways = []
    for source in ("rendition", "first need"):
        installation = Installation(folder / source)
        server = stack.enter_context(installation.serve(f"rekproxy ({source})"))
        for file in files:
            upload(server, file.stem, file)
            path = _OURS.replace("{name}", file.stem)
            way = _Way(server, _said(file), path)
            if source == "first need":
                way = replace(way, forget=installation.forget_renditions)
            ways.append(way)
    return ways


def _said(file: Path) -> str:
    with Image.open(file) as image:
        return f"{image.width * image.height / 1e6:.0f} MP"
