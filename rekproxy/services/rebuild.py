"""Derived images that are made before anybody asks: those that were asked for most, after an overwrite."""

from dataclasses import dataclass

import structlog

from ..domain.asset import Job, Status
from ..errors import DamagedError, ImagerError, InvalidRequestError, NotFoundError, NotStoredError
from ..interfaces import Catalog
from .deliver import Deliver

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Makes at most `most` derived images of an overwritten asset anew."""

    catalog: Catalog
    deliver: Deliver
    most: int

    def run(self, job: Job) -> None:
        """Make them, if the asset is approved now. What cannot be made is left to whoever asks for it.

        Raises `UnavailableError`: then the job comes again.
        """
        asset = self.catalog.asset_by_id(job.cloud, job.payload["asset_id"])
        if asset is None or asset.standing is not Status.APPROVED:
            return
        for transformation, format in job.payload["wanted"][: self.most]:
            try:
                self.deliver.make(asset, transformation, format)
            except (InvalidRequestError, NotFoundError, DamagedError, NotStoredError, ImagerError) as error:
                _log.warning("not_rebuilt", asset=asset.asset_id, error=str(error))
