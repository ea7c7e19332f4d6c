"""`rekproxy notifications`: what was told and what was not, and another try for the dead."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from .. import config

if TYPE_CHECKING:
    from ..interfaces import Catalog
    from ..interfaces.notifications import Notification

_cloud_option = click.option("--cloud", help="Cloud; REKPROXY_CLOUD_NAME if not given.")


@click.group("notifications")
def command() -> None:
    """What was told to whom, and another try for what was not."""


@contextmanager
def _catalog(cloud: str | None) -> "Iterator[tuple[Catalog, str]]":
    from ..app import build

    settings = config.load(os.environ, embedded=True)
    catalog = build(settings).catalog
    try:
        yield catalog, cloud or settings.cloud_name
    finally:
        catalog.close()


@command.command("list")
@click.option("--dead", is_flag=True, help="Only those that nobody tries any more.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@_cloud_option
def show(dead: bool, limit: int, cloud: str | None) -> None:
    """Print the newest, a line each: number, state, type, attempts, time, receiver, what went wrong."""
    with _catalog(cloud) as (catalog, name):
        page = catalog.list_notifications(name, dead=dead, limit=limit)
    for told in page.notifications:
        click.echo(_line(told))
    if page.after is not None:
        click.echo(f"There are more than these {limit}: say --limit.", err=True)


@command.command("replay")
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--all", "everything", is_flag=True, help="Every dead one of the cloud.")
@_cloud_option
def replay(number: int | None, everything: bool, cloud: str | None) -> None:
    """Try a dead notification again, with the same body, from the first attempt on.

    \b
    rekproxy notifications replay 4711
    rekproxy notifications replay --all
    """
    if (number is None) != everything:
        raise click.UsageError("Say which in one way: NUMBER or --all.")
    with _catalog(cloud) as (catalog, name):
        count = catalog.replay_notifications(name, number, actor="cli")
    click.echo(f"{count} replayed")


def _line(told: "Notification") -> str:
    at = datetime.fromtimestamp(told.created_at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # a query may hold a secret, and terminals are looked at and recorded
    receiver = told.uri.partition("?")[0]
    error = f"  {told.error}" if told.error else ""
    return f"{told.id}  {told.state}  {told.type}  {told.attempts}  {at}  {receiver}{error}"
