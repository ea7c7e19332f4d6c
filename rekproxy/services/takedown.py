"""What follows a takedown at the edges: purged by the call itself where it can, by jobs where it cannot."""

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import structlog

from ..domain.asset import Asset, Job
from ..domain.cachekeys import purge_keys
from ..errors import EdgeError, UnavailableError
from ..interfaces import Catalog, Meter
from ..interfaces.edge import AGAIN, CONFIRM, FIRST, EdgePurger, Receipt

#: Seconds that a call waits for its edges, all at once; what takes longer goes on without it.
PATIENCE: Final = 2.0
#: A response that was under way when the first purge came has ended so many seconds after its deadline.
AGAIN_AFTER: Final = 5.0
#: Attempts, at most a minute apart: about a day, which is the longest life that an edge is given.
_MOST_ATTEMPTS: Final = 1500
_MOST_WAIT: Final = 60.0
#: Questions whether an accepted purge has ended, and the seconds between them.
_MOST_QUESTIONS: Final = 120
_QUESTION_SECONDS: Final = 5.0
_LEASE: Final = 30.0
#: For how long, in seconds, what was read of the purges still owed is believed …
_FRESH: Final = 5.0
#: … how often it is read again …
_TICK: Final = 1.0
#: … and after how many readings in vain, without a request, that rests.
_IDLE: Final = 60

#: What a call does about edges when it has changed assets of a cloud, and what it may say of that.
PurgeEdges: TypeAlias = Callable[[str, Sequence[Asset]], Sequence[Mapping[str, Any]]]

_log = structlog.get_logger()


def no_edges(cloud: str, assets: Sequence[Asset]) -> Sequence[Mapping[str, Any]]:
    """Of an installation that has none there is nothing to say."""
    return ()


@dataclass(frozen=True, slots=True)
class Takedown:
    """Purges edges. `purgers` by name, the nearest first; the catalog writes the jobs for these names."""

    catalog: Catalog
    purgers: Mapping[str, EdgePurger]
    meter: Meter
    patience: float = PATIENCE

    def now(self, cloud: str, assets: Sequence[Asset]) -> tuple[Mapping[str, Any], ...]:
        """Try the first purge of what has just changed, and say of each edge what came of it.

        `state` is `confirmed` with `seconds`, `accepted` with the edge's own `ids`, or `queued`: a job goes
        on with it. Never raises, and takes `patience` seconds at most.
        """
        if not assets or not self.purgers:
            return ()
        until = time.monotonic() + self.patience
        answers = {edge: self._start(cloud, edge, assets) for edge in self.purgers}
        return tuple(_tier(edge, answer, until) for edge, answer in answers.items())

    def handlers(self) -> dict[str, Callable[[Job], None]]:
        """The jobs about edges, and who does them."""
        return {FIRST: self.purge, AGAIN: self.purge, CONFIRM: self.confirm}

    def purge(self, job: Job) -> None:
        """Make a purge that is owed; one that fails comes again, first soon and then every minute."""
        purger = self.purgers.get(job.payload["edge"])
        if purger is None:
            _log.warning("edge_is_gone", edge=job.payload["edge"], job=job.id)
            return
        try:
            receipt = self._purge(job.payload["edge"], purger, job.payload["keys"])
        except EdgeError as error:
            self._again(job, error)
        else:
            self._ended(job, receipt)

    def confirm(self, job: Job) -> None:
        """Ask whether an accepted purge has ended, until it has."""
        edge, purger = job.payload["edge"], self.purgers.get(job.payload["edge"])
        if purger is None:
            return
        try:
            ended = all(purger.confirmed(id) for id in job.payload["ids"])
        except EdgeError as error:
            _log.warning("edge_does_not_say", edge=edge, error=str(error))
            ended = False
        if ended:
            self.meter.purged(edge, "confirmed")
            self._measure(job)
            return
        dead = job.attempts >= _MOST_QUESTIONS
        self.catalog.retry(job, "It has not ended yet", delay=_QUESTION_SECONDS, dead=dead)

    def _start(
        self, cloud: str, edge: str, assets: Sequence[Asset]
    ) -> "queue.SimpleQueue[tuple[Receipt, float] | None]":
        answer: queue.SimpleQueue[tuple[Receipt, float] | None] = queue.SimpleQueue()
        threading.Thread(target=self._try, args=(cloud, edge, assets, answer), daemon=True).start()
        return answer

    def _try(
        self,
        cloud: str,
        edge: str,
        assets: Sequence[Asset],
        answer: "queue.SimpleQueue[tuple[Receipt, float] | None]",
    ) -> None:
        """In a thread of its own. The jobs are held meanwhile; a later change writes others."""
        began = time.monotonic()
        keys = [key for asset in assets for key in purge_keys(asset)]
        try:
            held = self.catalog.claim_purges(cloud, edge, [asset.asset_id for asset in assets], lease=_LEASE)
            try:
                receipt = self._purge(edge, self.purgers[edge], keys)
            except EdgeError as error:
                for job in held:
                    self._again(job, error)
                answer.put(None)
                return
            answer.put((receipt, time.monotonic() - began))
            for job in held:
                self._ended(job, receipt)
                self.catalog.finish(job)
        except UnavailableError as error:
            _log.warning("purge_is_left_to_a_job", edge=edge, error=str(error))
            answer.put(None)

    def _purge(self, edge: str, purger: EdgePurger, keys: Sequence[str]) -> Receipt:
        try:
            receipt = purger.purge(keys)
        except EdgeError as error:
            self.meter.purged(edge, "failed")
            _log.warning("edge_not_purged", edge=edge, keys=len(keys), error=str(error))
            raise
        self.meter.purged(edge, "confirmed" if receipt.confirmed else "accepted")
        return receipt

    def _again(self, job: Job, error: EdgeError) -> None:
        delay = min(2.0 ** min(job.attempts - 1, 6), _MOST_WAIT)
        self.catalog.retry(job, str(error), delay=delay, dead=job.attempts >= _MOST_ATTEMPTS)

    def _ended(self, job: Job, receipt: Receipt) -> None:
        if job.kind == AGAIN:
            return
        if receipt.confirmed:
            self._measure(job)
        else:
            payload = {"edge": receipt.edge, "ids": list(receipt.ids), "at": job.payload["at"]}
            self.catalog.enqueue(job.cloud, CONFIRM, payload, delay=_QUESTION_SECONDS)

    def _measure(self, job: Job) -> None:
        """From the decision to its confirmation, by the catalog's clock."""
        self.meter.taken_down(max(0.0, (self.catalog.clock() - job.payload["at"]) / 1000))


def _tier(
    edge: str, answer: "queue.SimpleQueue[tuple[Receipt, float] | None]", until: float
) -> Mapping[str, Any]:
    try:
        got = answer.get(timeout=max(0.0, until - time.monotonic()))
    except queue.Empty:
        got = None
    if got is None:
        return {"tier": edge, "state": "queued"}
    receipt, seconds = got
    if not receipt.confirmed:
        return {"tier": edge, "state": "accepted", "ids": list(receipt.ids)}
    return {"tier": edge, "state": "confirmed", "seconds": round(seconds, 3)}


@dataclass(slots=True)
class EdgeLife:
    """How many seconds an edge may keep a picture now: `long`, or `short` while a purge is late.

    `late` says by how many seconds the oldest one is. It is asked aside, once a second while requests come,
    so that asking here costs nothing; where it cannot be answered, life is short.
    """

    late: Callable[[], float | None]
    long: int
    short: int
    _life: int = field(default=0, init=False)
    _until: float = field(default=0.0, init=False)
    _wanted: bool = field(default=False, init=False)
    _process: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __call__(self) -> int:
        """Seconds."""
        self._wanted = True
        if time.monotonic() < self._until:
            return self._life
        with self._lock:
            if time.monotonic() >= self._until:
                self._read()
                self._start()
        return self._life

    def _read(self) -> None:
        try:
            late = self.late()
        except Exception as error:  # whatever it is, nothing is known of the purges
            _log.warning("edge_life_unknown", error=repr(error))
            late = float(self.short + 1)
        self._life = self.short if late is not None and late > self.short else self.long
        self._until = time.monotonic() + _FRESH

    def _start(self) -> None:
        """A fork has no threads, so each process starts its own."""
        if self._process != os.getpid():
            self._process = os.getpid()
            threading.Thread(target=self._keep, daemon=True).start()

    def _keep(self) -> None:
        idle = 0
        while idle < _IDLE:
            time.sleep(_TICK)
            idle = 0 if self._wanted else idle + 1
            self._wanted = False
            self._read()
        self._process = 0
