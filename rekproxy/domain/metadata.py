"""Structured metadata: fields that a cloud defines, and the values that its pictures may have in them."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from ..errors import InvalidRequestError

TYPES: Final = ("string", "integer", "date", "enum", "set")
#: Types whose values are entries of a list.
LISTED: Final = ("enum", "set")

#: Fields of a cloud, entries of a list, and characters of a text, at most.
MOST_FIELDS: Final = 100
MOST_ENTRIES: Final = 3000
MOST_TEXT: Final = 3000
_MOST_RULES: Final = 20
_LARGEST: Final = 2**53

_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,254}")
_WHOLE = re.compile(r"-?[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the values that a list has. What is not `active` can be restored, and not be chosen."""

    external_id: str
    value: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """A field of structured metadata. Times are in milliseconds since 1970.

    `default` is what a picture gets that is uploaded without a value, `validation` the wire's rules for
    values, `entries` those of a list, `restrictions` whatever the wire keeps of who may change it.
    """

    external_id: str
    type: str
    label: str
    mandatory: bool = False
    default: Any = None
    validation: Mapping[str, Any] | None = None
    entries: tuple[Entry, ...] = ()
    restrictions: Mapping[str, Any] | None = None
    default_disabled: bool = False
    dynamic: bool = False
    position: int = 0
    created_at: int = 0
    updated_at: int = 0

    @property
    def active(self) -> tuple[Entry, ...]:
        """The entries that may be chosen."""
        return tuple(entry for entry in self.entries if entry.active)

    def read(self, value: Any) -> Any:
        """A value as it is kept, from what a request says; raises `InvalidRequestError` naming the field."""
        try:
            found = _READERS[self.type](self, value)
            if self.validation is not None:
                check_rule(self.validation, found)
        except InvalidRequestError as error:
            raise InvalidRequestError(
                f"Value {_shown(value)} is invalid for field {self.external_id}: {error}"
            ) from None
        return found


# --- values ----------------------------------------------------------------------------------------


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidRequestError("must be a text")
    if len(str(value)) > MOST_TEXT:
        raise InvalidRequestError(f"longer than {MOST_TEXT} characters")
    return str(value).replace('\\"', '"')


def _integer(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)) or abs(int(value)) > _LARGEST:
        raise InvalidRequestError("must be a whole number")
    return int(value)


def _date(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise InvalidRequestError("must be a date such as 2024-12-31")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise InvalidRequestError("there is no such day") from None


def _chosen(field: Field, value: Any) -> str:
    known = {entry.external_id for entry in field.active}
    if not isinstance(value, str) or value not in known:
        raise InvalidRequestError("must be the external id of one of its active entries")
    return value


def _set(field: Field, value: Any) -> list[str]:
    """A list, or the JSON of one, whose quotes SDKs escape or leave."""
    given = value
    if isinstance(value, str) and value.startswith("["):
        try:
            given = json.loads(value.replace('\\"', '"'))
        except (ValueError, RecursionError):
            raise InvalidRequestError("must be a list of external ids") from None
    if not isinstance(given, list | tuple):
        given = [given]
    return list(dict.fromkeys(_chosen(field, each) for each in given))


_READERS: Final = {"string": _text, "integer": _integer, "date": _date, "enum": _chosen, "set": _set}


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)[:80]


def changed(
    fields: Iterable[Field],
    before: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    clear_invalid: bool = False,
) -> dict[str, Any]:
    """What a picture has after an update of the values that are given; `None` takes one away.

    With `clear_invalid`, values that were there and break the rules of now are dropped. Raises
    `InvalidRequestError`, also where a mandatory one is taken away.
    """
    known = {field.external_id: field for field in fields}
    after = dict(before)
    for name, value in given.items():
        if name not in known:
            raise InvalidRequestError(f"Metadata field {name[:80]} doesn't exist")
        if value not in (None, "", []):
            after[name] = known[name].read(value)
            continue
        if known[name].mandatory:
            raise InvalidRequestError(f"Metadata field {name} is mandatory")
        after.pop(name, None)
    if clear_invalid:
        after = {name: value for name, value in after.items() if name in known and _fits(known[name], value)}
    return after


def uploaded(fields: Iterable[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a picture has that is uploaded with these values: with defaults where it names none.

    Raises `InvalidRequestError`, also where a mandatory one is missing.
    """
    known = tuple(fields)
    values = changed(known, {}, {name: value for name, value in given.items() if value not in (None, "", [])})
    for field in known:
        if field.external_id not in values and field.default is not None and not field.default_disabled:
            values[field.external_id] = field.default
        if field.mandatory and field.external_id not in values:
            raise InvalidRequestError(f"Metadata field {field.external_id} is mandatory")
    return values


def _fits(field: Field, value: Any) -> bool:
    try:
        field.read(value)
    except InvalidRequestError:
        return False
    return True


# --- rules for values ------------------------------------------------------------------------------


def check_rule(rule: Mapping[str, Any], value: Any) -> None:
    """Raises `InvalidRequestError` for a value that a rule does not allow."""
    match rule["type"]:
        case "and":
            for each in rule["rules"]:
                check_rule(each, value)
        case "strlen":
            least, most = rule.get("min") or 0, rule.get("max")
            if len(value) < least or (most is not None and len(value) > most):
                raise InvalidRequestError(f"must have from {least} to {most or MOST_TEXT} characters")
        case "greater_than":
            if value < rule["value"] or (value == rule["value"] and not rule.get("equals")):
                raise InvalidRequestError(f"must be greater than {rule['value']}")
        case _:
            if value > rule["value"] or (value == rule["value"] and not rule.get("equals")):
                raise InvalidRequestError(f"must be less than {rule['value']}")


def read_rule(type: str, given: Any, depth: int = 0) -> dict[str, Any] | None:
    """The rule that a definition gives for values of a type; raises `InvalidRequestError`."""
    if given is None or given == {}:
        return None
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "and" and depth == 0:
        rules = given.get("rules")
        if not isinstance(rules, list) or not 1 <= len(rules) <= _MOST_RULES:
            raise _invalid("validation")
        return {"rules": [read_rule(type, rule, depth + 1) or _refuse() for rule in rules], "type": "and"}
    if kind == "strlen" and type == "string":
        return {"type": "strlen", **_bounds(given)}
    if kind in ("greater_than", "less_than") and type in ("integer", "date"):
        value = Field("validation", type, "").read(given.get("value"))
        equals = given.get("equals") or False
        if not isinstance(equals, bool):
            raise _invalid("validation")
        return {"type": kind, "equals": equals, "value": value}
    raise _invalid("validation", f"not a rule for values of type {type}")


def _refuse() -> dict[str, Any]:
    raise _invalid("validation")


def _bounds(given: Mapping[str, Any]) -> dict[str, Any]:
    bounds = {name: given[name] for name in ("min", "max") if given.get(name) is not None}
    if not bounds or any(isinstance(each, bool) or not isinstance(each, int) for each in bounds.values()):
        raise _invalid("validation", "strlen needs min or max")
    if not 0 <= bounds.get("min", 0) <= bounds.get("max", MOST_TEXT):
        raise _invalid("validation", "min must not be larger than max")
    return bounds


def _invalid(name: str, why: str = "") -> InvalidRequestError:
    return InvalidRequestError(f"Invalid value for parameter {name}{': ' if why else ''}{why}")


# --- definitions -----------------------------------------------------------------------------------


def define(given: Mapping[str, Any]) -> Field:
    """The field that a request defines; raises `InvalidRequestError` naming what is wrong."""
    type_ = given.get("type")
    if type_ not in TYPES:
        raise _invalid("type", f"one of {', '.join(TYPES)}")
    external_id = given.get("external_id")
    if external_id is None:
        external_id = secrets.token_hex(10)
    if not isinstance(external_id, str) or not _EXTERNAL_ID.fullmatch(external_id):
        raise _invalid("external_id", "letters, digits, underscores and hyphens")
    if type_ in LISTED and not isinstance(given.get("datasource"), Mapping):
        raise InvalidRequestError("Missing required parameter - datasource")
    entries = read_entries(given["datasource"].get("values")) if type_ in LISTED else ()
    if given.get("label") in (None, ""):
        raise InvalidRequestError("Missing required parameter - label")
    return redefine(Field(external_id, type_, "", entries=entries), given)


def redefine(before: Field, given: Mapping[str, Any]) -> Field:
    """A field after a change of it; its type and its id never change. Raises `InvalidRequestError`."""
    told: dict[str, Any] = {}
    if "label" in given:
        label = given["label"]
        if not isinstance(label, str) or not 1 <= len(label) <= 255:
            raise _invalid("label")
        told["label"] = label
    for name, kept in (
        ("mandatory", "mandatory"),
        ("default_disabled", "default_disabled"),
        ("allow_dynamic_list_values", "dynamic"),
    ):
        if given.get(name) is not None:
            told[kept] = _truth(name, given[name])
    if "restrictions" in given:
        told["restrictions"] = _restrictions(given["restrictions"])
    if before.label and before.type in LISTED and isinstance(given.get("datasource"), Mapping):
        told["entries"] = merged_entries(before.entries, read_entries(given["datasource"].get("values")))
    if "validation" in given:
        told["validation"] = read_rule(before.type, given["validation"])
    after = replace(before, **told)
    default = given.get("default_value", before.default)
    return replace(after, default=None if default in (None, "", []) else after.read(default))


def _truth(name: str, value: Any) -> bool:
    if value in (True, "true", "1", 1):
        return True
    if value in (False, "false", "0", 0):
        return False
    raise _invalid(name)


def _restrictions(value: Any) -> Mapping[str, Any] | None:
    if value is not None and (not isinstance(value, Mapping) or len(json.dumps(value)) > MOST_TEXT):
        raise _invalid("restrictions")
    return value or None


# --- entries of a list -----------------------------------------------------------------------------


def read_entries(given: Any) -> tuple[Entry, ...]:
    """Entries as a request writes them; one without an external id is given one."""
    if not isinstance(given, list) or len(given) > MOST_ENTRIES:
        raise _invalid("values", f"a list of at most {MOST_ENTRIES} entries")
    entries = tuple(_entry(each) for each in given)
    _check_unique(entries)
    return entries


def _entry(given: Any) -> Entry:
    if not isinstance(given, Mapping) or not isinstance(given.get("value"), str):
        raise _invalid("values", 'each is {"external_id": "…", "value": "…"}')
    external_id, value = given.get("external_id") or secrets.token_hex(10), given["value"]
    if not isinstance(external_id, str) or not _EXTERNAL_ID.fullmatch(external_id):
        raise _invalid("external_id", "letters, digits, underscores and hyphens")
    if not 1 <= len(value) <= 255:
        raise _invalid("values", "a value has from 1 to 255 characters")
    return Entry(external_id, value)


def merged_entries(before: Sequence[Entry], given: Sequence[Entry]) -> tuple[Entry, ...]:
    """A list after an update of some of its entries: known ones in their places, new ones behind them."""
    told = {entry.external_id: entry for entry in given}
    kept = [replace(told.pop(each.external_id, each), active=each.active) for each in before]
    entries = (*kept, *told.values())
    if len(entries) > MOST_ENTRIES:
        raise _invalid("values", f"at most {MOST_ENTRIES} entries")
    _check_unique(entries)
    return entries


def _check_unique(entries: Sequence[Entry]) -> None:
    ids = [entry.external_id for entry in entries]
    values = [entry.value for entry in entries if entry.active]
    for texts in (ids, values):
        if len(set(texts)) < len(texts):
            raise _invalid("values", "two entries are alike")


def set_active(entries: Sequence[Entry], external_ids: Sequence[str], *, active: bool) -> tuple[Entry, ...]:
    """A list with some entries taken away, or brought back. Raises `InvalidRequestError` for unknown ones."""
    known = {entry.external_id for entry in entries}
    for external_id in external_ids:
        if external_id not in known:
            raise _invalid("external_ids", f"{str(external_id)[:80]} is no entry of it")
    after = tuple(
        replace(entry, active=active) if entry.external_id in external_ids else entry for entry in entries
    )
    _check_unique(after)
    return after


def in_order(entries: Sequence[Entry], *, descending: bool) -> tuple[Entry, ...]:
    """A list by its values."""
    return tuple(sorted(entries, key=lambda entry: entry.value.casefold(), reverse=descending))
