"""Which frames of a film a detector sees each by itself, and which it sees together on contact sheets.

Nobody who makes a film can keep a frame from being seen: what is not seen by itself is on a sheet.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Final

from PIL import Image, ImageChops, ImageStat

from .hiding import needs_black
from .scaling import lanczos

#: Frames of a longer film that are seen each by itself, and the sheets that hold all the others.
MAX_FRAMES: Final = 8
MAX_SHEETS: Final = 4
LONG_SIDE: Final = 2048
MIN_SIDE: Final = 80
_MAX_SIDE: Final = 10_000
#: As many frames are chosen for their time: one that is shown for more than a fifth of it is among them.
_LONGEST: Final = 4
#: What asks for no more than 10 milliseconds is shown for 100 by browsers.
_SHORTEST, _INSTEAD = 10, 100
_THUMB: Final = (64, 64)


@dataclass(slots=True, eq=False)
class Still:
    """A frame, no larger than a detector is shown it, and for how many milliseconds people see it.

    `black` says whether it has to be shown on black too.
    """

    number: int
    image: Image.Image
    black: bool
    shown: int = 0


class FrameChoice:
    """Takes in the frames of a film one after another, and then tells which of them are seen how.

    `first` is the number of the frame that is shown wherever a film cannot be.
    """

    def __init__(self, first: int = 0) -> None:
        self._first = first
        self._stills: dict[int, Still] = {}

    def add(self, number: int, image: Image.Image, milliseconds: int = 0) -> Image.Image:
        """Take in the next frame, upright and RGB or RGBA. Gives its reduced copy, which is what is kept."""
        small = _reduced(image)
        self._stills[number] = Still(number, small, needs_black(image))
        self.prolong(number, milliseconds)
        return small

    def prolong(self, number: int, milliseconds: int) -> None:
        """The pixels of a frame that was taken in before are shown again."""
        self._stills[number].shown += milliseconds if milliseconds > _SHORTEST else _INSTEAD

    def split(self) -> tuple[list[Still], list[list[Still]]]:
        """Those that are seen each by itself, and all the others, a list for each sheet; all in order."""
        stills = list(self._stills.values())
        if len(stills) <= MAX_FRAMES + MAX_SHEETS:
            return stills, []
        alone = self._alone(stills)
        rest = [still for still in stills if still not in alone]
        bounds = [len(rest) * place // MAX_SHEETS for place in range(MAX_SHEETS + 1)]
        sheets = [rest[start:end] for start, end in pairwise(bounds)]
        return [still for still in stills if still in alone], sheets

    def _alone(self, stills: list[Still]) -> list[Still]:
        """The first, the last, those that are shown longest, and those that differ most from all these."""
        spread = _Spread(stills)
        for still in stills:
            if still.number in (0, self._first, stills[-1].number):
                spread.choose(still)
        for _ in range(_LONGEST):
            longest = max(still.shown for still in spread.rest)
            spread.choose(spread.farthest(longest))
        while len(spread.chosen) < MAX_FRAMES:
            spread.choose(spread.farthest())
        return spread.chosen


class _Spread:
    """Frames that were chosen, the rest, and how far each of these is from the nearest that was chosen."""

    def __init__(self, stills: list[Still]) -> None:
        self.chosen: list[Still] = []
        self._apart = dict.fromkeys(stills, inf)
        self._thumbs = {
            still: still.image.convert("RGBA").resize(_THUMB, Image.Resampling.BOX) for still in stills
        }

    @property
    def rest(self) -> list[Still]:
        return list(self._apart)

    def choose(self, still: Still) -> None:
        self.chosen.append(still)
        del self._apart[still]
        for other, apart in self._apart.items():
            self._apart[other] = min(apart, _difference(self._thumbs[still], self._thumbs[other]))

    def farthest(self, shown: int = 0) -> Still:
        """Of those shown for at least so long, the one that differs most from all that were chosen."""
        return max((still for still in self.rest if still.shown >= shown), key=self._apart.__getitem__)


def _difference(one: Image.Image, other: Image.Image) -> float:
    # squares: a small area that changes much tells more than a large one that changes little
    return float(sum(ImageStat.Stat(ImageChops.difference(one, other)).sum2))


def _reduced(image: Image.Image) -> Image.Image:
    """At most 2,048 on the long side, unless that took the short side below 80; never beyond 10,000."""
    longest, shortest = max(image.size), min(image.size)
    scale = min(1.0, max(LONG_SIDE / longest, MIN_SIDE / shortest), _MAX_SIDE / longest)
    return scaled(image, scale) if scale < 1 else image


def scaled(image: Image.Image, scale: float) -> Image.Image:
    """The picture, its sides times `scale`."""
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return lanczos(image, size, gap=1.0)
