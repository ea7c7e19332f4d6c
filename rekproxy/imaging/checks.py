"""What a worker says is read as hostile: checks of values that came over its pipe."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ImagerError


@contextmanager
def checked() -> Iterator[None]:
    """Turns what unpacking raises on wrong shapes and values into `ImagerError`."""
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise ImagerError("An imager sent nonsense") from error


def whole(value: object, most: int, *, least: int = 0) -> int:
    """A whole number from `least` to `most`; raises `ValueError`."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(value)
    return value


def flag(value: object) -> bool:
    """A truth; raises `TypeError`."""
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def text(value: object) -> str:
    """A text; raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def one_of(value: object, allowed: frozenset[str] | set[str]) -> str:
    """One of some words; raises `ValueError`."""
    if value not in allowed:
        raise ValueError(value)
    return text(value)
