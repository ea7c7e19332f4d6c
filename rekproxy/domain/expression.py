"""Search expressions as values: what is asked of a picture or a folder, and whether one meets it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

#: What one has in a field: nothing, one value, or several. Times are in milliseconds since 1970.
Value: TypeAlias = str | int | float
Values: TypeAlias = Callable[[str], Sequence[Value]]

#: The field of a bare term: any text of it.
ANYWHERE = ""

_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Is:
    """A value of the field is exactly this."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Begins:
    """A value of the field begins with this."""

    field: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Has:
    """A value of the field has these words, next to each other and in any case; with `open`, the last may
    be the beginning of one."""

    field: str
    words: tuple[str, ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """A value of the field lies between two bounds; `None` is no bound. Texts are compared as such."""

    field: str
    low: Value | None = None
    high: Value | None = None
    with_low: bool = True
    with_high: bool = True


@dataclass(frozen=True, slots=True)
class Present:
    """The field has a value."""

    field: str


@dataclass(frozen=True, slots=True)
class All:
    """Everything is met; nothing asked is met by all."""

    parts: tuple["Expression", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """Something is met."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It is not met."""

    part: "Expression"


Term: TypeAlias = Is | Begins | Has | Between | Present
Expression: TypeAlias = Term | All | Either | Not


def meets(expression: Expression, values: Values) -> bool:
    """Whether one that has these values meets the expression."""
    match expression:
        case All(parts):
            return all(meets(part, values) for part in parts)
        case Either(parts):
            return any(meets(part, values) for part in parts)
        case Not(part):
            return not meets(part, values)
        case _:
            return any(_answers(expression, value) for value in values(expression.field))


def terms(expression: Expression) -> Iterator[Term]:
    """Everything that is asked of single fields, whether it is to be met or not."""
    match expression:
        case All(parts) | Either(parts):
            for part in parts:
                yield from terms(part)
        case Not(part):
            yield from terms(part)
        case _:
            yield expression


def fields_of(expression: Expression) -> frozenset[str]:
    """The fields that it asks for: all that `meets` calls for values of."""
    return frozenset(term.field for term in terms(expression))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded: what stands between them counts for nothing."""
    return tuple(_WORDS.findall(text.casefold()))


def _answers(term: Term, value: Value) -> bool:
    match term:
        case Is(value=wanted):
            return str(value) == wanted
        case Begins(prefix=prefix):
            return str(value).startswith(prefix)
        case Has(words=wanted, open=is_open):
            return _contains(words_of(str(value)), wanted, is_open=is_open)
        case Between():
            return _lies(term, value)
        case Present():
            return True


def _contains(words: tuple[str, ...], wanted: tuple[str, ...], *, is_open: bool) -> bool:
    *first, last = wanted
    for start in range(len(words) - len(wanted) + 1):
        end = words[start + len(first)]
        if words[start : start + len(first)] == tuple(first) and (
            end == last or (is_open and end.startswith(last))
        ):
            return True
    return False


def _lies(term: Between, value: Value) -> bool:
    if term.low is not None:
        order = _order(value, term.low)
        if order is None or order < 0 or (order == 0 and not term.with_low):
            return False
    if term.high is not None:
        order = _order(value, term.high)
        if order is None or order > 0 or (order == 0 and not term.with_high):
            return False
    return True


def _order(value: Value, bound: Value) -> int | None:
    """-1, 0 or 1; `None` where a text and a number cannot be compared."""
    if isinstance(value, str) is not isinstance(bound, str):
        return None
    if isinstance(value, str):
        return (value > str(bound)) - (value < str(bound))
    return (value > float(bound)) - (value < float(bound))
