"""Windows around what a gravity looks for: how much room a face gets, and how they are held inside."""

from fractions import Fraction

from ..shapes import Turn
from .numbers import nearest
from .scene import Region, Size

#: How much larger than a face, and than any other region, the window around it is at zoom 1.
ROOM = {"face": Fraction(3, 2), "faces": Fraction(3, 2)}
#: A cut keeps what stands out if it loses no more than this share of it.
_MAY_LOSE = Fraction(1, 5)


def quarter_turn(quarter: int) -> Turn:
    """So many quarters clockwise."""
    return Turn(Fraction(90 * quarter))


def middle(region: Region) -> tuple[Fraction, Fraction]:
    """The point in the middle."""
    return (region[0] + region[2]) / 2, (region[1] + region[3]) / 2


def around(
    found: tuple[str, Region],
    shape: tuple[Fraction, Fraction],
    zoom: Fraction | None,
    size: Size,
    least: tuple[Fraction, Fraction] | None = None,
) -> Region:
    """The smallest part of the picture in proportions of `shape` that holds a region and its room.

    `zoom` above 1 tightens it. It is no smaller than `least` where the picture has that much, and never
    larger than the picture.
    """
    kind, region = found
    room = ROOM.get(kind, Fraction(1)) / (zoom or 1)
    scale = max((region[n + 2] - region[n]) * room / shape[n] for n in (0, 1))
    if least is not None:
        scale = max(scale, least[0] / shape[0])
    scale = min(scale, size[0] / shape[0], size[1] / shape[1])
    return _held(middle(region), (shape[0] * scale, shape[1] * scale), size)


def zoomed(region: Region, zoom: Fraction | None, size: Size) -> Region:
    """A region, wider for a zoom below 1, as far as the picture goes."""
    lengths = (min((region[n + 2] - region[n]) / (zoom or 1), Fraction(size[n])) for n in (0, 1))
    width, height = lengths
    return _held(middle(region), (width, height), size)


def centred(length: Size, point: tuple[Fraction, Fraction], within: Size | None) -> tuple[int, int]:
    """Where a window of `length` begins whose middle is `point`; moved inside of `within`, if said."""
    starts = [nearest(at - Fraction(part, 2)) for at, part in zip(point, length, strict=True)]
    if within is not None:
        starts = [max(0, min(s, w - part)) for s, part, w in zip(starts, length, within, strict=True)]
    return starts[0], starts[1]


def whole_pixels(region: Region) -> tuple[tuple[int, int], Size]:
    """Corner and size of a region, in whole pixels."""
    left, top = nearest(region[0]), nearest(region[1])
    return (left, top), (max(1, nearest(region[2]) - left), max(1, nearest(region[3]) - top))


def box(region: Region) -> tuple[float, float, float, float]:
    """A region as a plan has it."""
    left, top, right, bottom = map(float, region)
    return left, top, right, bottom


def keeps(cut: tuple[float, float, float, float], region: Region) -> bool:
    """Whether a cut shows enough of a region."""
    shown = Fraction(1)
    for n in (0, 1):
        overlap = min(Fraction(cut[n + 2]), region[n + 2]) - max(Fraction(cut[n]), region[n])
        shown *= max(Fraction(0), overlap) / (region[n + 2] - region[n])
    return shown >= 1 - _MAY_LOSE


def _held(point: tuple[Fraction, Fraction], length: tuple[Fraction, Fraction], size: Size) -> Region:
    left, top = (
        min(max(at - part / 2, Fraction(0)), full - part)
        for at, part, full in zip(point, length, size, strict=True)
    )
    return left, top, left + length[0], top + length[1]
