"""Work that follows a decision: written with it, leased by the database's clock, ended by the holder."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    RowMapping,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from ...domain.asset import Job
from ...interfaces import DeadJob
from .blobs import refuse_erased
from .engine import Database, Transaction, now_ms
from .schema import jobs

#: Of a job that nobody holds, and that was not given up.
WAITING = and_(jobs.c.lease_token.is_(None), jobs.c.dead_at.is_(None))
#: In PostgreSQL: one transaction at a time for whatever has this key.
KEY_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")

_DUE: Final = bindparam("due", type_=BigInteger())
_WRITE: Final = insert(jobs)
_RENEW: Final = (
    update(jobs)
    .where(jobs.c.dedupe_key == bindparam("of_key"), WAITING)
    .values(run_after=case((jobs.c.run_after < _DUE, jobs.c.run_after), else_=_DUE))
)
_DROP: Final = delete(jobs).where(jobs.c.dedupe_key == bindparam("of_key"))


def put(
    tx: Transaction,
    cloud: str,
    kind: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str | None = None,
    delay: float = 0.0,
) -> None:
    """Write a job. A waiting one of the same key takes the new payload, and the earlier of both times."""
    run_after = tx.now + round(delay * 1000)
    if dedupe_key and _renew_waiting(tx, dedupe_key, payload, run_after):
        return
    new = row(tx, cloud, kind, payload, dedupe_key)
    tx.connection.execute(_WRITE, new | {"run_after": run_after})


def replace(
    tx: Transaction,
    cloud: str,
    kind: str,
    payloads: Mapping[str, Mapping[str, Any]],
    *,
    delay: float = 0.0,
) -> None:
    """Write many jobs by their keys, in place of those that wait. The caller's locks guard the keys."""
    tx.connection.execute(delete(jobs).where(jobs.c.dedupe_key.in_(payloads), WAITING))
    due = {"run_after": tx.now + round(delay * 1000)}
    rows = [row(tx, cloud, kind, payload, key) | due for key, payload in payloads.items()]
    tx.connection.execute(_WRITE, rows)


def row(
    tx: Transaction, cloud: str, kind: str, payload: Mapping[str, Any], dedupe_key: str | None
) -> dict[str, Any]:
    """A job that is due now, as a row."""
    return {
        "kind": kind,
        "cloud": cloud,
        "dedupe_key": dedupe_key,
        "payload": dict(payload),
        "run_after": tx.now,
        "attempts": 0,
        "created_at": tx.now,
    }


def _renew_waiting(tx: Transaction, dedupe_key: str, payload: Mapping[str, Any], run_after: int) -> bool:
    if tx.on_postgresql:
        # two that find nobody waiting would both write
        tx.connection.execute(KEY_LOCK, {"key": dedupe_key})
    asked = {"of_key": dedupe_key, "payload": dict(payload), "due": run_after}
    return tx.connection.execute(_RENEW, asked).rowcount > 0


def drop(tx: Transaction, dedupe_key: str) -> None:
    """Remove the jobs of a key, leased or not: what they were for is done. A holder finds its lease lost."""
    tx.connection.execute(_DROP, {"of_key": dedupe_key})


def end(tx: Transaction, job: Job) -> bool:
    """Remove a job that is still leased to us."""
    return tx.connection.execute(delete(jobs).where(_mine(job))).rowcount > 0


def holds(tx: Transaction, job: Job) -> bool:
    """Whether a job is still leased to us; nobody else can take it before this transaction ends."""
    return tx.connection.scalar(select(jobs.c.id).where(_mine(job)).with_for_update()) is not None


def take(tx: Transaction, chosen: Sequence[int], lease: float) -> tuple[Job, ...]:
    """Lease jobs that this transaction has chosen, in the order of their ids."""
    taken = (
        update(jobs)
        .where(jobs.c.id.in_(chosen))
        .values(
            lease_token=secrets.token_hex(16),
            lease_until=tx.now + round(lease * 1000),
            attempts=jobs.c.attempts + 1,
        )
        .returning(jobs)
    )
    rows = tx.connection.execute(taken).mappings().all()
    return tuple(_leased(row) for row in sorted(rows, key=lambda row: chosen.index(row["id"])))


def _mine(job: Job) -> Any:
    return and_(jobs.c.id == job.id, jobs.c.lease_token == job.lease_token)


def _leased(row: RowMapping) -> Job:
    return Job(row["id"], row["kind"], row["cloud"], row["payload"], row["attempts"], row["lease_token"])


class Jobs:
    """The jobs' part of the catalog."""

    _database: Database

    def enqueue(
        self,
        cloud: str,
        kind: str,
        payload: Mapping[str, Any],
        *,
        dedupe_key: str | None = None,
        delay: float = 0.0,
        wants: str | None = None,
    ) -> None:
        """See `Catalog.enqueue`."""
        with self._database.write() as tx:
            if wants is not None:
                refuse_erased(tx, wants)
            put(tx, cloud, kind, payload, dedupe_key=dedupe_key, delay=delay)

    def claim(self, kinds: Sequence[str], *, lease: float, limit: int = 1) -> tuple[Job, ...]:
        """See `Catalog.claim`."""
        with self._database.write() as tx:
            free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= tx.now)
            due = (
                select(jobs.c.id)
                .where(jobs.c.dead_at.is_(None), jobs.c.run_after <= tx.now, jobs.c.kind.in_(kinds), free)
                .order_by(jobs.c.run_after, jobs.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            chosen = tx.connection.scalars(due).all()
            return take(tx, chosen, lease) if chosen else ()

    def finish(self, job: Job) -> bool:
        """See `Catalog.finish`."""
        with self._database.write() as tx:
            return end(tx, job)

    def retry(self, job: Job, error: str, *, delay: float, dead: bool = False) -> bool:
        """See `Catalog.retry`."""
        with self._database.write() as tx:
            given_back = (
                update(jobs)
                .where(_mine(job))
                .values(
                    lease_token=None,
                    lease_until=None,
                    run_after=tx.now + round(delay * 1000),
                    dead_at=tx.now if dead else None,
                    error=error,
                )
            )
            return tx.connection.execute(given_back).rowcount > 0

    def give_back(self, job: Job) -> bool:
        """See `Catalog.give_back`."""
        with self._database.write() as tx:
            untried = {"lease_token": None, "lease_until": None, "attempts": jobs.c.attempts - 1}
            return tx.connection.execute(update(jobs).where(_mine(job)).values(untried)).rowcount > 0

    def oldest_due(self, kind: str) -> float | None:
        """See `Catalog.oldest_due`."""
        free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now_ms())
        oldest = (
            select(now_ms() - jobs.c.run_after)
            .where(jobs.c.dead_at.is_(None), jobs.c.run_after <= now_ms(), jobs.c.kind == kind, free)
            .order_by(jobs.c.run_after)
            .limit(1)
        )
        with self._database.read() as connection:
            waited = connection.scalar(oldest)
        return None if waited is None else waited / 1000

    def dead_jobs(self, cloud: str | None, *, limit: int = 100) -> tuple[DeadJob, ...]:
        """See `Catalog.dead_jobs`."""
        dead = select(jobs).where(jobs.c.dead_at.is_not(None))
        if cloud is not None:
            dead = dead.where(jobs.c.cloud == cloud)
        with self._database.read() as connection:
            rows = connection.execute(dead.order_by(jobs.c.dead_at.desc(), jobs.c.id).limit(limit)).all()
        return tuple(
            DeadJob(row.id, row.kind, row.cloud, row.attempts, row.error or "", row.dead_at) for row in rows
        )

    def job_counts(self) -> Mapping[tuple[str, str], int]:
        """See `Catalog.job_counts`."""
        leased = and_(jobs.c.lease_token.is_not(None), jobs.c.lease_until > now_ms())
        state = case((jobs.c.dead_at.is_not(None), "dead"), (leased, "leased"), else_="waiting").label(
            "state"
        )
        counts = select(jobs.c.kind, state, func.count()).group_by(jobs.c.kind, state)
        with self._database.read() as connection:
            return {(kind, state): count for kind, state, count in connection.execute(counts)}

    def wake(self, cloud: str, job_id: int) -> bool:
        """See `Catalog.wake`."""
        with self._database.write() as tx:
            due = (
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.cloud == cloud, jobs.c.lease_token.is_(None))
                .values(run_after=tx.now, dead_at=None)
            )
            return tx.connection.execute(due).rowcount > 0
