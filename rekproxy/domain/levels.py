"""The level of every category under a policy, in either vocabulary, and the pair that it came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache

from .policy import DEFAULT, IGNORE, ILLUSTRATED, Label, Policy
from .taxonomy import SEVEN, SIX, SOURCES, TARGETS, TAXONOMIES, Taxonomy


@dataclass(frozen=True)
class Level:
    """A level (0..1, infinity for `ignore`) and the pair as written that it came from, `None` by default.

    `through` is the category of the other vocabulary by which it was translated (`suggestive` of 6.1).
    """

    value: Decimal
    pair: str | None = None
    through: str | None = None

    @cached_property
    def percent(self) -> Decimal:
        """The same on the scale of confidences, 0..100."""
        return 100 * self.value

    @cached_property
    def ignored(self) -> bool:
        """Whether the category is not judged at all."""
        return self.value == IGNORE

    @cached_property
    def text(self) -> str:
        """The level as a policy writes it: `0.7` or `ignore`."""
        return "ignore" if self.ignored else str(self.value)

    @cached_property
    def source(self) -> str:
        """Where it came from, for people: `violence:0.7`, `default 0.5`, `drugs:0.9 (drug_use in 6.1)`."""
        said = self.pair or f"default {DEFAULT}"
        return f"{said} ({self.through})" if self.through else said


_DEFAULT = Level(DEFAULT)


@dataclass(frozen=True)
class Levels:
    """The level of every category of one vocabulary; `lowest` is the policy's."""

    taxonomy: Taxonomy
    by_key: Mapping[str, Level]
    lowest: float

    def of(self, label: Label) -> Level:
        """The level of a label; one that the taxonomy does not know takes its parent's, or the default."""
        key = self.taxonomy.find(label.name) or self.taxonomy.find(label.parent_name)
        return _DEFAULT if key is None else self.by_key[key]


@lru_cache(maxsize=512)
def levels_of(policy: Policy, taxonomy: str, illustrated: bool = False) -> Levels:
    """The levels of a policy for labels of `taxonomy` (`6.1` or `7`), of a drawn picture if `illustrated`."""
    speech, own = TAXONOMIES[taxonomy], _own(policy)
    levels = _six(policy, own) if speech is SIX else _seven(policy, own)
    if illustrated and speech is SEVEN and ILLUSTRATED in own:
        drawn = replace(own[ILLUSTRATED], through=f"{ILLUSTRATED} in 6.1")
        levels |= {key: drawn for key in levels if SEVEN.top(key) == "explicit"}
    return Levels(speech, levels, policy.lowest)


def _own(policy: Policy) -> dict[str, Level]:
    written = dict(policy.pairs)
    return {key: Level(value, written[key]) for key, value in policy.levels}


def _six(policy: Policy, own: Mapping[str, Level]) -> dict[str, Level]:
    if policy.speaks == SIX.version:
        return _cascade(SIX, own)
    seven = _cascade(SEVEN, _translated(own))
    six = {
        old: _strictest(_through(seven[new], new, old, SEVEN) for new in news)
        for old, news in TARGETS.items()
        if news
    }
    drawn = own.get(ILLUSTRATED) or _strictest([_through(seven["explicit"], "explicit", ILLUSTRATED, SEVEN)])
    return six | {ILLUSTRATED: drawn}


def _seven(policy: Policy, own: Mapping[str, Level]) -> dict[str, Level]:
    if policy.speaks == SEVEN.version:
        return _cascade(SEVEN, _translated(own))
    six = _cascade(SIX, own)
    targets = {
        new: _strictest(_through(six[old], old, new, SIX) for old in olds) for new, olds in SOURCES.items()
    }
    return _cascade(SEVEN, targets)


def _cascade(taxonomy: Taxonomy, own: Mapping[str, Level]) -> dict[str, Level]:
    """The level of every category: its own, else that of the nearest category above that has one."""
    return {
        key: next((own[above] for above in lineage if above in own), _DEFAULT)
        for key, lineage in taxonomy.lineages.items()
    }


def _translated(own: Mapping[str, Level]) -> dict[str, Level]:
    """Pairs of a policy that speaks 7 with the names that only 6.1 has put into names of 7.

    A level written for a category of 7, or above it, beats one that only cascades within 6.1. Two that were
    written for the same concept under different names leave the stricter.
    """
    new_names = {key: level for key, level in own.items() if key in SEVEN.lineages}
    old_names = {key: level for key, level in own.items() if key not in SEVEN.lineages}
    before, merged = _cascade(SEVEN, new_names), dict(new_names)
    for new, sources in SOURCES.items():
        written = [_through(old_names[old], old, new, SIX) for old in sources if old in old_names]
        if new in new_names:
            merged[new] = _strictest([new_names[new], *written])
        elif written or new_names.keys().isdisjoint(SEVEN.lineages[new]):
            merged[new] = _strictest(_said(old_names, old, new, before[new]) for old in sources)
    return merged


def _said(old_names: Mapping[str, Level], source: str, new: str, otherwise: Level) -> Level:
    found = next((old_names[above] for above in SIX.lineages[source] if above in old_names), otherwise)
    return _through(found, source, new, SIX)


def _through(level: Level, old: str, new: str, taxonomy: Taxonomy) -> Level:
    """The level of `old` in `taxonomy` as that of `new` in the other; a namesake is not worth a word."""
    if level.through or old == new:
        return level
    return replace(level, through=f"{old} in {taxonomy.version}")


def _strictest(levels: Iterable[Level]) -> Level:
    """The lowest, of equals one that was written; the default names its counterpart only beside a pair."""
    found = list(levels)
    if all(level.pair is None for level in found):
        return _DEFAULT
    return min(found, key=lambda level: (level.value, level.pair is None))
