"""Say what a policy makes of labels, or of what was seen in a picture, and why a verdict is what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..domain.answer import Answer
from ..domain.asset import Asset
from ..domain.chain import parse_chain
from ..domain.judging import judge, unseen
from ..domain.levels import levels_of
from ..domain.policies import PolicyBook, Resolved
from ..domain.policy import Label, Policy, parse_policy
from ..domain.taxonomy import TAXONOMIES
from ..errors import NotFoundError
from ..interfaces import Catalog, Detection
from .evidence import Fields, Sight, looked, reasoning, told
from .sightings import Sighting, from_text


@dataclass(frozen=True, slots=True)
class Explain:
    """Explains. `floor` is the installation's, written out; `hold` whether what no policy names is held.

    `over` is quick enough to be asked of every stored verdict in turn.
    """

    catalog: Catalog
    policies: PolicyBook
    floor: str | None = None
    strict: bool = False
    hold: bool = False

    def policy(self, text: str) -> Fields:
        """Every category of both taxonomies with its level and where that comes from.

        Raises `InvalidModerationError`, as everything here that takes a policy.
        """
        resolved = self.policies.resolve(text)
        rules = self._rules(resolved)
        return {
            **_names(resolved),
            **({"floor_policy": rules[1].text} if rules[1:] else {}),
            "speaks": rules[0].speaks,
            "asks_from": min(rule.floor for rule in rules),
            "categories": {taxonomy: _categories(rules, taxonomy) for taxonomy in TAXONOMIES},
        }

    def labels(self, text: str, answer: Answer) -> Fields:
        """What the policy, and the floor beside it, make of these labels."""
        detection = Detection(answer.labels, answer.model, answer.taxonomy, answer.content_types)
        return self.over(self.policies.resolve(text), [Sighting(0, "", detection)], coverage=None)

    def stored(self, asset: Asset) -> Fields:
        """Why a picture's stored verdict is what it is. Raises `NotFoundError` where no machine judged it.

        `status` is what became of it since: a person may have decided otherwise.
        """
        entry = looked(asset.moderations)
        said = told(entry.detail) if entry else None
        if entry is None or said is None:
            raise NotFoundError(f"No detector has judged {asset.public_id}: there is nothing to explain")
        return said | {"status": entry.status.value}

    def again(self, asset: Asset, text: str) -> Fields:
        """What the policy would make of a picture now, of what was seen in it when it was judged.

        `labels_from` is `kept` for all that the detector said, else `verdict`: the verdict's own list, in
        which each label stands once for all frames. `warnings` say what a new look could add. Raises
        `NotFoundError` where no machine judged it.
        """
        resolved, before = self.policies.resolve(text), self.stored(asset)
        kept = self._kept(asset, before)
        if kept is None:
            said = self.over(resolved, [_from_verdict(before)], _covered(before.get("coverage")))
            return {**said, "labels_from": "verdict", "warnings": [_NOT_KEPT]}
        said = self.over(resolved, kept.sightings, kept.coverage)
        needed = min(rule.floor for rule in self._rules(resolved))
        lacks = f"Labels were asked for from {kept.floor:g}; this policy needs them from {needed:g}."
        return {**said, "labels_from": "kept", "warnings": [lacks] if kept.floor > needed else []}

    def over(
        self, resolved: Resolved, sightings: Sequence[Sighting], coverage: frozenset[str] | None
    ) -> Fields:
        """What a policy and the floor make of what was seen in each copy of a picture.

        `coverage` are the categories that the detector could see, `None` for all.
        """
        rules = self._rules(resolved)
        return reasoning(
            [_sight(rules, each, self.strict) for each in sightings],
            rules=rules,
            policy_name=resolved.name,
            strict=self.strict,
            coverage=coverage,
            unseen=unseen(rules, coverage, hold=self.hold),
        )

    def _kept(self, asset: Asset, before: Mapping[str, Any]) -> "_Kept | None":
        seen_by = before["provider"], before["model"], before["recipe"]
        kept = self.catalog.kept_labels(asset.cloud, asset.current.pixel_digest, *seen_by, 100.0)
        if kept is None:
            return None
        try:
            return _Kept(from_text(kept.labels_json, kept.model), kept.floor, kept.coverage)
        except ValueError:
            return None

    def _rules(self, resolved: Resolved) -> tuple[Policy, ...]:
        return (parse_policy(resolved.text), *_floor_policies(self.floor))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a detector said of each copy, from which confidence up, and what it could see."""

    sightings: Sequence[Sighting]
    floor: float
    coverage: frozenset[str] | None


_NOT_KEPT = "What the detector said is not kept any more: this rests on the list of the verdict itself."


@lru_cache(maxsize=8)
def _floor_policies(floor: str | None) -> tuple[Policy, ...]:
    items = () if floor in (None, "none") else parse_chain(floor)
    return tuple(parse_policy(item.text) for item in items if item.kind == "aws_rek")


def _sight(rules: Sequence[Policy], seen: Sighting, strict: bool) -> Sight:
    detection = seen.detection
    judgement = judge(
        rules,
        detection.labels,
        taxonomy=detection.taxonomy,
        content_types=detection.content_types,
        strict=strict,
    )
    return Sight(seen.frame, seen.ground, detection, judgement)


def _from_verdict(before: Mapping[str, Any]) -> Sighting:
    labels = tuple(Label(each["name"], each["parent_name"], each["confidence"]) for each in before["labels"])
    return Sighting(0, "", Detection(labels, before["model"], before["taxonomy"]))


def _covered(listed: Sequence[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)


def _categories(rules: Sequence[Policy], taxonomy: str) -> list[Fields]:
    """Every category of a taxonomy with the strictest level that any rule has for it."""
    asked, *others = (levels_of(rule, taxonomy).by_key for rule in rules)
    rows: list[Fields] = []
    for key, lineage in TAXONOMIES[taxonomy].lineages.items():
        level = min((each[key] for each in (asked, *others)), key=lambda each: each.value)
        row = {"category": key, "below": "".join(lineage[1:2]), "level": level.text, "source": level.source}
        rows.append(row if level.value == asked[key].value else {**row, "of": "floor_policy"})
    return rows


def _names(resolved: Resolved) -> Fields:
    return {"policy": resolved.text} | ({"policy_name": resolved.name} if resolved.name else {})
