"""`rekproxy import`: register images where they lie, or bring over what another service has."""

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
from ..domain.takeover import Unmoderated, Verdicts
from ..services.bringing import Terms
from ..services.importing import Importing, Outcome
from . import embedded_option
from .migrating import migrate

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
@click.argument("origin", metavar="FOLDER|s3://BUCKET/PREFIX|cloudinary://KEY:SECRET@CLOUD")
@click.option("--cloud", help="Cloud; REKPROXY_CLOUD_NAME if not given.")
@click.option("--prefix", default="", help="Put before each public id, such as archive/.")
@click.option("--rate", type=Rate(), default=0.0, help="Most images judged, such as 5/s or 1000/h.")
@click.option("--moderation", help="Moderation of these images; REKPROXY_DEFAULT_MODERATION if not given.")
@click.option(
    "--verdicts",
    type=click.Choice(("keep", "judge")),
    help="Of a service: keep its verdicts, or have everything judged here that it approved.",
)
@click.option(
    "--unmoderated",
    type=click.Choice(("approve", "judge", "hold")),
    help="Of a service: what becomes of images that nobody ever moderated there.",
)
@click.option("--details/--no-details", default=True, help="Of a service: one call for each image more.")
@click.option("--each", is_flag=True, help="Of a service: ask about every image again, changed or not.")
@click.option(
    "--vanished",
    type=click.Choice(("keep", "destroy")),
    default="keep",
    show_default=True,
    help="Of a service: what becomes of images that came over and are no longer there.",
)
@click.option("--parallel", type=click.IntRange(1, 16), default=4, show_default=True)
@embedded_option
def command(
    origin: str,
    cloud: str | None,
    prefix: str,
    rate: float,
    moderation: str | None,
    verdicts: Verdicts | None,
    unmoderated: Unmoderated | None,
    details: bool,
    each: bool,
    vanished: str,
    parallel: int,
    embedded: bool,
) -> None:
    """Register the images of a folder or bucket where they lie, and have each one judged; or bring over the
    images, verdicts, presets and named transformations of another service that speaks the same wire.

    Files of a folder or bucket stay in place and are only read. Of a service, bytes are copied;
    cloudinary:// alone takes the address from CLOUDINARY_URL. --verdicts and --unmoderated must be said.
    Until an image is registered and approved, its name is 404.
    Start it again at any time: what is here and has not changed is passed over.
    """
    settings = config.load(os.environ, embedded=embedded)
    if moderation is not None:
        from ..openers import open_policies

        parse_chain(moderation, open_policies(settings))
    if origin.startswith("cloudinary:"):
        if verdicts is None or unmoderated is None:
            raise click.UsageError("Say --verdicts and --unmoderated: nothing is served without a verdict.")
        terms = Terms(
            verdicts, unmoderated, moderation, details, each, parallel, destroy=vanished == "destroy"
        )
        migrate(settings, origin, cloud or settings.cloud_name, terms)
    else:
        asked = Importing(prefix, moderation, rate)
        _register(settings, origin, cloud or settings.cloud_name, asked)


def _register(settings: Settings, origin: str, cloud: str, asked: Importing) -> None:
    total = _count(origin)
    refused, counts = _show(_outcomes(settings, origin, cloud, asked), total)
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
