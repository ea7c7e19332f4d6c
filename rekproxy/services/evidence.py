"""What a verdict leaves behind: the wire's response, what explains it, the labels as they were seen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.judging import Judgement
from ..domain.policy import Label
from ..interfaces import AnalysisCopy, Detection


@dataclass(frozen=True, slots=True)
class Sight:
    """One copy of a picture, what a detector saw in it, and how that was judged."""

    frame: int
    ground: str
    detection: Detection
    judgement: Judgement

    @classmethod
    def of(cls, copy: AnalysisCopy | None, detection: Detection, judgement: Judgement) -> "Sight":
        """A sight of a copy; a test card is known without one."""
        return cls(copy.frame if copy else 0, copy.ground if copy else "", detection, judgement)


def wire_response(labels: Sequence[Label]) -> Mapping[str, Any]:
    """The wire's `response` value of an `aws_rek` entry."""
    return {"moderation_labels": [_label(label) for label in labels]}


def raw_labels(sights: Sequence[Sight]) -> str:
    """Everything the detector said, as JSON, so that a changed policy can be replayed over it."""
    return json.dumps(
        [
            {
                "frame": sight.frame,
                "ground": sight.ground,
                "taxonomy": sight.detection.taxonomy,
                "content_types": dict(sight.detection.content_types),
                "labels": [_label(label) for label in sight.detection.labels],
            }
            for sight in sights
        ]
    )


def explanation(
    sights: Sequence[Sight],
    *,
    provider: str,
    recipe: str,
    strict: bool,
    coverage: frozenset[str] | None,
    unseen: Sequence[str],
) -> dict[str, Any]:
    """Why the verdict is what it is, for people: who looked, how, what offended and in which frame.

    `coverage` are the categories that the detector can see (`None`: all); `unseen` those it was asked about
    and cannot.
    """
    first = sights[0].detection
    detail: dict[str, Any] = {
        "provider": provider,
        "model": first.model,
        "taxonomy": first.taxonomy,
        "recipe": recipe,
        "copies": len(sights),
        "parent_rule": "strict" if strict else "explained",
        "offending": [
            {"name": offence.label.name, "level": str(offence.level), "frame": sight.frame}
            for sight in sights
            for offence in sight.judgement.offending
        ],
    }
    if coverage is not None:
        detail["coverage"] = sorted(coverage)
    if unseen:
        detail["unseen"] = list(unseen)
    if first.request_id:
        detail["request_id"] = first.request_id
    return detail


def _label(label: Label) -> Mapping[str, Any]:
    return {
        "confidence": label.confidence,
        "name": label.name,
        "parent_name": label.parent_name,
        "taxonomy_level": label.taxonomy_level,
    }
