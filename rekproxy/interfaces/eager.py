"""What the catalog must offer about derived images that were asked for beforehand."""

from collections.abc import Mapping
from typing import Any, Protocol

from ..domain.asset import Job
from ..domain.eager import Batch


class Eager(Protocol):
    """The part of the catalog about derived images that are made before anybody asks for them.

    Nothing is made of what is not approved: the job `eager`, with the version's id and the batch, is due once
    its version is approved, and is given up when nobody approves it for long.
    """

    def want_eager(self, cloud: str, version_id: str, batch: Batch, *, actor: str) -> bool:
        """Have a batch made of a version: now if it is shown, else as soon as it is approved.

        False, and nothing is written, if it is no longer the current one.
        """

    def end_eager(self, job: Job, facts: Mapping[str, Any] | None = None) -> bool:
        """End the job of a batch and announce `facts` of what was made; without any, nothing is announced.

        False, and nothing is written, if the lease was lost.
        """
