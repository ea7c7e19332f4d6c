"""What people say of pictures that they see: a place in the queue of moderators."""

from dataclasses import dataclass
from typing import Final

from ..domain.asset import Asset, Hidden
from ..domain.reasons import Reasons, check_note
from ..errors import InvalidRequestError, NotFoundError, RateLimitedError
from ..interfaces import Catalog
from ..interfaces.reports import Report
from .takedown import PurgeEdges, no_edges

#: Characters of the name of a reporter.
MAX_REPORTER: Final = 255
#: Reports a second of one reporter in the long run, and at once after a rest.
RATE: Final = 0.1
BURST: Final = 20


@dataclass(frozen=True, slots=True)
class Reports:
    """Takes reports. As many different reporters as `hide_after` hide a picture; 0 is never.

    `purge_edges` empties the edges of one that was just hidden.
    """

    catalog: Catalog
    reasons: Reasons
    hide_after: int
    purge_edges: PurgeEdges = no_edges

    def accept(
        self,
        cloud: str,
        report: Report,
        *,
        actor: str,
        type: str = "upload",
        public_id: str | None = None,
        asset_id: str | None = None,
    ) -> Asset:
        """Report the picture of that name, or of that id; gives it as it then stands.

        Raises `InvalidRequestError` for a reason that is not known or a text that is too long,
        `RateLimitedError`, and `NotFoundError` for whatever the public does not see.
        """
        self.reasons.check(report.reason)
        check_note(report.note)
        if len(report.reporter) > MAX_REPORTER:
            raise InvalidRequestError("Parameter reporter is too long")
        self._take_turn(cloud, report.reporter)
        if asset_id is not None:
            asset = self.catalog.asset_by_id(cloud, asset_id)
        else:
            asset = self.catalog.asset(cloud, type, public_id or "")
        done = asset and self.catalog.report(
            cloud, asset.asset_id, report, hide_after=self.hide_after, actor=actor
        )
        if done is None:
            raise NotFoundError(f"Resource not found - {asset_id or public_id}")
        if done.hidden is Hidden.REPORTED:
            self.purge_edges(cloud, [done])
        return done

    def _take_turn(self, cloud: str, reporter: str) -> None:
        wait = self.catalog.take_turn(f"report:{cloud}:{reporter}", 1, rate=RATE, burst=BURST, patience=0.0)
        if wait < 0:
            raise RateLimitedError("Too many reports. Try again later.", retry_after=int(-wait) + 1)
