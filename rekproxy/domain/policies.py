"""Named policies: how their files are read, how a moderation names one, and that their examples hold."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..errors import InvalidModerationError
from .asset import EntryStatus
from .judging import Judgement, judge, merge
from .policy import Label, Policy, invalid, parse_policy, read_pairs, tokens_of
from .taxonomy import TAXONOMIES, nearest

#: The name that stands where a category would: `aws_rek:policy:marketplace`.
NAMES_POLICY = "policy"

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_ASKED = re.compile(r"(?P<name>[^.]*)(?:\.(?P<version>[0-9]{1,9}))?")
_CHAIN = re.compile(r"(?P<names>.+?) (?P<confidence>[0-9]{1,3}(?:\.[0-9]{1,6})?)")


class PolicyFileError(ValueError):
    """What is wrong with the file of a named policy; the message names the example, if it is one's fault."""


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: labels of a taxonomy, what must come out, and why, in a sentence.

    `strict_status` is what comes out where every label is judged by itself.
    """

    labels: tuple[Label, ...]
    taxonomy: str
    status: EntryStatus
    strict_status: EntryStatus
    why: str


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy that people can talk about: what its file says, its `policy` already read."""

    name: str
    version: int
    description: str
    policy: Policy
    examples: tuple[Example, ...]

    @property
    def label(self) -> str:
        """How a verdict names it: `marketplace@3`."""
        return f"{self.name}@{self.version}"

    def check(self, *, strict: bool = False) -> None:
        """Judge every example. Raises `PolicyFileError` naming the first that comes out differently."""
        for number, example in enumerate(self.examples, 1):
            found = judge([self.policy], example.labels, taxonomy=example.taxonomy, strict=strict)
            wanted = example.strict_status if strict else example.status
            if found.status is not wanted:
                raise PolicyFileError(
                    f"example {number} ({example.why}) should be {wanted} and comes out"
                    f" {found.status}: {_because(found)}"
                )


@dataclass(frozen=True, slots=True)
class Resolved:
    """A moderation as it is judged, and the named policy that it was written as, if it was."""

    text: str
    name: str | None = None


@dataclass(frozen=True)
class PolicyBook:
    """The named policies of an installation."""

    policies: tuple[NamedPolicy, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, NamedPolicy]:
        """Each policy under its name."""
        return {policy.name: policy for policy in self.policies}

    def resolve(self, text: str) -> Resolved:
        """Write a moderation `aws_rek:policy:NAME` out in pairs; any other stays as it is, if it is valid.

        `NAME.3` asks for the version 3 and for no other. Pairs behind the name override its own, in
        its own vocabulary: a name of the other would change what its names mean, or nothing at all. Raises
        `InvalidModerationError`.
        """
        named, rest = split_name(text)
        if named is None:
            parse_policy(text)
            return Resolved(text)
        found = self._find(text, named)
        asked = dict(read_pairs(text, rest).pairs)
        speaks = TAXONOMIES[found.policy.speaks]
        for key in sorted(asked.keys() - speaks.lineages.keys() - {"min_confidence"}):
            raise invalid(text, f"{found.name} speaks taxonomy {speaks.version}, which has no {key}")
        pairs = dict(found.policy.pairs) | asked
        written = ":".join(["aws_rek", *pairs.values()])
        return Resolved(written, "+".join([found.label, *asked.values()]))

    def _find(self, text: str, named: str) -> NamedPolicy:
        asked = _ASKED.fullmatch(named)
        found = self.by_name.get(asked["name"]) if asked else None
        if asked is None or found is None:
            known = sorted(self.by_name)
            hint = nearest(named, known) or f"; there are {', '.join(known) or 'none'}"
            raise invalid(text, f"unknown policy {named[:80] or 'without a name'}{hint}")
        if asked["version"] and int(asked["version"]) != found.version:
            raise invalid(
                text, f"{found.name} is installed as version {found.version}, not {asked['version']}"
            )
        return found


def split_name(text: str) -> tuple[str | None, Sequence[str]]:
    """The name that a moderation gives a policy by, `None` if it gives none, and the pairs besides.

    Raises `InvalidModerationError` for a name that does not come first.
    """
    tokens = tokens_of(text)
    names = [name.lower() for name in tokens[::2]]
    if NAMES_POLICY not in names:
        return None, tokens
    if NAMES_POLICY in names[1:]:
        raise invalid(text, "policy must come first, and once: the pairs behind it override it")
    return tokens[1], tokens[2:]


# --- files -------------------------------------------------------------------------------------------


def read_policy(given: Mapping[str, Any]) -> NamedPolicy:
    """A policy out of its file, already parsed from TOML. Raises `PolicyFileError`."""
    _only(given, {"name": str, "version": int, "description": str, "policy": str, "examples": list}, "")
    if not _NAME.fullmatch(given["name"]):
        raise PolicyFileError("name must be lower-case letters, digits, - and _, a letter first")
    if not 1 <= given["version"] < 10**9:
        raise PolicyFileError("version must be a number from 1")
    if not given["description"].strip() or not given["examples"]:
        raise PolicyFileError("a policy needs a description and examples")
    try:
        policy = parse_policy(given["policy"])
    except InvalidModerationError as error:
        raise PolicyFileError(str(error)) from error
    examples = tuple(_example(number, each) for number, each in enumerate(given["examples"], 1))
    return NamedPolicy(
        given["name"], given["version"], " ".join(given["description"].split()), policy, examples
    )


def parse_labels(texts: Iterable[str], taxonomy: str) -> tuple[Label, ...]:
    """Labels written as `Violence > Weapons 60`: each name below the one before, all with this confidence.

    Raises `PolicyFileError` for a name that does not stand there in the taxonomy.
    """
    return merge(_path(text, taxonomy) for text in texts)


def _example(number: int, given: Any) -> Example:
    where = f"example {number}: "
    if not isinstance(given, dict):
        raise PolicyFileError(f"{where}must be a table: [[examples]]")
    given = {"strict_status": given.get("status"), **given}
    _only(given, {"labels": list, "taxonomy": str, "status": str, "strict_status": str, "why": str}, where)
    if given["taxonomy"] not in TAXONOMIES:
        raise PolicyFileError(f"{where}taxonomy must be one of {', '.join(TAXONOMIES)}")
    for key in ("status", "strict_status"):
        if given[key] not in (EntryStatus.APPROVED, EntryStatus.REJECTED):
            raise PolicyFileError(f"{where}{key} must be approved or rejected")
    if not given["why"].strip():
        raise PolicyFileError(f"{where}why must be a sentence")
    try:
        labels = parse_labels(given["labels"], given["taxonomy"])
    except ValueError as error:
        raise PolicyFileError(f"{where}{error}") from error
    status, strict = EntryStatus(given["status"]), EntryStatus(given["strict_status"])
    return Example(labels, given["taxonomy"], status, strict, given["why"].strip())


def _path(text: str, taxonomy: str) -> list[Label]:
    match = _CHAIN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise PolicyFileError(f"{text!r} is no label such as 'Violence > Weapons 60'")
    names = match["names"].split(" > ")
    found = [
        Label(name, above, float(match["confidence"]))
        for above, name in zip(["", *names], names, strict=False)
    ]
    for label in found:
        if (label.name, label.parent_name) not in TAXONOMIES[taxonomy].edges:
            above = f" below {label.parent_name}" if label.parent_name else " at the top"
            raise PolicyFileError(f"taxonomy {taxonomy} has no label {label.name!r}{above}")
    return found


def _only(given: Mapping[str, Any], wanted: Mapping[str, type], where: str) -> None:
    """Every key that must be there, of its type, and no other."""
    for key in sorted(given.keys() - wanted.keys()):
        raise PolicyFileError(f"{where}no such key: {key}; there are {', '.join(wanted)}")
    for key, kind in wanted.items():
        if type(given.get(key)) is not kind:
            raise PolicyFileError(f"{where}{key} must be given, as {_KINDS[kind]}")


_KINDS = {str: "text", int: "a whole number", list: "a list"}


def _because(found: Judgement) -> str:
    offences = [
        f"{each.label.name} {each.label.confidence:g} is above its level {each.level}"
        for each in found.offending
    ]
    return "; ".join(offences) or "no label is above its level"
