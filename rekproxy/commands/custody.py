"""What the commands `erase`, `hold` and `restrict` share: how they get in, and what they tell."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from .. import config
from ..domain.asset import Asset

if TYPE_CHECKING:
    from ..services.custody import Custody
    from ..services.takedown import PurgeEdges

cloud_option = click.option("--cloud", help="Cloud; REKPROXY_CLOUD_NAME if not given.")
reason_option = click.option("--reason", metavar="CODE", help="Code of a reason of the settings.")
note_option = click.option("--note", help="More for the audit. No names: it cannot be taken back.")


@contextmanager
def custody_of(cloud: str | None) -> "Iterator[tuple[Custody, str, PurgeEdges]]":
    """The service, the name of the cloud, and what purges the edges."""
    settings = config.load(os.environ, embedded=True)

    from ..app import build

    application = build(settings)
    try:
        yield application.custody, cloud or settings.cloud_name, application.takedown.now
    finally:
        application.close()


def tell(asset: Asset, purge: Sequence[Mapping[str, Any]] = ()) -> None:
    """What is true of an asset now, and what came of the purge of each edge."""
    click.echo(f"{asset.public_id}: {asset.standing.value}")
    if asset.restricted_to is not None:
        click.echo(f"  restricted to: {asset.restricted_to}")
    if asset.hold is not None:
        click.echo(f"  legal hold: {asset.hold}")
    tell_purge(purge)


def tell_purge(purge: Sequence[Mapping[str, Any]]) -> None:
    """What came of the purge of each edge."""
    for tier in purge:
        click.echo(f"  {tier['tier']}: {tier['state']}")
