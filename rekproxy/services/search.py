"""Search: expressions read, pictures found by them, and counted."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..domain.asset import Asset, Status
from ..domain.expression import All, Expression, Is, Value
from ..domain.expressionreader import parse
from ..domain.searchable import COUNTABLE, FIELDS, FOLDER_FIELDS, FOLDER_SORTABLE, SORTABLE
from ..domain.taxonomy import nearest
from ..errors import InvalidRequestError
from ..interfaces import Catalog
from ..interfaces.finding import Found, Order
from ..interfaces.foldersearch import FoldersFound


@dataclass(frozen=True, slots=True)
class Range:
    """A part of the values of a field that pictures are counted in; from `low` to before `high`."""

    key: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `counted` are fields that all found are counted by, with their ranges if any."""

    expression: str = ""
    orders: Sequence[Order] = ()
    after: Sequence[Value] | None = None
    limit: int = 50
    counted: Mapping[str, Sequence[Range]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """Finds pictures by expressions. `now` gives seconds since 1970."""

    catalog: Catalog
    now: Callable[[], float] = time.time

    def find(self, cloud: str, query: Query) -> Found:
        """A page of pictures; raises `InvalidRequestError` for what is not understood."""
        return self._found(cloud, query, self.read(query.expression))

    def find_approved(self, cloud: str, query: Query) -> Found:
        """The same, of pictures that are served now, and no others."""
        served = Is("standing", Status.APPROVED.value)
        found = self._found(cloud, query, All((served, self.read(query.expression))))
        # read anew since it was found: nothing is told of what was taken down meanwhile
        return replace(
            found, assets=tuple(asset for asset in found.assets if asset.standing is Status.APPROVED)
        )

    def folders(self, cloud: str, query: Query) -> FoldersFound:
        """A page of folders; raises as `find` does."""
        for order in query.orders:
            known(order.field, FOLDER_SORTABLE, "sort_by")
        expression = parse(query.expression, FOLDER_FIELDS, now=int(self.now() * 1000))
        return self.catalog.find_folders(
            cloud, expression, query.orders, after=query.after, limit=query.limit
        )

    def senders(self, cloud: str, assets: Iterable[Asset]) -> Mapping[str, tuple[str, str]]:
        """Who first uploaded each, and who last, as the audit names them."""
        return self.catalog.senders(cloud, [asset.asset_id for asset in assets])

    def read(self, expression: str) -> Expression:
        """What an expression asks of pictures."""
        return parse(expression, FIELDS, now=int(self.now() * 1000))

    def _found(self, cloud: str, query: Query, expression: Expression) -> Found:
        for order in query.orders:
            known(order.field, SORTABLE, "sort_by")
        for name in query.counted:
            known(name, COUNTABLE, "aggregate")
        return self.catalog.find_assets(
            cloud,
            expression,
            query.orders,
            after=query.after,
            limit=query.limit,
            tally=tuple(query.counted),
        )


def aggregations(found: Found, counted: Mapping[str, Sequence[Range]]) -> dict[str, Any]:
    """How many pictures have which value of each field, or one in each of its ranges; most first."""
    told: dict[str, Any] = {}
    for name, ranges in counted.items():
        tally = found.tallies[name]
        if ranges:
            told[name] = {
                part.key: sum(tally[each] for each in tally if _lies(each, part)) for part in ranges
            }
        else:
            told[name] = {str(value): count for value, count in tally.most_common()}
    return told


def _lies(value: Value, part: Range) -> bool:
    number = float(value)
    return (part.low is None or number >= part.low) and (part.high is None or number < part.high)


def known(name: str, names: Sequence[str], parameter: str) -> str:
    """`name`, if it is one of `names`; raises `InvalidRequestError` with the nearest of them."""
    if name not in names:
        hint = nearest(name[:80], names)
        raise InvalidRequestError(f"Invalid value for parameter {parameter}: {name[:80]}{hint}")
    return name
