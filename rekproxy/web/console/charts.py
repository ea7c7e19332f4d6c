"""Geometry of charts: what a template draws as SVG by attributes alone, with no script and no style."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: A chart is drawn in these units and stretched to its place; the words stand beside it.
WIDTH: Final = 1000
HEIGHT: Final = 200
#: Of the room of a column, what is left free.
_GAP: Final = 0.2
#: Heights of an axis: its top is the first of these, times a power of ten, that holds everything.
_TOPS: Final = (1, 2, 4, 5, 8, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of thing that is counted: its name in words, its class in the stylesheet, its numbers."""

    name: str
    kind: str
    values: Sequence[int]

    @property
    def total(self) -> int:
        """All together."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a chart, and what it says to who points at it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns that stand side by side, those of each place on top of each other."""

    title: str
    names: Sequence[str]
    series: Sequence[Series]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(series.total for series in self.series)

    @property
    def top(self) -> int:
        """What the upper end of the axis stands for: a round number."""
        return _rounded_up(max(sum(values) for values in zip(*self._values, strict=True)))

    @property
    def parts(self) -> list[Part]:
        """What is to be drawn."""
        room, top = WIDTH / len(self.names), self.top
        parts = []
        for place, name in enumerate(self.names):
            base = float(HEIGHT)
            for series in self.series:
                value = series.values[place]
                height = HEIGHT * value / top
                base -= height
                x, width = (place + _GAP / 2) * room, room * (1 - _GAP)
                said = f"{name}: {series.name} {value}"
                parts += [_part(x, base, width, height, series.kind, said)] if value else []
        return parts

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The same as a table."""
        return [(name, [values[place] for values in self._values]) for place, name in enumerate(self.names)]

    @property
    def _values(self) -> list[Sequence[int]]:
        return [series.values for series in self.series]


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a list: its name, and how much of each kind there is."""

    name: str
    values: Sequence[int]

    @property
    def total(self) -> int:
        """All together."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars that lie under each other, each made of parts of different kinds."""

    title: str
    kinds: Sequence[tuple[str, str]]
    bars: Sequence[Bar]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(bar.total for bar in self.bars)

    def words(self, bar: Bar) -> list[tuple[str, int]]:
        """What a bar is made of, in words and numbers."""
        return [(name, value) for (_, name), value in zip(self.kinds, bar.values, strict=True) if value]

    def parts(self, bar: Bar) -> list[Part]:
        """What is to be drawn of one bar, in `WIDTH` by 10; the longest fills the width."""
        longest = max(each.total for each in self.bars) or 1
        parts, x = [], 0.0
        for (kind, name), value in zip(self.kinds, bar.values, strict=True):
            width = WIDTH * value / longest
            said = f"{bar.name}: {name} {value}"
            parts += [_part(x, 0, width, 10, kind, said)] if value else []
            x += width
        return parts


def _part(x: float, y: float, width: float, height: float, kind: str, title: str) -> Part:
    return Part(round(x, 2), round(y, 2), round(width, 2), round(height, 2), kind, title)


def _rounded_up(number: int) -> int:
    power = 1
    while number > 10 * power:
        power *= 10
    return next(step * power for step in _TOPS if step * power >= number)
