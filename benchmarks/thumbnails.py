"""Pictures made anew, size by size and format by format: rekproxy, thumbor and libvips, all on one core."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from . import peers, photographs
from .imagers import Alone
from .installation import Installation, upload
from .options import Options
from .processes import Server
from .report import SkippedError, Table, middle, ratio

QUALITY: Final = 80
FORMATS: Final = ("jpg", "webp", "avif")
_OURS, _ALONE, _THUMBOR, _VIPS = "rekproxy", "its imager alone", "thumbor", "libvips"


@dataclass(frozen=True, slots=True)
class Size:
    """What to make of a photograph: fill a box, or fit a width."""

    photograph: str
    width: int
    height: int | None = None

    def __str__(self) -> str:
        return f"fit {self.width}" if self.height is None else f"fill {self.width} x {self.height}"

    def text(self, width: int) -> str:
        """Our transformation, `width` wide."""
        return f"c_fit,w_{width}" if self.height is None else f"c_fill,h_{self.height},w_{width}"

    def ours(self, width: int, form: str) -> str:
        """The path at rekproxy."""
        return f"/demo/image/upload/{self.text(width)}/q_{QUALITY}/{self.photograph}.{form}"

    def thumbor(self, width: int, form: str, file: str) -> str:
        """The path at thumbor."""
        kind = "jpeg" if form == "jpg" else form
        return f"/unsafe/{width}x{self.height or 0}/filters:quality({QUALITY}):format({kind})/{file}"


SIZES: Final = (
    Size("18mp", 400, 300),
    Size("18mp", 1600),
    Size("12mp", 400, 300),
    Size("12mp", 1600),
    Size("1mp", 300),
    Size("1mp", 600),
    Size("3mp", 800),
)

#: Makes a size, in a width and a format, and gives the seconds of processor time that it took.
_Make = Callable[[Size, int, str], float]


def measure(options: Options) -> Table:
    """Every maker in turn, every time at another width, so that nobody has the picture already."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack, one_core():
        files = photographs.series(Path(name) / "files", options.photograph)
        makers, notes = _makers(stack, Path(name), files, options)
        cells = tuple(
            (files[size.photograph].name, str(size), form, *_cells(makers, size, form, options.rounds))
            for size in SIZES
            for form in FORMATS
        )
    makers_ms = (f"{maker} ms" for maker in (_OURS, _ALONE, _THUMBOR, _VIPS))
    columns = ("photograph", "asked", "format", *makers_ms, "thumbor / rekproxy", "libvips / imager")
    return Table("Sizes and formats", columns, cells, (*_notes(options.rounds), *notes))


def _notes(rounds: int) -> tuple[str, ...]:
    return (
        f"Quality {QUALITY}, chroma 4:2:0, optimized baseline JPEG, WebP of effort 4, AVIF of speed 8.",
        f"{rounds} rounds on one core; medians of processor time, without that of the client.",
        "rekproxy and thumbor answer by HTTP; rekproxy also proves that it may be shown, and stores it.",
        "libvips, with one thread, and the imager alone are called in a process, without HTTP.",
    )


@contextmanager
def one_core() -> Iterator[None]:
    """This process, and all that it starts meanwhile, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _makers(
    stack: ExitStack, folder: Path, files: dict[str, Path], options: Options
) -> tuple[dict[str, _Make], list[str]]:
    server = stack.enter_context(Installation(folder / "data").serve("rekproxy"))
    for name, file in files.items():
        upload(server, name, file)
    alone = {name: Alone.of(file) for name, file in files.items()}
    makers: dict[str, _Make] = {
        _OURS: _over(server, lambda s, w, f: s.ours(w, f)),
        _ALONE: lambda s, w, f: alone[s.photograph].take(f"{s.text(w)}/q_{QUALITY}", s.width, f),
    }
    notes = []
    try:
        first = f"/unsafe/50x0/{files['1mp'].name}"
        root, place = files["1mp"].parent, folder / "thumbor"
        peer = stack.enter_context(peers.thumbor(options.thumbor).serve(root, place, first, keep=False))
        makers[_THUMBOR] = _over(peer, lambda s, w, f: s.thumbor(w, f, files[s.photograph].name))
    except SkippedError as reason:
        notes.append(f"thumbor is not measured: {reason}.")
    try:
        vips = stack.enter_context(peers.vips(options.vips))
        makers[_VIPS] = lambda s, w, f: vips.take(files[s.photograph], (w, s.height), f, QUALITY)
    except SkippedError as reason:
        notes.append(f"libvips is not measured: {reason}.")
    return makers, notes


def _over(server: Server, path: Callable[[Size, int, str], str]) -> _Make:
    def make(size: Size, width: int, form: str) -> float:
        before = server.run_seconds()
        requests.get(server.url(path(size, width, form)), timeout=120).raise_for_status()
        return server.run_seconds() - before

    return make


def _cells(makers: dict[str, _Make], size: Size, form: str, rounds: int) -> tuple[str, ...]:
    took: dict[str, list[float]] = {maker: [] for maker in makers}
    for number in range(rounds + 1):
        for maker, make in makers.items():
            took[maker].append(make(size, size.width - number, form))
    # the first starts imagers and fills the system's caches
    medians = {maker: middle(seconds[1:]) for maker, seconds in took.items()}
    said = (
        f"{medians[each] * 1e3:.1f}" if each in medians else "-" for each in (_OURS, _ALONE, _THUMBOR, _VIPS)
    )
    return (*said, _times(medians, _THUMBOR, _OURS), _times(medians, _VIPS, _ALONE))


def _times(medians: dict[str, float], peer: str, ours: str) -> str:
    return ratio(medians[peer], medians[ours]) if peer in medians else "-"
