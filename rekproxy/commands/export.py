"""`rekproxy export`: everything of a cloud in a folder, as originals and JSON lines."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .. import config

_CONSOLE = Console(stderr=True)


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--cloud", help="Cloud; REKPROXY_CLOUD_NAME if not given.")
@click.option("--prefix", help="Only images whose public ids begin so.")
@click.option("--versions", is_flag=True, help="Earlier versions that are kept, too.")
def command(folder: Path, cloud: str | None, prefix: str | None, versions: bool) -> None:
    """Write every image of a cloud into FOLDER: originals as they were uploaded, and JSON lines about them.

    assets.jsonl has a line an image, whatever its standing, with its moderations; presets.jsonl and
    transformations.jsonl have what is named. REJECTED IMAGES ARE AMONG THEM: keep the folder as closed as the
    installation is. Start it again at any time: what is written already is not read again. Each original
    that is read is in the audit.
    """
    settings = config.load(os.environ, embedded=True)

    from ..app import build
    from ..openers import open_storage

    name = cloud or settings.cloud_name
    storage = open_storage(str(folder))
    application = build(settings)
    states: Counter[str] = Counter()
    try:
        export = application.export
        images = export.images(name, storage, prefix=prefix, versions=versions, actor="export")
        with _progress() as progress:
            task = progress.add_task("", total=None)

            def lines() -> Iterable[Mapping[str, Any]]:
                for image in images:
                    states[image.state] += 1
                    if image.state == "missing":
                        click.echo(f"missing: {image.line['type']}/{image.line['public_id']}")
                    progress.update(task, advance=1, description=image.line["public_id"])
                    yield image.line

            _write(folder / "assets.jsonl", lines())
        _write(folder / "presets.jsonl", export.presets(name))
        _write(folder / "transformations.jsonl", export.definitions(name))
    finally:
        application.close()
    click.echo(
        ", ".join(f"{number} {state}" for state, number in sorted(states.items())) or "Nothing is there."
    )
    if states["missing"]:
        raise SystemExit(1)


def _progress() -> Progress:
    text = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), text)
    return Progress(*columns, console=_CONSOLE, transient=True, disable=not _CONSOLE.is_terminal)


def _write(file: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write lines beside the file, readable by their owner alone, and put them in its place when all are."""
    aside = file.with_suffix(".partial")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600, exist_ok=False)
    with aside.open("w", encoding="utf-8") as stream:
        for line in lines:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    aside.replace(file)
