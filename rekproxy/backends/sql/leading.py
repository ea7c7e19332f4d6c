"""Pages that one index leads, in its order; what it does not answer is looked for in a bounded stretch."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, or_, select, true, tuple_
from sqlalchemy.sql.selectable import Subquery

from ...domain.asset import ALL_TYPES
from .rows import Place, said
from .schema import asset_versions, assets, seen

#: Behind every character that a name can have, and in the order of bytes too.
LAST_CHARACTER: Final = "\U0010ffff"

#: Names of different types may be equal: this tells them apart, in the order of `ALL_TYPES`.
TYPE_NUMBER: Final = case({name: number for number, name in enumerate(ALL_TYPES)}, value=assets.c.type)

#: Rows that are looked at in one statement, at most, where more are needed than a page has.
_STEP: Final = 250


def beginning_with(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Whether a text begins with `prefix`, as a range of an index."""
    return and_(column >= prefix, column < prefix + LAST_CHARACTER)


@dataclass(frozen=True, slots=True)
class Lead:
    """The index that a page follows: `at` and `tie` are a place in it, `key` tells which asset a row is of.

    `conditions` are what it answers itself; `rest` what is asked of the asset besides. Newest first, unless
    `ascending`; or, with a `prefix`, in the order of names, of which `tie` is one, those that begin so.
    """

    key: ColumnElement[str]
    at: ColumnElement[Any]
    tie: ColumnElement[Any]
    conditions: tuple[ColumnElement[bool], ...]
    rest: tuple[ColumnElement[bool], ...] = ()
    prefix: str | None = None
    ascending: bool = False

    @property
    def by_name(self) -> bool:
        """Whether names are what the page is in the order of."""
        return self.prefix is not None

    def rows(self, after: Place | None, rows: int) -> Select[Any]:
        """(asset_id, at, tie) of the next rows in order, whatever is asked of their assets besides."""
        chosen = select(self.key.label("asset_id"), self.at.label("at"), self.tie.label("tie"))
        chosen = chosen.where(*self.conditions, *self._stretch(after)).limit(said(rows))
        return chosen.order_by(*self._order(self.at, self.tie))

    def window(self, after: Place | None, rows: int) -> Select[Any]:
        """(asset_id, at, tie, meets) of the next rows, whether or not they meet what is asked."""
        page = self.rows(after, rows).subquery("page")
        meets = and_(true(), assets.c.asset_id.is_not(None), *self.rest).label("meets")
        return (
            select(assets.c.asset_id, page.c.at, page.c.tie, meets)
            .select_from(self._owners(page))
            .order_by(*self._order(page.c.at, page.c.tie))
        )

    def _order(self, at: ColumnElement[Any], tie: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
        if self.by_name:
            return (tie.desc(), at.desc()) if not self.ascending else (tie, at)
        return (at, tie) if self.ascending else (at.desc(), tie.desc())

    def _stretch(self, after: Place | None) -> tuple[ColumnElement[bool], ...]:
        """What of the index is left behind `after`."""
        if self.prefix is not None:
            return self._names(self.prefix, after)
        if after is None:
            return ()
        place, here = tuple_(*after), tuple_(self.at, self.tie)
        return (here > place if self.ascending else here < place,)

    def _names(self, prefix: str, after: Place | None) -> tuple[ColumnElement[bool], ...]:
        """One bound to each side: of two to one side SQLite may take the one that reads more."""
        low, high = self.tie >= prefix, self.tie < prefix + LAST_CHARACTER
        if after is None:
            return low, high
        number, name = after
        if self.ascending:
            return self.tie >= name, high, or_(self.tie > name, self.at > number)
        return low, self.tie <= name, or_(self.tie < name, self.at < number)

    def _owners(self, page: Subquery) -> FromClause:
        """Rows with their assets; without one where it is gone, or where a version is not its current one."""
        if self.key.table is not seen:
            return page.outerjoin(assets, assets.c.asset_id == page.c.asset_id)
        return page.outerjoin(asset_versions, asset_versions.c.version_id == page.c.asset_id).outerjoin(
            assets,
            and_(assets.c.asset_id == asset_versions.c.asset_id, assets.c.version_id == page.c.asset_id),
        )


def look_through(
    connection: Connection, lead: Lead, after: Place | None, limit: int, *, most: int
) -> tuple[list[str], Place | None]:
    """Ids of at most `limit` assets, and where to go on, `None` at the end. About `most` rows are read."""
    ids: list[str] = []
    step, looked = limit + 1, 0
    while looked < max(most, limit + 1):
        rows = connection.execute(lead.window(after, step)).all()
        for row in rows:
            if row.meets and len(ids) == limit:
                return ids, after
            ids += [row.asset_id] if row.meets else []
            after = (row.at, row.tie)
        if len(rows) < step:
            return ids, None
        looked, step = looked + step, min(2 * step, max(_STEP, step))
    return ids, after
