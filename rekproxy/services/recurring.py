"""Jobs that come again and again: the start of a worker plans the first run, each run plans the next."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog

from ..domain.asset import Job
from ..errors import RekproxyError
from ..interfaces import Catalog

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Recurring:
    """What is to be done every so many seconds, by one worker of all: `tasks` is (seconds, task) by kind."""

    catalog: Catalog
    tasks: Mapping[str, tuple[float, Callable[[], object]]]

    def plan(self, stop: threading.Event, *, idle: float = 1.0) -> None:
        """Have each kind planned, once the catalog answers; one that is planned already is not doubled."""
        while not stop.is_set():
            try:
                for kind in self.tasks:
                    self.catalog.enqueue("", kind, {}, dedupe_key=kind)
                return
            except RekproxyError as error:
                _log.warning("planning_waits", error=str(error))
                stop.wait(idle)

    def handlers(self) -> dict[str, Callable[[Job], None]]:
        """Who does each kind."""
        return {kind: partial(self._run, kind) for kind in self.tasks}

    def _run(self, kind: str, job: Job) -> None:
        """One run; the next is planned even if this one fails, and is tried again besides."""
        seconds, task = self.tasks[kind]
        try:
            task()
        finally:
            self.catalog.enqueue("", kind, {}, dedupe_key=kind, delay=seconds)
