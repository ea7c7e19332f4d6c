"""Transformations: the text between delivery type and public id, read once into values."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..errors import InvalidTransformationError
from .chains import chain_of
from .parameters import PARAMETERS
from .steps import Component, Layer, Transformation, every
from .tokens import read

__all__ = [
    "MAX_COMPONENTS", "MAX_LAYERS", "MAX_TEXT", "Component", "Layer", "Transformation", "described", "parse",
    "reread", "written",
]  # fmt: skip

MAX_TEXT: Final = 2000
MAX_COMPONENTS: Final = 50
MAX_LAYERS: Final = 8
#: Canonical text may be longer than what it was read from: names are spelled out, letters escaped.
_MAX_CANONICAL: Final = 16 * MAX_TEXT

#: Keys by the long names of the wire's objects, which call a format three ways.
_KEYS: Final = {
    **{parameter.name: key for key, parameter in PARAMETERS.items()}, "fetch_format": "f", "extension": "f",
}  # fmt: skip


def parse(text: str) -> Transformation:
    """Read a transformation as a URL has it, still percent-encoded.

    Components stand between `/`, their parameters between `,`; one given twice counts as last given. What is
    not understood is never ignored: raises `InvalidTransformationError` naming the token in the wire's words
    (sections 1.4 and 3.5).
    """
    return _parse(text, MAX_TEXT)


def reread(text: str) -> Transformation:
    """Read canonical text again, which may be longer than a URL's."""
    return _parse(text, _MAX_CANONICAL)


def described(text: str) -> list[dict[str, Any]]:
    """A canonical transformation as the wire's objects: long names, whole numbers as numbers (1.11, 1.17)."""
    return [dict(_long(token) for token in part.split(",")) for part in text.split("/") if part]


def written(steps: Sequence[Mapping[str, Any]]) -> str:
    """The text of what the wire's objects say: `described` the other way round.

    Values in a list are joined by dots, as flags are. Raises `InvalidTransformationError` for a name that is
    not known, and for what is no text or number.
    """
    return "/".join(",".join(_short(name, value) for name, value in step.items()) for step in steps)


def checked(transformation: Transformation) -> Transformation:
    """The same, if it is not larger than any may be; raises `InvalidTransformationError`."""
    steps = list(every(transformation.components))
    _check_count(len(steps))
    if sum(step.layer is not None for step in steps) > MAX_LAYERS:
        raise InvalidTransformationError(f"Too many overlays in transformation. Maximum is {MAX_LAYERS}.")
    return transformation


def _parse(text: str, limit: int) -> Transformation:
    if len(text) > limit:
        raise InvalidTransformationError(f"Transformation is too long. Got {len(text)}. Maximum is {limit}.")
    parts = [part for part in text.split("/") if part]
    _check_count(len(parts))
    final: dict[str, Any] = {}
    components = chain_of([read(part, final) for part in parts])
    if not components:
        final.pop("dpr", None)
    return checked(Transformation(components, **final))


def _check_count(count: int) -> None:
    if count > MAX_COMPONENTS:
        raise InvalidTransformationError(
            f"Too many components in transformation. Maximum is {MAX_COMPONENTS}."
        )


def _short(name: str, value: Any) -> str:
    if isinstance(value, list) and all(isinstance(part, str | int) for part in value):
        value = ".".join(map(str, value))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidTransformationError(f"Invalid {name[:80]} in transformation")
    if name == "raw_transformation":
        return str(value)
    if name not in _KEYS:
        raise InvalidTransformationError(f"Invalid transformation component - {name[:80]}")
    return f"{_KEYS[name]}_{value}"


def _long(token: str) -> tuple[str, Any]:
    key, _, value = token.partition("_")
    name = "fetch_format" if key == "f" else PARAMETERS[key].name
    return name, int(value) if value.lstrip("-").isdecimal() else value
