"""Make one picture: decode what is needed of it, do its chain, encode; refuse what is too large."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Final

from PIL import Image, JpegImagePlugin

from ..domain import geometry
from ..domain.colour import RGBA
from ..domain.cost import check_cost
from ..domain.flags import KEEPING
from ..domain.geometry import Region, Scene, Size
from ..domain.transformation import Transformation, reread
from ..errors import InvalidTransformationError
from ..interfaces import Rendered, RenderJob
from . import codec
from .blending import on_ground
from .encoder import Encoding, Film, encode_film, encoding_for, films
from .layering import chain
from .operations import Limits, Picture
from .quality import written
from .riff import is_lossless_webp
from .views import whole

#: A copy is decoded at no less than this many times the size that is wanted.
_HEADROOM: Final = 1.25
_WHITE: Final[RGBA] = (255, 255, 255, 255)
#: All frames of a film together may have this many times the pixels of one picture.
_FILM_ALLOWANCE: Final = 2
#: Their encoders take many times the memory of the picture.
_HUNGRY: Final = frozenset({"avif", "webp"})
#: For originals that cannot be repeated exactly: high enough that a second loss is not seen.
_CLEAN_QUALITY: Final = {"jpg": 95, "webp": 92, "avif": 88}


def render(job: RenderJob, max_output_pixels: int) -> Rendered:
    """Make what the job says. `base` and layers are bytes that passed the input limits before.

    Raises `InvalidImageError`, and `InvalidTransformationError` for an output beyond the limit, which counts
    at every step, before anything of that size is allocated. An original whose pixels nobody asked to change
    is not held against it, unless it is to become AVIF or WebP.
    """
    source = codec.open_source(job.base)
    if job.clean:
        return _clean(source, job)
    transformation = reread(job.transformation)
    if transformation.as_stored:
        source, job = _as_stored(source, job)
    film = source.animated and films(job.format, transformation.flags)
    _check_cost(transformation, job, max_output_pixels, source.frames - source.first if film else 1)
    encoding = encoding_for(job.format, transformation.quality, transformation.flags, transformation.density)
    if transformation.flags & KEEPING:
        encoding = replace(encoding, exif=codec.attribution(source))
    drawn = _drawing(transformation, job, encoding, max_output_pixels)
    if transformation.is_identity and not film and encoding.format in _HUNGRY:
        Limits(max_output_pixels).check(source.size)
    if not film:
        return _finish(drawn(_decoded(source, transformation, job)), encoding)
    most = None if transformation.is_identity else max_output_pixels * _FILM_ALLOWANCE
    return _filmed(source, drawn, encoding, most)


def _check_cost(transformation: Transformation, job: RenderJob, most: int, frames: int) -> None:
    sizes = {name: size for name, (_, size) in job.layers.items()}
    faces, custom = _regions(job.faces), _regions(job.custom)
    check_cost(transformation, job.original_size, sizes, most, frames=frames, faces=faces, custom=custom)


def _drawing(
    transformation: Transformation, job: RenderJob, encoding: Encoding, most: int
) -> Callable[[Image.Image], Image.Image]:
    """What is done to each frame."""
    limits = Limits(most)
    scene = Scene(
        job.original_size, transformation.ratio, faces=_regions(job.faces), custom=_regions(job.custom)
    )

    def drawn(image: Image.Image) -> Image.Image:
        if not transformation.is_identity:
            start = Picture(whole(image, job.original_size if transformation.components else None), scene)
            view = chain(start, transformation.components, job.layers, limits).view
            limits.check(view.size)
            image = view.settled()
        return image if encoding.has_alpha else on_ground(image, _WHITE)

    return drawn


def _regions(boxes: Iterable[tuple[int, int, int, int]]) -> tuple[Region, ...]:
    """Corner and size, as they were given, to edges."""
    return tuple(
        (Fraction(left), Fraction(top), Fraction(left + width), Fraction(top + height))
        for left, top, width, height in boxes
    )


def _as_stored(source: codec.Source, job: RenderJob) -> tuple[codec.Source, RenderJob]:
    """The picture as it lies in its file, whatever way up the camera was held."""
    if source.orientation < 5:
        return replace(source, orientation=1), job
    flipped: Size = (job.original_size[1], job.original_size[0])
    return replace(source, orientation=1, size=source.size[::-1]), replace(job, original_size=flipped)


def _decoded(source: codec.Source, transformation: Transformation, job: RenderJob) -> Image.Image:
    """The first picture; of a copy of ours no more than is needed."""
    if job.is_copy:
        return codec.reduced(source, _wanted_scale(transformation, job, source.size))
    return codec.frame(source, source.first)


def _wanted_scale(transformation: Transformation, job: RenderJob, base: Size) -> float:
    """How much of the base's resolution is needed; the geometry counts in the original's."""
    regions = (_regions(job.faces), _regions(job.custom))
    scale = geometry.source_scale(transformation, job.original_size, *regions)
    return _HEADROOM * scale * max(job.original_size) / max(base)


def _finish(image: Image.Image, encoding: Encoding) -> Rendered:
    return Rendered(written(image, encoding), encoding.format, image.width, image.height)


def _filmed(
    source: codec.Source,
    drawn: Callable[[Image.Image], Image.Image],
    encoding: Encoding,
    most: int | None = None,
) -> Rendered:
    """All frames, which together may have `most` pixels."""
    frames: list[Image.Image] = []
    durations = []
    for number in range(source.first, source.frames):
        frames.append(drawn(codec.frame(source, number)))
        durations.append(codec.duration(source))
        requested = frames[0].width * frames[0].height * (source.frames - source.first)
        if most is not None and requested > most:
            raise InvalidTransformationError(codec.megapixels(most, requested))
    body = encode_film(Film(frames, durations, codec.plays(source)), encoding)
    return Rendered(body, encoding.format, *frames[0].size)


def _clean(source: codec.Source, job: RenderJob) -> Rendered:
    """The original's own pixels without metadata, encoded as it was where that can be repeated."""
    encoding = Encoding(job.format, _CLEAN_QUALITY.get(job.format, 100))
    if job.format == "webp" and is_lossless_webp(job.base):
        encoding = replace(encoding, lossless=True)
    if source.animated:
        return _filmed(source, lambda frame: frame, encoding)
    if source.format != "jpg" or not isinstance(source.image, JpegImagePlugin.JpegImageFile):
        return _finish(codec.frame(source, source.first), encoding)
    image = codec.frame(source)
    image = image.convert("L") if source.image.mode == "L" else image
    return _finish(image, _repeated(source.image, encoding))


def _repeated(original: JpegImagePlugin.JpegImageFile, encoding: Encoding) -> Encoding:
    return replace(
        encoding,
        tables=original.quantization,
        subsampling=max(0, JpegImagePlugin.get_sampling(original)),
        progressive=bool(original.info.get("progressive")),
    )
