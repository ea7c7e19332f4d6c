"""How much of the original's resolution a transformation needs."""

import math
from fractions import Fraction

from ..steps import Component, Transformation
from .modes import plan
from .scene import Region, Scene, Size, turned

_ONE = Fraction(1)


def source_scale(
    transformation: Transformation,
    size: Size,
    faces: tuple[Region, ...] = (),
    custom: tuple[Region, ...] = (),
) -> float:
    """The share of the original's resolution, above 0 and at most 1, from which the result loses nothing.

    The narrowest point of the chain decides: what was scaled down there is not regained later. Nothing is
    counted on from a step on whose size only its pixels tell.
    """
    scene = Scene(size, transformation.ratio, faces=faces, custom=custom)
    needed, scales = [_ONE, _ONE], [_ONE, _ONE]
    for component in transformation.components:
        if component.layer is not None:
            continue
        if not _is_foreseen(component, scene):
            break
        step = plan(component, size, scene)
        if step.quarter % 2:
            needed, scales = needed[::-1], scales[::-1]
        lengths = (Fraction(step.box[n + 2]) - Fraction(step.box[n]) for n in (0, 1))
        scales = [scale * out / cut for scale, out, cut in zip(scales, step.size, lengths, strict=True)]
        needed = [min(pair) for pair in zip(needed, scales, strict=True)]
        scene, size = step.scene(scene, size), step.output
        if component.turn is not None:
            scene, size = scene.turned(size, component.turn), turned(size, component.turn.degrees)
            if component.turn.degrees % 180:
                needed, scales = ([max(needed)] * 2, [max(scales)] * 2)
    # One step up, so that rounding to a float never asks for too little.
    return min(1.0, math.nextafter(float(max(needed)), math.inf))


def _is_foreseen(component: Component, scene: Scene) -> bool:
    if component.effect is not None and component.effect.name == "trim":
        return False
    return not scene.wants_auto(component.gravity)
