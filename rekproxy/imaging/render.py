"""Make one picture: plan it in numbers, refuse what is too large, then decode, draw and encode."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from PIL import Image, JpegImagePlugin

from ..domain import geometry
from ..domain.colour import RGBA, TRANSPARENT
from ..domain.geometry import Plan, Scene, Size
from ..domain.shapes import AutoGround, BlurredGround
from ..domain.sources import Image as Picture
from ..domain.transformation import Component, Layer, Transformation, reread
from ..errors import InvalidTransformationError
from ..interfaces import Rendered, RenderJob
from . import codec
from .encoder import ALPHA_FORMATS, FILM_FORMATS, Encoding, Film, encode, encode_film, encoding_for
from .operations import WHITE, Overlay, Reshape, Step, draw, only_cuts, whole
from .riff import is_lossless_webp

#: All frames of a film together may have this many times the pixels of one picture.
_FILM_ALLOWANCE: Final = 2
#: A picture is decoded at no less than this many times the size that is wanted.
_HEADROOM: Final = 1.25
#: For originals that cannot be repeated exactly: high enough that a second loss is not seen.
_CLEAN_QUALITY: Final = {"jpg": 95, "webp": 92, "avif": 88}

_Layers = Mapping[str, tuple[bytes, Size]]


def render(job: RenderJob, max_output_pixels: int) -> Rendered:
    """Make what the job says. `base` and layers are bytes that passed the input limits before.

    Raises `InvalidImageError`, and `InvalidTransformationError` for an output beyond the limit, which counts
    at every step, before anything of that size is allocated. An original whose pixels nobody asked to change
    is not held against it.
    """
    source = codec.open_source(job.base)
    if job.clean:
        return _clean(source, job)
    transformation = reread(job.transformation)
    film = source.animated and job.format in FILM_FORMATS
    if not transformation.is_identity:
        frames = source.frames - source.first if film else 1
        _check_sizes(transformation, job, max_output_pixels, frames)
    clear = TRANSPARENT if job.format in ALPHA_FORMATS else WHITE
    steps = tuple(_steps(transformation, job.original_size, job.layers))
    encoding = encoding_for(job.format, transformation.quality)
    drawn: Callable[[Image.Image], Image.Image] = lambda image: _drawn(image, job, steps, clear)  # noqa: E731
    if film:
        return _filmed(source, drawn, encoding)
    return _finish(drawn(codec.reduced(source, _wanted_scale(transformation, job, source.size))), encoding)


def _drawn(image: Image.Image, job: RenderJob, steps: Sequence[Step], clear: RGBA) -> Image.Image:
    if not steps:
        return draw(whole(image), (), clear)
    return draw(whole(image, job.original_size), steps, clear)


def _finish(image: Image.Image, encoding: Encoding) -> Rendered:
    return Rendered(encode(image, encoding), encoding.format, image.width, image.height)


def _filmed(
    source: codec.Source, drawn: Callable[[Image.Image], Image.Image], encoding: Encoding
) -> Rendered:
    frames, durations = [], []
    for number in range(source.first, source.frames):
        frames.append(drawn(codec.frame(source, number)))
        durations.append(codec.duration(source))
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


# --- planning ------------------------------------------------------------------------------------


def _wanted_scale(transformation: Transformation, job: RenderJob, base: Size) -> float:
    """How much of the base's resolution is needed; the geometry counts in the original's."""
    scale = geometry.source_scale(transformation, job.original_size)
    return _HEADROOM * scale * max(job.original_size) / max(base)


def _check_sizes(transformation: Transformation, job: RenderJob, maximum: int, frames: int) -> None:
    """Every size that a step allocates, and the last one times the frames."""
    size = job.original_size
    scene = Scene(size, transformation.ratio)
    sizes = []
    for component in transformation.components:
        if component.layer is None:
            plan = geometry.plan(_drawable(component), size, scene)
            sizes += ([] if only_cuts(plan) else [plan.size]) + ([plan.canvas] if plan.canvas else [])
            size = plan.output
        else:
            _, layer_size = _picture(component.layer, job.layers)
            plan, at, _ = _layer_plan(component.layer, layer_size, size, transformation)
            size = geometry.expand(size, plan.output, at)[0]
            sizes += [plan.size, plan.output, size]
    requested = max(width * height for width, height in (*sizes, size))
    if requested > maximum:
        raise InvalidTransformationError(codec.megapixels(maximum, requested))
    if requested * frames > maximum * _FILM_ALLOWANCE:
        raise InvalidTransformationError(codec.megapixels(maximum * _FILM_ALLOWANCE, requested * frames))


def _drawable(component: Component) -> Component:
    """The same step; raises `InvalidTransformationError` for one that nobody can draw yet."""
    sized = Component(
        component.crop, component.width, component.height, component.aspect, component.gravity, component.x,
        component.y, component.background,
    )  # fmt: skip
    if component != sized or isinstance(component.background, AutoGround | BlurredGround):
        raise InvalidTransformationError(f"Invalid transformation component - {component.text}")
    return component


def _picture(layer: Layer, layers: _Layers) -> tuple[bytes, Size]:
    if not isinstance(layer.source, Picture) or len(layer.chain) > 1 or layer.under or layer.blend or layer.flags:
        raise InvalidTransformationError(f"Invalid transformation component - {Component(layer=layer).text}")
    return layers[layer.source.name]


def _layer_plan(
    layer: Layer, size: Size, base: Size, transformation: Transformation
) -> tuple[Plan, tuple[int, int], RGBA | None]:
    own = _drawable(layer.chain[0]) if layer.chain else Component()
    plan = geometry.plan(own, size, Scene(size, transformation.ratio, base))
    place = (layer.gravity, layer.x, layer.y)
    return plan, geometry.place(plan.output, base, *place, transformation.ratio), _ground(own)


def _ground(component: Component) -> RGBA | None:
    ground = component.background
    return ground if isinstance(ground, tuple) else None


def _steps(transformation: Transformation, size: Size, layers: _Layers) -> list[Step]:
    steps: list[Step] = []
    scene = Scene(size, transformation.ratio)
    for component in transformation.components:
        if component.layer is None:
            plan = geometry.plan(component, size, scene)
            steps.append(Reshape(plan, _ground(component)))
            size = plan.output
        else:
            data, layer_size = _picture(component.layer, layers)
            plan, at, ground = _layer_plan(component.layer, layer_size, size, transformation)
            canvas, corner = geometry.expand(size, plan.output, at)
            layer = _layer(data, layer_size, Reshape(plan, ground))
            steps.append(Overlay(layer, at, canvas, corner))
            size = canvas
    return steps


def _layer(data: bytes, size: Size, step: Reshape) -> Image.Image:
    box = step.plan.box
    scale = max(step.plan.size[0] / (box[2] - box[0]), step.plan.size[1] / (box[3] - box[1]))
    source = codec.open_source(data)
    image = codec.reduced(source, _HEADROOM * scale * max(size) / max(source.size))
    return draw(whole(image, size), (step,), TRANSPARENT)
