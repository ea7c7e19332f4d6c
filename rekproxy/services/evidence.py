"""What a verdict leaves behind: the wire's response, and what became of every label and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.asset import EntryStatus, Moderation
from ..domain.judging import Finding, Judgement
from ..domain.policy import Label, Policy
from ..interfaces import AnalysisCopy, Detection

Fields = dict[str, Any]

#: What an explanation says besides its labels, in this order; what is not so is not said.
_SAID = (
    "outcome",
    "policy",
    "policy_name",
    "floor_policy",
    "provider",
    "model",
    "taxonomy",
    "recipe",
    "parent_rule",
    "copies",
    "coverage",
    "unseen",
)


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
    return {
        "moderation_labels": [
            {
                "confidence": label.confidence,
                "name": label.name,
                "parent_name": label.parent_name,
                "taxonomy_level": label.taxonomy_level,
            }
            for label in labels
        ]
    }


def outcome(sights: Iterable[Sight], unseen: Sequence[str]) -> EntryStatus:
    """REJECTED if anything offends in any copy; else PENDING if anything had to be judged unseen."""
    if any(sight.judgement.status is EntryStatus.REJECTED for sight in sights):
        return EntryStatus.REJECTED
    return EntryStatus.PENDING if unseen else EntryStatus.APPROVED


def reasoning(
    sights: Sequence[Sight],
    *,
    rules: Sequence[Policy],
    policy_name: str | None,
    strict: bool,
    coverage: frozenset[str] | None,
    unseen: Sequence[str],
) -> Fields:
    """Why these sights come out as they do: the outcome, the rules, and what became of every label.

    `rules` are the request's policy and the floor's. `coverage` are the categories that the detector can see
    (`None`: all); `unseen` those it was asked about and cannot.
    """
    first = sights[0].detection
    said: Fields = {"outcome": outcome(sights, unseen).value, "policy": rules[0].text}
    if policy_name is not None:
        said["policy_name"] = policy_name
    if rules[1:]:
        said["floor_policy"] = "|".join(rule.text for rule in rules[1:])
    if first.model:
        said["model"] = first.model
    said |= {
        "taxonomy": first.taxonomy,
        "parent_rule": "strict" if strict else "explained",
        "copies": len(sights),
    }
    if coverage is not None:
        said["coverage"] = sorted(coverage)
    if unseen:
        said["unseen"] = list(unseen)
    said["labels"] = _labels(sights, rules[0])
    return said


def explanation(
    sights: Sequence[Sight],
    *,
    rules: Sequence[Policy],
    policy_name: str | None,
    provider: str,
    recipe: str,
    strict: bool,
    coverage: frozenset[str] | None,
    unseen: Sequence[str],
) -> Fields:
    """What is kept beside a verdict: the reasoning, who looked, through which recipe, and what offended."""
    said = reasoning(
        sights, rules=rules, policy_name=policy_name, strict=strict, coverage=coverage, unseen=unseen
    )
    detail: Fields = {
        "provider": provider,
        "recipe": recipe,
        "offending": [
            {"name": offence.label.name, "level": str(offence.level), "frame": sight.frame}
            for sight in sights
            for offence in sight.judgement.offending
        ],
        "explanation": said.pop("labels"),
        **said,
    }
    if sights[0].detection.request_id:
        detail["request_id"] = sights[0].detection.request_id
    return detail


def told(detail: Mapping[str, Any]) -> Fields | None:
    """What a stored verdict's `detail` explains, with its labels; `None` if no machine judged."""
    if "explanation" not in detail:
        return None
    said = {key: detail[key] for key in _SAID if key in detail}
    return {**said, "labels": detail["explanation"]}


def looked(entries: Iterable[Moderation]) -> Moderation | None:
    """The entry that a machine judged or is to judge."""
    return next((entry for entry in entries if entry.kind == "aws_rek"), None)


def _labels(sights: Sequence[Sight], asked: Policy) -> list[Fields]:
    """Every label once, where it offends and else where it is strongest; strongest first."""
    if len(sights) == 1:
        return [_label(found, sights[0], asked) for found in sights[0].judgement.findings]
    most: dict[tuple[str, str], tuple[Finding, Sight]] = {}
    for sight in sights:
        for found in sight.judgement.findings:
            name = found.label.name, found.label.parent_name
            if name not in most or _weight(found) > _weight(most[name][0]):
                most[name] = found, sight
    ranked = sorted(most.values(), key=lambda each: -each[0].label.confidence)
    return [_label(found, sight, asked) for found, sight in ranked]


def _weight(found: Finding) -> tuple[bool, float]:
    return found.offends, found.label.confidence


def _label(found: Finding, sight: Sight, asked: Policy) -> Fields:
    said: Fields = {
        "name": found.label.name,
        "parent_name": found.label.parent_name,
        "confidence": found.label.confidence,
        "level": found.level.text,
        "source": found.level.source,
        "judged": found.spared is None,
        "offending": found.offends,
        "frame": sight.frame,
        "ground": sight.ground,
    }
    if found.policy is not asked and found.policy != asked:
        said["of"] = "floor_policy"
    if found.spared is not None:
        said["spared"] = found.spared.value
    if found.by is not None:
        said["by"] = found.by
    return said
