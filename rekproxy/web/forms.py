"""Parameters as the wire's clients encode them: forms, queries and JSON, read into one shape.

Lists arrive as `key[]`, `key[N]`, a JSON array or one text with commas; maps as `key[name]`, a JSON object
or `name=value|name=value`. What is written twice, or in two ways at once, is refused: two readers of it
could understand two things.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..domain import transformation
from ..errors import InvalidRequestError

#: A thousand items of a list, and whatever a call may say besides.
MAX_PARAMETERS: Final = 1100
#: Characters of one name and of one value; `file` alone may be longer.
MAX_NAME: Final = 255
MAX_VALUE: Final = 100_000

#: What has more than one level by its nature. Elsewhere it is no list of names that somebody meant.
_DEEP: Final = frozenset(
    {"access_control", "custom_coordinates", "face_coordinates", "metadata", "responsive_breakpoints"}
)

_NAME = re.compile(r"([^\[\]]+)(?:\[(?:(?P<index>\d{0,4})|(?P<key>[^\[\]]+))\])?")
_UNESCAPED_BAR = re.compile(r"(?<!\\)\|")
_UNESCAPED_EQUALS = re.compile(r"(?<!\\)=")
_TRUE: Final = ("1", "true")
_FALSE: Final = ("0", "false", "")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

Value = str | tuple[str, ...] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one request: a text, a list or a map for each name.

    Every reader raises `InvalidRequestError` naming the parameter when its value is of the wrong kind.
    A parameter that was not sent, is null or is empty text reads as not given.
    """

    values: Mapping[str, Value] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return bool(self.values.get(name))

    def text(self, name: str, *, lines: bool = False) -> str | None:
        """One text; control characters are refused, but for line breaks where `lines` allows them."""
        value = self.values.get(name)
        if not value:
            return None
        if not isinstance(value, str):
            raise _illegal(name)
        return check_text(name, value, lines=lines)

    def needed(self, name: str) -> str:
        """One text that must be there."""
        value = self.text(name)
        if value is None:
            raise InvalidRequestError(f"Missing required parameter - {name}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A truth: `1` and `true`, in any case; `0`, `false` and empty text."""
        value = self.values.get(name)
        if value is None:
            return default
        word = value.lower() if isinstance(value, str) else None
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise _illegal(name)

    def number(self, name: str, default: int, *, most: int) -> int:
        """A whole number from 1 to `most`."""
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= most:
            raise _illegal(name)
        return int(value)

    def items(self, name: str) -> tuple[str, ...]:
        """A list; only when sent as one text is it split at commas."""
        value = self.values.get(name, "")
        if isinstance(value, str):
            value = tuple(part.strip() for part in value.split(","))
        elif not isinstance(value, tuple):
            raise _illegal(name)
        return tuple(check_text(name, item) for item in value if item)

    def pairs(self, name: str) -> dict[str, str]:
        r"""A map; as one text it is `key=value|key=value`, with `\=` and `\|` for these characters."""
        value = self.values.get(name, "")
        if isinstance(value, tuple):
            raise _illegal(name)
        found = _split_pairs(name, value) if isinstance(value, str) else value
        return {check_text(name, key): check_text(name, text, lines=True) for key, text in found.items()}

    def signable(self) -> dict[str, str | tuple[str, ...]]:
        """What a signature covers: every parameter as it was sent, names of lists without their brackets."""
        flat: dict[str, str | tuple[str, ...]] = {}
        for name, value in self.values.items():
            if isinstance(value, (str, tuple)):
                flat[name] = value
            else:
                flat.update({f"{name}[{key}]": text for key, text in value.items()})
        return flat


def read_pairs(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Parameters of a form or a query, from its (name, value) pairs in order."""
    texts: dict[str, str] = {}
    lists: dict[str, list[tuple[int, str]]] = {}
    maps: dict[str, dict[str, str]] = {}
    for count, (written, value) in enumerate(pairs, 1):
        match = _measured(written, value, count)
        name, index, key = match[1], match["index"], match["key"]
        if key is not None:
            _put(maps.setdefault(name, {}), key, value, name)
        elif index is None:
            _put(texts, name, value, name)
        else:
            lists.setdefault(name, []).append((int(index) if index else -1, value))
    ordered = {name: _in_order(name, items) for name, items in lists.items()}
    return _joined(texts, ordered, maps)


def read_json(body: bytes) -> Parameters:
    """Parameters of a JSON body: an object whose values are scalars, or arrays or objects of them.

    What lies deeper is read, where it may, as the text that SDKs make of it for forms.
    """
    try:
        document = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The request body is not valid JSON") from error
    if not isinstance(document, dict):
        raise InvalidRequestError("The request body must be a JSON object")
    for count, name in enumerate(document, 1):
        _check_name(name, count)
    values = {name: _from_json(name, value) for name, value in document.items() if value is not None}
    return Parameters(values)


def read_nested(body: bytes) -> dict[str, Any]:
    """A JSON body whose values may lie within each other; every text in it is one that may be sent."""
    try:
        document = json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
        if not isinstance(document, dict):
            raise InvalidRequestError("The request body must be a JSON object")
        _check_nested("", document)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The request body is not valid JSON") from error
    return document


def merge(first: Parameters, second: Parameters) -> Parameters:
    """The parameters of both; one that is in both is refused."""
    for name in first.values.keys() & second.values.keys():
        raise InvalidRequestError(f"Duplicate parameter {name}")
    return Parameters({**first.values, **second.values})


def check_text(name: str, value: str, *, lines: bool = False) -> str:
    """`value` itself, unless it holds control characters or half a character (a lone surrogate)."""
    if (_CONTROL_IN_LINES if lines else _CONTROL).search(value):
        raise InvalidRequestError(f"Illegal character in parameter {name}")
    return value


def _measured(written: str, value: str, count: int) -> re.Match[str]:
    _check_name(written, count)
    match = _NAME.fullmatch(written)
    if match is None:
        raise InvalidRequestError("Illegal parameter name")
    if len(value) > MAX_VALUE and written != "file":
        raise InvalidRequestError(f"Parameter {match[1]} is too long")
    return match


def _check_name(written: str, count: int) -> None:
    # a part of a multipart body may come without any name
    if not written or len(written) > MAX_NAME:
        raise InvalidRequestError("Illegal parameter name")
    if count > MAX_PARAMETERS:
        raise InvalidRequestError("Too many parameters")


def _put(into: dict[str, str], key: str, value: str, name: str) -> None:
    if key in into:
        raise InvalidRequestError(f"Duplicate parameter {name}")
    into[key] = value


def _in_order(name: str, items: list[tuple[int, str]]) -> tuple[str, ...]:
    """Items of `key[]` as they came, of `key[N]` by number; not both, and no number twice."""
    indexes = [index for index, _ in items]
    if set(indexes) != {-1} and (-1 in indexes or len(set(indexes)) != len(indexes)):
        raise InvalidRequestError(f"Duplicate parameter {name}")
    return tuple(value for _, value in sorted(items, key=lambda item: item[0]))


def _joined(*kinds: Mapping[str, Value]) -> Parameters:
    joined = Parameters()
    for kind in kinds:
        joined = merge(joined, Parameters(kind))
    return joined


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidRequestError("Duplicate parameter in the request body")
    return found


def _from_json(name: str, value: Any) -> Value:
    if isinstance(value, dict):
        return {key: _flat(name, item) for key, item in value.items() if item is not None}
    if not isinstance(value, list):
        return _scalar(name, value)
    if name == "transformation" and all(isinstance(step, dict) for step in value):
        return transformation.written(value)
    if name in _DEEP and any(isinstance(item, list | dict) for item in value):
        return _flat(name, value)
    return tuple(_scalar(name, item) for item in value if item is not None)


def _flat(name: str, value: Any) -> str:
    """One text: rows of numbers, as coordinates are, between bars, and else JSON."""
    if name not in _DEEP or not isinstance(value, list | dict):
        return _scalar(name, value)
    if value and all(isinstance(row, list) for row in value):
        return "|".join(",".join(_scalar(name, each) for each in row) for row in value)
    try:
        return _scalar(name, json.dumps(value, ensure_ascii=False))
    except RecursionError:
        raise _illegal(name) from None


def _check_nested(name: str, value: Any) -> None:
    if isinstance(value, str):
        check_text(name, value, lines=True)
    for key, inner in value.items() if isinstance(value, dict) else ():
        _check_nested(name or key, check_text("name", key))
        _check_nested(name or key, inner)
    for inner in value if isinstance(value, list) else ():
        _check_nested(name, inner)


def _no_number(text: str) -> None:
    raise ValueError(text)


def _scalar(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        raise _illegal(name)
    text = str(value)
    if len(text) > MAX_VALUE:
        raise InvalidRequestError(f"Parameter {name} is too long")
    return text


def _split_pairs(name: str, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, _UNESCAPED_BAR.split(text)):
        key, *rest = _UNESCAPED_EQUALS.split(part, maxsplit=1)
        if not key or not rest:
            raise _illegal(name)
        _put(found, _unescaped(key), _unescaped(rest[0]), name)
    return found


def _unescaped(text: str) -> str:
    return text.replace("\\=", "=").replace("\\|", "|")


def _illegal(name: str) -> InvalidRequestError:
    return InvalidRequestError(f"Invalid value for parameter {name}")
