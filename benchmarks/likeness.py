"""How near pictures come to the best there is before they are encoded, and what `q_auto` saves."""

import io
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity

from rekproxy.imaging.encoder import encode, encoding_for
from rekproxy.imaging.quality import AIMS, written
from rekproxy.imaging.similarity import luminance, similarity

from . import photographs
from .imagers import Alone
from .options import Options
from .report import Table, middle
from .thumbnails import FORMATS, SIZES, Size

_WIDE: Final = 800


def measure(options: Options) -> Table:
    """SSIM of luminance to all of the original decoded, and resized by Lanczos in one step."""
    with tempfile.TemporaryDirectory() as name:
        files = photographs.series(Path(name), options.photograph)
        alone = {name: Alone.of(file) for name, file in files.items()}
        cells = tuple(_likeness(files[size.photograph], alone[size.photograph], size) for size in SIZES)
    columns = ("photograph", "asked", "made from", "rekproxy", "draft of the original")
    notes = (
        "SSIM (scikit-image, luminance) before encoding, to a full decode and Lanczos.",
        "Draft: the decoder's own reduction to the least that is not below the size, then Lanczos.",
    )
    return Table("Likeness", columns, cells, notes)


def _likeness(file: Path, alone: Alone, size: Size) -> tuple[str, ...]:
    best, draft = Image.open(file), Image.open(file)
    width, height = best.size
    target = (size.width, size.height or round(size.width * height / width))
    scale = max(target[0] / width, target[1] / height)
    draft.draft("RGB", (int(width * scale), int(height * scale)))
    filled = size.height is not None
    wanted = _made(best, target, fill=filled)
    base = Image.open(io.BytesIO(alone.base(size.width)))
    ours = _ssim(wanted, alone.pixels(size.text(size.width), size.width))
    reduced = f"{_ssim(wanted, _made(draft, target, fill=filled)):.4f}" if best.format == "JPEG" else "-"
    return (file.name, str(size), "x".join(map(str, base.size)), f"{ours:.4f}", reduced)


def _made(image: Image.Image, target: tuple[int, int], *, fill: bool) -> Image.Image:
    """All of a picture, or the middle that has the target's proportions, resized in one step."""
    width, height = image.size
    scale = min(width / target[0], height / target[1])
    left, top = (
        (side - short * scale) / 2 if fill else 0 for side, short in zip(image.size, target, strict=True)
    )
    box = (max(0, left), max(0, top), width - max(0, left), height - max(0, top))
    return image.convert("RGB").resize(target, Image.Resampling.LANCZOS, box)


def _ssim(one: Image.Image, other: Image.Image) -> float:
    return float(structural_similarity(np.asarray(one.convert("L")), np.asarray(other.convert("L"))))


def savings(options: Options) -> Table:
    """Bytes of each level of `q_auto` beside those of quality 80, over real photographs."""
    with tempfile.TemporaryDirectory() as name:
        pictures = photographs.real(Path(name), options.photograph, _WIDE)
    cells = tuple(_saved(form, level, pictures) for form in FORMATS for level in AIMS)
    columns = ("format", "level", "aim", "reached, median", "lowest", "bytes / q_80", "least", "most", "ms")
    notes = (f"{len(pictures)} photographs, at most {_WIDE} wide. SSIM as `q_auto` itself measures it.",)
    return Table("Measured quality", columns, cells, notes)


def _saved(form: str, level: str, pictures: list[Image.Image]) -> tuple[str, ...]:
    reached, sizes, seconds = [], [], []
    for picture in pictures:
        fixed = len(encode(picture, encoding_for(form, "80")))
        started = time.monotonic()
        body = written(picture, encoding_for(form, f"auto:{level}"))
        seconds.append(time.monotonic() - started)
        reached.append(similarity(luminance(picture), luminance(Image.open(io.BytesIO(body)))))
        sizes.append((len(body), fixed))
    shares = [ours / fixed for ours, fixed in sizes]
    whole = sum(ours for ours, _ in sizes) / sum(fixed for _, fixed in sizes)
    said = (f"{value:.3f}" for value in (AIMS[level].similarity, middle(reached), min(reached)))
    rest = (f"{value:.2f}" for value in (whole, min(shares), max(shares)))
    return (form, level, *said, *rest, f"{middle(seconds) * 1e3:.0f}")
