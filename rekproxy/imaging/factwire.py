"""The part of the pipe between the pool and a worker that is about facts."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from ..domain.facts import fields_of
from ..interfaces import InputLimits
from .checks import checked, flag, text
from .wire import Message

_MOST_COLOURS: Final = 32
_MOST_TEXTS: Final = 400
_MAX_TEXTS: Final = 120_000


def job_message(data: bytes, limits: InputLimits, asked: Collection[str]) -> Message:
    """The job of `Imager.facts`."""
    return Message({"job": "facts", **asdict(limits), "asked": sorted(asked)}, (data,))


def asked_of(message: Message) -> frozenset[str]:
    """The parameters in a job for facts."""
    return frozenset(message.header["asked"])


def facts_message(facts: Mapping[str, Any]) -> Message:
    """The answer to a job for facts."""
    return Message({"facts": dict(facts)})


def facts_of(message: Message, asked: Collection[str]) -> dict[str, Any]:
    """The answer to a job for what was `asked`, checked. Raises `ImagerError`."""
    with checked():
        said = message.header["facts"]
        if set(said) != set(fields_of(asked)):
            raise ValueError(sorted(said))
        return {name: _FACTS[name](value) for name, value in said.items()}


def _phash(value: object) -> str:
    if not re.fullmatch("[0-9a-f]{16}", text(value)):
        raise ValueError(value)
    return text(value)


def _texts(value: Mapping[str, Any]) -> dict[str, str]:
    if len(value) > _MOST_TEXTS or sum(map(len, value)) + sum(map(len, value.values())) > _MAX_TEXTS:
        raise ValueError(len(value))
    return {_printable(name): _printable(said) for name, said in value.items()}


def _printable(value: object) -> str:
    if not text(value).isprintable():
        raise ValueError(value)
    return text(value)


def _shares(value: Sequence[Any], name: Callable[[object], str]) -> list[list[Any]]:
    """Names of colours and percentages."""
    if len(value) > _MOST_COLOURS:
        raise ValueError(len(value))
    return [[name(what), _between(share, 100)] for what, share in value]


def _hex_colour(value: object) -> str:
    if not re.fullmatch("#(?:[0-9A-F]{2}){3,4}", text(value)):
        raise ValueError(value)
    return text(value)


def _word(value: object) -> str:
    if not re.fullmatch("[a-z]{1,20}", text(value)):
        raise ValueError(value)
    return text(value)


def _between(value: object, most: float) -> float:
    if type(value) not in (int, float) or not 0 <= value <= most:  # type: ignore[operator]
        raise ValueError(value)
    return float(value)  # type: ignore[arg-type]


def _predominant(value: Mapping[str, Any]) -> dict[str, list[list[Any]]]:
    return {name: _shares(value[name], _word) for name in ("google", "cloudinary")}


def _measures(value: Mapping[str, Any]) -> dict[str, float]:
    return {_word(name): _between(measure, 1) for name, measure in list(value.items())[:_MOST_COLOURS]}


_FACTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "phash": _phash,
    "colors": lambda value: _shares(value, _hex_colour),
    "predominant": _predominant,
    "grayscale": flag,
    "semi_transparent": flag,
    "quality_analysis": _measures,
    "image_metadata": _texts,
    "exif": _texts,
}
