"""Which smaller copies a large original has: its size alone decides, so that nothing has to be looked up."""

from typing import Final

from .asset import Rendition, Version

#: Long edges in pixels, largest first.
EDGES: Final = (2560, 1280, 640)
#: An original must be this many times as long as an edge for a copy to be worth its bytes.
WORTH: Final = 1.25


def planned(size: tuple[int, int], *, frames: int, has_alpha: bool) -> tuple[Rendition, ...]:
    """The renditions of an upright original: JPEG, or PNG where there is alpha. None where it moves."""
    if frames != 1:
        return ()
    form = "png" if has_alpha else "jpg"
    edges = (edge for edge in EDGES if max(size) >= edge * WORTH)
    return tuple(Rendition(edge, *fitted(size, edge), form) for edge in edges)


def copies_of(version: Version) -> tuple[Rendition, ...]:
    """The copies that a version has, or would have: one that was imported or stored without them too."""
    size = version.width, version.height
    return version.renditions or planned(size, frames=version.frames, has_alpha=version.has_alpha)


def fitted(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size whose long edge is `edge`, in the same proportions, rounded to whole pixels."""
    longest = max(size)
    width, height = (max(1, (2 * side * edge + longest) // (2 * longest)) for side in size)
    return width, height
