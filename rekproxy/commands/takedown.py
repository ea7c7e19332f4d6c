"""`rekproxy takedown-check`: measure a takedown through the edge, as the public sees it."""

import os
import sys

import click

from .. import config
from ..errors import ConfigurationError
from . import embedded_option


@click.command("takedown-check")
@click.argument("url", required=False)
@embedded_option
def command(url: str | None, embedded: bool) -> None:
    """Take down a picture of our own, and measure until the public URL no longer shows it.

    URL is the base that the public uses; REKPROXY_DELIVERY_URL if not given. Prints seconds. Exits with 1 if
    it took longer than REKPROXY_TAKEDOWN_SECONDS.

    \b
    rekproxy takedown-check https://images.example.com
    """
    settings = config.load(os.environ, embedded=embedded)
    base = url or settings.delivery_url
    if base is None:
        raise ConfigurationError("Say where the public looks: a URL, or REKPROXY_DELIVERY_URL.")

    from ..app import build
    from ..imaging.canary import draw

    application = build(settings)
    try:
        measured = application.canary(base).measure(base, draw)
    finally:
        application.imager.close()
        application.close()
    for tier in measured.purge:
        click.echo(f"{tier['tier']}: {tier['state']}", err=True)
    click.echo(f"{measured.seconds:.2f}")
    sys.exit(0 if measured.seconds <= settings.takedown_seconds else 1)
