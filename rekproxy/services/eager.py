"""Derived images that were asked for beforehand: made at once or by a job, never of what is not approved."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from ..domain.asset import Asset, Job, Status
from ..domain.eager import Batch, Wanted, batch_from
from ..errors import (
    DamagedError,
    ImagerError,
    InvalidRequestError,
    NotFoundError,
    NotStoredError,
    UnavailableError,
)
from ..interfaces import Catalog
from ..interfaces.waiting import seconds_left
from .deliver import Deliver, Measures

_log = structlog.get_logger()

#: How long a caller is kept waiting for derived images, in seconds; a job makes those that take longer.
PATIENCE: Final = 20.0
#: After so many attempts what kills imagers is given up.
_MOST_DEATHS: Final = 3


@dataclass(frozen=True, slots=True)
class Image:
    """What became of one: `measures` once it is made, `reason` if it cannot be made, else it is to come."""

    wanted: Wanted
    measures: Measures | None = None
    reason: str | None = None

    @property
    def waits(self) -> bool:
        """Whether a job is to make it."""
        return self.measures is None and self.reason is None


@dataclass(frozen=True, slots=True)
class Eager:
    """Makes them. `patience` is for callers, in seconds of `clock`."""

    catalog: Catalog
    deliver: Deliver
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic

    def begin(self, asset: Asset, batch: Batch, *, actor: str) -> tuple[Image, ...]:
        """Make a batch of an asset's current version, or have it made: later, or once it is approved.

        Of what is rejected nothing is told. Raises `CatalogUnavailableError`.
        """
        if not batch.wanted:
            return ()
        images = tuple(Image(wanted) for wanted in batch.wanted)
        if batch.at_once and asset.standing is Status.APPROVED:
            images = self._make(asset, batch.wanted, self.clock() + min(self.patience, seconds_left()))
        late = tuple(image.wanted for image in images if image.waits)
        if late and not self._want(asset, replace(batch, wanted=late), actor):
            return ()
        seen = any(image.measures for image in images)
        if asset.status is Status.REJECTED or (seen and not self._is_shown(asset)):
            return ()
        return images

    def after_upload(self, asset: Asset, batch: Batch, *, actor: str) -> tuple[Image, ...]:
        """The same right after an upload, with which a batch was written that nobody waits for."""
        if batch.at_once:
            return self.begin(asset, batch, actor=actor)
        return () if asset.status is Status.REJECTED else tuple(Image(wanted) for wanted in batch.wanted)

    def run(self, job: Job) -> None:
        """Make a batch, tell of it and end its job. Raises what may pass."""
        version = self.catalog.version(job.cloud, job.payload["version_id"])
        asset = version and self.catalog.asset_by_id(job.cloud, version.asset_id)
        if not asset or not version or asset.current.version_id != version.version_id:
            self.catalog.end_eager(job)
            return
        batch = batch_from(job.payload)
        if asset.standing is Status.APPROVED:
            images = tuple(self._one(asset, wanted, job.attempts) for wanted in batch.wanted)
            if self._is_shown(asset):
                facts = {"eager": [told(image) for image in images], "batch_id": batch.batch_id}
                self.catalog.end_eager(job, facts)
                return
        self.catalog.end_eager(job)

    def _want(self, asset: Asset, batch: Batch, actor: str) -> bool:
        return self.catalog.want_eager(asset.cloud, asset.current.version_id, batch, actor=actor)

    def _make(self, asset: Asset, all_wanted: tuple[Wanted, ...], deadline: float) -> tuple[Image, ...]:
        images = []
        for wanted in all_wanted:
            if self.clock() >= deadline:
                images.append(Image(wanted))
                continue
            try:
                images.append(self._one(asset, wanted))
            except UnavailableError as error:
                _log.warning("eager_put_off", asset=asset.asset_id, error=str(error))
                images.append(Image(wanted))
        return tuple(images)

    def _one(self, asset: Asset, wanted: Wanted, attempts: int = _MOST_DEATHS) -> Image:
        """Raises `UnavailableError`, and `ImagerError` in one of the first attempts."""
        form = wanted.format or asset.current.format
        try:
            return Image(wanted, self.deliver.make(asset, wanted.transformation, form))
        except (InvalidRequestError, NotFoundError) as error:
            return Image(wanted, reason=str(error))
        except (DamagedError, NotStoredError):
            return Image(wanted, reason="The original is not available")
        except ImagerError as error:
            if attempts < _MOST_DEATHS:
                raise
            _log.warning("not_derived", asset=asset.asset_id, error=str(error))
            return Image(wanted, reason="The image cannot be made")

    def _is_shown(self, asset: Asset) -> bool:
        """Whether the public may see this version now: nothing is told of what it may not."""
        now = self.catalog.asset_by_id(asset.cloud, asset.asset_id)
        if now is None or now.standing is not Status.APPROVED:
            return False
        return now.current.version_id == asset.current.version_id


def told(image: Image) -> Mapping[str, Any]:
    """An image as it is kept to be told, without the address that it has."""
    said: dict[str, Any] = {"transformation": image.wanted.transformation}
    if image.measures is not None:
        return {**said, **image.measures._asdict()}
    if image.reason is not None:
        return {**said, "status": "failed", "reason": image.reason}
    return {**said, "status": "processing", "extension": image.wanted.format}
