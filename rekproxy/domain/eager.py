"""Derived images that an upload asks for beforehand: the wire's `eager`, read once into values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import InvalidRequestError, InvalidTransformationError
from .outputs import DELIVERED
from .parameters import FORMAT_ALIASES
from .transformation import parse, reread

#: Derived images that one upload may ask for.
MOST_EAGER: Final = 50

_EXTENSION = re.compile(r"[A-Za-z0-9]{1,10}")
#: The canonical text may be longer than what it was read from.
_MOST_TEXT: Final = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One derived image. `transformation` is canonical text with all in, `format` an extension if one is
    named: without one the image keeps the format of its original."""

    transformation: str
    format: str | None = None

    def __str__(self) -> str:
        return f"{self.transformation}/{self.format or ''}"


@dataclass(frozen=True, slots=True)
class Batch:
    """Derived images that are asked for together, and whom to tell of them when they are made later.

    `batch_id` is 64 hex digits, or what the caller says. With `at_once` the caller waits for them.
    """

    wanted: tuple[Wanted, ...] = ()
    batch_id: str = ""
    notification_url: str | None = None
    at_once: bool = False

    def as_json(self) -> dict[str, Any]:
        """What a job keeps of it."""
        wanted = [[each.transformation, each.format] for each in self.wanted]
        return {"wanted": wanted, "batch_id": self.batch_id, "notification_url": self.notification_url}


def batch_from(kept: Mapping[str, Any]) -> Batch:
    """The batch that a job kept."""
    wanted = tuple(Wanted(text, format) for text, format in kept["wanted"])
    return Batch(wanted, kept["batch_id"], kept["notification_url"])


def read_eager(text: str, *, kept: bool = False) -> tuple[Wanted, ...]:
    """The images that `eager` names: transformations between bars, each with `/` and an extension or not.

    What was `kept` is canonical, and may be longer than what it was read from. Raises
    `InvalidTransformationError`, and `InvalidRequestError` for too many.
    """
    parts = [part for part in text.split("|") if part.strip()]
    if len(parts) > MOST_EAGER:
        raise InvalidRequestError(f"Too many eager transformations. Maximum is {MOST_EAGER}.")
    return tuple(dict.fromkeys(_read(part, kept) for part in parts))


def check_eager(name: str, value: str) -> str:
    """The same as text, for whoever keeps it. Raises as `read_eager` does."""
    text = written(read_eager(value))
    if len(text) > _MOST_TEXT:
        raise InvalidRequestError(f"Parameter {name} is too long")
    return text


def written(wanted: Iterable[Wanted]) -> str:
    """Canonical text, which reads as the same images again."""
    return "|".join(map(str, wanted))


def _read(part: str, kept: bool) -> Wanted:
    steps, slash, last = part.strip().rpartition("/")
    if not _EXTENSION.fullmatch(last):
        steps, last = f"{steps}{slash}{last}", ""
    found = reread(steps) if kept else parse(steps)
    if "getinfo" in found.flags:
        raise InvalidTransformationError("An eager transformation cannot have fl_getinfo")
    return Wanted(str(found), _format(last) if last else None)


def _format(extension: str) -> str:
    form = FORMAT_ALIASES.get(extension.lower(), extension.lower())
    if form not in DELIVERED:
        raise InvalidTransformationError(f"Invalid extension in transformation: {extension}")
    return form
