"""Uploads: the processor time that they cost beyond pixels and provider, which nobody can do without."""

import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np
from PIL import Image

from rekproxy.backends.rekognition import RekognitionDetector
from rekproxy.imaging.ingest import ingest
from rekproxy.interfaces import InputLimits
from tests.doubles.rekognition import RekognitionDouble

from . import photographs
from .installation import Installation, upload
from .options import Options
from .processes import Server
from .report import Table, middle

#: Each photograph's size in pixels, and the milliseconds that its upload may cost beyond pixels and provider.
SIZES: Final = {"12 MP": ((4000, 3000), 60), "1 MP": ((1224, 816), 25)}
#: Uploads of each size in a round.
UPLOADS: Final = 8
#: Bytes of memory that are touched before each: several times what an upload writes.
_TOUCHED: Final = bytes(32 << 20)
_LIMITS: Final = InputLimits(max_pixels=50_000_000)


@dataclass
class _Costs:
    """Milliseconds of processor time for one upload, a sample each."""

    whole: list[float] = field(default_factory=list)
    pixels: list[float] = field(default_factory=list)
    provider: list[float] = field(default_factory=list)

    def cells(self, name: str, bound: float) -> tuple[str, ...]:
        shares = [middle(samples) for samples in (self.whole, self.pixels, self.provider)]
        each = zip(self.whole, self.pixels, self.provider, strict=True)
        beyond = sorted(whole - pixels - asked for whole, pixels, asked in each)
        half = len(beyond) // 4
        spread = f"{beyond[half]:.0f} to {beyond[-1 - half]:.0f}"
        within = "yes" if middle(beyond) < bound else "no"
        return (name, *(f"{share:.0f}" for share in shares), f"{middle(beyond):.0f}", spread, within)


def measure(options: Options) -> Table:
    """Each photograph is uploaded, and its pixels and its call to the provider are done once more alone."""
    costs = {name: _Costs() for name in SIZES}
    with tempfile.TemporaryDirectory() as folder, RekognitionDouble() as double:
        home = Path(folder)
        large = photographs.large(home, options.photograph)
        with patch.dict(os.environ, double.environment):
            detector = RekognitionDetector()
            installation = Installation(home / "var", _judged_by(double))
            with installation.serve("uploads") as server:
                for name, (size, _) in SIZES.items():
                    pictures = _Pictures(large, size, home)
                    for number in range(options.rounds + 1):
                        _round(server, detector, pictures, f"{size[0]}-{number}", costs[name])
    cells = tuple(costs[name].cells(f"{name}, under {bound} ms", bound) for name, (_, bound) in SIZES.items())
    columns = ("JPEG", "all, ms", "pixels, ms", "provider, ms", "beyond, ms", "half of them", "within")
    mix = f"{options.rounds} rounds of {UPLOADS} different photographs, one after the other"
    alone = "decoding once, their digest, renditions and what the detector is shown"
    notes = (
        f"Processor time, user and system, of one upload: {mix}; medians.",
        f"All: every process of the server. Pixels: {alone}, without a server. Provider: boto3's call alone.",
    )
    return Table("An upload", columns, cells, notes)


def _judged_by(double: RekognitionDouble) -> dict[str, str]:
    return {
        **double.environment,
        "REKPROXY_DETECTOR": "rekognition",
        "REKPROXY_DEFAULT_MODERATION": "aws_rek",
        "REKPROXY_PROVIDER_RATE": "0",
        "REKPROXY_TRANSFORM_CONCURRENCY": "1",
    }


@dataclass
class _Pictures:
    """Photographs of one size that differ in a corner, so that each is looked at."""

    original: Path
    size: tuple[int, int]
    folder: Path
    made: int = 0

    def __post_init__(self) -> None:
        with Image.open(self.original) as image:
            self._image = image.convert("RGB").resize(self.size, Image.Resampling.LANCZOS)

    def next(self) -> Path:
        self.made += 1
        noise = np.random.default_rng(self.made).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        self._image.paste(Image.fromarray(noise))
        path = self.folder / "next.jpg"
        self._image.save(path, quality=90)
        return path


def _round(
    server: Server, detector: RekognitionDetector, pictures: _Pictures, name: str, costs: _Costs
) -> None:
    """`UPLOADS` uploads. Those of the first round start imagers and fill caches: they are not counted."""
    for number in range(UPLOADS):
        photograph = pictures.next()
        _touch(photograph.parent)
        before = server.run_seconds()
        upload(server, f"{name}-{number}", photograph)
        whole = server.run_seconds() - before
        started = time.thread_time()
        made = ingest(photograph.read_bytes(), _LIMITS)
        done = time.thread_time()
        detector.detect(made.analysis[0], 20)
        asked = time.thread_time() - done
        if not name.endswith("-0"):
            costs.whole.append(whole * 1e3)
            costs.pixels.append((done - started) * 1e3)
            costs.provider.append(asked * 1e3)


def _touch(folder: Path) -> None:
    """Have the system's next free pages be some that it has already.

    The host of a virtual machine takes unused memory back and hands it out again page by page, as it is first
    written to, at ten times the cost of the writing: that would be weighed with whoever happens to do it.
    """
    touched = folder / "touched"
    touched.write_bytes(_TOUCHED)
    touched.unlink()
