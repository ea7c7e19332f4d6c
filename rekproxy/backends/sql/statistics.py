"""The catalog's part about figures: a window of the audit, found by its numbers, and what waits."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    select,
)

from ...domain.asset import Status
from ...interfaces.statistics import Overturn, Tally, Waiting
from .engine import Database, now_ms
from .schema import asset_versions, assets, jobs, moderations, usage
from .schema import audit as lines

_HOUR: Final = 3_600_000
#: Lines of transactions that began together may be numbered in another order than their times.
_SKEW: Final = 60_000
_VERDICTS: Final = (Status.APPROVED.value, Status.REJECTED.value)


class Statistics:
    """The part of the catalog about figures."""

    _database: Database

    def waiting(self, cloud: str, *, most: int = 10_000) -> Waiting:
        """See `Statistics.waiting`."""
        pending = (
            select(assets.c.version_id)
            .where(assets.c.cloud == cloud, assets.c.status == Status.PENDING.value)
            .limit(most)
            .subquery()
        )
        oldest = select(func.count(), func.min(asset_versions.c.created_at)).select_from(
            pending.join(asset_versions, asset_versions.c.version_id == pending.c.version_id)
        )
        with self._database.read() as connection:
            return Waiting(*connection.execute(oldest).one())

    def decided(
        self, cloud: str, since: int, *, actor: str | None = None, most: int = 50_000
    ) -> tuple[Tally, ...]:
        """See `Statistics.decided`."""
        with self._database.read() as connection:
            first = _first_since(connection, since - _SKEW)
            found = [
                row
                for action in ("judged", "overridden")
                for row in connection.execute(_hours(cloud, action, first, since, actor, most))
            ]
        return tuple(Tally(row.hour, row.by, row.outcome, row.number) for row in found)

    def overturned(self, cloud: str, since: int, *, most: int = 1_000) -> tuple[Overturn, ...]:
        """See `Statistics.overturned`."""
        with self._database.read() as connection:
            first = _first_since(connection, since - _SKEW)
            rows = connection.execute(_overturns(cloud, first, since, most)).mappings().all()
        by_line: dict[int, list[RowMapping]] = {}
        for row in rows:
            by_line.setdefault(row["id"], []).append(row)
        return tuple(_overturn(group) for group in by_line.values())

    def used_since(self, cloud: str, day: str) -> Mapping[tuple[str, str], int]:
        """See `Statistics.used_since`."""
        query = select(usage).where(usage.c.cloud == cloud, usage.c.day >= day)
        with self._database.read() as connection:
            return {(row.day, row.name): row.amount for row in connection.execute(query)}

    def job_states(self, cloud: str, *, most: int = 10_000) -> Mapping[str, int]:
        """See `Statistics.job_states`."""
        state = case(
            (jobs.c.dead_at.is_not(None), "dead"),
            (and_(jobs.c.lease_token.is_not(None), jobs.c.lease_until > now_ms()), "leased"),
            (jobs.c.error.is_not(None), "failing"),
            else_="waiting",
        ).label("state")
        oldest = select(jobs.c.cloud, state).order_by(jobs.c.id).limit(most).subquery()
        counts = (
            select(oldest.c.state, func.count().label("number"))
            .where(oldest.c.cloud == cloud)
            .group_by(oldest.c.state)
        )
        with self._database.read() as connection:
            return {row.state: row.number for row in connection.execute(counts)}


def _first_since(connection: Connection, since: int) -> int:
    """The number of the audit's first line since a time: lines are numbered nearly in the order of times."""
    low, high = connection.execute(select(func.min(lines.c.id), func.max(lines.c.id))).one()
    low, high = low or 0, (high or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = connection.scalar(select(lines.c.at).where(lines.c.id >= middle).order_by(lines.c.id).limit(1))
        if at is not None and at < since:
            low = middle + 1
        else:
            high = middle
    return int(low)


def _window(cloud: str, action: str, first: int, since: int) -> ColumnElement[bool]:
    return and_(lines.c.cloud == cloud, lines.c.action == action, lines.c.id >= first, lines.c.at >= since)


def _hours(cloud: str, action: str, first: int, since: int, actor: str | None, most: int) -> Select[Any]:
    """The lines of one action, counted by hour and outcome. What a machine left to others is no decision."""
    by = "machine" if action == "judged" else "person"
    verdict = lines.c.detail["verdict"].as_string() if action == "judged" else lines.c.after
    failed = lines.c.detail["failure"].as_string().is_not(None)
    outcome = case((failed, "failed"), else_=verdict).label("outcome")
    chosen = select(lines.c.at, outcome).where(_window(cloud, action, first, since))
    if actor is not None:
        chosen = chosen.where(lines.c.actor == actor)
    latest = chosen.order_by(lines.c.id.desc()).limit(most).subquery()
    hour = ((latest.c.at - latest.c.at % _HOUR) // _HOUR).label("hour")
    return select(hour, literal(by).label("by"), latest.c.outcome, func.count().label("number")).group_by(
        hour, latest.c.outcome
    )


def _overturns(cloud: str, first: int, since: int, most: int) -> Select[Any]:
    """The first decision by a person on each version that a machine had judged otherwise, where the verdict
    of today is still another one; a row for each machine that had answered."""
    earlier = lines.alias("earlier")
    decided_before = exists().where(
        earlier.c.cloud == cloud,
        earlier.c.asset_id == lines.c.asset_id,
        earlier.c.id < lines.c.id,
        earlier.c.version_id == lines.c.version_id,
        earlier.c.action == "overridden",
    )
    found = (
        select(lines.c.id, lines.c.version_id, lines.c.before)
        .where(_window(cloud, "overridden", first, since))
        .where(lines.c.before.in_(_VERDICTS), ~decided_before)
        .order_by(lines.c.id.desc())
        .limit(most)
        .subquery()
    )
    return (
        select(found.c.id, found.c.before, asset_versions.c.status.label("after"), moderations.c.response)
        .select_from(
            found.join(asset_versions, asset_versions.c.version_id == found.c.version_id).join(
                moderations, moderations.c.version_id == found.c.version_id
            )
        )
        .where(moderations.c.response.is_not(None))
        .where(asset_versions.c.status.in_(_VERDICTS), asset_versions.c.status != found.c.before)
        .order_by(found.c.id.desc(), moderations.c.seq)
    )


def _overturn(rows: Iterable[RowMapping]) -> Overturn:
    found = list(rows)
    seen = dict.fromkeys(name for row in found for name in _categories(row["response"]))
    return Overturn(found[0]["before"], found[0]["after"], tuple(seen))


def _categories(response: Any) -> Iterable[str]:
    """The categories at the top among the labels of an answer."""
    labels = response.get("moderation_labels", ()) if isinstance(response, dict) else ()
    for label in labels:
        if isinstance(label, dict) and not label.get("parent_name"):
            yield str(label.get("name", ""))
