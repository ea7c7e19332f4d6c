"""What is written down of a route: who may call it, what it takes and what it gives."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ...domain.uploadparameters import Kind

#: Who may call: every key of the cloud, or whoever comes. Else it is the name of a role.
ANY: Final = "any"
NOBODY: Final = "nobody"

#: What the paths of a cloud begin with.
CLOUD: Final = "/v1_1/<cloud>"


class Does(StrEnum):
    """What becomes of a parameter that is sent."""

    WORKS = "works"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter. `is_ours` says that the wire does not have it."""

    name: str
    kind: Kind
    meaning: str = ""
    does: Does = Does.WORKS
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """A route: its path in Flask's words, below the prefix of its part.

    `gives` names what a 200 holds, one of `schemas.SCHEMAS`. `is_ours` says that the wire does not have it;
    `refused` is the status with which it is always answered. `sends_file` is for forms that carry a picture.
    """

    method: str
    path: str
    role: str
    summary: str
    takes: tuple[Given, ...] = ()
    gives: str = "Object"
    is_ours: bool = False
    refused: int | None = None
    sends_file: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Routes that belong together, as one surface has them (`""`: every process)."""

    title: str
    surface: str
    operations: tuple[Operation, ...]
    says: str = ""
    prefix: str = CLOUD


def text(name: str, meaning: str = "") -> Given:
    """One text."""
    return Given(name, Kind.TEXT, meaning)


def flag(name: str, meaning: str = "") -> Given:
    """A truth."""
    return Given(name, Kind.FLAG, meaning)


def number(name: str, meaning: str = "") -> Given:
    """A whole number."""
    return Given(name, Kind.NUMBER, meaning)


def items(name: str, meaning: str = "") -> Given:
    """A list of texts."""
    return Given(name, Kind.LIST, meaning)


def pairs(name: str, meaning: str = "") -> Given:
    """A map of texts."""
    return Given(name, Kind.MAP, meaning)


def ours(*given: Given) -> tuple[Given, ...]:
    """Parameters that the wire does not have."""
    return tuple(replace(each, is_ours=True) for each in given)


def ignored(*given: Given) -> tuple[Given, ...]:
    """Parameters that may be sent and change nothing."""
    return tuple(replace(each, does=Does.IGNORED) for each in given)


def refused(*given: Given) -> tuple[Given, ...]:
    """Parameters that make the call fail."""
    return tuple(replace(each, does=Does.REFUSED) for each in given)


#: A page of a listing.
PAGE: Final = (
    number("max_results", "results of a page; 10, at most 500"),
    text("next_cursor", "what the page before this one gave"),
)
