"""`rekproxy jobs`: what is left to be done, what was given up, and another try for that."""

import os
import time
from typing import TYPE_CHECKING

import click

from .. import config

if TYPE_CHECKING:
    from ..interfaces import Catalog

#: Dead jobs that are shown, or woken, at a time.
MOST = 1000


@click.group("jobs", invoke_without_command=True)
@click.option("--cloud", help="Only the dead jobs of this cloud.")
@click.pass_context
def command(ctx: click.Context, cloud: str | None) -> None:
    """List jobs: how many there are of each kind, and each that was given up, with its age and last error."""
    if ctx.invoked_subcommand is not None:
        return
    catalog = _catalog()
    for (kind, state), count in sorted(catalog.job_counts().items()):
        click.echo(f"{count:>7}  {kind} {state}")
    for job in catalog.dead_jobs(cloud, limit=MOST):
        age = _age(time.time() - job.dead_at / 1000)
        error = " ".join(job.error.split())[:300]
        click.echo(f"dead {job.id}  {job.kind} of {job.cloud}, {age} ago, {job.attempts} attempts: {error}")
    catalog.close()


@command.command("retry")
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="Every dead job.")
def retry(ids: tuple[int, ...], everything: bool) -> None:
    """Give dead jobs another attempt: those of IDS, or --all. Exits with 1 if one is not among the dead."""
    if bool(ids) == everything:
        raise click.UsageError("Say which jobs: IDS or --all.")
    catalog = _catalog()
    dead = {job.id: job.cloud for job in catalog.dead_jobs(None, limit=MOST)}
    missing = [id for id in ids if id not in dead]
    woken = [id for id in (dead if everything else ids) if id in dead and catalog.wake(dead[id], id)]
    catalog.close()
    click.echo(f"{len(woken)} due now")
    if missing:
        raise click.ClickException(f"not among the dead: {', '.join(map(str, missing))}")


def _catalog() -> "Catalog":
    settings = config.load(os.environ, embedded=True)

    from ..app import build

    return build(settings).catalog


def _age(seconds: float) -> str:
    """In the largest unit that fits."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
