"""The worker: claims what decisions left to be done, and does it until it is done or visibly dead."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog

from ..domain.asset import Job
from ..domain.cachekeys import derived_prefix, original_key, rendition_prefix
from ..errors import ProviderError, RekproxyError
from ..interfaces import Catalog, Storage
from .moderate import Moderate

_log = structlog.get_logger()

#: Attempts after which a job is dead: with the delays below, about two days.
MOST_ATTEMPTS = 24
LEASE_SECONDS = 120.0


def delay(attempts: int, retryable: bool = True) -> float:
    """Seconds until the next attempt: doubling to 3 h, from 5 s, or 5 min where an operator must mend it."""
    first = 5 if retryable else 300
    return float(min(first * 2 ** min(attempts, 12), 10_800))


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs jobs, one at a time; start as many as the provider's rate allows. `handlers` is a verb a kind."""

    catalog: Catalog
    handlers: Mapping[str, Callable[[Job], None]]

    def run(self, stop: threading.Event, *, idle: float = 1.0) -> None:
        """Work until `stop` is set, asking again every `idle` seconds when nothing is due."""
        while not stop.is_set():
            try:
                busy = self.run_once()
            except RekproxyError as error:
                _log.warning("worker_waits", error=str(error))
                busy = False
            if not busy:
                stop.wait(idle)

    def run_once(self) -> bool:
        """Do one due job, if there is one; tell whether there was."""
        jobs = self.catalog.claim(tuple(self.handlers), lease=LEASE_SECONDS, limit=1)
        for job in jobs:
            self._do(job)
        return bool(jobs)

    def _do(self, job: Job) -> None:
        try:
            self.handlers[job.kind](job)
        except Exception as error:
            retryable = not isinstance(error, ProviderError) or error.retryable
            dead = job.attempts >= MOST_ATTEMPTS
            _log.warning(
                "job_failed", kind=job.kind, job=job.id, attempts=job.attempts, dead=dead, error=repr(error)
            )
            self.catalog.retry(job, str(error), delay=delay(job.attempts, retryable), dead=dead)
        else:
            self.catalog.finish(job)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Frees bytes that nothing can find any more. Correctness never waits for it."""

    catalog: Catalog
    originals: Storage
    derived: Storage

    def derived_of(self, job: Job) -> None:
        """Delete an asset's derived files of other revisions than its current one."""
        asset_id = job.payload["asset_id"]
        asset = self.catalog.asset_by_id(job.cloud, asset_id)
        if asset is None:
            self.derived.delete_prefix(derived_prefix(asset_id))
            return
        kept = f"{derived_prefix(asset_id)}{asset.revision}/"
        for stored in self.derived.list(derived_prefix(asset_id)):
            if not stored.key.startswith(kept):
                self.derived.delete(stored.key)

    def original(self, job: Job) -> None:
        """Delete originals and renditions that no version refers to any more."""
        for digest in job.payload["digests"]:
            self.catalog.free_blob(job.cloud, digest, partial(self._erase, digest))

    def _erase(self, digest: str) -> None:
        self.originals.delete(original_key(digest))
        self.derived.delete_prefix(rendition_prefix(digest))


def handlers(moderate: Moderate, sweep: Sweep) -> dict[str, Callable[[Job], None]]:
    """Every kind of job there is, and who does it."""
    return {
        "moderate": lambda job: _moderate(moderate, job),
        "sweep_derived": sweep.derived_of,
        "sweep_original": sweep.original,
    }


def _moderate(moderate: Moderate, job: Job) -> None:
    """A verdict that only a person can give ends the job: the asset waits in the queue of people."""
    moderate.again(job)
