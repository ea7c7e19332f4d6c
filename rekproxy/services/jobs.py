"""The worker: claims what decisions left to be done, and does it until it is done or visibly dead."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import structlog

from ..domain.asset import Job
from ..domain.cachekeys import derived_prefix, original_key, rendition_prefix
from ..errors import ProviderError, RekproxyError, ThrottledError
from ..interfaces import Catalog, Storage
from .moderate import Moderate
from .turns import WORKER_PATIENCE

_log = structlog.get_logger()

#: Attempts after which a job is dead: with the delays below, about two days.
MOST_ATTEMPTS = 24
LEASE_SECONDS = 120.0
#: Seconds that a worker which is told to stop has for the job at hand.
PATIENCE = 8.0
_TICK = 1.0
#: How often bytes are looked for that no version has.
SWEEP_SECONDS = 86_400.0


def delay(attempts: int, retryable: bool = True) -> float:
    """Seconds until the next attempt: doubling to 3 h, from 5 s, or 5 min where an operator must mend it."""
    first = 5 if retryable else 300
    return float(min(first * 2 ** min(attempts, 12), 10_800))


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs jobs, one at a time; start as many as the provider's rate allows. `handlers` is a verb a kind.

    A kind of which a job has no turn yet rests until that comes (`time.monotonic`); others go on.
    """

    catalog: Catalog
    handlers: Mapping[str, Callable[[Job], None]]
    _resting: dict[str, float] = field(default_factory=dict)
    _at_hand: list[Job] = field(default_factory=list)

    def run(self, stop: threading.Event, *, idle: float = 1.0, patience: float = PATIENCE) -> None:
        """Work until `stop` is set, asking again every `idle` seconds when nothing is due.

        A job that is not done `patience` seconds later is given back: another worker takes it up at once.
        """
        ended = threading.Event()
        threading.Thread(target=self._return, args=(stop, ended, patience), daemon=True).start()
        try:
            self._work(stop, idle)
        finally:
            ended.set()

    def _return(self, stop: threading.Event, ended: threading.Event, patience: float) -> None:
        while not ended.is_set() and not stop.wait(_TICK):
            pass
        if ended.wait(patience):
            return
        for job in tuple(self._at_hand):
            _log.warning("job_given_back", kind=job.kind, job=job.id)
            self.catalog.give_back(job)

    def _work(self, stop: threading.Event, idle: float) -> None:
        while not stop.is_set():
            try:
                busy = self.run_once()
            except RekproxyError as error:
                _log.warning("worker_waits", error=str(error))
                busy = False
            if not busy:
                turns = [until - time.monotonic() for until in self._resting.values()]
                stop.wait(min([idle, *(max(0.0, turn) for turn in turns)]))

    def run_once(self) -> bool:
        """Take up one due job, if there is one of a kind that does not rest; tell whether there was."""
        for kind in [kind for kind, until in self._resting.items() if until <= time.monotonic()]:
            del self._resting[kind]
        kinds = tuple(kind for kind in self.handlers if kind not in self._resting)
        jobs = self.catalog.claim(kinds, lease=LEASE_SECONDS, limit=1)
        for job in jobs:
            self._at_hand.append(job)
            try:
                self._do(job)
            finally:
                self._at_hand.remove(job)
        return bool(jobs)

    def _do(self, job: Job) -> None:
        try:
            self.handlers[job.kind](job)
        except ThrottledError as error:
            # back a little before the turn, to take it ahead of whoever comes by chance when it is there
            self._resting[job.kind] = time.monotonic() + max(0.05, error.seconds - WORKER_PATIENCE / 2)
            self.catalog.give_back(job)
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
            self.catalog.free_blob(job.cloud, digest, partial(self.erase, digest))

    def blobs(self) -> None:
        """Delete what was stored for uploads that never became a version, once nobody wanted it for a day."""
        after: str | None = ""
        while after is not None:
            loose, after = self.catalog.loose_blobs(after)
            for digest in loose:
                self.catalog.free_blob("", digest, partial(self.erase, digest))

    def erase(self, digest: str) -> None:
        """Delete an original and its renditions, whoever refers to them: for whom the catalog calls back."""
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
