"""`rekproxy gc`: find stored bytes that nothing needs, and free them, with progress."""

import os
from collections import Counter
from typing import Final

import click
from rich.console import Console
from rich.progress import track

from .. import config

_CONSOLE = Console(stderr=True)
_KINDS: Final = {
    "derived": "derived images without a row",
    "row": "rows without a derived image",
    "rendition": "renditions of no version",
    "original": "originals of no version",
}


@click.command("gc")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
def command(dry_run: bool) -> None:
    """Free stored bytes that nothing needs. A worker does the same, a part every few minutes.

    Run it while serving if you like. Originals wait until nobody has wanted them for a day.
    """
    settings = config.load(os.environ, embedded=True)

    from ..app import build
    from ..services.upkeep import SLICES

    application = build(settings)
    files: Counter[str] = Counter()
    size: Counter[str] = Counter()
    waiting = 0
    parts = [f"{number:02x}" for number in range(SLICES)]
    try:
        for part in track(
            parts, "Looking", console=_CONSOLE, transient=True, disable=not _CONSOLE.is_terminal
        ):
            found = (
                *application.upkeep.sweep(part, dry_run=dry_run),
                *application.upkeep.originals_of(part, dry_run=dry_run),
            )
            for loose in found:
                if loose.freed or dry_run:
                    files[loose.kind] += 1
                    size[loose.kind] += loose.bytes
                else:
                    waiting += 1
    finally:
        application.close()
    for kind, said in _KINDS.items():
        click.echo(f"{said}: {files[kind]}, {size[kind]} bytes{' would go' if dry_run else ' freed'}")
    if waiting:
        click.echo(f"{waiting} originals were wanted in the last day, and stay for now")
