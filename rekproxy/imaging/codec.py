"""Bytes in: what may be opened at all, checked against limits before a pixel is decoded, and made upright."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import pi_heif
from PIL import (  # naming each plugin registers it, and spares a worker the import of all others
    AvifImagePlugin,
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    ImageFile,
    JpegImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

from ..errors import InvalidImageError, RekproxyError
from ..interfaces import InputLimits
from .colour import to_srgb

pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Our own limits, which count frames too, are checked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

#: Pillow's names of all that is tried, and what we call them.
FORMATS: Final = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "GIF": "gif",
    "AVIF": "avif",
    "HEIF": "heic",
    "TIFF": "tiff",
    "BMP": "bmp",
}
#: Containers whose further pictures are not frames of a film: only the primary one is ever shown.
_SINGLE: Final = frozenset({"jpg", "heic", "bmp"})

_ORIENTATION_TAG: Final = 0x0112
#: EXIF's Artist and Copyright.
_ATTRIBUTION_TAGS: Final = (0x013B, 0x8298)
_MAX_ATTRIBUTION: Final = 1000
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file. `size` is upright; nothing is decoded yet.

    `animated` tells a film (GIF, WebP, APNG, AVIF sequence) from pages (TIFF). `first` is the first frame
    of the film: 1 for an APNG whose frame 0 is only for viewers that know no APNG.
    """

    image: ImageFile.ImageFile
    format: str
    size: tuple[int, int]
    frames: int
    orientation: int
    first: int = 0

    @property
    def animated(self) -> bool:
        return self.frames - self.first > 1 and self.format != "tiff"


@contextmanager
def _hostile() -> Iterator[None]:
    """Pillow's parsers raise whatever their input provokes: all of it means the same to a caller."""
    try:
        yield
    except (RekproxyError, MemoryError):
        raise
    except Exception as error:
        raise InvalidImageError("Invalid image file") from error


def open_source(data: bytes, limits: InputLimits | None = None) -> Source:
    """Open by content, never by name. Without `limits` only for bytes that passed them before.

    Raises `InvalidImageError`.
    """
    with _hostile():
        image = Image.open(BytesIO(data), formats=tuple(FORMATS))
        # a JPEG that carries further pictures calls itself MPO: its first picture is the picture
        form = FORMATS.get(image.format or "", "jpg")
        frames = 1 if form in _SINGLE else getattr(image, "n_frames", 1)
        if limits is not None:
            _check(image.size, frames, limits)
        orientation = _orientation(image)
        width, height = image.size
        size = (height, width) if orientation >= 5 else (width, height)
        first = 1 if image.info.get("default_image") and frames > 1 else 0
    return Source(image, form, size, frames, orientation, first)


def _check(size: tuple[int, int], frames: int, limits: InputLimits) -> None:
    width, height = size
    if min(width, height) < 1 or frames < 1:
        raise InvalidImageError("Invalid image file")
    if frames > limits.max_frames:
        raise InvalidImageError(f"Too many frames. Maximum is {limits.max_frames}. Got {frames}")
    requested = width * height * frames
    if requested > limits.max_pixels:
        raise InvalidImageError(megapixels(limits.max_pixels, requested))


def megapixels(maximum: int, requested: int) -> str:
    """The wire's sentence for a picture beyond a limit in pixels."""
    return (
        f"Maximum image size is {maximum / 1e6:g} Megapixels. "
        f"Requested {max(requested / 1e6, 0.01):.2f} Megapixels"
    )


def _orientation(image: Image.Image) -> int:
    """1..8 of EXIF. Orientation in XMP does not count, as in browsers; TIFF turns itself while loading."""
    if image.format == "TIFF":
        return 1
    for name in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(name, None)
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # a broken EXIF block is no reason to refuse the picture
        return 1
    return orientation if orientation in _TURNS else 1


def frames(source: Source, limits: InputLimits | None = None) -> Iterator[Image.Image]:
    """Every frame in order, upright, RGB or RGBA, each as it is seen: laid over those before it.

    Raises `InvalidImageError` at the first that does not decode, or that has outgrown the limits.
    """
    for number in range(source.frames):
        yield frame(source, number, limits)


def frame(source: Source, number: int = 0, limits: InputLimits | None = None) -> Image.Image:
    """One frame, upright, RGB or RGBA; frames are asked for in rising order, and a single one once.

    Raises `InvalidImageError`.
    """
    image = source.image
    with _hostile():
        if source.frames > 1:
            image.seek(number)
        if limits is not None:
            _check(image.size, source.frames, limits)
        image.load()
        # a film's file goes on to its next frame; a single picture may be large, and is not held twice
        upright = to_srgb(image, shared=source.frames == 1)
    turn = _TURNS.get(source.orientation)
    if turn is None:
        return upright
    turned = upright.transpose(turn)
    if source.frames == 1:
        image.close()
    return turned


def reduced(source: Source, scale: float) -> Image.Image:
    """The first picture, at no less than `scale` (0..1) of its size, where decoding less costs less.

    Only JPEG can: its decoder leaves out what the smaller size does not need. That may be what hides another
    picture: nothing that was uploaded is shown so, as it was judged from all of it. Raises
    `InvalidImageError`.
    """
    image = source.image
    if scale < 1 and source.format == "jpg":
        with _hostile():
            image.draft(image.mode, (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    return frame(source, source.first)


def attribution(source: Source) -> bytes:
    """EXIF that names the artist and the holder of the rights, as the file does, and says nothing else."""
    kept = Image.Exif()
    for tag in _ATTRIBUTION_TAGS:
        try:
            said = source.image.getexif().get(tag)
        except Exception:  # a broken EXIF block names nobody
            return b""
        if isinstance(said, str):
            kept[tag] = said[:_MAX_ATTRIBUTION]
    return kept.tobytes() if len(kept) else b""


def duration(source: Source) -> int:
    """How long the frame that was decoded last is shown, in milliseconds."""
    shown = source.image.info.get("duration", 0)
    return max(0, min(int(shown), 65535 * 10))


def plays(source: Source) -> int:
    """How often the film is played; 0 for ever. GIF counts repeats after the first play, the others plays."""
    loop = source.image.info.get("loop")
    if source.format != "gif":
        return int(loop or 0)
    if loop is None:
        return 1
    return 0 if loop == 0 else int(loop) + 1
