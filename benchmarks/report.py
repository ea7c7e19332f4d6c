"""Tables of results: on the screen, and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table as Grid


class SkippedError(Exception):
    """What cannot be measured here; the message says why, and what to install."""


@dataclass(frozen=True, slots=True)
class Table:
    """Results of one row of the benchmarks: cells as text, and what to know about them."""

    title: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def print(self, console: Console) -> None:
        """Show it to people."""
        grid = Grid(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            grid.add_column(column, justify="right" if number else "left", no_wrap=not number)
        for row in self.cells:
            grid.add_row(*row)
        console.print(grid)
        for note in self.notes:
            console.print(f"  {note}", style="dim", highlight=False)
        console.print()

    def markdown(self) -> str:
        """The table in Markdown, under a heading."""
        aligned = ("---", *["---:"] * (len(self.columns) - 1))
        lines = [f"| {' | '.join(row)} |" for row in (self.columns, aligned, *self.cells)]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([f"## {self.title}", "", *lines, *["", *notes][: 1 + len(notes)]]).rstrip() + "\n"


def middle(samples: Sequence[float]) -> float:
    """The median: what a busy machine disturbs least."""
    return median(samples)


def ratio(value: float, base: float | None) -> str:
    """How many times `base`, or nothing to say where the base was not measured."""
    return f"{value / base:.2f}" if base else "-"
