"""What the commands `erase`, `hold` and `restrict` share: how they get in, and what they tell."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from .. import config
from ..domain.asset import Asset

if TYPE_CHECKING:
    from ..services.custody import Custody

cloud_option = click.option("--cloud", help="Cloud; REKPROXY_CLOUD_NAME if not given.")
reason_option = click.option("--reason", metavar="CODE", help="Code of a reason of the settings.")
note_option = click.option("--note", help="More for the audit. No names: it cannot be taken back.")


@contextmanager
def custody_of(cloud: str | None) -> "Iterator[tuple[Custody, str]]":
    """The service, and the name of the cloud."""
    settings = config.load(os.environ, embedded=True)

    from ..app import build

    application = build(settings)
    try:
        yield application.custody, cloud or settings.cloud_name
    finally:
        application.close()


def tell(asset: Asset) -> None:
    """What is true of an asset now."""
    click.echo(f"{asset.public_id}: {asset.standing.value}")
    if asset.restricted_to is not None:
        click.echo(f"  restricted to: {asset.restricted_to}")
    if asset.hold is not None:
        click.echo(f"  legal hold: {asset.hold}")
