"""Pixels to bytes: one picture or a film, in the formats that we deliver."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageCms

from ..errors import InvalidTransformationError
from .palettes import animated_palettes, paletted

#: Without `q_`. The scales of the three differ: the numbers look about the same.
DEFAULT_QUALITY: Final[Mapping[str, int]] = {"jpg": 90, "webp": 88, "avif": 74}
#: The levels of `q_auto` for films, whose frames are not measured.
FILM_QUALITY: Final[Mapping[str, int]] = {"best": 88, "good": 78, "eco": 68, "low": 46}
ALPHA_FORMATS: Final = frozenset({"png", "webp", "avif", "gif"})
_MAX_SIDES: Final = {"jpg": 65500, "webp": 16383, "gif": 65535}
#: Bits a pixel that a PNG may be given.
_DEPTHS: Final = (8, 24, 32)
_SUBSAMPLING: Final = {"420": "4:2:0", "444": "4:4:4"}
#: Where an ICC profile says when it was made.
_PROFILE_DATE: Final = slice(24, 36)
#: Colours of a GIF, plain and with `fl_lossy`.
_COLOURS: Final = {False: 256, True: 64}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to write.

    `quality` 1..100, or `level` where it is to be measured (best, good, eco, low); `chroma` is 420 or 444,
    for JPEG and AVIF; `optimized` JPEG takes a second pass for fewer bytes; `tables` and Pillow's
    `subsampling` repeat an original JPEG; `lossless` is WebP's; `depth` (8, 24 or 32 bits a pixel) is PNG's;
    `lossy` is GIF's, with fewer colours; `density` is in dots an inch, for JPEG and PNG; `profile` names sRGB
    by an ICC profile; `exif` is the block of metadata to write.
    """

    format: str
    quality: int
    level: str | None = None
    chroma: str = "420"
    optimized: bool = False
    tables: Mapping[int, Sequence[int]] | None = None
    subsampling: int | None = None
    progressive: bool = False
    lossless: bool = False
    depth: int | None = None
    lossy: bool = False
    density: int | None = None
    profile: bool = False
    exif: bytes = b""

    @property
    def has_alpha(self) -> bool:
        """Whether what is clear can stay so."""
        return self.format in ALPHA_FORMATS and self.depth != 24


@dataclass(frozen=True, slots=True)
class Film:
    """More than one frame of one size, each shown for its duration in milliseconds; `plays` 0 is for ever."""

    frames: Sequence[Image.Image]
    durations: Sequence[int]
    plays: int


def encoding_for(
    form: str, quality: str | None, flags: frozenset[str] = frozenset(), density: int | None = None
) -> Encoding:
    """What `q_`, `fl_` and `dn_` mean to a format. `quality` is `80`, `80:444`, `auto`, `auto:eco` or `None`.

    PNG and GIF have no quality of this kind.
    """
    level, _, detail = (quality or "").partition(":")
    measured = level == "auto"
    depths = (bits for bits in _DEPTHS if f"png{bits}" in flags)
    return Encoding(
        form,
        int(level) if level.isdecimal() else DEFAULT_QUALITY.get(form, 100),
        level=(detail or "good") if measured else None,
        chroma="420" if measured else detail or "420",
        optimized=True,
        progressive=any(f.startswith("progressive") and f != "progressive:none" for f in flags),
        depth=next(depths, None) if form == "png" else None,
        lossy="lossy" in flags,
        density=density,
        profile="force_icc" in flags,
    )


def films(form: str, flags: frozenset[str] = frozenset()) -> bool:
    """Whether a film stays one in a format; as PNG only where that is asked for."""
    return form in ("webp", "gif") or (form == "png" and "apng" in flags)


def encode(image: Image.Image, encoding: Encoding) -> bytes:
    """One picture, RGB, RGBA or L. Without alpha in the encoding, it must have been flattened before.

    Raises `InvalidTransformationError` for sides beyond what the format can hold.
    """
    _check_sides(image.size, encoding.format)
    return _ENCODERS[encoding.format](image, encoding)


def encode_film(film: Film, encoding: Encoding) -> bytes:
    """A film as animated WebP, GIF, PNG or AVIF. Raises `InvalidTransformationError` as `encode` does."""
    _check_sides(film.frames[0].size, encoding.format)
    if encoding.format == "gif":
        return _gif_film(film, encoding)
    quality = FILM_QUALITY[encoding.level] if encoding.level else encoding.quality
    options: dict[str, Any] = {"duration": list(film.durations), **_metadata(encoding)}
    if encoding.format == "webp":
        options |= {"quality": quality, "method": 2, "lossless": encoding.lossless, "loop": film.plays}
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
    more = {**_density(encoding), **_metadata(encoding), "progressive": encoding.progressive}
    if encoding.tables is None:
        chroma = _SUBSAMPLING[encoding.chroma]
        more |= {"optimize": encoding.optimized, "subsampling": chroma}
        return _save(image, "jpg", quality=encoding.quality, **more)
    kept: dict[str, Any] = {**more, "subsampling": encoding.subsampling}
    try:
        return _save(image, "jpg", qtables=encoding.tables, **kept)
    except (ValueError, TypeError):  # 16 bit tables, which a baseline encoder cannot repeat
        return _save(image, "jpg", quality=encoding.quality, **kept)


def _png(image: Image.Image, encoding: Encoding) -> bytes:
    if encoding.depth == 8:
        image = paletted(image)
    elif encoding.depth is not None:
        image = image.convert("RGB" if encoding.depth == 24 else "RGBA")
    return _save(image, "png", compress_level=6, **_density(encoding), **_metadata(encoding))


def _webp(image: Image.Image, encoding: Encoding) -> bytes:
    options = {"quality": encoding.quality, "method": 4, "lossless": encoding.lossless}
    return _save(image, "webp", **options, **_metadata(encoding))


def _avif(image: Image.Image, encoding: Encoding) -> bytes:
    return _save(image, "avif", **_avif_options(encoding), **_metadata(encoding))


def _avif_options(encoding: Encoding) -> dict[str, Any]:
    subsampling = _SUBSAMPLING[encoding.chroma]
    return {"quality": encoding.quality, "speed": 8, "max_threads": 1, "subsampling": subsampling}


def _gif(image: Image.Image, encoding: Encoding) -> bytes:
    return _save(paletted(image, _COLOURS[encoding.lossy], sharp_alpha=True), "gif")


def _gif_film(film: Film, encoding: Encoding) -> bytes:
    # a GIF's loop counts the repeats after the first play; one play is said by saying nothing
    loop = {} if film.plays == 1 else {"loop": max(0, film.plays - 1)}
    frames, options = animated_palettes(film.frames, _COLOURS[encoding.lossy])
    rest: dict[str, Any] = {"append_images": frames[1:], "duration": list(film.durations), **options}
    return _save(frames[0], "gif", save_all=True, **rest, **loop)


def _density(encoding: Encoding) -> dict[str, Any]:
    return {} if encoding.density is None else {"dpi": (encoding.density, encoding.density)}


def _metadata(encoding: Encoding) -> dict[str, Any]:
    exif = {"exif": encoding.exif} if encoding.exif else {}
    return {"icc_profile": _srgb() if encoding.profile else b"", **exif}


@cache
def _srgb() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # without the moment of its making: the same picture is the same bytes
    return profile[: _PROFILE_DATE.start] + bytes(12) + profile[_PROFILE_DATE.stop :]


_ENCODERS: Final[Mapping[str, Callable[[Image.Image, Encoding], bytes]]] = {
    "jpg": _jpg,
    "png": _png,
    "webp": _webp,
    "avif": _avif,
    "gif": _gif,
}
