"""`rekproxy doctor`: one line for each part, whether it works, and what to do if it does not."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from .. import config
from ..errors import RekproxyError
from . import embedded_option

if TYPE_CHECKING:
    from ..app import Application


@click.command("doctor")
@click.option("--restored", is_flag=True, help="Forget all that caches hold; after a backup was restored.")
@click.option("--edge", metavar="URL", help="Also try the edge there, with a picture that it makes.")
@embedded_option
def command(restored: bool, edge: str | None, embedded: bool) -> None:
    """Check settings, catalog, storage, detector and codecs. Exits with 1 if something is not ok."""
    settings = config.load(os.environ, embedded=embedded)
    click.echo(f"ok      settings: cloud {settings.cloud_name}, data in {settings.data_dir}")

    from ..app import build

    application = build(settings)
    results = [_check(name, check) for name, check in _checks(application)]
    if edge and all(results):
        results += [_check(name, check) for name, check in _edge(application, edge)]
    if restored and all(results):
        application.catalog.new_epoch(actor="cli")
        click.echo("ok      restored: nothing that was cached before is found again")
    application.imager.close()
    application.close()
    sys.exit(0 if all(results) else 1)


def _check(name: str, check: Callable[[], str]) -> bool:
    try:
        click.echo(f"ok      {name}: {check()}")
    except RekproxyError as error:
        click.echo(f"not ok  {name}: {error}")
        return False
    return True


def _checks(application: "Application") -> Iterator[tuple[str, Callable[[], str]]]:
    yield "catalog", lambda: _catalog(application)
    yield "originals", lambda: _storage(application, derived=False)
    yield "derived images", lambda: _storage(application, derived=True)
    yield "detector", lambda: _detector(application)
    yield "provider calls", lambda: _calls(application)
    yield "codecs", lambda: _codecs(application)


def _edge(application: "Application", url: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """A picture of our own, uploaded, approved, rejected and erased as any other, seen through the edge."""
    from ..imaging.canary import draw

    return application.canary(url).check(url, draw)


def _catalog(application: "Application") -> str:
    application.catalog.migrate()
    application.catalog.ping()
    return "PostgreSQL" if application.settings.on_postgres else "SQLite"


def _storage(application: "Application", *, derived: bool) -> str:
    (application.derived if derived else application.originals.storage).ping()
    return application.settings.derived_url if derived else application.settings.storage_url


def _detector(application: "Application") -> str:
    if application.detector is None:
        return "none; this installation takes no uploads"
    return f"{application.detector.ping()}. {application.detector.limits_said}"


def _calls(application: "Application") -> str:
    """What detectors were asked today (UTC), and what they need not be asked, over all clouds."""
    made = saved = 0
    for cloud in application.settings.all_clouds:
        for name, amount in application.catalog.used(cloud.name).items():
            made += amount if name.startswith("calls:") else 0
            saved += amount if name.startswith("saved:") else 0
    return f"{made} today, {saved} saved"


def _codecs(application: "Application") -> str:
    """Decodes and encodes for real, in the processes that will do it."""
    from ..imaging.testcard import draw
    from ..interfaces import InputLimits, RenderJob

    card = draw()
    seen = application.imager.ingest(card, InputLimits(max_pixels=application.settings.max_input_pixels))
    formats = ("jpg", "png", "webp", "avif", "gif")
    for name in formats:
        application.imager.render(RenderJob(card, (seen.width, seen.height), "w_64", name))
    return " ".join(formats)
