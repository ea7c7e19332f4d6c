"""`rekproxy audit`: seal it, check that nothing in it was altered, give it out."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from .. import config
from ..domain.sealing import SealingKey
from ..errors import ConfigurationError
from ..services import audit

if TYPE_CHECKING:
    from ..app import Application

_CONSOLE = Console(stderr=True)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("audit")
def command() -> None:
    """Who did what, sealed against changes."""


@contextmanager
def _application() -> "Iterator[Application]":
    from ..app import build

    application = build(config.load(os.environ, embedded=True))
    try:
        yield application
    finally:
        application.close()


@command.command("verify")
@click.option("--anchor", metavar="MAC|FILE", help="A seal's MAC that was kept elsewhere: it must be there.")
@click.option("--old-key-file", "old_keys", type=_FILE, multiple=True, help="A key that sealed before.")
def verify(anchor: str | None, old_keys: tuple[Path, ...]) -> None:
    """Check every seal and every line below it. Exits with 1 if anything was altered, cut or is missing.

    \b
    rekproxy audit verify --anchor last-seal.txt
    """
    with _application() as application, _progress() as progress:
        keys = [application.audit_key, *(key for file in old_keys for key in _old_keys(file))]
        bar = progress.add_task("", total=application.catalog.settled_line() or None)
        verifier = audit.Verifier(application.catalog, keys)
        found = verifier.check(
            None if anchor is None else _anchor(anchor), lambda lines: progress.advance(bar, lines)
        )
    _tell(found)
    sys.exit(1 if found.breaks else 0)


@command.command("seal")
def seal() -> None:
    """Seal now what was written since the last seal; otherwise a worker does it every minute."""
    with _application() as application:
        click.echo(f"{application.sealer.run()} lines sealed")


@command.command("export")
@click.option("--from", "first", type=click.IntRange(min=1), default=1, help="First line, by its id.")
@click.option("--asset", "asset_id", help="Only lines about this asset, by its id.")
@click.option("--cloud", help="Only lines of this cloud.")
def export(first: int, asset_id: str | None, cloud: str | None) -> None:
    """Print lines and seals as JSON, one to a text line, to be checked without this program.

    \b
    rekproxy audit export --cloud demo > audit.jsonl
    """
    with _application() as application:
        for item in audit.export(application.catalog, first=first, asset_id=asset_id, cloud=cloud):
            click.echo(json.dumps(item, separators=(",", ":")))


def _tell(found: audit.Checked) -> None:
    for line in found.breaks:
        click.echo(f"broken: {line}")
    click.echo(f"{found.lines} lines below {found.seals} seals: {'BROKEN' if found.breaks else 'whole'}")
    if found.unsealed and found.unsealed_since is not None:
        since = datetime.fromtimestamp(found.unsealed_since / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        click.echo(f"{found.unsealed} lines are not sealed yet, since {since}: nothing is proven of them")
    if found.last_mac:
        click.echo(f"last seal: {found.last_mac}")


def _old_keys(file: Path) -> tuple[SealingKey, SealingKey]:
    """The file holds an audit key, or the secret key that one was derived from: the seals tell which."""
    secret = _text(file)
    return SealingKey(secret), SealingKey.derived(secret)


def _anchor(given: str) -> str:
    """The MAC itself, or the last one that a file tells, such as the kept output of an earlier check."""
    if Path(given).is_file():
        words = _text(Path(given)).split()
        given = next((word for word in reversed(words) if _is_mac(word)), "")
    if not _is_mac(given):
        raise ConfigurationError("--anchor: that is neither a seal's MAC (64 hex digits) nor a file with one")
    return given


def _is_mac(word: str) -> bool:
    return len(word) == 64 and not set(word) - set("0123456789abcdef")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read as text") from error


def _progress() -> Progress:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_CONSOLE, transient=True, disable=not _CONSOLE.is_terminal)
