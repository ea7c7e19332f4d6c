"""What a search says: a JSON document or the parameters of a query, read into one value."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..domain.expression import Value
from ..errors import InvalidRequestError
from ..interfaces.finding import Order
from ..services.search import Query, Range
from .cursors import MOST_RESULTS, Cursors
from .forms import check_text

#: Orders, fields and ranges that one search may name.
_MOST_NAMED: Final = 50
_PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A search, and what of each picture is to be told: `fields` keeps these alone, `with_field` adds some.

    `listing` is what its cursors are good for.
    """

    query: Query
    fields: tuple[str, ...]
    with_field: tuple[str, ...]
    listing: str


def read_query(document: Mapping[str, Any], cursors: Cursors, cloud: str, what: str = "search") -> Asked:
    """The search that a document says, from the page of its cursor on. Raises `InvalidRequestError`."""
    expression = _text(document, "expression")
    orders = tuple(_order(each) for each in _list(document, "sort_by"))
    told = json.dumps([expression, [[order.field, order.descending] for order in orders]])
    listing = f"{what}:{hashlib.sha256(told.encode()).hexdigest()}"
    query = Query(
        expression=expression,
        orders=orders,
        limit=_limit(document.get("max_results")),
        counted=dict(_counted(each) for each in _list(document, "aggregate")),
    )
    asked = Asked(query, _names(document, "fields"), _names(document, "with_field"), listing)
    cursor = _text(document, "next_cursor")
    if not cursor:
        return asked
    return replace(asked, query=replace(query, after=_opened(cursors, cloud, asked, cursor)))


def following(cursors: Cursors, cloud: str, asked: Asked, after: tuple[Value, ...] | None) -> dict[str, str]:
    """What a page says of the next one: nothing on the last."""
    return cursors.following(cloud, asked.listing, None if after is None else (0, json.dumps(after)))


def _opened(cursors: Cursors, cloud: str, asked: Asked, cursor: str) -> tuple[Value, ...]:
    _, place = cursors.open(cloud, asked.listing, cursor)
    return tuple(json.loads(place))


def _invalid(name: str, why: str = "") -> InvalidRequestError:
    return InvalidRequestError(f"Invalid value for parameter {name}{': ' if why else ''}{why}")


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _invalid(name)
    return check_text(name, value, lines=True)


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    """A list; one value stands for a list of it, and a text may be the JSON of one."""
    value = document.get(name)
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise _invalid(name) from error
    if value in (None, ""):
        return []
    found = value if isinstance(value, list) else [value]
    if len(found) > _MOST_NAMED:
        raise _invalid(name, f"at most {_MOST_NAMED}")
    return found


def _names(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = _list(document, name)
    if not all(isinstance(each, str) for each in found):
        raise _invalid(name)
    split = (part.strip() for each in found for part in each.split(","))
    return tuple(check_text(name, part) for part in split if part)


def _order(value: Any) -> Order:
    """`{"created_at": "desc"}`, or the field alone."""
    if isinstance(value, str):
        return Order(value)
    if not isinstance(value, dict) or len(value) != 1:
        raise _invalid("sort_by", 'a list of {"field": "asc"} or {"field": "desc"}')
    [(field, way)] = value.items()
    if way is not None and (not isinstance(way, str) or way.lower() not in ("asc", "desc")):
        raise _invalid("sort_by", "asc or desc")
    return Order(field, way is None or way.lower() == "desc")


def _limit(value: Any) -> int:
    if value in (None, ""):
        return _PER_PAGE
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_RESULTS:
        raise _invalid("max_results")
    return int(text)


def _counted(value: Any) -> tuple[str, tuple[Range, ...]]:
    """A field alone, or `{"type": "bytes", "ranges": [{"key": "small", "to": 1000}]}`."""
    if isinstance(value, str):
        return value, ()
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise _invalid("aggregate")
    ranges = value.get("ranges") or []
    if not isinstance(ranges, list) or len(ranges) > _MOST_NAMED:
        raise _invalid("aggregate")
    if ranges and value["type"] not in ("bytes", "pixels"):
        raise _invalid("aggregate", "only bytes and pixels have ranges")
    return value["type"], tuple(_range(each) for each in ranges)


def _range(value: Any) -> Range:
    if not isinstance(value, dict) or not isinstance(value.get("key"), str):
        raise _invalid("aggregate")
    bounds = [value.get(name) for name in ("from", "to")]
    if any(
        bound is not None and (isinstance(bound, bool) or not isinstance(bound, int | float))
        for bound in bounds
    ):
        raise _invalid("aggregate")
    return Range(value["key"], *bounds)
