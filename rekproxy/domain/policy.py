"""A policy such as `aws_rek:violence:0.7`: how it is read, and what it needs of a detector."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from ..errors import InvalidModerationError
from .taxonomy import SEVEN, SIX, TARGETS, Label, nearest, taxonomy_of

__all__ = ["DEFAULT", "IGNORE", "ILLUSTRATED", "Label", "Policy", "invalid", "parse_policy", "taxonomy_of"]

#: The level of a category that nothing else is said about.
DEFAULT = Decimal("0.5")

#: The level of `ignore`: no confidence exceeds it, and every level that is a number is stricter.
IGNORE = Decimal("Infinity")

#: The one category of 6.1 that is no category of 7: there it is a kind of picture.
ILLUSTRATED = "illustrated_explicit_nudity"

_MAX_LENGTH = 10_000  # every category of both taxonomies has room


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as written, read in the vocabulary `speaks` (`6.1` or `7`).

    `levels` holds each category that it names with its level: 0..1, or infinity for `ignore`; `pairs` holds
    the same categories, and `min_confidence`, each with its pair as written (`violence:0.70`).
    """

    text: str
    speaks: str
    levels: tuple[tuple[str, Decimal], ...] = field(default=(), hash=False)
    min_confidence: Decimal | None = field(default=None, hash=False)
    pairs: tuple[tuple[str, str], ...] = field(default=(), hash=False)

    @property
    def lowest(self) -> float:
        """The confidence (0..100) under which a label can neither offend nor explain another."""
        return float(100 * min([DEFAULT, *(level for _, level in self.levels)]))

    @property
    def floor(self) -> float:
        """The confidence (0..100) from which a provider must report, so that the policy can be applied."""
        return (
            self.lowest if self.min_confidence is None else min(self.lowest, float(100 * self.min_confidence))
        )

    @property
    def named(self) -> frozenset[str]:
        """Keys of taxonomy 7's top-level categories in which the policy sets a level that can be exceeded."""
        keys = [key for key, level in self.levels if level != IGNORE]
        return frozenset(SEVEN.top(new) for key in keys for new in self._in_seven(key))

    def _in_seven(self, key: str) -> tuple[str, ...]:
        if key == ILLUSTRATED:
            return ("explicit",)
        return (key,) if self.speaks == SEVEN.version and key in SEVEN.lineages else TARGETS[key]


def invalid(text: str, why: str) -> InvalidModerationError:
    """The wire's sentence about a moderation that is not understood, and what is wrong with it."""
    shown = text if len(text) <= 200 else text[:200] + "…"
    return InvalidModerationError(f"Moderation {shown} moderation is not valid: {why}")


@lru_cache(maxsize=512)
def parse_policy(text: str, taxonomy: str | None = None) -> Policy:
    """Read `aws_rek` with any number of `:category:level` pairs.

    A policy with a name that only taxonomy 7 has speaks 7, any other 6.1; `taxonomy` pins one of them.
    Raises `InvalidModerationError`, which names the token and the nearest known categories.
    """
    return read_pairs(text, tokens_of(text), taxonomy)


def tokens_of(text: str) -> list[str]:
    """What stands behind `aws_rek`, as many names as values. Raises `InvalidModerationError`."""
    head, *tokens = text.split(":")
    if len(text) > _MAX_LENGTH or head != "aws_rek":
        raise invalid(text, f"a policy begins with aws_rek and has at most {_MAX_LENGTH} characters")
    if len(tokens) % 2:
        raise invalid(text, f"{_shown(tokens[-1])} has no value")
    return tokens


def read_pairs(text: str, tokens: Sequence[str], taxonomy: str | None = None) -> Policy:
    """The policy that names and values by turns make, of the text that errors repeat. Raises as above."""
    levels: dict[str, Decimal] = {}
    pairs: dict[str, str] = {}
    for name, value in zip(tokens[::2], tokens[1::2], strict=True):
        key = _key(text, name, taxonomy)
        level = _level(text, key, value)
        if levels.setdefault(key, level) != level:
            raise invalid(text, f"{key} has two different values")
        pairs.setdefault(key, f"{name}:{value}")
    min_confidence = levels.pop("min_confidence", None)
    speaks = taxonomy or (SIX if all(key in SIX.lineages for key in levels) else SEVEN).version
    return Policy(text, speaks, tuple(sorted(levels.items())), min_confidence, tuple(sorted(pairs.items())))


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
        return IGNORE
    plain = re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value)
    if not plain or Decimal(value) > 1:
        wanted = "0.0 to 1.0" if key == "min_confidence" else "0.0 to 1.0 or ignore"
        raise invalid(text, f"{_shown(value)} is no value for {key}, which takes {wanted}")
    return Decimal(value)
