"""What the catalog must offer about jobs: written, leased, ended, retried, dead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..domain.asset import Job


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up: what it was, its last error, and since when (milliseconds since 1970)."""

    id: int
    kind: str
    cloud: str
    attempts: int
    error: str
    dead_at: int


class Jobs(Protocol):
    """The part of the catalog about what is to be done, and is written with what causes it."""

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
        """Write a job by itself; one of the same `dedupe_key` that is still waiting stands for both.

        `wants` is a digest whose bytes it needs. Raises `StorageUnavailableError` if these were given up.
        """

    def claim(self, kinds: Sequence[str], *, lease: float, limit: int = 1) -> tuple[Job, ...]:
        """Lease jobs that are due, for `lease` seconds by the database's clock."""

    def finish(self, job: Job) -> bool:
        """Remove a job that is still leased to us; false if the lease was lost."""

    def retry(self, job: Job, error: str, *, delay: float, dead: bool = False) -> bool:
        """Give a job back to run after `delay` seconds, or put it among the dead, where people see it."""

    def give_back(self, job: Job) -> bool:
        """Let go of a job that could not be tried: no attempt is counted, and it keeps its place."""

    def oldest_due(self, kind: str) -> float | None:
        """For how many seconds the oldest job of a kind has been due that nobody does; `None` without one."""

    def dead_jobs(self, cloud: str | None, *, limit: int = 100) -> tuple[DeadJob, ...]:
        """The dead jobs of a cloud (all, if it is `None`), the latest first."""

    def job_counts(self) -> Mapping[tuple[str, str], int]:
        """Number of jobs by (kind, state); states are waiting, leased, dead."""

    def wake(self, cloud: str, job_id: int) -> bool:
        """Make a dead or waiting job due now."""
