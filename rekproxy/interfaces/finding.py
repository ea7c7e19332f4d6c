"""What the catalog must offer to find pictures by an expression, at a cost that its size does not change."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..domain.asset import Asset
from ..domain.expression import Expression, Value

#: Pictures that a page in the order of an index looks through, and those that a total is counted of.
MOST_LOOKED_THROUGH = 1000
#: Pictures that are put into another order.
MOST_SORTED = 10_000


@dataclass(frozen=True, slots=True)
class Order:
    """By which field, and which way. Equal ones are told apart, so that no page repeats or leaves out any."""

    field: str = "created_at"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found; `after` is what the next page starts behind, `None` on the last.

    `total` is how many there are; where not all could be looked through (`whole` is false), how many were
    found of those that were. `tallies` count these by their values in the fields that were named.
    """

    assets: tuple[Asset, ...]
    after: tuple[Value, ...] | None = None
    total: int = 0
    whole: bool = True
    tallies: Mapping[str, Counter[Value]] = field(default_factory=dict)


class Finding(Protocol):
    """The catalog's part about search expressions."""

    def find_assets(
        self,
        cloud: str,
        expression: Expression,
        orders: Sequence[Order] = (),
        *,
        after: Sequence[Value] | None = None,
        limit: int = 50,
        tally: Sequence[str] = (),
    ) -> Found:
        """A page of the pictures that meet an expression; newest upload first, unless told otherwise.

        An index narrows what is looked at where the expression allows it. By `created_at`, and by
        `public_id`, a page looks through `MOST_LOOKED_THROUGH` of these at most: it may then have fewer than
        `limit`, or none, and still say where to go on. Any other order is that of the first `MOST_SORTED`
        alone. Deleted pictures are found only where the expression asks for `status` or
        `standing`.
        """

    def senders(self, cloud: str, asset_ids: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """Who first uploaded each asset, and who last, as far as its audit tells."""
