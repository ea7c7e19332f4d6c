"""What policies make of a detector's labels: one pass that judges and says of every label why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .asset import EntryStatus
from .levels import Level, Levels, levels_of
from .policy import DEFAULT, Label, Policy
from .taxonomy import TAXONOMIES, Taxonomy

_MARGIN = Decimal("0.5")  # percentage points that rounding may put between a label and its child


class Spared(StrEnum):
    """Why a label is not judged.

    UNDER_FLOOR: a provider reports it by chance of what else was asked. EXPLAINED: a label below it accounts
    for it. IGNORED: the policy takes its category out of the judgement.
    """

    UNDER_FLOOR = "under_floor"
    EXPLAINED = "explained"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one label: the level that applied, under which policy, and whether it offends.

    `spared` is `None` where the label was judged; `by` names the label that accounts for an explained one.
    """

    label: Label
    level: Level
    policy: Policy
    offends: bool = False
    spared: Spared | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Offence:
    """A label that exceeds its level, and that level (0..1)."""

    label: Label
    level: Decimal


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict: APPROVED or REJECTED, the labels to report, and what became of every label.

    The findings come strongest label first. A place for a third outcome, a review band, is the status.
    """

    status: EntryStatus
    reported: tuple[Label, ...]
    findings: tuple[Finding, ...]

    @property
    def offending(self) -> tuple[Offence, ...]:
        """The labels that led to a rejection."""
        return tuple(Offence(found.label, found.level.value) for found in self.findings if found.offends)


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
    is the first policy's, with every offending label. Of several policies' findings about a label the one
    with the strictest level that it exceeds counts, else the strictest that it was held against.
    """
    if not policies:
        raise ValueError("nothing can be judged without a policy")
    speech = TAXONOMIES[taxonomy]
    seen = sorted(merge([labels]), key=lambda label: _rank(label, speech))
    types = content_types or {}
    illustrated = any(types.get(name, 0) > 50 for name in ("Animated", "Illustrated"))
    passes = [
        _findings(policy, seen, levels_of(policy, taxonomy, illustrated), strict) for policy in policies
    ]
    findings = tuple(min(each, key=_weight) for each in zip(*passes, strict=True))
    offending = [found.label for found in findings if found.offends]
    status = EntryStatus.REJECTED if offending else EntryStatus.APPROVED
    return Judgement(status, _reported(policies[0], seen, offending), findings)


def merge(lists: Iterable[Sequence[Label]]) -> tuple[Label, ...]:
    """One list out of those of several frames or grounds: each label at its largest confidence."""
    strongest: dict[tuple[str, str], Label] = {}
    for label in (label for labels in lists for label in labels):
        known = strongest.setdefault((label.name, label.parent_name), label)
        if label.confidence > known.confidence:
            strongest[label.name, label.parent_name] = label
    return tuple(strongest.values())


def unseen(policies: Sequence[Policy], coverage: frozenset[str] | None, *, hold: bool) -> tuple[str, ...]:
    """What must be judged and the detector cannot see: the picture is then held for a person.

    `coverage` are keys of top-level categories (taxonomy 7), `None` for all. Categories that no policy names
    count only if `hold`.
    """
    if coverage is None:
        return ()
    if hold:
        return ("everything but " + ", ".join(sorted(coverage)),)
    return tuple(sorted(frozenset().union(*(policy.named for policy in policies)) - coverage))


# --- one policy's pass -------------------------------------------------------------------------------


def _findings(policy: Policy, labels: Sequence[Label], levels: Levels, strict: bool) -> list[Finding]:
    # Under the floor a provider reports by chance of what else was asked: such labels may not decide.
    seen = [label for label in labels if label.confidence >= levels.lowest]
    return [_finding(policy, label, seen, levels.of(label), levels.lowest, strict) for label in labels]


def _finding(
    policy: Policy, label: Label, seen: Sequence[Label], level: Level, lowest: float, strict: bool
) -> Finding:
    if label.confidence < lowest:
        return Finding(label, level, policy, spared=Spared.UNDER_FLOOR)
    child = None if strict else _explained(label, seen)
    if child is not None:
        return Finding(label, level, policy, spared=Spared.EXPLAINED, by=child.name)
    if level.ignored:
        return Finding(label, level, policy, spared=Spared.IGNORED)
    return Finding(label, level, policy, offends=_exact(label) > level.percent)


def _weight(found: Finding) -> tuple[bool, bool, Decimal]:
    return not found.offends, found.spared is not None, found.level.value


def _exact(label: Label) -> Decimal:
    return Decimal(repr(label.confidence))


def _explained(label: Label, seen: Sequence[Label]) -> Label | None:
    """The child that accounts for this label. What stands above it cannot: a circle explains nothing."""
    children = [child for child in seen if child.parent_name == label.name]
    if not children:
        return None
    least = _exact(label) - _MARGIN
    strong = [child for child in children if _exact(child) >= least]
    above = _ancestors(label, seen) if strong and label.parent_name else ()
    return next((child for child in strong if child not in above), None)


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


def _reported(policy: Policy, labels: Sequence[Label], offending: Sequence[Label]) -> tuple[Label, ...]:
    """The labels to show: none of an approved picture, unless the policy asks for them."""
    if policy.min_confidence is None and not offending:
        return ()
    due = set(offending).union(*(_ancestors(label, labels) for label in offending))
    least = 100 * (DEFAULT if policy.min_confidence is None else policy.min_confidence)
    return tuple(label for label in labels if label in due or _exact(label) >= least)


def _rank(label: Label, taxonomy: Taxonomy) -> tuple[float, int, str, str]:
    return -label.confidence, taxonomy.depth(label), label.name, label.parent_name
