"""Chains: steps one after another, and layers with chains of their own, laid on or under what is there."""

from collections.abc import Mapping

from PIL import Image

from ..domain import geometry
from ..domain.geometry import Scene, Size
from ..domain.sources import Text
from ..domain.transformation import Component, Layer
from ..errors import InvalidTransformationError
from . import codec
from .blending import blended, laid, on_canvas, tiled
from .lettering import lettering
from .operations import Limits, Picture, done
from .views import whole

#: By name: bytes that passed the input limits before, and their upright size.
Layers = Mapping[str, tuple[bytes, Size]]


def chain(picture: Picture, components: tuple[Component, ...], layers: Layers, limits: Limits) -> Picture:
    """All steps in order. Raises `InvalidTransformationError` for one that comes to too much, or names a
    transformation that nobody looked up, and `InvalidImageError`."""
    for component in components:
        if component.named is not None:
            raise InvalidTransformationError(f"Invalid transformation component - {component.text}")
        if component.layer is None:
            picture = done(picture, component, limits)
        else:
            picture = lay(picture, component.layer, layers, limits)
    return picture


def lay(picture: Picture, layer: Layer, layers: Layers, limits: Limits) -> Picture:
    """One layer on or under the picture, which grows where the layer sticks out of it."""
    scene, size = picture.scene, picture.view.size
    image = limits.once((layer, size), lambda: _made(layer, scene, size, layers, limits))
    at = geometry.place(image.size, size, layer.gravity, layer.x, layer.y, scene.dpr, scene.original)
    canvas, corner = geometry.expand(size, image.size, at)
    if canvas != size and "text_disallow_overflow" in layer.flags and isinstance(layer.source, Text):
        raise InvalidTransformationError("Text overlay exceeds its base image - fl_text_disallow_overflow")
    if layer.tiled or layer.no_overflow or layer.blend:
        # a blend shows nothing where there is no base
        canvas, corner = size, (0, 0)
    limits.check(canvas)
    if layer.tiled:
        image, at = tiled(image, canvas, at), (0, 0)
    base = limits.settled(picture.view)
    if canvas != size:
        base = on_canvas(base, corner, canvas)
    place = (corner[0] + at[0], corner[1] + at[1])
    joined = _joined(base, image, place, layer)
    return Picture(whole(joined), scene.shifted(*corner, canvas) if canvas != size else scene)


def _joined(base: Image.Image, image: Image.Image, at: tuple[int, int], layer: Layer) -> Image.Image:
    if not layer.under:
        return blended(base, image, at, layer.blend)
    below = on_canvas(image, at, base.size)
    return laid(below, base, (0, 0)) if layer.blend is None else blended(below, base, (0, 0), layer.blend)


def _made(layer: Layer, scene: Scene, base: Size, layers: Layers, limits: Limits) -> Image.Image:
    """A layer's own pixels after its own chain."""
    if isinstance(layer.source, Text):
        lines = lettering(layer.source, None, scene.dpr, limits.most)
        start = Picture(whole(lines), Scene(lines.size, scene.dpr, base))
    else:
        data, size = layers[layer.source.name]
        source = codec.open_source(data)
        start = Picture(whole(codec.frame(source, source.first), size), Scene(size, scene.dpr, base))
    return limits.settled(chain(start, layer.chain, layers, limits).view)
