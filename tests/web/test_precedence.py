"""Hits first: who has to give way, for how long, and when nobody has to."""

import time
from types import SimpleNamespace

import pytest
from werkzeug.test import Client

from rekproxy.app import mount
from rekproxy.interfaces.waiting import Caller, waiting
from rekproxy.web import precedence
from rekproxy.web.gate import Gate
from rekproxy.web.precedence import BUSY, MANY, PATIENCE, SHARE, Precedence
from tests.conftest import upload


class Clock:
    """Time that passes only when somebody sleeps, or a test says so; the process works `load` of it."""

    def __init__(self) -> None:
        self.now, self.worked, self.load, self.hits_a_second = 1000.0, 0.0, 1.0, 0.0
        self.turns: Precedence | None = None

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        self.worked += seconds * self.load
        if self.turns:
            self.turns.hits += round(self.hits_a_second * seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    stand_in = SimpleNamespace(
        monotonic=lambda: clock.now,
        process_time=lambda: clock.worked,
        thread_time=lambda: clock.worked,
        sleep=clock.sleep,
    )
    monkeypatch.setattr(precedence, "time", stand_in)
    return clock


@pytest.fixture
def turns(clock: Clock) -> Precedence:
    clock.turns = Precedence()
    clock.turns.hits_lack_time(clock.now)
    return clock.turns


def begin(clock: Clock, turns: Precedence, cost: float = 0.005) -> float:
    """When a request that works for `cost` seconds has its turn."""
    with turns.giving_way():
        began = clock.now
        clock.worked += cost
    return began


def pass_time(clock: Clock, turns: Precedence, *, hits: float, load: float) -> None:
    clock.hits_a_second, clock.load = hits, load
    clock.sleep(1.0)
    turns.hits_lack_time(clock.now)


@pytest.mark.parametrize(("hits", "load"), [(MANY / 2, 1.0), (MANY * 4, BUSY / 2), (0, 1.0)])
def test_nobody_waits_while_hits_have_time_enough(clock, turns, hits, load):
    pass_time(clock, turns, hits=hits, load=load)
    before = clock.now
    assert [begin(clock, turns) for _ in range(20)] == [before] * 20


def test_while_hits_lack_time_others_have_their_share_of_it(clock, turns):
    pass_time(clock, turns, hits=MANY * 4, load=1.0)
    begun = [begin(clock, turns) for _ in range(41)]
    assert (begun[-1] - begun[0]) / 40 == pytest.approx(0.005 / SHARE, rel=0.02)


def test_what_costs_more_comes_more_rarely(clock, turns):
    pass_time(clock, turns, hits=MANY * 4, load=1.0)
    begun = [begin(clock, turns, cost=0.05) for _ in range(60)]
    assert (begun[-1] - begun[-2]) == pytest.approx(0.05 / SHARE, rel=0.1)


def test_nobody_gives_way_for_longer_than_the_patience(clock, turns):
    pass_time(clock, turns, hits=MANY * 4, load=1.0)
    before = clock.now
    for _ in range(500):  # at the same moment, each in a thread of its own
        turns._turn(clock.now)
    assert begin(clock, turns) - before == pytest.approx(PATIENCE)


def test_nobody_gives_way_beyond_their_deadline(clock, turns):
    pass_time(clock, turns, hits=MANY * 4, load=1.0)
    for _ in range(500):
        turns._turn(clock.now)
    with waiting(Caller(time.monotonic() + 0.2)):
        before = clock.now
        assert begin(clock, turns) - before <= 0.2


def test_who_waits_goes_on_as_soon_as_hits_are_fewer(clock, turns):
    pass_time(clock, turns, hits=MANY * 4, load=1.0)
    for _ in range(500):
        turns._turn(clock.now)
    clock.hits_a_second = 0.0
    before = clock.now
    assert begin(clock, turns) - before < 0.2


def test_what_fails_counts_as_well(clock, turns):
    def fail() -> None:
        with turns.giving_way():
            clock.worked += 1.0
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert turns._cost > 0.1


def test_the_gate_has_misses_give_way_and_hits_counted(house, jpeg, monkeypatch):
    gates: list[Gate] = []
    monkeypatch.setattr(Gate, "__post_init__", _noting(gates, Gate.__post_init__))
    client = Client(mount(house))
    upload(house, jpeg)
    gave_way = []
    original = Precedence.giving_way
    monkeypatch.setattr(Precedence, "giving_way", lambda self: gave_way.append(1) or original(self))
    path = "/demo/image/upload/w_91/cat.jpg"
    assert client.get(path).status_code == 200
    assert (len(gave_way), gates[-1].precedence.hits) == (1, 0)
    assert client.get(path).status_code == 200
    assert (len(gave_way), gates[-1].precedence.hits) == (1, 1)
    client.get("/v1_1/demo/ping")
    assert len(gave_way) == 1


def _noting(gates, inner):
    def post_init(self):
        gates.append(self)
        inner(self)

    return post_init
