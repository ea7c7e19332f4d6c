"""Judge what was uploaded: the detector's labels against policy and floor. A failure is never a verdict."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from ..domain import judging
from ..domain import policy as policies
from ..domain.asset import Asset, EntryStatus, Job, Moderation, Status
from ..domain.chain import parse_chain
from ..domain.taxonomy import TEST_CARD
from ..errors import (
    DamagedError,
    ErasedError,
    NotFoundError,
    NotStoredError,
    OverloadedError,
    ProviderError,
    ThrottledError,
)
from ..interfaces import Catalog, Detection, Detector, Imager, Ingested, InputLimits, Meter, Verdict
from .evidence import Sight, explanation, outcome, wire_response
from .look import RECIPE, Look, Seen
from .originals import Originals
from .patience import Patience

#: Who settled an entry because a person had decided about the same pixels before.
KNOWN_DECISION = "detector:known-decision"

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Moderate:
    """Judges versions. `look` is `None` where this process answers deliveries only."""

    catalog: Catalog
    look: Look | None
    imager: Imager
    originals: Originals
    limits: InputLimits
    patience: Patience
    meter: Meter
    floor: str | None = None
    strict: bool = False
    coverage: str = "approve"

    @property
    def detector(self) -> Detector | None:
        """Who looks, if somebody does in this process."""
        return self.look.detector if self.look else None

    @property
    def min_side(self) -> int:
        """The smallest side in pixels that an original must have to be judged."""
        return self.detector.min_side if self.detector else 1

    def now(self, asset: Asset, ingested: Ingested) -> Asset:
        """Judge a fresh upload within the caller's patience; what takes longer stays pending, and goes on.

        Gives the asset as it then stands. What cannot be begun now is handed to a worker.
        """
        if _waiting(asset) is None:
            return asset
        deadline = time.monotonic() + self.patience.seconds
        try:
            self.patience.call(lambda: self._judge_fresh(asset, ingested, deadline))
        except OverloadedError:
            self.catalog.hand_over(asset.cloud, asset.current.version_id)
        return self.catalog.asset_by_id(asset.cloud, asset.asset_id) or asset

    def decoded(self, asset: Asset) -> Ingested:
        """The pixels of an asset's current version, to be judged anew.

        Raises `ErasedError`, `NotFoundError` if the bytes are not there or not what they were, and as
        `Imager.ingest` does.
        """
        if asset.current.erased_at is not None:
            raise ErasedError("Its bytes were erased: it cannot be moderated anew. Upload the image again.")
        try:
            data = self.originals.read(asset.current)
        except (DamagedError, NotStoredError) as error:
            self.originals.doubt(self.catalog, asset, error)
            raise NotFoundError(f"Resource not found - {asset.public_id}") from error
        return self.imager.ingest(data, self.limits)

    def again(self, job: Job) -> bool:
        """Judge a version whose verdict is still missing, as its job asks. False: it now waits for a person.

        Raises `ProviderError` when the detector fails once more.
        """
        version = self.catalog.version(job.cloud, job.payload["version_id"])
        asset = version and self.catalog.asset_by_id(job.cloud, version.asset_id)
        if not asset or not version or asset.current.version_id != version.version_id:
            return True
        if _waiting(asset) is None:
            return True
        try:
            data = self.originals.read(version)
        except (DamagedError, NotStoredError) as error:
            self.originals.doubt(self.catalog, asset, error)
            if version.pin is None:
                raise
            return True
        return self.judge(asset, self.imager.ingest(data, self.limits), lease=job)

    def _judge_fresh(self, asset: Asset, ingested: Ingested, deadline: float) -> None:
        try:
            self.judge(asset, ingested, deadline=deadline)
        except ThrottledError:
            self.catalog.hand_over(asset.cloud, asset.current.version_id)

    def judge(
        self,
        asset: Asset,
        ingested: Ingested,
        *,
        lease: Job | None = None,
        deadline: float | None = None,
    ) -> bool:
        """Settle the entry that waits for a machine. False: no verdict, and only a person can give one.

        A fresh upload waits for its turn until `deadline` (`time.monotonic`). Raises `ThrottledError` beyond
        it, and `ProviderError`, after noting it on the entry.
        """
        entry = _waiting(asset)
        if entry is None:
            return True
        try:
            verdict, by = self._verdict(asset, entry, ingested, deadline)
        except ThrottledError:
            raise
        except ProviderError as error:
            self._note_failure(asset, entry, error)
            raise
        settled = self.catalog.settle(
            asset.cloud, asset.current.version_id, entry.seq, verdict, actor=by, lease=lease
        )
        if settled is not None:
            self.meter.verdict(entry.kind, _status_of(settled, entry.seq), "machine")
        return verdict.status is not EntryStatus.PENDING

    def _verdict(
        self, asset: Asset, entry: Moderation, ingested: Ingested, deadline: float | None
    ) -> tuple[Verdict, str]:
        known = self.catalog.decision_on_pixels(asset.cloud, asset.current.pixel_digest, asset.asset_id)
        if known in (Status.APPROVED, Status.REJECTED):
            detail: dict[str, Any] = {
                "provider": "person",
                "why": "A person decided about these very pixels before.",
            }
            return Verdict(EntryStatus(known.value), {"moderation_labels": []}, detail), KNOWN_DECISION
        rules = (policies.parse_policy(entry.policy), *self._floor_policies())
        seen = self._see(asset, ingested, rules, deadline)
        sights = self._sights(ingested, rules, seen)
        unseen = judging.unseen(rules, self._covered, hold=self.coverage == "hold")
        reported = judging.merge(sight.judgement.reported for sight in sights)
        detail = self._explain(ingested, entry, rules, sights, unseen)
        if seen.seen_at is not None:
            detail.update(reused=True, seen_at=seen.seen_at)
        verdict = Verdict(outcome(sights, unseen), wire_response(reported), detail)
        return verdict, f"detector:{detail['provider']}"

    def _floor_policies(self) -> tuple[policies.Policy, ...]:
        items = parse_chain(self.floor) if self.floor not in (None, "none") else ()
        return tuple(policies.parse_policy(item.text) for item in items if item.kind == "aws_rek")

    def _see(
        self, asset: Asset, ingested: Ingested, rules: Sequence[policies.Policy], deadline: float | None
    ) -> Seen:
        if ingested.testcard:
            return Seen((Detection((TEST_CARD,), model="rekproxy/testcard", taxonomy="7"),))
        if self.look is None:
            raise ProviderError("No detector runs in this process.", code="NoDetector", retryable=True)
        return self.look.see(
            asset.cloud,
            asset.current.pixel_digest,
            ingested.analysis,
            min(rule.floor for rule in rules),
            deadline=deadline,
        )

    def _sights(self, ingested: Ingested, rules: Sequence[policies.Policy], seen: Seen) -> tuple[Sight, ...]:
        """Judge every copy by itself: no frame excuses another."""
        copies = (None,) if ingested.testcard else ingested.analysis
        return tuple(
            Sight.of(copy, detection, self._judge(rules, detection))
            for copy, detection in zip(copies, seen.detections, strict=True)
        )

    def _judge(self, rules: Sequence[policies.Policy], detection: Detection) -> judging.Judgement:
        return judging.judge(
            rules,
            detection.labels,
            taxonomy=detection.taxonomy,
            content_types=detection.content_types,
            strict=self.strict,
        )

    @property
    def _covered(self) -> frozenset[str] | None:
        return self.detector.coverage if self.detector else None

    def _explain(
        self,
        ingested: Ingested,
        entry: Moderation,
        rules: Sequence[policies.Policy],
        sights: Sequence[Sight],
        unseen: Sequence[str],
    ) -> dict[str, Any]:
        card = ingested.testcard or self.detector is None
        return explanation(
            sights,
            rules=rules,
            policy_name=entry.policy_name,
            provider="testcard" if card or not self.detector else self.detector.name,
            recipe=RECIPE,
            strict=self.strict,
            coverage=self._covered,
            unseen=unseen,
        )

    def _note_failure(self, asset: Asset, entry: Moderation, error: ProviderError) -> None:
        _log.warning("provider_failed", asset=asset.asset_id, code=error.code, error=str(error))
        detail = {"failure": error.code, "message": str(error), "retryable": error.retryable}
        self.catalog.settle(
            asset.cloud,
            asset.current.version_id,
            entry.seq,
            Verdict(EntryStatus.PENDING, detail=detail),
            actor=f"detector:{self.detector.name if self.detector else 'none'}",
        )


def _status_of(settled: Asset, seq: int) -> str:
    """How an entry ended: a person's rejection of these pixels may have overtaken an approval."""
    return next(entry.status.value for entry in settled.moderations if entry.seq == seq)


def _waiting(asset: Asset) -> Moderation | None:
    """The entry that waits for a machine now, if one does."""
    for entry in asset.moderations:
        if entry.waits_for_machine:
            return entry
    return None
