"""`rekproxy import`: register images where they lie, with a progress bar, as often as it takes."""

import os
import re
from collections import Counter
from collections.abc import Iterator

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from .. import config
from ..config import Settings
from ..domain.chain import parse_chain
from ..services.importing import Importing, Outcome
from . import embedded_option

_CONSOLE = Console(stderr=True)


class Rate(click.ParamType[float]):
    """Images per second from `5/s`, `30/m`, `1000/h` or a plain number of seconds."""

    name = "N/s"
    _units = {"s": 1, "m": 60, "h": 3600}  # noqa: RUF012 - a table

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The rate; click reports what is none."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/([smh]))?", str(value))
        if match is None:
            self.fail(f"{value} is no rate; 5/s, 30/m and 1000/h are.", param, ctx)
        return float(match[1]) / self._units[match[2] or "s"]


@click.command("import")
@click.argument("origin", metavar="FOLDER|s3://BUCKET/PREFIX")
@click.option("--cloud", help="Cloud; REKPROXY_CLOUD_NAME if not given.")
@click.option("--prefix", default="", help="Put before each public id, such as archive/.")
@click.option("--rate", type=Rate(), default=0.0, help="Most images judged, such as 5/s or 1000/h.")
@click.option("--moderation", help="Moderation of these images; REKPROXY_DEFAULT_MODERATION if not given.")
@embedded_option
def command(
    origin: str, cloud: str | None, prefix: str, rate: float, moderation: str | None, embedded: bool
) -> None:
    """Register the images of a folder or bucket where they lie, and have each one judged.

    The files stay in place and are only read. Until an image is registered and approved, its name is 404.
    Start it again at any time: what is registered and has not changed is passed over.
    """
    settings = config.load(os.environ, embedded=embedded)
    if moderation is not None:
        from ..openers import open_policies

        parse_chain(moderation, open_policies(settings))
    total = _count(origin)
    outcomes = _outcomes(settings, origin, cloud or settings.cloud_name, Importing(prefix, moderation, rate))
    refused, counts = _show(outcomes, total)
    for outcome in refused:
        click.echo(f"refused: {outcome.name}: {outcome.reason}")
    click.echo(
        ", ".join(f"{number} {what}" for what, number in sorted(counts.items())) or "Nothing was found."
    )


def _outcomes(settings: Settings, origin: str, cloud: str, asked: Importing) -> Iterator[Outcome]:
    from ..app import build
    from ..openers import open_origin

    application = build(settings)
    application.catalog.migrate()
    try:
        yield from application.importer.run(cloud, open_origin(origin), asked, actor="import")
    finally:
        application.imager.close()
        application.close()


def _count(origin: str) -> int | None:
    """How many files there are, where somebody watches the bar."""
    from ..openers import open_origin

    return sum(1 for _ in open_origin(origin).walk()) if _CONSOLE.is_terminal else None


def _show(outcomes: Iterator[Outcome], total: int | None) -> tuple[list[Outcome], Counter[str]]:
    """Follow the import on the terminal; gives what was refused, and how many there were of each state."""
    refused, counts = [], Counter[str]()
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=_CONSOLE, transient=True, disable=not _CONSOLE.is_terminal) as progress:
        task = progress.add_task("", total=total)
        for outcome in outcomes:
            counts[f"{outcome.state} {outcome.status}".strip()] += 1
            if outcome.state == "refused":
                refused.append(outcome)
            progress.update(task, advance=1, description=outcome.name)
    return refused, counts
