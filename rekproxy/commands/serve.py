"""`rekproxy serve`: everything that people need to try it is on the screen when it listens."""

import os
import shlex
import sys
from pathlib import Path

import click

from .. import config, credentials, leaving, logs
from ..announcement import Addresses, announce, console_lines, is_loopback
from ..config import Settings
from ..errors import ConfigurationError
from ..openers import open_detector
from ..serving import Bind, Companion, Gunicorn, run_granian, share_metrics

#: Seconds for which the link lives that is shown at the start.
_LINK_SECONDS = 3600


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, envvar="PORT", show_default=True, type=click.IntRange(1, 65_535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 256), help="Web processes.")
@click.option(
    "--threads", type=click.IntRange(9, 1024), help="Threads of each; REKPROXY_THREADS if not given."
)
@click.option("--server", type=click.Choice(["gunicorn", "granian"]), default="gunicorn", show_default=True)
@click.option(
    "--embedded", is_flag=True, help="Detector opennsfw, if none is set, and a worker for jobs beside it."
)
def command(host: str, port: int, workers: int, threads: int | None, server: str, embedded: bool) -> None:
    """Serve uploads, pictures, administration: whatever REKPROXY_SURFACES names.

    \b
    rekproxy serve --embedded                          all in one, on this machine
    rekproxy serve --host 0.0.0.0 --workers 4          and `rekproxy work` beside it
    """
    if threads is not None:
        os.environ["REKPROXY_THREADS"] = str(threads)
    settings = config.load(os.environ, embedded=embedded)
    if settings.detector:
        os.environ["REKPROXY_DETECTOR"] = settings.detector  # for the processes that read the settings anew
    bind = Bind(host, port, workers)
    _check_delivery(settings, host)
    bind.check()
    made = credentials.make(settings)
    settings = credentials.ensure(settings)

    logs.configure(settings.log_format)
    leaving.share()
    share_metrics()
    from ..app import prepare

    prepare(settings)
    text = _announcement(settings, Addresses.of(settings, host, port), made=made, embedded=embedded)
    companion = Companion() if embedded else None
    if server == "granian":
        run_granian(settings, bind, lambda: click.echo(text), companion)
    else:
        Gunicorn(settings, bind, lambda: click.echo(text), companion).run()


def _check_delivery(settings: Settings, host: str) -> None:
    if settings.delivery_url is None and not is_loopback(host):
        raise ConfigurationError(
            f"REKPROXY_DELIVERY_URL must be set to listen on {host}: it is the base of every url in replies,"
            " such as https://images.example.com."
        )


def _announcement(settings: Settings, addresses: Addresses, *, made: bool, embedded: bool) -> str:
    """Secrets are shown once, when they were just made, and only to a terminal."""
    shown = None
    if made and sys.stdout.isatty() and settings.api_key and settings.api_secret:
        shown = (settings.api_key, settings.api_secret)
    show = f"{_again()} credentials show --port {addresses.api.rpartition(':')[2]}"
    console = ""
    if "console" in settings.surfaces:
        console = console_lines(addresses, _first_link(settings) if embedded else None)
    return announce(addresses, detector=_sight(settings), secrets=shown, show=show, console=console)


def _first_link(settings: Settings) -> str | None:
    """What signs the first administrator in. Nothing stays open, as the server forks next."""
    from ..app import build

    application = build(settings)
    try:
        return application.people.open_house(_LINK_SECONDS, actor="serve")
    finally:
        application.close()


def _sight(settings: Settings) -> str:
    if "upload" not in settings.surfaces:
        return "It takes no uploads: no detector runs here."
    detector = open_detector(settings)
    return f"Detector {detector.name}: {detector.limits_said}"


def _again() -> str:
    """How to call this program from another shell in this folder, so that it finds the same keys."""
    called, here = Path(sys.argv[0]), Path.cwd()
    given = [name for name in ("REKPROXY_CONFIG", "REKPROXY_DATA_DIR") if os.environ.get(name)]
    variables = [f"{name}={shlex.quote(os.environ[name])}" for name in given]
    if called.name != "rekproxy":
        program = [sys.executable, "-m", "rekproxy"]
    else:
        program = [str(called.relative_to(here)) if called.is_relative_to(here) else str(called)]
    return " ".join([*variables, shlex.join(program)])
