"""Geometry: where a transformation cuts, how large it scales, where it places. Exact numbers, no pixels."""

from .laying import expand, place
from .modes import Plan, plan
from .needed import source_scale
from .scene import Region, Scene, Size, turned
from .spots import offsets, region

__all__ = [
    "Plan", "Region", "Scene", "Size", "expand", "offsets", "place", "plan", "region", "source_scale",
    "turned",
]  # fmt: skip
