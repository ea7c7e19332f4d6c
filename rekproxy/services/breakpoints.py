"""Responsive breakpoints: measures approved pictures at several widths, while their caller waits."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from ..domain.asset import Asset, Status
from ..domain.breakpoints import Ladder
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

#: How long a caller is kept waiting for all of them, in seconds; then those that are there have to do.
PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Rungs:
    """What came of one ladder: measures, widest first; or why there are none."""

    ladder: Ladder
    measures: tuple[Measures, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Breakpoints:
    """Finds them. `patience` is in seconds of `clock`."""

    catalog: Catalog
    deliver: Deliver
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic

    def of(self, asset: Asset, ladders: Sequence[Ladder]) -> tuple[Rungs, ...]:
        """The breakpoints of an approved picture; of another there are none, and none is made later."""
        if not ladders or asset.standing is not Status.APPROVED:
            return ()
        deadline = self.clock() + min(self.patience, seconds_left())
        found = tuple(self._climb(asset, ladder, deadline) for ladder in ladders)
        now = self.catalog.asset_by_id(asset.cloud, asset.asset_id)
        return found if now is not None and now.standing is Status.APPROVED else ()

    def _climb(self, asset: Asset, ladder: Ladder, deadline: float) -> Rungs:
        try:
            return Rungs(ladder, self._measured(asset, ladder, deadline))
        except (InvalidRequestError, NotFoundError, UnavailableError) as error:
            return Rungs(ladder, reason=str(error))
        except (DamagedError, NotStoredError, ImagerError) as error:
            _log.warning("not_measured", asset=asset.asset_id, error=str(error))
            return Rungs(ladder, reason="The image cannot be made")

    def _measured(self, asset: Asset, ladder: Ladder, deadline: float) -> tuple[Measures, ...]:
        low, high = ladder.ends(self._width(asset, ladder))
        ends = [self._at(asset, ladder, width) for width in dict.fromkeys((low, high))]
        least, largest = ends[0], ends[-1]
        between = ladder.between((low, least.bytes), (high, largest.bytes))
        middle = [self._at(asset, ladder, width) for width in between if self.clock() < deadline]
        return tuple(sorted({*ends, *middle}, reverse=True))

    def _width(self, asset: Asset, ladder: Ladder) -> int:
        """How wide the picture is after the transformation."""
        if not ladder.transformation:
            return asset.current.width
        form = ladder.format or asset.current.format
        return self.deliver.make(asset, ladder.transformation, form, keep=False).width

    def _at(self, asset: Asset, ladder: Ladder, width: int) -> Measures:
        form = ladder.format or asset.current.format
        return self.deliver.make(asset, ladder.at(width), form, keep=ladder.create_derived)
