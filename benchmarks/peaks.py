"""Peak memory of an imager: of 50 megapixels at ingest, and of a derivation from a rendition of them."""

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image

from rekproxy.backends.imagerpool import ImagerPool
from rekproxy.domain.asset import Rendition
from rekproxy.interfaces import InputLimits, RenderJob

from . import photographs
from .options import Options
from .processes import family
from .report import SkippedError, Table

_SIZE: Final = (8660, 5773)
_ORIENTATION: Final = 0x0112
#: What is asked of each (MB of 10^6).
_MOST: Final = {"at rest": None, "ingest": 450, "ingest, turned": 450, "derivation": 150}


def measure(options: Options) -> Table:
    """Each in a process of its own, so that no peak hides another."""
    if not Path("/proc/self/status").exists():
        raise SkippedError("peaks of processes are only read on Linux")
    with tempfile.TemporaryDirectory() as name:
        upright, turned = _photographs(Path(name), options.photograph)
    made: list[tuple[Rendition, bytes]] = []
    limits = InputLimits(_SIZE[0] * _SIZE[1])
    peaks = {"at rest": _peak(lambda imager: None)}
    peaks["ingest"] = _peak(lambda imager: made.extend(imager.ingest(upright, limits).renditions))
    peaks["ingest, turned"] = _peak(lambda imager: imager.ingest(turned, limits))
    base = next(body for rendition, body in made if rendition.edge == 2560)
    peaks["derivation"] = _peak(
        lambda imager: imager.render(RenderJob(base, _SIZE, "c_fit,w_1600/q_auto", "webp"))
    )
    cells = tuple((job, f"{bytes_ / 1e6:.0f}", str(_MOST[job] or "-")) for job, bytes_ in peaks.items())
    notes = (f"A JPEG of {_SIZE[0]} x {_SIZE[1]}; the derivation is 1600 wide, WebP, `q_auto`.",)
    return Table("Peak memory of an imager", ("job", "MB", "at most"), cells, notes)


def _photographs(folder: Path, given: Path | None) -> tuple[bytes, bytes]:
    """One that lies as it was taken, and one whose camera was held upright."""
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    with Image.open(photographs.large(folder, given)) as image:
        whole = image.convert("RGB").resize(_SIZE, Image.Resampling.BICUBIC)
    whole.save(folder / "upright.jpg", quality=90)
    whole.save(folder / "turned.jpg", quality=90, exif=exif)
    return (folder / "upright.jpg").read_bytes(), (folder / "turned.jpg").read_bytes()


def _peak(job: Callable[[ImagerPool], object]) -> int:
    """The most resident memory, in bytes, that an imager had after a small job and this one."""
    before = set(family(os.getpid()))
    pool = ImagerPool(workers=1, queue=1, seconds=120, memory_bytes=4 << 30, max_output_pixels=25_000_000)
    try:
        with io.BytesIO() as target:
            Image.new("RGB", (100, 100)).save(target, "PNG")
            pool.ingest(target.getvalue(), InputLimits(10_000))
        job(pool)
        (imager,) = set(family(os.getpid())) - before
        status = Path(f"/proc/{imager}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024
    finally:
        pool.close()
