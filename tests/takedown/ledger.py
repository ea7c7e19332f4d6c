"""What was asked and done in a storm, line by line, and the judge of all lines: a pure function.

Every time is of `time.monotonic_ns`, one clock for all processes of a machine. A client writes down when it
began to send and when the status line had come; a person when a deed was first sent and when its reply had
come. So a doubtful order of events always counts for the server.

A picture has at most one visible version at any time, told by a number in its pixels. The answer to a request
is right if at one moment between its sending and its status line the picture and all its overlays were
visible in the very versions that the answer shows.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

#: Nanoseconds of a second.
SECOND = 1_000_000_000
_SHOWN = frozenset({200, 206, 304})
_BUSY = frozenset({503})
_FOREVER = 1 << 62


class Asked(NamedTuple):
    """One request for a picture. `names` are the picture's and its overlays'.

    `answered` is when the status line had come, `ended` when the last byte had. `shown` are the numbers in
    the pixels, `None` if the body was not read whole or none was due. `refusal` are the headers of a 404 with
    the name left out. `how` is for whoever reads a fault.
    """

    sent: int
    answered: int
    ended: int
    names: tuple[str, ...]
    way: str
    status: int
    etag: str | None = None
    shown: tuple[int, ...] | None = None
    refusal: str | None = None
    how: str = ""


class Deed(NamedTuple):
    """Something done to a picture, from the first try's sending to the last try's reply.

    `shows` is the version that everybody may see from then on; `None`: nobody sees the picture.
    """

    sent: int
    done: int
    name: str
    shows: int | None
    what: str


class Bounds(NamedTuple):
    """What is promised, in nanoseconds.

    `lag`: how old an answer may be that a cache in front gives. `late`: how long a status line may be on its
    way on a busy machine. `deadline`: the longest life of a response, with what the machine adds.
    """

    deadline: int
    late: int = 3 * SECOND // 2
    lag: int = 0


class Fault(NamedTuple):
    """A line that breaks a promise, and which."""

    promise: str
    line: Asked


@dataclass
class Verdict:
    """How many answers proved something, and which were wrong."""

    visible: int = 0
    hidden: int = 0
    unchanged: int = 0
    deeds: int = 0
    by_status: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    faults: list[Fault] = field(default_factory=list)

    @property
    def told(self) -> dict[str, int]:
        """How many faults there are of each promise."""
        counts: dict[str, int] = defaultdict(int)
        for fault in self.faults:
            counts[fault.promise] += 1
        return dict(counts)


class _Stay(NamedTuple):
    """A time between two deeds: it may have begun at `first` and has at `surely`; its end likewise."""

    first: int
    surely: int
    surely_until: int
    last: int
    shows: int | None


class History:
    """What was visible of one picture and when. Raises `ValueError` for deeds that overlap."""

    def __init__(self, deeds: Sequence[Deed]) -> None:
        ordered = sorted(deeds)
        for before, after in pairwise(ordered):
            if not before.sent <= before.done <= after.sent:
                raise ValueError(f"{before} and {after} overlap")
        starts = [(0, 0, None), *((deed.sent, deed.done, deed.shows) for deed in ordered)]
        ends = [*((deed.sent, deed.done) for deed in ordered), (_FOREVER, _FOREVER)]
        self._stays = [_Stay(*start[:2], *end, start[2]) for start, end in zip(starts, ends, strict=True)]
        self._surely = [stay.surely for stay in self._stays]
        self._last = [stay.last for stay in self._stays]

    def possible(self, start: int, end: int) -> Iterable[_Stay]:
        """What may have been the case at some moment of a time."""
        for stay in self._stays[max(bisect_right(self._last, start - 1), 0) :]:
            if stay.first > end:
                return
            yield stay

    def certain(self, start: int, end: int) -> _Stay | None:
        """What was surely the case through all of a time; `None` if something was done meanwhile."""
        stay = self._stays[bisect_right(self._surely, start) - 1]
        return stay if end < stay.surely_until else None


def judge(lines: Iterable[Asked | Deed], bounds: Bounds) -> Verdict:
    """Hold every line against what was promised. Raises `ValueError` for a log that cannot be."""
    asked: list[Asked] = []
    deeds: dict[str, list[Deed]] = defaultdict(list)
    for line in lines:
        if isinstance(line, Asked):
            asked.append(line)
        else:
            deeds[line.name].append(line)
    histories = defaultdict(lambda: History(()), {name: History(each) for name, each in deeds.items()})
    verdict = Verdict(deeds=sum(map(len, deeds.values())))
    pictures = _pictures(asked, verdict)
    for each in asked:
        verdict.by_status[each.status] += 1
        _weigh(each, histories, pictures, bounds, verdict)
    _compare_refusals(asked, verdict)
    return verdict


def _pictures(asked: Iterable[Asked], verdict: Verdict) -> dict[str, tuple[int, ...]]:
    """What each entity tag stands for, by those who read the whole body. One tag is one body."""
    pictures: dict[str, tuple[int, ...]] = {}
    for each in asked:
        if each.etag and each.shown is not None and pictures.setdefault(each.etag, each.shown) != each.shown:
            verdict.faults.append(Fault("one tag is one body", each))
    return pictures


def _weigh(
    each: Asked,
    histories: Mapping[str, History],
    pictures: Mapping[str, tuple[int, ...]],
    bounds: Bounds,
    verdict: Verdict,
) -> None:
    surely = [histories[name].certain(each.sent, each.answered) for name in each.names]
    if any(stay is not None and stay.shows is None for stay in surely):
        verdict.hidden += each.status == 404
    elif all(surely):
        verdict.visible += each.status in _SHOWN
        # a 404, too, may be as old as the cache in front lets it be
        settled = (histories[name].certain(each.sent - bounds.lag, each.answered) for name in each.names)
        if each.status == 404 and all(settled):
            verdict.faults.append(Fault("what is approved is shown", each))
    if each.status in _SHOWN:
        verdict.unchanged += each.status == 304
        _weigh_shown(each, histories, pictures, bounds, verdict)
    elif each.status != 404 and each.status not in _BUSY:
        verdict.faults.append(Fault("shown, unknown or busy, and nothing else", each))


def _weigh_shown(
    each: Asked,
    histories: Mapping[str, History],
    pictures: Mapping[str, tuple[int, ...]],
    bounds: Bounds,
    verdict: Verdict,
) -> None:
    if each.ended - each.answered > bounds.deadline:
        verdict.faults.append(Fault("a response ends within the deadline", each))
    if each.etag is None:
        verdict.faults.append(Fault("every picture has its tag", each))
        return
    showing = each.shown if each.shown is not None else pictures.get(each.etag)
    seen: Sequence[int | None] = (None,) * len(each.names) if showing is None else showing
    start = max(each.sent, each.answered - bounds.late) - bounds.lag
    past = [histories[name] for name in each.names]
    if not _at_once(past, (None,) * len(each.names), start, each.answered):
        verdict.faults.append(Fault("nothing hidden is shown", each))
    elif len(seen) != len(each.names) or not _at_once(past, seen, start, each.answered):
        verdict.faults.append(Fault("only what is current is shown", each))


def _at_once(past: Sequence[History], seen: Sequence[int | None], start: int, end: int) -> bool:
    """Whether at some one moment each picture may have been visible as it was seen; `None`: as anything."""
    moments = [(start, end)]
    for history, number in zip(past, seen, strict=True):
        times = [
            (stay.first, stay.last)
            for stay in history.possible(start, end)
            if stay.shows is not None and number in (None, stay.shows)
        ]
        moments = [
            (max(a, first), min(b, last))
            for a, b in moments
            for first, last in times
            if max(a, first) <= min(b, last)
        ]
    return bool(moments)


def _compare_refusals(asked: Iterable[Asked], verdict: Verdict) -> None:
    """A 404 must not tell by any header why it is one."""
    first: dict[str, str] = {}
    for each in asked:
        if each.refusal is not None and first.setdefault(each.way, each.refusal) != each.refusal:
            verdict.faults.append(Fault("one 404 is as the other", each))


def written(line: Asked | Deed) -> list[Any]:
    """A line as JSON has it."""
    return [type(line).__name__, *line]


def read(values: Sequence[Any]) -> Asked | Deed:
    """A line of `written`. Raises `ValueError`."""
    kind, *fields = values
    if kind == "Deed":
        return Deed(*fields)
    if kind != "Asked":
        raise ValueError(f"no line: {values}")
    line = Asked(*fields)
    return line._replace(names=tuple(line.names), shown=None if line.shown is None else tuple(line.shown))
