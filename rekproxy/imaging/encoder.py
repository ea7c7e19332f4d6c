"""Pixels to bytes: one picture or a film, in the formats that we deliver."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image

from ..errors import InvalidTransformationError

#: What each encoder uses when nobody asked, and what the levels of `q_auto` mean to it. The scales of
#: the three differ: the numbers of a column look about the same.
QUALITY: Final[Mapping[str, Mapping[str, int]]] = {
    "jpg": {"default": 90, "best": 90, "good": 80, "eco": 70, "low": 50},
    "webp": {"default": 88, "best": 88, "good": 78, "eco": 68, "low": 46},
    "avif": {"default": 74, "best": 74, "good": 62, "eco": 52, "low": 40},
}
ALPHA_FORMATS: Final = frozenset({"png", "webp", "avif", "gif"})
FILM_FORMATS: Final = frozenset({"webp", "gif"})
_MAX_SIDES: Final = {"jpg": 65500, "webp": 16383, "gif": 65535}
_SUBSAMPLING: Final = {"420": "4:2:0", "444": "4:4:4"}
_ALPHA_THRESHOLD: Final = 128


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to write. `quality` 1..100; `chroma` is 420 or 444, for JPEG and AVIF; `tables`, `progressive` and
    Pillow's `subsampling` repeat an original JPEG; `lossless` is WebP's."""

    format: str
    quality: int
    chroma: str = "420"
    tables: Mapping[int, Sequence[int]] | None = None
    subsampling: int | None = None
    progressive: bool = False
    lossless: bool = False


@dataclass(frozen=True, slots=True)
class Film:
    """More than one frame of one size, each shown for its duration in milliseconds; `plays` 0 is for ever."""

    frames: Sequence[Image.Image]
    durations: Sequence[int]
    plays: int


def encoding_for(form: str, quality: str | None) -> Encoding:
    """What `q_` means to a format: `80`, `80:444`, `auto`, `auto:eco`, or `None` where nobody asked.

    PNG and GIF have no quality of this kind.
    """
    level, _, detail = (quality or "default").partition(":")
    if level.isdecimal():
        return Encoding(form, int(level), chroma=detail or "420")
    name = level if level == "default" else detail or "good"
    return Encoding(form, QUALITY.get(form, {}).get(name, 100))


def encode(image: Image.Image, encoding: Encoding) -> bytes:
    """One picture, RGB, RGBA or L. Without alpha in the format, it must have been flattened before.

    Raises `InvalidTransformationError` for sides beyond what the format can hold.
    """
    _check_sides(image.size, encoding.format)
    return _ENCODERS[encoding.format](image, encoding)


def encode_film(film: Film, encoding: Encoding) -> bytes:
    """A film as animated WebP, GIF, PNG or AVIF. Raises `InvalidTransformationError` as `encode` does."""
    _check_sides(film.frames[0].size, encoding.format)
    if encoding.format == "gif":
        return _gif_film(film)
    options: dict[str, Any] = {"duration": list(film.durations)}
    if encoding.format == "webp":
        options |= {
            "quality": encoding.quality,
            "method": 2,
            "lossless": encoding.lossless,
            "loop": film.plays,
        }
    elif encoding.format == "png":
        options |= {"loop": film.plays}
    else:
        options |= _avif_options(encoding)
    frames = [frame.convert("RGBA") for frame in film.frames]
    return _save(frames[0], encoding.format, save_all=True, append_images=frames[1:], **options)


def _check_sides(size: tuple[int, int], form: str) -> None:
    longest = _MAX_SIDES.get(form)
    if longest is not None and max(size) > longest:
        raise InvalidTransformationError(f"Maximum side of {form} is {longest} pixels. Requested {max(size)}")


def _save(image: Image.Image, form: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG" if form == "jpg" else form.upper(), **options)
    return target.getvalue()


def _jpg(image: Image.Image, encoding: Encoding) -> bytes:
    if encoding.tables is None:
        return _save(image, "jpg", quality=encoding.quality, subsampling=_SUBSAMPLING[encoding.chroma])
    kept: dict[str, Any] = {"progressive": encoding.progressive, "subsampling": encoding.subsampling}
    try:
        return _save(image, "jpg", qtables=encoding.tables, **kept)
    except (ValueError, TypeError):  # 16 bit tables, which a baseline encoder cannot repeat
        return _save(image, "jpg", quality=encoding.quality, **kept)


def _png(image: Image.Image, _: Encoding) -> bytes:
    return _save(image, "png", compress_level=6)


def _webp(image: Image.Image, encoding: Encoding) -> bytes:
    return _save(image, "webp", quality=encoding.quality, method=4, lossless=encoding.lossless)


def _avif(image: Image.Image, encoding: Encoding) -> bytes:
    return _save(image, "avif", **_avif_options(encoding))


def _avif_options(encoding: Encoding) -> dict[str, Any]:
    subsampling = _SUBSAMPLING[encoding.chroma]
    return {"quality": encoding.quality, "speed": 8, "max_threads": 1, "subsampling": subsampling}


def _gif(image: Image.Image, _: Encoding) -> bytes:
    paletted, transparency = _paletted(image)
    return _save(paletted, "gif", **transparency)


def _gif_film(film: Film) -> bytes:
    # a GIF's loop counts the repeats after the first play; one play is said by saying nothing
    loop = {} if film.plays == 1 else {"loop": max(0, film.plays - 1)}
    mode = "RGBA" if any(frame.mode == "RGBA" for frame in film.frames) else "RGB"
    frames = [_thresholded(frame.convert(mode)) for frame in film.frames]
    rest: dict[str, Any] = {"append_images": frames[1:], "duration": list(film.durations)}
    return _save(frames[0], "gif", save_all=True, disposal=2, **rest, **loop)


def _paletted(image: Image.Image) -> tuple[Image.Image, dict[str, int]]:
    """256 colours, dithered if there are more; with alpha 255 and one that is clear."""
    plain = image.convert("RGB")
    if image.mode != "RGBA":
        return _dithered(plain, 256), {}
    paletted = _dithered(plain, 255)
    clear = image.getchannel("A").point(lambda alpha: 255 if alpha < _ALPHA_THRESHOLD else 0)
    paletted.paste(255, mask=clear)
    return paletted, {"transparency": 255}


def _dithered(image: Image.Image, colours: int) -> Image.Image:
    chosen = image.quantize(colours)
    return chosen if image.getcolors(colours) else image.quantize(palette=chosen)


def _thresholded(image: Image.Image) -> Image.Image:
    """GIF knows no half-clear pixel."""
    if image.mode == "RGBA":
        image.putalpha(image.getchannel("A").point(lambda alpha: 0 if alpha < _ALPHA_THRESHOLD else 255))
    return image


_ENCODERS: Final[Mapping[str, Callable[[Image.Image, Encoding], bytes]]] = {
    "jpg": _jpg,
    "png": _png,
    "webp": _webp,
    "avif": _avif,
    "gif": _gif,
}
