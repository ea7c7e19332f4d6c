"""What a chain costs, told before anything of it runs: pixels touched, weighed by what is done to them."""

from collections.abc import Mapping
from typing import Final

from ..errors import InvalidTransformationError
from .geometry import Region, Scene, Size, expand, place, plan, turned
from .sources import Image
from .steps import Component, Layer, Transformation

#: A picture, or all frames of a film, may cost as much as so many resizes to the largest output there is.
MOST_WORK: Final = 40


def check_cost(
    transformation: Transformation,
    size: Size,
    layers: Mapping[str, Size],
    most_pixels: int,
    *,
    frames: int = 1,
    faces: tuple[Region, ...] = (),
    custom: tuple[Region, ...] = (),
) -> None:
    """Refuse a chain that is too much work on a picture of `size` with layers of these sizes.

    `most_pixels` is the largest output. Raises `InvalidTransformationError`.
    """
    scene = Scene(size, transformation.ratio, faces=faces, custom=custom)
    estimate = _Estimate(layers, most_pixels)
    work = estimate.chain(transformation.components, size, scene)[0] * frames
    most = MOST_WORK * most_pixels
    if work > most:
        raise InvalidTransformationError(
            f"Transformation is too much work. Maximum is {most // 10**6}. Requested {-(-work // 10**6)}"
        )


class _Estimate:
    """Goes through chains as drawing does. What is beyond the largest output is refused there: here it counts
    as that."""

    def __init__(self, layers: Mapping[str, Size], most_pixels: int) -> None:
        self._layers = layers
        self._most = most_pixels

    def chain(self, components: tuple[Component, ...], size: Size, scene: Scene) -> tuple[int, Size]:
        """Work of all steps, and the size that leaves; what only pixels tell stays as large as it was."""
        work = 0
        for component in components:
            if component.layer is not None:
                more, size = self._lay(component.layer, size, scene)
            else:
                more, size = self._step(component, size, scene)
            work += more
        return work, size

    def _step(self, component: Component, size: Size, scene: Scene) -> tuple[int, Size]:
        step = plan(component, size, scene)
        work, size = self._pixels(step.size) + self._pixels(step.output), step.output
        if component.turn is not None:
            size = turned(size, component.turn.degrees)
            work += self._pixels(size)
        if component.effect is not None:
            work += self._pixels(size) * component.effect.kind.cost
        if component.border is not None:
            width = 2 * scene.pixels(component.border.width)
            size = (size[0] + width, size[1] + width)
        others = (component.radius, component.border, component.opacity, component.background)
        return work + self._pixels(size) * sum(part is not None for part in others), size

    def _lay(self, layer: Layer, base: Size, scene: Scene) -> tuple[int, Size]:
        own = self._layers.get(layer.source.name, base) if isinstance(layer.source, Image) else base
        work, own = self.chain(layer.chain, own, Scene(own, scene.dpr, base))
        at = place(own, base, layer.gravity, layer.x, layer.y, scene.dpr, scene.original)
        stays = layer.tiled or layer.no_overflow or layer.blend is not None
        size = base if stays else expand(base, own, at)[0]
        return work + self._pixels(own) + 2 * self._pixels(size), size

    def _pixels(self, size: Size) -> int:
        return min(size[0] * size[1], self._most)
