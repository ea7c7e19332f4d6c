"""Photographs to measure with. None of them is part of this project's files."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data
from sklearn.datasets import load_sample_image

#: Debian's package with a photograph of 18 megapixels, and its place there.
_PACKAGE = "mate-backgrounds"
_INSIDE = "usr/share/backgrounds/mate/abstract/Elephants_5640x3172.jpg"
_LARGE = (5640, 3172)
_ONE_MEGAPIXEL = (1224, 816)
_SERIES = {"12mp": ((4624, 2600), "jpg"), "3mp": ((2304, 1296), "png")}


def portrait(folder: Path) -> Path:
    """A photograph of 512 x 512 pixels that scikit-image ships."""
    return _save(Image.fromarray(_photograph("astronaut")), folder / "portrait.jpg")


def large(folder: Path, given: Path | None) -> Path:
    """The photograph that was given, or Debian's of 18 megapixels, or one enlarged, with noise for detail."""
    path = folder / "large.jpg"
    if given is not None:
        return Path(shutil.copy(given, path))
    if shutil.which("apt-get") and shutil.which("dpkg") and _from_debian(folder / "debian", path):
        return path
    enlarged = Image.fromarray(_photograph("coffee")).resize(_LARGE, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(1).normal(0, 6, (*_LARGE[::-1], 3))
    noisy = np.clip(np.asarray(enlarged) + noise, 0, 255).astype(np.uint8)
    return _save(Image.fromarray(noisy), path)


def small(photograph: Path, folder: Path) -> Path:
    """The same photograph with one megapixel."""
    with Image.open(photograph) as image:
        image.draft("RGB", (2 * _ONE_MEGAPIXEL[0], 2 * _ONE_MEGAPIXEL[1]))
        return _save(image.convert("RGB").resize(_ONE_MEGAPIXEL), folder / "small.jpg")


def series(folder: Path, given: Path | None) -> dict[str, Path]:
    """The photograph with 18, 12 and 1 megapixels as JPEG, and with 3 as PNG."""
    folder.mkdir(exist_ok=True)
    largest = large(folder, given)
    files = {"18mp": largest.rename(folder / "18mp.jpg"), "1mp": small(folder / "18mp.jpg", folder)}
    files["1mp"] = files["1mp"].rename(folder / "1mp.jpg")
    with Image.open(files["18mp"]) as image:
        whole = image.convert("RGB")
    for name, (size, form) in _SERIES.items():
        files[name] = _save(whole.resize(size, Image.Resampling.LANCZOS), folder / f"{name}.{form}")
    return files


def real(folder: Path, given: Path | None, width: int) -> list[Image.Image]:
    """Photographs that scikit-image and scikit-learn ship, and the large one, at most `width` wide."""
    pictures = [Image.fromarray(_photograph(name)) for name in ("astronaut", "coffee", "chelsea", "rocket")]
    pictures += [Image.fromarray(load_sample_image(f"{name}.jpg")) for name in ("china", "flower")]
    with Image.open(large(folder, given)) as image:
        pictures.append(image.convert("RGB"))
    for picture in pictures:
        picture.thumbnail((width, 10 * width), Image.Resampling.LANCZOS)
    return pictures


def _photograph(name: str) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = getattr(data, name)()  # scikit-image is untyped here
    return pixels


def _save(image: Image.Image, path: Path) -> Path:
    image.save(path, quality=90)
    return path


def _from_debian(folder: Path, path: Path) -> bool:
    folder.mkdir()
    try:
        subprocess.run(
            ["apt-get", "download", _PACKAGE], cwd=folder, check=True, capture_output=True, timeout=180
        )
        package = next(folder.glob("*.deb"))
        subprocess.run(["dpkg", "-x", package, folder], check=True, capture_output=True, timeout=60)
        shutil.move(folder / _INSIDE, path)
    except (OSError, subprocess.SubprocessError, StopIteration):
        return False
    finally:
        shutil.rmtree(folder)
    return True
