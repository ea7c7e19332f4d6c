r"""Reads the search language: the wire's section 1.16, text to `expression` values.

`a AND (b OR NOT c)`, with `-` for NOT, `+` for nothing at all, and terms side by side as AND. A term is
`field:value`, `field=value`, a comparison, `field:[low TO high]`, `field:(a OR b)` or a bare value. A value
ends with `*` for any ending, stands between quotes, or has its special characters behind `\`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from ..errors import InvalidRequestError
from .expression import (
    ANYWHERE,
    All,
    Begins,
    Between,
    Either,
    Expression,
    Has,
    Is,
    Not,
    Present,
    Value,
    words_of,
)
from .taxonomy import nearest

#: Characters of an expression, terms in it, and parentheses within each other, at most.
MOST_TEXT: Final = 5000
MOST_TERMS: Final = 50
_DEEPEST: Final = 20


class Kind(StrEnum):
    """How values of a field are compared.

    NAME: whole and exactly. WORD: whole, in any case. TEXT: `:` by its words, `=` whole. NUMBER, SIZE (bytes
    with units), RATIO (`16:9` too). DATE: days, moments, and ages such as `4w`. ANY: a text, or a number.
    """

    NAME = "name"
    WORD = "word"
    TEXT = "text"
    NUMBER = "number"
    SIZE = "size"
    RATIO = "ratio"
    DATE = "date"
    ANY = "any"


_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<open>\()|(?P<close>\))|(?P<from>\[)|(?P<to>\])|(?P<compare>>=|<=|[:=<>])"
    r'|(?P<phrase>"(?:[^"\\]|\\.)*")|(?P<word>(?:[^\s()\[\]{}":=<>\\*?~^!&|]|\\.)+\*?|\*)',
    re.DOTALL,
)
_TEXTS: Final = ("word", "phrase")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WILD_END = re.compile(r"(?<!\\)(?:\\\\)*\*\Z")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(b|kb?|mb?|gb?)?", re.IGNORECASE)
_UNITS: Final = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_RATIO = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(?::([0-9]{1,6}(?:\.[0-9]{1,6})?))?")
_AGE = re.compile(r"([0-9]{1,5})([hdwmy])")
_AGES: Final = {"h": 3600, "d": 86_400, "w": 7 * 86_400, "m": 30 * 86_400, "y": 365 * 86_400}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DAY.pattern + r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]{1,6})?Z?")
#: Aspect ratios are known to two digits.
_NEAR: Final = 0.005


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def value(self) -> str:
        """The text that a word or a phrase stands for, without its wildcard."""
        inner = self.text[1:-1] if self.kind == "phrase" else self.text
        return _ESCAPED.sub(r"\1", inner[:-1] if self.wild else inner)

    @property
    def wild(self) -> bool:
        inner = self.text[1:-1] if self.kind == "phrase" else self.text
        return self.kind in ("word", "phrase") and bool(_WILD_END.search(inner))

    def says(self, word: str) -> bool:
        return self.kind == "word" and self.text == word


@dataclass(frozen=True, slots=True)
class _Span:
    """What a value stands for: a number, or the time from `low` to before `high`; ages are moments."""

    low: Value
    high: Value


def parse(text: str, known: Mapping[str, Kind], *, now: int) -> Expression:
    """What an expression asks; empty text asks for nothing.

    `known` are the fields there are; one that ends with a dot stands for all that begin so
    (`context.` for `context.colour`). `now` is in milliseconds. Raises `InvalidRequestError`
    (`Query Error (at position N)`), N counted from 0.
    """
    if len(text) > MOST_TEXT:
        raise InvalidRequestError(f"Query Error (at position {MOST_TEXT}): the expression is too long")
    reader = _Reader(_tokens(text), known, now)
    if reader.next.kind == "end":
        return All()
    found = reader.either(0)
    if reader.next.kind != "end":
        raise wrong(reader.next.at)
    return found


def wrong(at: int, why: str = "") -> InvalidRequestError:
    """The wire's sentence for an expression that is not understood."""
    return InvalidRequestError(f"Query Error (at position {at}){': ' if why else ''}{why}")


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at] in "+-" and _begins_term(found, text, at):
            found.append(_Token(text[at], text[at], at))
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise wrong(at)
        if match.lastgroup != "space":
            if match.lastgroup in _TEXTS and _touches(found, text, at):
                raise wrong(at)
            found.append(_Token(str(match.lastgroup), match[0], at))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


def _touches(before: list[_Token], text: str, at: int) -> bool:
    """Whether a value stands right behind another: `a*b`, `"a"b`."""
    return bool(before) and before[-1].kind in _TEXTS and not text[at - 1].isspace()


def _begins_term(before: list[_Token], text: str, at: int) -> bool:
    """Whether a sign here is an operator: not within a word, and not before a value."""
    last = before[-1] if before else None
    if last is not None and (last.kind in ("compare", "from", "+", "-") or last.says("TO")):
        return False
    return at + 1 < len(text) and not text[at + 1].isspace()


@dataclass(slots=True)
class _Reader:
    tokens: list[_Token]
    known: Mapping[str, Kind]
    now: int
    at: int = 0
    terms: int = field(default=0)

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    # --- operators, weakest first

    def either(self, depth: int, within: str = ANYWHERE) -> Expression:
        parts = [self.all(depth, within)]
        while self.next.says("OR"):
            self.take()
            parts.append(self.all(depth, within))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def all(self, depth: int, within: str) -> Expression:
        parts = [self.single(depth, within)]
        while self.next.says("AND") or self._goes_on():
            if self.next.says("AND"):
                self.take()
            parts.append(self.single(depth, within))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _goes_on(self) -> bool:
        return self.next.kind not in ("close", "end", "to") and not self.next.says("OR")

    def single(self, depth: int, within: str) -> Expression:
        if depth > _DEEPEST:
            raise wrong(self.next.at, "too many parentheses")
        if self.next.kind == "-" or self.next.says("NOT"):
            self.take()
            return Not(self.single(depth + 1, within))
        if self.next.kind == "+":
            self.take()
        if self.next.kind != "open":
            return self.term(depth, within)
        self.take()
        found = self.either(depth + 1, within)
        self._expect("close")
        return found

    # --- terms

    def term(self, depth: int, within: str) -> Expression:
        first = self._value()
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise wrong(first.at, f"more than {MOST_TERMS} terms")
        if self.next.kind != "compare":
            return self._means(first, within, ":")
        if within or first.kind == "phrase" or first.wild:
            raise wrong(self.next.at)
        name, compared = self._field(first), self.take()
        if compared.text == ":" and self.next.kind == "open":
            self.take()
            found = self.either(depth + 1, name)
            self._expect("close")
            return found
        if compared.text in (":", "=") and self.next.kind == "from":
            return self._range(name)
        return self._means(self._value(), name, compared.text)

    def _field(self, token: _Token) -> str:
        name, dot, key = token.value.partition(".")
        if f"{name}{dot}" in self.known and bool(dot) is bool(key):
            return token.value
        hint = nearest(token.value[:80], tuple(self.known))
        raise wrong(token.at, f"unknown field {token.value[:80]}{hint}")

    def _value(self) -> _Token:
        token = self.take()
        if token.kind not in ("word", "phrase") or token.text in ("AND", "OR", "NOT"):
            raise wrong(token.at)
        return token

    def _expect(self, kind: str) -> None:
        token = self.take()
        if token.kind != kind:
            raise wrong(token.at)

    def _range(self, name: str) -> Expression:
        self._expect("from")
        low = self._value()
        if not self.next.says("TO"):
            raise wrong(self.next.at)
        self.take()
        high = self._value()
        self._expect("to")
        if self._kind(name) not in _MEASURED:
            raise wrong(low.at, f"{name} has no ranges")
        return Between(
            name,
            None if low.text == "*" else self._span(low, name).low,
            None if high.text == "*" else self._span(high, name).high,
            with_high=self._kind(name) is not Kind.DATE or bool(_AGE.fullmatch(high.value)),
        )

    def _kind(self, name: str) -> Kind:
        whole, dot, _ = name.partition(".")
        return self.known.get(f"{whole}{dot}", Kind.TEXT)

    def _means(self, token: _Token, name: str, compared: str) -> Expression:
        kind = self._kind(name)
        if compared not in (":", "="):
            return self._compared(token, name, compared)
        if token.text == "*":
            return Present(name) if name else All()
        if kind in (Kind.NUMBER, Kind.SIZE, Kind.RATIO, Kind.DATE):
            return self._measured(token, name)
        value = token.value.lower() if kind is Kind.WORD else token.value
        if name == ANYWHERE or (not token.wild and compared == ":" and kind in (Kind.TEXT, Kind.ANY)):
            return self._words(token, name)
        return Begins(name, value) if token.wild else Is(name, value)

    def _words(self, token: _Token, name: str) -> Expression:
        words = words_of(token.value)
        if not words:
            raise wrong(token.at, "there is no word to look for")
        return Has(name, words, token.wild)

    def _compared(self, token: _Token, name: str, compared: str) -> Expression:
        if self._kind(name) not in _MEASURED:
            raise wrong(token.at, f"{name} can only be compared with : and =")
        span = self._span(token, name)
        match compared:
            case ">":
                later = self._is_day(token, name)
                return Between(name, span.high, with_low=later)
            case ">=":
                return Between(name, span.low)
            case "<":
                return Between(name, high=span.low, with_high=False)
            case _:
                return Between(name, high=span.high, with_high=not self._is_day(token, name))

    def _is_day(self, token: _Token, name: str) -> bool:
        return self._kind(name) is Kind.DATE and not _AGE.fullmatch(token.value)

    def _measured(self, token: _Token, name: str) -> Expression:
        if token.wild:
            raise wrong(token.at)
        span = self._span(token, name)
        if self._kind(name) is Kind.RATIO:
            ratio = float(span.low)
            return Between(name, ratio - _NEAR, ratio + _NEAR, with_high=False)
        if self._kind(name) is Kind.DATE and not self._is_day(token, name):
            raise wrong(token.at, f"{name} is compared with an age by < and >")
        return Between(name, span.low, span.high, with_high=self._kind(name) is not Kind.DATE)

    def _span(self, token: _Token, name: str) -> _Span:
        if token.wild:
            raise wrong(token.at)
        span = _read(token.value, self._kind(name), self.now)
        if span is None:
            raise wrong(token.at, f"not a value of {name}")
        return span


#: Kinds that have an order.
_MEASURED: Final = frozenset({Kind.NUMBER, Kind.SIZE, Kind.RATIO, Kind.DATE, Kind.ANY})


def _read(text: str, kind: Kind, now: int) -> _Span | None:
    """What a text means as a value of a kind that has an order; `None` if nothing."""
    match kind:
        case Kind.SIZE:
            return _one(_size(text))
        case Kind.RATIO:
            return _one(_ratio(text))
        case Kind.DATE:
            return _time(text, now)
        case Kind.ANY if not _NUMBER.fullmatch(text):
            return _one(text)
        case _:
            return _one(float(text) if _NUMBER.fullmatch(text) else None)


def _one(value: Value | None) -> _Span | None:
    return None if value is None else _Span(value, value)


def _size(text: str) -> float | None:
    match = _SIZE.fullmatch(text)
    return float(match[1]) * _UNITS[(match[2] or "")[:1].lower()] if match else None


def _ratio(text: str) -> float | None:
    match = _RATIO.fullmatch(text)
    if match is None or (match[2] is not None and not float(match[2])):
        return None
    return float(match[1]) / float(match[2] or 1)


def _time(text: str, now: int) -> _Span | None:
    age = _AGE.fullmatch(text)
    if age:
        return _one(now - int(age[1]) * _AGES[age[2]] * 1000)
    day = _DAY.fullmatch(text) is not None
    if not day and not _MOMENT.fullmatch(text):
        return None
    try:
        start = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None
    low = int((start - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    return _Span(low, low + (86_400_000 if day else 1000))
