"""Look at a picture once: what was kept of its pixels counts, and of many who ask at once only one asks."""

import json
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from ..domain.taxonomy import TAXONOMIES
from ..errors import CatalogUnavailableError, ProviderError, ThrottledError
from ..interfaces import AnalysisCopy, Catalog, Detection, Detector, Meter
from .sightings import from_text, to_text
from .turns import Turns

#: How the copies that a detector sees are made; kept beside its labels.
RECIPE: Final = "upright-srgb-2048-3"

#: For how long a look is claimed, in seconds: longer than one call of a detector may take. A crashed
#: process' look is free after that; one that goes on is prolonged before it is halfway over.
LOOK_SECONDS: Final = 90.0
#: How long another one's look is waited for, in seconds.
WAIT_SECONDS: Final = 60.0

_log = structlog.get_logger()
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in each copy. `seen_at` (milliseconds since 1970) tells when, if it was kept labels."""

    detections: tuple[Detection, ...]
    seen_at: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Asks a detector, or finds what it said before.

    `label_floor` (0..100) is the confidence from which labels are asked for at least, `label_days` how long
    they stand (0: never), `rate` the calls a second to a paid provider (0: no limit).
    """

    catalog: Catalog
    detector: Detector
    meter: Meter
    label_floor: float = 20.0
    label_days: int = 90
    rate: float = 0.0

    def see(
        self,
        cloud: str,
        pixel_digest: str,
        copies: Sequence[AnalysisCopy],
        floor: float,
        *,
        deadline: float | None = None,
    ) -> Seen:
        """What is in these copies of a picture, from confidence `floor` (0..100) up or from lower.

        A fresh upload's turn is waited for until `deadline` (`time.monotonic`); without one a worker looks.
        Raises `ProviderError`, and `ThrottledError` when the turn comes too late.
        """
        if not copies:
            raise ProviderError("There was nothing to look at.", code="NoAnalysisCopy", retryable=False)
        key, token = (cloud, pixel_digest, self.detector.name, RECIPE), secrets.token_hex(16)
        if not self.label_days:
            self.detector.check()
            return self._look(key, token, copies, floor, deadline)
        end, why = time.monotonic() + WAIT_SECONDS, "reused"
        while True:
            if seen := self._kept(key, copies, floor, why):
                return seen
            self.detector.check()
            holder = self.catalog.claim_look(*key, token, seconds=LOOK_SECONDS)
            if holder == token:
                # who looked before may have ended between our question and our claim
                if seen := self._kept(key, copies, floor, "joined"):
                    self.catalog.end_look(*key, token)
                    return seen
                return self._look(key, token, copies, floor, deadline)
            self._wait_for(key, holder, end)
            why = "joined"

    @property
    def _turns(self) -> Turns:
        return Turns(self.catalog, self.detector, self.rate)

    # --- what was seen before --------------------------------------------------------------------

    def _kept(self, key: _Key, copies: Sequence[AnalysisCopy], floor: float, why: str) -> Seen | None:
        """Kept labels of these very copies; a list that cannot be read is no list."""
        cloud, pixel_digest, provider, recipe = key
        kept = self.catalog.kept_labels(
            cloud, pixel_digest, provider, None, recipe, floor, days=self.label_days
        )
        if kept is None or kept.coverage != self.detector.coverage:
            return None
        try:
            sightings = from_text(kept.labels_json, kept.model)
        except ValueError as error:
            _log.warning("kept_labels_unreadable", pixels=pixel_digest, error=str(error))
            return None
        if [(each.frame, each.ground) for each in sightings] != [
            (each.frame, each.ground) for each in copies
        ]:
            return None
        self.catalog.use(cloud, f"saved:{provider}", len(copies))
        self.meter.provider_saved(provider, why, len(copies))
        return Seen(tuple(each.detection for each in sightings), kept.created_at)

    def _wait_for(self, key: _Key, holder: str, end: float) -> None:
        """Wait until another one's look is over. Raises its failure, which is ours too."""
        pause = 0.02
        while time.monotonic() < end:
            time.sleep(pause)
            pause = min(1.5 * pause, 1.0)
            look = self.catalog.look(*key)
            if look is not None and look.token == holder and look.failure is not None:
                raise _read_failure(look.failure)
            if look is None or look.token != holder or not look.running:
                return
        raise ProviderError(
            "Another process has been looking at these pixels for too long.",
            code="LookOverdue",
            retryable=True,
        )

    # --- a look of our own -----------------------------------------------------------------------

    def _look(
        self, key: _Key, token: str, copies: Sequence[AnalysisCopy], floor: float, deadline: float | None
    ) -> Seen:
        detections: list[Detection] = []
        asked = min(floor, self.label_floor)
        try:
            self._ask_all(key, token, copies, asked, deadline, detections)
        except Exception as error:
            with suppress(CatalogUnavailableError):  # then its time runs out
                self.catalog.end_look(*key, token, failure=_failure_of(error), calls=len(detections))
            raise
        self._keep(key, token, copies, asked, detections)
        return Seen(tuple(detections))

    def _ask_all(
        self,
        key: _Key,
        token: str,
        copies: Sequence[AnalysisCopy],
        asked: float,
        deadline: float | None,
        detections: list[Detection],
    ) -> None:
        """Ask about every copy, in turn; what was answered is in `detections`, also after a failure."""
        claimed = time.monotonic()
        for number, copy in enumerate(copies):
            if number % self._turns.burst == 0:
                self._turns.take(min(self._turns.burst, len(copies) - number), deadline, begun=number > 0)
            if time.monotonic() - claimed > LOOK_SECONDS / 3:
                self.catalog.prolong_look(*key, token, seconds=LOOK_SECONDS)
                claimed = time.monotonic()
            detections.append(self._ask(copy, asked))

    def _ask(self, copy: AnalysisCopy, asked: float) -> Detection:
        name = self.detector.name
        try:
            detection = self.detector.detect(copy, asked)
        except ProviderError as error:
            self.meter.provider_call(name, error.code)
            self._turns.refused(error.code)
            raise
        except Exception as error:  # a detector of others may raise anything
            kind = type(error).__name__
            self.meter.provider_call(name, kind)
            raise ProviderError(f"{name} failed: {error!r}"[:500], code=kind, retryable=True) from error
        self.meter.provider_call(name, "ok")
        known = TAXONOMIES[detection.taxonomy]
        for label in detection.labels:
            if known.find(label.name) is None:
                self.meter.unknown_label(name)
        return detection

    def _keep(
        self,
        key: _Key,
        token: str,
        copies: Sequence[AnalysisCopy],
        asked: float,
        detections: Sequence[Detection],
    ) -> None:
        """Keep what was seen. A model that changed between two frames would be kept under a wrong name."""
        cloud, pixel_digest, provider, recipe = key
        if len({detection.model for detection in detections}) > 1:
            self.catalog.end_look(*key, token, calls=len(detections))
            return
        self.catalog.keep_labels(
            cloud,
            pixel_digest,
            provider,
            detections[0].model,
            recipe,
            asked,
            to_text(copies, detections),
            None if self.detector.coverage is None else sorted(self.detector.coverage),
            calls=len(detections),
        )


def _failure_of(error: Exception) -> str | None:
    """What those who wait for a look are told of its end; nothing, where they may try for themselves."""
    if not isinstance(error, ProviderError) or isinstance(error, ThrottledError):
        return None
    return json.dumps({"code": error.code, "message": str(error), "retryable": error.retryable})


def _read_failure(text: str) -> ProviderError:
    failure = json.loads(text)
    return ProviderError(failure["message"], code=failure["code"], retryable=failure["retryable"])
