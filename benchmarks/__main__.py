"""`python -m benchmarks [--rows hits,standing,…] [--rounds N] [--markdown FILE]`: see `--help`."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from . import (
    catalogs,
    crowd,
    derivations,
    explaining,
    hits,
    hours,
    keys,
    latency,
    library,
    likeness,
    listings,
    machine,
    memory,
    peaks,
    searches,
    standing,
    starts,
    thumbnails,
    uploads,
)
from .options import Options
from .report import SkippedError, Table

ROWS: Final[dict[str, Callable[[Options], Table]]] = {
    "hits": hits.measure,
    "catalogs": catalogs.measure,
    "latency": latency.measure,
    "crowd": crowd.measure,
    "hours": hours.measure,
    "memory": memory.measure,
    "derivations": derivations.measure,
    "thumbnails": thumbnails.measure,
    "likeness": likeness.measure,
    "quality": likeness.savings,
    "peaks": peaks.measure,
    "standing": standing.measure,
    "uploads": uploads.measure,
    "listings": listings.measure,
    "library": library.measure,
    "searches": searches.measure,
    "explain": explaining.measure,
    "keys": keys.measure,
    "start": starts.measure,
}
#: Above this line a page is written by hand; below it, by `--markdown`.
MARK: Final = "<!-- measured: what follows is written by `python -m benchmarks --markdown` -->"


@click.command()
@click.option("--rows", default=",".join(ROWS), show_default=True, help="What to measure, with commas.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 100))
@click.option("--seconds", default=3.0, show_default=True, help="Of load on each server in each round.")
@click.option("--photograph", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--thumbor", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--vips", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A Python with it."
)
@click.option("--long", is_flag=True, help="Large catalogs, many hot pictures, many requests.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Page to write into.")
def main(
    rows: str,
    rounds: int,
    seconds: float,
    photograph: Path | None,
    thumbor: Path | None,
    vips: Path | None,
    long: bool,
    markdown: Path | None,
) -> None:
    """Measure rekproxy beside its peers on this machine. Ratios travel, absolute figures do not."""
    chosen = rows.split(",")
    if unknown := set(chosen) - ROWS.keys():
        raise click.UsageError(f"No such row: {', '.join(sorted(unknown))}. There are {', '.join(ROWS)}.")
    given = {"photograph": photograph, "thumbor": thumbor, "vips": vips}
    options = Options(rounds=rounds, seconds=seconds, long=long, **given)
    console = Console()
    console.print(f"{machine.describe()}; {machine.load()}", highlight=False)
    tables = []
    for name in chosen:
        try:
            tables.append(ROWS[name](options))
            tables[-1].print(console)
        except SkippedError as reason:
            console.print(f"{name} is skipped: {reason}")
    if markdown:
        write(markdown, tables)


def write(page: Path, tables: list[Table]) -> None:
    """Put the tables below the page's mark, each in place of an older one of its title; others stay."""
    above, _, below = (page.read_text(encoding="utf-8") if page.exists() else "").partition(MARK)
    kept = {part.partition("\n")[0].strip(): f"## {part}" for part in below.split("\n## ")[1:]}
    measured = f"Measured on {machine.describe()}; {machine.load()} at the end."
    for table in tables:
        title, _, rest = table.markdown().partition("\n")
        kept[table.title] = f"{title}\n\n{measured}\n{rest}"
    parts = [above, MARK, *kept.values()]
    page.write_text("\n\n".join(part.strip() for part in parts).strip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
