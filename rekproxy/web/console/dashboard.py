"""The first page: what waits, who decided what, what was overturned and used, and which jobs died."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, request

from ...errors import ConflictError, InvalidRequestError
from ...interfaces import Catalog
from ...interfaces.statistics import Waiting
from ...services.statistics import NOTHING, Day, Figures, Hour, Overturned, Own, Statistics
from . import texts
from .charts import Bar, Bars, Columns, Series
from .door import Door, Person, form, go, to
from .pages import render
from .rates import Samples, rates

#: Windows that may be asked for, in hours.
_WINDOWS: Final = {"day": 24, "week": 168}
#: Categories that are told apart; the rest is added up in the last line.
_CATEGORIES: Final = 8
_DEAD: Final = 50


def dashboard_pages(
    door: Door, statistics: Statistics, catalog: Catalog, samples: Callable[[], Samples]
) -> Blueprint:
    """`/` and the retry of a dead job. `samples` are what all processes of this machine counted."""
    pages = Blueprint("dashboard", __name__)
    views = _Views(door, statistics, catalog, samples)
    pages.add_url_rule("/", "show", door.page()(views.show))
    pages.add_url_rule("/jobs/retry", "retry", door.page("administrator")(views.retry), methods=["POST"])
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    statistics: Statistics
    catalog: Catalog
    samples: Callable[[], Samples]

    def show(self, person: Person) -> Response:
        cloud = self.door.cloud(person)
        window = request.args.get("window", "day")
        if window not in _WINDOWS:
            raise InvalidRequestError(texts.NO_SUCH_WINDOW)
        hours = _WINDOWS[window]
        own = self.statistics.own(cloud, person.actor, hours)
        rules = person.may("administrator")
        figures = self.statistics.figures(cloud, hours) if rules else None
        waiting = figures.waiting if figures else self.statistics.waiting(cloud)
        return render(
            "dashboard.html",
            window=window,
            waiting=waiting,
            waited=self._waited(waiting),
            own=own,
            own_chart=_own_chart(own),
            figures=figures,
            charts=_charts(figures) if figures else {},
            rates=rates(self.samples()) if figures else None,
            dead=self.catalog.dead_jobs(cloud, limit=_DEAD) if figures else (),
            moment=_moment,
            woken="woken" in request.args,
        )

    def retry(self, person: Person) -> Response:
        job = (form().text("job") or "").strip()
        if not job.isdecimal() or len(job) > 18:
            raise InvalidRequestError(texts.NO_JOB_NAMED)
        if not self.catalog.wake(self.door.cloud(person), int(job)):
            raise ConflictError(texts.JOB_IS_GONE)
        return go(to("/", woken=job))

    def _waited(self, waiting: Waiting) -> str:
        if waiting.oldest is None:
            return ""
        return _age(self.statistics.clock() - waiting.oldest / 1000)


def _charts(figures: Figures) -> dict[str, Columns | Bars]:
    return {
        "hours": Columns(
            texts.DECISIONS_BY_HOUR,
            _names_of(figures.hours),
            (
                Series(texts.BY_MACHINE, "machine", [hour.machine for hour in figures.hours]),
                Series(texts.BY_PEOPLE, "person", [hour.person for hour in figures.hours]),
            ),
        ),
        "sides": Bars(
            texts.MACHINE_AND_PEOPLE,
            texts.OUTCOMES,
            [
                _outcomes(texts.BY_MACHINE, figures.machine),
                _outcomes(texts.BY_PEOPLE, figures.person),
            ],
        ),
        "overturned": Bars(texts.OVERTURNED, texts.OUTCOMES[:2], _overturned(figures.overturned)),
        "calls": _calls(figures.days),
        "jobs": Bars(
            texts.JOBS,
            texts.JOB_STATES,
            [Bar(texts.JOBS, [figures.jobs.get(k, 0) for k, _ in texts.JOB_STATES])],
        ),
    }


def _own_chart(own: Own) -> Columns:
    values = [hour.person for hour in own.hours]
    return Columns(texts.YOUR_DECISIONS, _names_of(own.hours), (Series(texts.DECIDED, "person", values),))


def _outcomes(name: str, found: Mapping[str, int]) -> Bar:
    return Bar(name, [found.get(kind, 0) for kind, _ in texts.OUTCOMES])


def _overturned(found: Sequence[Overturned]) -> list[Bar]:
    bars = [
        Bar(texts.NOTHING_SEEN if each.category == NOTHING else each.category, [each.approved, each.rejected])
        for each in found
    ]
    rest = bars[_CATEGORIES:]
    if not rest:
        return bars
    sums = [sum(bar.values[place] for bar in rest) for place in (0, 1)]
    return [*bars[:_CATEGORIES], Bar(texts.OTHER_CATEGORIES, sums)]


def _calls(days: Sequence[Day]) -> Columns:
    return Columns(
        texts.PROVIDER_CALLS,
        [day.day[5:] for day in days],
        (
            Series(texts.CALLS_MADE, "made", [day.made for day in days]),
            Series(texts.CALLS_SAVED, "saved", [day.saved for day in days]),
        ),
    )


def _names_of(hours: Sequence[Hour]) -> list[str]:
    layout = "%H:00" if len(hours) <= 24 else "%a %H:00"
    return [datetime.fromtimestamp(hour.at, UTC).strftime(layout) for hour in hours]


def _moment(at: int) -> str:
    """A time in milliseconds since 1970, as people read it."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _age(seconds: float) -> str:
    """How long, in the one unit that says it best."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
