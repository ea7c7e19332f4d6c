"""`rekproxy credentials show`: the installation's keys, as lines for a shell."""

import os

import click

from .. import config, credentials
from ..announcement import Addresses
from ..errors import ConfigurationError


@click.group("credentials")
def command() -> None:
    """The key and secret that were made at first start."""


@command.command("show")
@click.option(
    "--port", default=8080, envvar="PORT", show_default=True, help="Port that `rekproxy serve` listens on."
)
def show(port: int) -> None:
    """Print KEY, SECRET and CLOUDINARY_URL, as lines that a shell understands.

    \b
    eval "$(rekproxy credentials show)"
    """
    settings = config.load(os.environ, embedded=True)
    if settings.api_key is None and not credentials.path(settings).exists():
        raise ConfigurationError(
            f"There are no keys in {settings.data_dir} yet: the first start makes them."
            " Keys that lie elsewhere are found by REKPROXY_DATA_DIR."
        )
    settings = credentials.ensure(settings)
    addresses = Addresses.of(settings, "127.0.0.1", port)
    click.echo(f"KEY='{settings.api_key}'\nSECRET='{settings.api_secret}'")
    click.echo(f"CLOUDINARY_URL='{addresses.cloudinary_url(settings.api_key, settings.api_secret)}'")
