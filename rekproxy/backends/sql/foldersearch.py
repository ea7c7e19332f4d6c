"""Finding folders by an expression: those whose paths may meet it are looked through."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import ColumnElement, select

from ...domain.expression import All, Begins, Expression, Is, Value, meets
from ...interfaces.finding import MOST_SORTED, Order
from ...interfaces.folders import Folder
from ...interfaces.foldersearch import FoldersFound
from .engine import Database
from .leading import beginning_with
from .rows import said
from .schema import folders

#: How folders are told apart that are equal in what they are ordered by.
_BY_PATH = Order("path", descending=False)


class FolderSearch:
    """Finding folders by an expression."""

    _database: Database

    def find_folders(
        self,
        cloud: str,
        expression: Expression,
        orders: Sequence[Order] = (),
        *,
        after: Sequence[Value] | None = None,
        limit: int = 50,
    ) -> FoldersFound:
        """See `Catalog.find_folders`."""
        table = folders.c
        query = select(table.path, table.external_id, table.created_at).where(table.cloud == cloud)
        query = query.where(*_leading(expression)).order_by(table.path).limit(said(MOST_SORTED + 1))
        with self._database.read() as connection:
            rows = [Folder(*row) for row in connection.execute(query)]
        found = [folder for folder in rows[:MOST_SORTED] if meets(expression, partial(_values, folder))]
        ordered = (*orders, _BY_PATH)
        for order in reversed(ordered):
            found.sort(key=partial(_value, name=order.field), reverse=order.descending)
        rest = [folder for folder in found if after is None or _behind(folder, ordered, after)]
        last = _place(rest[limit - 1], ordered) if len(rest) > limit else None
        return FoldersFound(tuple(rest[:limit]), last, len(found), len(rows) <= MOST_SORTED)


def _leading(expression: Expression) -> tuple[ColumnElement[bool], ...]:
    """What the index answers of an expression: how a path begins."""
    parts = expression.parts if isinstance(expression, All) else (expression,)
    for part in parts:
        match part:
            case Is("path", path):
                return (folders.c.path == path,)
            case Begins("path", prefix) if prefix:
                return (beginning_with(folders.c.path, prefix),)
    return ()


def _values(folder: Folder, name: str) -> Sequence[Value]:
    return (_value(folder, name or "path"),)


def _value(folder: Folder, name: str) -> Value:
    value: Value = getattr(folder, name)
    return value


def _place(folder: Folder, orders: Sequence[Order]) -> tuple[Value, ...]:
    return tuple(_value(folder, order.field) for order in orders)


def _behind(folder: Folder, orders: Sequence[Order], after: Sequence[Value]) -> bool:
    for order, own, last in zip(orders, _place(folder, orders), after, strict=True):
        if own != last:
            later: bool = own > last  # type: ignore[operator]  # both are of one field
            return later is not order.descending
    return False
