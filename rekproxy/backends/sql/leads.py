"""Which index leads to what an expression asks for: the fewest rows that hold all that may meet it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, and_, or_, select, tuple_, union

from ...domain.asset import ALL_TYPES, Hidden, Status
from ...domain.expression import All, Begins, Between, Either, Expression, Is, Not, Term, Value
from .leading import LAST_CHARACTER
from .rows import said
from .schema import assets, contexts, metadata_values, tags
from .writing import LONGEST_INDEXED

#: Indexes that one lead joins, at most: each costs as much as one.
_MOST_JOINED: Final = 8
#: How much a lead narrows, by guess; fewer is better.
_ONE, _NAMED, _FEW, _SOME, _MANY, _ALL = range(6)


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one index that meet `conditions`. `by` is the column that orders them, if not their age."""

    key: ColumnElement[str]
    at: ColumnElement[int]
    conditions: tuple[ColumnElement[bool], ...]
    by: ColumnElement[Any] | None = None
    repeats: bool = False  # whether a picture can have several rows


@dataclass(frozen=True, slots=True)
class Lead:
    """One source or several, and how much they narrow what is looked at.

    An `exact` one holds what meets the expression, and nothing else but what is deleted.
    """

    sources: tuple[Source, ...]
    rank: int
    exact: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether it hardly narrows anything."""
        return self.rank >= _MANY

    @property
    def by_age(self) -> bool:
        """Whether its rows can be followed in the order of their age."""
        return all(source.by is None for source in self.sources)

    def bounded(self, since: int | None, until: int | None) -> "Lead":
        """The same, of what was uploaded from `since` to `until`, both included."""
        return replace(self, sources=tuple(_within(source, since, until) for source in self.sources))

    def window(
        self, rows: int, after: tuple[int, str] | None = None, *, descending: bool = True
    ) -> FromClause:
        """(key, at) of the next rows, each picture once, in the order of their age if that can be."""
        chosen = [_window(source, rows, after, descending=descending) for source in self.sources]
        if len(chosen) == 1:
            return chosen[0].subquery("page")
        # a subquery each: SQLite bounds and orders nothing within a union
        joined = union(*(select(one.subquery()) for one in chosen)).subquery("joined")
        page = select(joined.c.key, joined.c.at).limit(said(rows))
        return page.order_by(*_aged(joined.c.at, joined.c.key, descending=descending)).subquery("page")


def lead_of(cloud: str, expression: Expression) -> Lead:
    """The lead that narrows most, all pictures of the cloud if nothing does; bounded by dates, if asked."""
    found = _lead(cloud, expression)
    if found is None:
        found = replace(everything(cloud), exact=expression == All())
    return found.bounded(*dates_of(expression))


def everything(cloud: str) -> Lead:
    """All pictures of a cloud."""
    return Lead((_of_assets(assets.c.cloud == cloud),), _ALL)


def dates_of(expression: Expression) -> tuple[int | None, int | None]:
    """Between which times everything was uploaded that meets an expression, both included."""
    parts = expression.parts if isinstance(expression, All) else (expression,)
    asked = [part for part in parts if isinstance(part, Between) and part.field == "created_at"]
    since = max((int(part.low) for part in asked if part.low is not None), default=None)
    until = min((int(part.high) for part in asked if part.high is not None), default=None)
    return since, until


def _lead(cloud: str, expression: Expression) -> Lead | None:
    match expression:
        case All(parts):
            leads = [lead for lead in (_lead(cloud, part) for part in parts) if lead is not None]
            best = min(leads, key=lambda lead: (lead.rank, not lead.by_age), default=None)
            return best and replace(best, exact=best.exact and len(parts) == 1)
        case Either(parts):
            return _joined([_lead(cloud, part) for part in parts])
        case Not():
            return None
        case _:
            make = _LEADS.get(expression.field.partition(".")[0])
            return make(cloud, expression) if make else None


def _joined(leads: Sequence[Lead | None]) -> Lead | None:
    """All of them at once; `None` if one is not there, or they are too many or in different orders."""
    known = [lead for lead in leads if lead is not None]
    sources = tuple(source for lead in known for source in lead.sources)
    if len(known) < len(leads) or len(sources) > _MOST_JOINED or not all(lead.by_age for lead in known):
        return None
    return Lead(sources, max(lead.rank for lead in known), all(lead.exact for lead in known))


def _window(
    source: Source, rows: int, after: tuple[int, str] | None, *, descending: bool
) -> Select[str, int]:
    chosen = (
        select(source.key.label("key"), source.at.label("at")).where(*source.conditions).limit(said(rows))
    )
    chosen = chosen.distinct() if source.repeats else chosen
    if source.by is not None:
        return chosen.order_by(source.by)
    if after is not None:
        place = tuple_(source.at, source.key)
        chosen = chosen.where(place < tuple_(*after) if descending else place > tuple_(*after))
    return chosen.order_by(*_aged(source.at, source.key, descending=descending))


def _aged(at: ColumnElement[Any], key: ColumnElement[Any], *, descending: bool) -> Sequence[Any]:
    return (at.desc(), key.desc()) if descending else (at, key)


def _within(source: Source, since: int | None, until: int | None) -> Source:
    bounds = [source.at >= since] if since is not None else []
    bounds += [source.at <= until] if until is not None else []
    return replace(source, conditions=(*source.conditions, *bounds))


# --- what each field can be found by


def _of_assets(*conditions: ColumnElement[bool], by: ColumnElement[Any] | None = None) -> Source:
    return Source(assets.c.asset_id, assets.c.created_at, conditions, by)


def _begins(column: ColumnElement[str], prefix: str) -> tuple[ColumnElement[bool], ...]:
    return column >= prefix, column < prefix + LAST_CHARACTER


def _by_id(cloud: str, term: Term) -> Lead | None:
    if not isinstance(term, Is):
        return None
    return Lead((_of_assets(assets.c.cloud == cloud, assets.c.asset_id == term.value),), _ONE, exact=True)


def _by_name(cloud: str, term: Term) -> Lead | None:
    name, own = assets.c.public_id, assets.c.cloud == cloud
    match term:
        case Is(value=value):
            # ordered by name: so that no index by age seems the better one
            return Lead((_of_assets(own, name == value, by=name),), _ONE, exact=True)
        case Begins(prefix=prefix) if prefix:
            return Lead((_of_assets(own, *_begins(name, prefix), by=name),), _SOME)
    return None


def _by_own_folder(cloud: str, term: Term) -> Lead | None:
    """The folder that a public id begins with."""
    text = term.value + "/" if isinstance(term, Is) and term.value else getattr(term, "prefix", "")
    return _by_name(cloud, Begins("public_id", text)) if text else None


def _by_asset_folder(cloud: str, term: Term) -> Lead | None:
    own, folder = assets.c.cloud == cloud, assets.c.folder
    match term:
        case Is(value=value):
            return Lead((_of_assets(own, folder == value),), _FEW if value else _MANY, exact=True)
        case Begins(prefix=prefix) if prefix:
            return Lead((_of_assets(own, *_begins(folder, prefix), by=folder),), _SOME)
    return None


def _by_tag(cloud: str, term: Term) -> Lead | None:
    own, key, at = tags.c.cloud == cloud, tags.c.asset_id, tags.c.created_at
    match term:
        case Is(value=value):
            return Lead((Source(key, at, (own, tags.c.tag == value)),), _NAMED, exact=True)
        case Begins(prefix=prefix) if prefix:
            # rows of one picture may repeat: each tag of it that begins so
            return Lead((Source(key, at, (own, *_begins(tags.c.tag, prefix)), tags.c.tag),), _SOME)
    return None


def _by_context(cloud: str, term: Term) -> Lead | None:
    key = term.field.partition(".")[2][:LONGEST_INDEXED]
    table = contexts.c
    if not key:
        return None
    own: tuple[ColumnElement[bool], ...] = (table.cloud == cloud, table.key == key)
    if isinstance(term, Is):
        own = (*own, table.value == term.value[:LONGEST_INDEXED])
        whole = max(len(key), len(term.value)) < LONGEST_INDEXED
        return Lead((Source(table.asset_id, table.created_at, own),), _NAMED, exact=whole)
    return Lead((Source(table.asset_id, table.created_at, own),), _SOME)


def _by_metadata(cloud: str, term: Term) -> Lead | None:
    key, table = term.field.partition(".")[2], metadata_values.c
    if not key:
        return None
    own: tuple[ColumnElement[bool], ...] = (table.cloud == cloud, table.external_id == key)
    if isinstance(term, Is):
        own = (*own, table.value == term.value[:LONGEST_INDEXED])
        whole = max(len(key), len(term.value)) < LONGEST_INDEXED
        return Lead((Source(table.asset_id, table.created_at, own),), _NAMED, exact=whole)
    return Lead((Source(table.asset_id, table.created_at, own, repeats=True),), _SOME)


def _by_type(cloud: str, term: Term) -> Lead | None:
    if not isinstance(term, Is) or term.value not in ALL_TYPES:
        return None
    own = (assets.c.cloud == cloud, assets.c.type == term.value)
    return Lead((_of_assets(*own),), _MANY if term.value == "upload" else _SOME, exact=True)


def _by_uploader(cloud: str, term: Term) -> Lead | None:
    if not isinstance(term, Is):
        return None
    return Lead((_of_assets(assets.c.cloud == cloud, assets.c.uploader == term.value),), _FEW, exact=True)


def _by_verdict(cloud: str, term: Term) -> Lead | None:
    """What is hidden has a verdict too, which its standing does not tell."""
    if not isinstance(term, Is) or term.value not in tuple(Status):
        return None
    standings = (term.value, *(hidden.value for hidden in Hidden))
    rank = _MANY if term.value == Status.APPROVED else _FEW
    return Lead(tuple(_of_standing(cloud, standing) for standing in standings), rank)


def _by_standing(cloud: str, term: Term) -> Lead | None:
    if not isinstance(term, Is):
        return None
    rank = _MANY if term.value == Status.APPROVED else _FEW
    return Lead((_of_standing(cloud, term.value),), rank, exact=True)


def _by_status(cloud: str, term: Term) -> Lead | None:
    if not isinstance(term, Is) or term.value != Hidden.DELETED:
        return None
    return Lead((_of_standing(cloud, term.value),), _FEW)


def _of_standing(cloud: str, standing: str) -> Source:
    return _of_assets(assets.c.cloud == cloud, assets.c.status == standing)


_LEADS: Final[dict[str, Callable[[str, Term], Lead | None]]] = {
    "asset_id": _by_id,
    "public_id": _by_name,
    "folder": _by_own_folder,
    "asset_folder": _by_asset_folder,
    "tags": _by_tag,
    "context": _by_context,
    "metadata": _by_metadata,
    "type": _by_type,
    "uploader": _by_uploader,
    "moderation_status": _by_verdict,
    "standing": _by_standing,
    "status": _by_status,
}


def named(cloud: str, rows: int, after: tuple[Value, ...] | None, *, descending: bool) -> FromClause:
    """(key) of the next pictures in the order of their names; of equal ones, of their types."""
    name, kind = assets.c.public_id, assets.c.type
    chosen = select(assets.c.asset_id.label("key")).where(assets.c.cloud == cloud)
    if after is not None:
        last, tie = (str(part) for part in after)
        if descending:
            chosen = chosen.where(name <= last, or_(name < last, kind < tie))
        else:
            chosen = chosen.where(name >= last, or_(name > last, and_(name == last, kind > tie)))
    ordered = (name.desc(), kind.desc()) if descending else (name, kind)
    return chosen.order_by(*ordered).limit(said(rows)).subquery("page")
