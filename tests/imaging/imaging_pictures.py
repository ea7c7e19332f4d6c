"""Pictures for the imaging tests: real photographs, and marked corners to see which way is up."""

import io
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from skimage import data
from sklearn.datasets import load_sample_image

from rekproxy.interfaces import InputLimits

LIMITS = InputLimits(max_pixels=50_000_000, max_frames=100)
RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 160, 60), (30, 60, 200), (240, 240, 240)
HEIC = (Path(__file__).parent / "quadrants.heic").read_bytes()


@cache
def photographs() -> dict[str, Image.Image]:
    pictures = {
        name: getattr(data, name)() for name in ("astronaut", "coffee", "chelsea", "rocket", "camera")
    }
    pictures |= {name: load_sample_image(f"{name}.jpg") for name in ("china", "flower")}
    return {name: Image.fromarray(pixels) for name, pixels in pictures.items()}


def photograph(name: str = "astronaut") -> Image.Image:
    return photographs()[name].copy()


def quadrants(size: tuple[int, int] = (128, 96)) -> Image.Image:
    """Red, green over blue, grey."""
    picture = Image.new("RGB", (2, 2))
    picture.putdata([RED, GREEN, BLUE, GREY])
    return picture.resize(size, Image.Resampling.NEAREST)


def encoded(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def film(colours: list[tuple[int, ...]], form: str = "GIF", **options: Any) -> bytes:
    mode = "RGBA" if len(colours[0]) == 4 else "RGB"
    frames = [Image.new(mode, (120, 90), colour) for colour in colours]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:], **options)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def near(seen: Any, wanted: tuple[int, ...], within: int = 12) -> bool:
    return all(abs(a - b) <= within for a, b in zip(seen, wanted, strict=True))
