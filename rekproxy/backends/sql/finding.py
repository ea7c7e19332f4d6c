"""Finding pictures by an expression: an index leads, a bounded stretch of it is looked through."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, FromClause, Row, func, select

from ...domain.asset import Asset, Hidden, Status
from ...domain.expression import Expression, Value, fields_of, meets
from ...domain.searchable import Picture, read_from
from ...interfaces.finding import MOST_LOOKED_THROUGH, MOST_SORTED, Found, Order
from .engine import Database
from .leads import Lead, dates_of, everything, lead_of, named
from .rows import BY_AGE, load
from .schema import asset_versions, assets, audit, moderations

Place = tuple[Value, ...]

#: Where the attributes of a picture are.
_COLUMNS: Final[dict[str, Any]] = {
    "public_id": assets.c.public_id,
    "type": assets.c.type,
    "created_at": assets.c.created_at,
    "uploaded_at": asset_versions.c.created_at,
    "updated_at": assets.c.updated_at,
    "asset_folder": assets.c.folder,
    "display_name": assets.c.display_name,
    "format": asset_versions.c.format,
    "tags": assets.c.tags,
    "context": assets.c.context,
    "metadata": assets.c.metadata,
    "verdict": asset_versions.c.status,
    "standing": assets.c.status,
    "bytes": asset_versions.c.bytes,
    "width": asset_versions.c.width,
    "height": asset_versions.c.height,
    "version": assets.c.version,
    "etag": asset_versions.c.etag,
    "uploader": assets.c.uploader,
    "pages": asset_versions.c.frames,
}
#: Read of every picture: what a page is ordered by, and whether it is deleted.
_ALWAYS: Final = ("public_id", "type", "created_at", "standing")
#: Fields that an expression finds deleted pictures by.
_ASK_FOR_DELETED: Final = {"status", "standing"}
#: Rows that are looked at in one statement, at most, where more are needed than a page has.
_STEP: Final = 250
#: Rows that one statement names.
_CHUNK: Final = 500


class Finding:
    """Finding pictures by an expression."""

    _database: Database

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
        """See `Catalog.find_assets`."""
        sorting = _Sorting.by(orders)
        place = None if after is None else tuple(after)
        with self._database.read() as connection:
            look = _Look(connection, cloud, expression, sorting.fields, tuple(tally))
            page = _page(look, sorting, place, limit)
            whole = _whole(connection, page.ids)
        counted = {name: Counter(picture.value(name) for picture in page.counted) for name in tally}
        return Found(whole, page.after, page.total, page.whole, counted)

    def senders(self, cloud: str, asset_ids: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """See `Catalog.senders`."""
        if not asset_ids:
            return {}
        line = audit.c
        sent = (
            select(func.min(line.id).label("first"), func.max(line.id).label("last"))
            .where(line.cloud == cloud, line.asset_id.in_(asset_ids), line.action == "uploaded")
            .group_by(line.asset_id)
            .subquery()
        )
        first, last = audit.alias(), audit.alias()
        chosen = (
            select(first.c.asset_id, first.c.actor, last.c.actor)
            .select_from(sent)
            .join(first, first.c.id == sent.c.first)
            .join(last, last.c.id == sent.c.last)
        )
        with self._database.read() as connection:
            return {asset_id: (one, other) for asset_id, one, other in connection.execute(chosen)}


@dataclass(frozen=True, slots=True)
class _Page:
    ids: Sequence[str]
    after: Place | None
    counted: Sequence[Picture]
    whole: bool
    number: int | None = None

    @property
    def total(self) -> int:
        """How many were found of those that were looked through."""
        return len(self.counted) if self.number is None else self.number


@dataclass(frozen=True, slots=True)
class _Sorting:
    """In which order a page is. What orders by age, or by name, needs nothing else but what breaks a tie."""

    orders: tuple[Order, ...]

    @classmethod
    def by(cls, orders: Sequence[Order]) -> "_Sorting":
        first = orders[0] if orders else Order()
        if first.field == "created_at":
            return cls((first, Order("asset_id", first.descending)))
        if first.field == "public_id":
            return cls((first, Order("type", first.descending)))
        return cls((*orders, Order("asset_id", first.descending)))

    @property
    def first(self) -> Order:
        return self.orders[0]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(order.field for order in self.orders)

    def place(self, picture: Picture) -> Place:
        """Where a picture stands."""
        return tuple(picture.value(order.field) for order in self.orders)

    def sort(self, looked: list[tuple[Picture, bool]]) -> None:
        """Put pictures into this order."""
        for order in reversed(self.orders):
            looked.sort(key=lambda each: each[0].value(order.field), reverse=order.descending)

    def behind(self, picture: Picture, place: Place) -> bool:
        """Whether a picture stands behind a place."""
        for order, value in zip(self.orders, place, strict=True):
            own: Any = picture.value(order.field)
            if own != value:
                return bool(own > value) is not order.descending
        return False


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at pictures of a window, and tells which of them meet the expression."""

    connection: Connection
    cloud: str
    expression: Expression
    ordered: Sequence[str]
    counted: Sequence[str]

    def at(self, window: FromClause) -> list[tuple[Picture, bool]]:
        """The pictures of a window, each with whether it meets what is asked. In no order."""
        asked = fields_of(self.expression)
        attributes = {name for field in (*asked, *self.ordered, *self.counted) for name in read_from(field)}
        names = sorted({*_ALWAYS, *attributes} & _COLUMNS.keys())
        columns = (_COLUMNS[name].label(f"_{name}") for name in names)
        rows = self.connection.execute(
            select(assets.c.asset_id, assets.c.version_id, *columns)
            .select_from(window)
            .join(assets, assets.c.asset_id == window.c.key)
            .join(asset_versions, asset_versions.c.version_id == assets.c.version_id)
        ).all()
        kinds = _kinds(self.connection, self._moderated(rows, asked))
        pictures = (_picture(row, names, kinds) for row in rows)
        return [(picture, self._meets(picture, asked)) for picture in pictures]

    def _moderated(self, rows: Sequence[Row[Any]], asked: frozenset[str]) -> list[str]:
        """The versions whose moderations are to be read; what nobody judged is approved, and nothing else."""
        if "moderation_kind" in asked:
            return [row.version_id for row in rows]
        if "moderation_status" not in asked:
            return []
        return [row.version_id for row in rows if row._verdict == Status.APPROVED]

    def count(self, lead: Lead) -> tuple[bool, int]:
        """How many an exact lead leads to, but for what is deleted; and whether that is all of them."""
        window = lead.window(MOST_LOOKED_THROUGH + 1)
        every = self.connection.scalar(select(func.count()).select_from(window)) or 0
        known = min(every, MOST_LOOKED_THROUGH)
        return every <= MOST_LOOKED_THROUGH, known - self._deleted(lead.window(known))

    def _deleted(self, window: FromClause) -> int:
        """How many of a window are deleted, hence not found; mostly there is none in the whole cloud."""
        deleted = (assets.c.cloud == self.cloud, assets.c.status == Hidden.DELETED.value)
        one = select(assets.c.asset_id).where(*deleted).limit(1)
        if fields_of(self.expression) & _ASK_FOR_DELETED or self.connection.scalar(one) is None:
            return 0
        among = select(func.count()).select_from(window).join(assets, assets.c.asset_id == window.c.key)
        return self.connection.scalar(among.where(*deleted)) or 0

    def _meets(self, picture: Picture, asked: frozenset[str]) -> bool:
        deleted = picture.standing == Hidden.DELETED and not asked & _ASK_FOR_DELETED
        return not deleted and meets(self.expression, picture.values)


def _picture(row: Row[Any], names: Sequence[str], kinds: dict[str, list[str]]) -> Picture:
    told: dict[str, Any] = dict(zip(names, row[2:], strict=True))
    return Picture(row.asset_id, moderation_kind=kinds.get(row.version_id, ()), **told)


def _kinds(connection: Connection, version_ids: Sequence[str]) -> dict[str, list[str]]:
    """Kinds of the moderations of versions."""
    kinds: dict[str, list[str]] = {}
    entry = moderations.c
    for start in range(0, len(version_ids), _CHUNK):
        chunk = version_ids[start : start + _CHUNK]
        chosen = select(entry.version_id, entry.kind).where(entry.version_id.in_(chunk))
        for version_id, kind in connection.execute(chosen):
            kinds.setdefault(version_id, []).append(kind)
    return kinds


def _whole(connection: Connection, ids: Sequence[str]) -> tuple[Asset, ...]:
    if not ids:
        return ()
    chosen = select(*BY_AGE).where(assets.c.asset_id.in_(ids))
    by_id = {asset.asset_id: asset for _, asset in load(connection, chosen)}
    return tuple(by_id[each] for each in ids if each in by_id)


# --- pages


def _page(look: _Look, sorting: _Sorting, after: Place | None, limit: int) -> _Page:
    """The cheapest way to a page: follow an index in its order, or put what one leads to into another."""
    lead = lead_of(look.cloud, look.expression)
    by_age, by_name = (sorting.first.field == name for name in ("created_at", "public_id"))
    if by_age and lead.by_age:
        return _followed(look, sorting, lead, after, limit)
    if not (by_name and lead.is_wide):
        rows, whole = _looked(look, lead.window(MOST_SORTED + 1), MOST_SORTED)
        if whole or not (by_age or by_name):
            return _sorted(rows, sorting, after, limit, whole=whole)
    if by_name:
        return _followed(look, sorting, None, after, limit, counted_by=lead)
    every = everything(look.cloud).bounded(*dates_of(look.expression))
    return _followed(look, sorting, every, after, limit, counted_by=lead)


Looked = list[tuple[Picture, bool]]


def _looked(look: _Look, window: FromClause, most: int) -> tuple[Looked, bool]:
    """What a window of one more than `most` has, each picture once, and whether that is all there is."""
    rows = look.at(window)
    return list({each[0].asset_id: each for each in rows}.values()), len(rows) <= most


def _sorted(looked: Looked, sorting: _Sorting, after: Place | None, limit: int, *, whole: bool) -> _Page:
    """A page of what an index leads to, in another order."""
    met = [picture for picture, meets_it in looked if meets_it]
    rest = [(picture, True) for picture in met if after is None or sorting.behind(picture, after)]
    sorting.sort(rest)
    ids = [picture.asset_id for picture, _ in rest[:limit]]
    return _Page(ids, sorting.place(rest[limit - 1][0]) if len(rest) > limit else None, met, whole)


def _followed(
    look: _Look,
    sorting: _Sorting,
    lead: Lead | None,
    after: Place | None,
    limit: int,
    *,
    counted_by: Lead | None = None,
) -> _Page:
    """A page in the order of an index; the total is of what the first pages look through.

    How many there are is no matter of their order: an exact lead tells that, be it the one that is followed
    or not.
    """
    met, last = _walked(look, sorting, lead, after, limit)
    ids = [picture.asset_id for picture in met]
    if after is None and last is None:
        return _Page(ids, None, met, True)
    counting = counted_by or lead
    if counting is not None and counting.exact and not look.counted:
        return _Page(ids, last, (), *look.count(counting))
    counted, whole = _stretch(look, sorting, lead, None, MOST_LOOKED_THROUGH)
    return _Page(ids, last, [picture for picture, meets_it in counted if meets_it], whole)


def _walked(
    look: _Look, sorting: _Sorting, lead: Lead | None, after: Place | None, limit: int
) -> tuple[list[Picture], Place | None]:
    """At most `limit` pictures behind a place, and where to go on; `None` at the end."""
    met: list[Picture] = []
    looked, step = 0, limit + 1
    while looked < MOST_LOOKED_THROUGH:
        rows, ended = _stretch(look, sorting, lead, after, step)
        for picture, meets_it in rows:
            if meets_it and len(met) == limit:
                return met, after
            met += [picture] if meets_it else []
            after = sorting.place(picture)
        if ended:
            return met, None
        looked, step = looked + step, min(2 * step, max(_STEP, step))
    return met, after


def _stretch(
    look: _Look, sorting: _Sorting, lead: Lead | None, after: Place | None, most: int
) -> tuple[Looked, bool]:
    """So much of an index behind a place, in order, and whether that is all of it."""
    descending = sorting.first.descending
    if lead is None:
        window = named(look.cloud, most + 1, after, descending=descending)
    else:
        place = None if after is None else (int(after[0]), str(after[1]))
        window = lead.window(most + 1, place, descending=descending)
    found, ended = _looked(look, window, most)
    sorting.sort(found)
    return found[:most], ended
