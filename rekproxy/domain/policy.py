"""A policy such as `aws_rek:violence:0.7`: how it is read, and what it makes of a list of labels."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..errors import InvalidModerationError
from .asset import EntryStatus
from .taxonomy import SEVEN, SIX, SOURCES, TARGETS, TAXONOMIES, Label, Taxonomy, nearest, taxonomy_of

__all__ = [
    "Judgement",
    "Label",
    "Offence",
    "Policy",
    "invalid",
    "judge",
    "merge",
    "parse_policy",
    "taxonomy_of",
]

_DEFAULT = Decimal("0.5")
_IGNORE = Decimal("Infinity")  # no confidence exceeds it, and every level that is a number is stricter
_MARGIN = Decimal("0.5")  # percentage points that rounding may put between a label and its child
_ILLUSTRATED = "illustrated_explicit_nudity"
_MAX_LENGTH = 10_000  # every category of both taxonomies has room


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as written, read in the vocabulary `speaks` (`6.1` or `7`).

    `levels` holds each category that it names with its level: 0..1, or infinity for `ignore`.
    """

    text: str
    speaks: str
    levels: tuple[tuple[str, Decimal], ...] = ()
    min_confidence: Decimal | None = None

    @property
    def lowest(self) -> float:
        """The confidence (0..100) under which a label can neither offend nor explain another."""
        return float(100 * min([_DEFAULT, *(level for _, level in self.levels)]))

    @property
    def floor(self) -> float:
        """The confidence (0..100) from which a provider must report, so that the policy can be applied."""
        return (
            self.lowest if self.min_confidence is None else min(self.lowest, float(100 * self.min_confidence))
        )

    @property
    def named(self) -> frozenset[str]:
        """Keys of taxonomy 7's top-level categories in which the policy sets a level that can be exceeded."""
        keys = [key for key, level in self.levels if level != _IGNORE]
        return frozenset(SEVEN.top(new) for key in keys for new in self._in_seven(key))

    def _in_seven(self, key: str) -> tuple[str, ...]:
        if key == _ILLUSTRATED:
            return ("explicit",)
        return (key,) if self.speaks == SEVEN.version and key in SEVEN.lineages else TARGETS[key]


@dataclass(frozen=True, slots=True)
class Offence:
    """A label that exceeds its level, and that level (0..1)."""

    label: Label
    level: Decimal


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict: APPROVED or REJECTED, the labels to report, and those that led to a rejection."""

    status: EntryStatus
    reported: tuple[Label, ...]
    offending: tuple[Offence, ...]


# --- reading ---------------------------------------------------------------------------------------


def invalid(text: str, why: str) -> InvalidModerationError:
    """The wire's sentence about a moderation that is not understood, and what is wrong with it."""
    shown = text if len(text) <= 200 else text[:200] + "…"
    return InvalidModerationError(f"Moderation {shown} moderation is not valid: {why}")


def parse_policy(text: str, taxonomy: str | None = None) -> Policy:
    """Read `aws_rek` with any number of `:category:level` pairs.

    A policy with a name that only taxonomy 7 has speaks 7, any other 6.1; `taxonomy` pins one of them.
    Raises `InvalidModerationError`, which names the token and the nearest known categories.
    """
    head, *tokens = text.split(":")
    if len(text) > _MAX_LENGTH or head != "aws_rek":
        raise invalid(text, f"a policy begins with aws_rek and has at most {_MAX_LENGTH} characters")
    if len(tokens) % 2:
        raise invalid(text, f"{_shown(tokens[-1])} has no value")
    pairs: dict[str, Decimal] = {}
    for name, value in zip(tokens[::2], tokens[1::2], strict=True):
        key = _key(text, name, taxonomy)
        level = _level(text, key, value)
        if pairs.setdefault(key, level) != level:
            raise invalid(text, f"{key} has two different values")
    min_confidence = pairs.pop("min_confidence", None)
    speaks = taxonomy or (SIX if all(key in SIX.lineages for key in pairs) else SEVEN).version
    return Policy(text, speaks, tuple(sorted(pairs.items())), min_confidence)


def _shown(token: str) -> str:
    return token[:80] or "an empty name"


def _key(text: str, name: str, taxonomy: str | None) -> str:
    """The key that a name stands for. A policy pinned to 6.1 has no use for the names of 7."""
    known = (SIX,) if taxonomy == SIX.version else (SIX, SEVEN)
    key = next((key for each in known if (key := each.find(name))), None)
    if key is None and name.lower() == "min_confidence":
        return "min_confidence"
    if key is None:
        keys = sorted({key for each in known for key in each.lineages} | {"min_confidence"})
        raise invalid(text, f"unknown category {_shown(name)}{nearest(name, keys)}")
    return key


def _level(text: str, key: str, value: str) -> Decimal:
    if value.lower() == "ignore" and key != "min_confidence":
        return _IGNORE
    plain = re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value)
    if not plain or Decimal(value) > 1:
        wanted = "0.0 to 1.0" if key == "min_confidence" else "0.0 to 1.0 or ignore"
        raise invalid(text, f"{_shown(value)} is no value for {key}, which takes {wanted}")
    return Decimal(value)


# --- levels ----------------------------------------------------------------------------------------


def _cascade(taxonomy: Taxonomy, pairs: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The level of every category: its own, else that of the nearest category above that has one."""
    return {
        key: next((pairs[above] for above in lineage if above in pairs), _DEFAULT)
        for key, lineage in taxonomy.lineages.items()
    }


def _levels(policy: Policy, taxonomy: Taxonomy) -> dict[str, Decimal]:
    """The level of every category of `taxonomy`; between taxonomies the strictest counterpart counts."""
    pairs = dict(policy.levels)
    if policy.speaks == SIX.version:
        six = _cascade(SIX, pairs)
        if taxonomy is SIX:
            return six
        return _cascade(SEVEN, {new: min(six[old] for old in olds) for new, olds in SOURCES.items()})
    seven = _cascade(SEVEN, _translated(pairs))
    if taxonomy is SEVEN:
        return seven
    six = {old: min(seven[new] for new in news) for old, news in TARGETS.items() if news}
    return six | {_ILLUSTRATED: pairs.get(_ILLUSTRATED, seven["explicit"])}


def _translated(pairs: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Pairs of a policy that speaks 7 with the names that only 6.1 has put into names of 7.

    A level written for a category of 7, or above it, beats one that only cascades within 6.1. Two that were
    written for the same concept under different names leave the stricter.
    """
    own = {key: level for key, level in pairs.items() if key in SEVEN.lineages}
    old = {key: level for key, level in pairs.items() if key not in SEVEN.lineages}
    before, merged = _cascade(SEVEN, own), dict(own)
    for new, sources in SOURCES.items():
        written = [old[source] for source in sources if source in old]
        if new in own:
            merged[new] = min([own[new], *written])
        elif written or own.keys().isdisjoint(SEVEN.lineages[new]):
            merged[new] = min(_said(old, source, before[new]) for source in sources)
    return merged


def _said(old: Mapping[str, Decimal], source: str, otherwise: Decimal) -> Decimal:
    return next((old[above] for above in SIX.lineages[source] if above in old), otherwise)


# --- judging ---------------------------------------------------------------------------------------


def judge(
    policies: Sequence[Policy],
    labels: Sequence[Label],
    *,
    taxonomy: str,
    content_types: Mapping[str, float] | None = None,
    strict: bool = False,
) -> Judgement:
    """What the policies (the request's first, then the installation's floor) make of a detector's labels.

    Any of them rejects. `taxonomy` is that of the labels, `6.1` or `7`. `content_types` maps names to
    confidences 0..100. A label that a child accounts for is not judged itself, unless `strict`. The report
    is the first policy's, with every offending label.
    """
    if not policies:
        raise ValueError("nothing can be judged without a policy")
    speech, seen = TAXONOMIES[taxonomy], merge([labels])
    illustrated = any((content_types or {}).get(name, 0) > 50 for name in ("Animated", "Illustrated"))
    offences: dict[Label, Decimal] = {}
    for policy in policies:
        for offence in _offences(policy, seen, speech, illustrated, strict):
            offences[offence.label] = min(offence.level, offences.get(offence.label, _IGNORE))
    reported = sorted(_reported(policies[0], seen, offences), key=lambda label: _rank(label, speech))
    offending = tuple(Offence(label, offences[label]) for label in reported if label in offences)
    return Judgement(EntryStatus.REJECTED if offending else EntryStatus.APPROVED, tuple(reported), offending)


def merge(lists: Iterable[Sequence[Label]]) -> tuple[Label, ...]:
    """One list out of those of several frames or grounds: each label at its largest confidence."""
    strongest: dict[tuple[str, str], Label] = {}
    for label in (label for labels in lists for label in labels):
        known = strongest.setdefault((label.name, label.parent_name), label)
        if label.confidence > known.confidence:
            strongest[label.name, label.parent_name] = label
    return tuple(strongest.values())


def _offences(
    policy: Policy, labels: Sequence[Label], taxonomy: Taxonomy, illustrated: bool, strict: bool
) -> list[Offence]:
    # Under the floor a provider reports by chance of what else was asked: such labels may not decide.
    seen = [label for label in labels if label.confidence >= policy.lowest]
    levels = _levels(policy, taxonomy)
    drawn = dict(policy.levels).get(_ILLUSTRATED) if illustrated and taxonomy is SEVEN else None
    if drawn is not None:
        levels |= {key: drawn for key in levels if SEVEN.top(key) == "explicit"}
    judged = [label for label in seen if strict or not _explained(label, seen)]
    return [
        Offence(label, level)
        for label in judged
        if _exact(label) > 100 * (level := _level_of(label, levels, taxonomy))
    ]


def _level_of(label: Label, levels: Mapping[str, Decimal], taxonomy: Taxonomy) -> Decimal:
    """The level of a label; one that the taxonomy does not know takes its parent's, or the default."""
    key = taxonomy.find(label.name) or taxonomy.find(label.parent_name)
    return _DEFAULT if key is None else levels[key]


def _exact(label: Label) -> Decimal:
    return Decimal(repr(label.confidence))


def _explained(label: Label, seen: Sequence[Label]) -> bool:
    """Whether a child accounts for this label. What stands above it cannot: a circle explains nothing."""
    above = _ancestors(label, seen)
    return any(
        child.parent_name == label.name and child not in above and _exact(child) >= _exact(label) - _MARGIN
        for child in seen
    )


def _ancestors(label: Label, seen: Sequence[Label]) -> set[Label]:
    """The labels that this one names as parent, and theirs."""
    found: set[Label] = set()
    wanted = [label.parent_name]
    while wanted:
        name = wanted.pop()
        parents = {parent for parent in seen if parent.name == name} - found
        found |= parents
        wanted += [parent.parent_name for parent in parents]
    return found


def _reported(policy: Policy, labels: Sequence[Label], offending: Iterable[Label]) -> set[Label]:
    """The labels to show: none of an approved picture, unless the policy asks for them."""
    due = set(offending)
    if policy.min_confidence is not None or due:
        least = 100 * (_DEFAULT if policy.min_confidence is None else policy.min_confidence)
        due |= {label for label in labels if _exact(label) >= least}
    return due.union(*(_ancestors(label, labels) for label in offending))


def _rank(label: Label, taxonomy: Taxonomy) -> tuple[float, int, str, str]:
    return -label.confidence, taxonomy.depth(label), label.name, label.parent_name
