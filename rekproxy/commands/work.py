"""`rekproxy work`: does what decisions left to be done, until it is told to stop."""

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Final

import click

from .. import config, logs
from ..services.jobs import PATIENCE
from . import embedded_option

if TYPE_CHECKING:
    from ..services.jobs import Worker

#: Threads that tell people, each waiting for one receiver at a time.
MESSENGERS: Final = 4
#: Threads that purge edges, each waiting for one at a time.
PURGERS: Final = 2


@click.command("work")
@click.option("--parent", type=int, hidden=True, help="Leave when this process is no longer the parent.")
@embedded_option
def command(parent: int | None, embedded: bool) -> None:
    """Do the jobs: verdicts to ask again for, people to tell, edges to purge, bytes to free.

    Start as many as the detector's rate allows, on any machine that reaches catalog and storage. Ends after
    the job at hand when told to (SIGTERM, Ctrl-C).
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent is not None:
        threading.Thread(target=_watch, args=(parent, stop), daemon=True).start()
    from ..app import build

    settings = config.load(os.environ, embedded=embedded)
    logs.configure(settings.log_format)
    threading.Thread(target=_end, args=(stop,), daemon=True).start()
    application = build(settings)
    application.recurring.plan(stop)
    aside = [application.messenger() for _ in range(MESSENGERS)]
    if application.settings.edge:
        aside += [application.purger() for _ in range(PURGERS)]
    helpers = [threading.Thread(target=_run, args=(worker, stop), daemon=True) for worker in aside]
    for helper in helpers:
        helper.start()
    try:
        application.worker().run(stop)
    finally:
        stop.set()
        for helper in helpers:
            helper.join()


def _run(worker: "Worker", stop: threading.Event) -> None:
    """One that cannot go on takes the process with it: whoever started that starts it again."""
    try:
        worker.run(stop)
    finally:
        stop.set()


def _end(stop: threading.Event) -> None:
    """What cannot end has its job given back by now: the process need not wait for it."""
    stop.wait()
    time.sleep(PATIENCE + 1)
    os._exit(0)


def _watch(parent: int, stop: threading.Event) -> None:
    """A parent that was killed cannot say goodbye; its job is leased, and another worker takes it up."""
    while os.getppid() == parent:
        if stop.wait(1.0):
            return
    stop.set()
    time.sleep(10)
    os._exit(1)
