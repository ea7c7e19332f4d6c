"""Waiting for what is fetched: who waits, for how long, and how many at once."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from rekproxy.errors import InvalidRequestError, OverloadedError
from rekproxy.services.arrivals import Arrivals
from rekproxy.services.fetching import Place

NAME = ("fetch", "http://a.example/1")
OTHER = ("fetch", "http://a.example/2")


@dataclass
class Fetching:
    """Fetches when it is let go."""

    gate: threading.Event = field(default_factory=threading.Event)
    brought: list[str] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    failure: Exception | None = None

    def place(self, cloud: str, type: str, public_id: str) -> Place | None:
        return Place(type, public_id, public_id, lambda _: True) if type == "fetch" else None

    def bring(self, cloud: str, place: Place) -> None:
        self.brought.append(place.public_id)
        assert self.gate.wait(10)
        if self.failure:
            raise self.failure

    def plan(self, cloud: str, type: str, public_id: str) -> None:
        self.planned.append(public_id)


@pytest.fixture
def fetching() -> Iterator[Fetching]:
    made = Fetching()
    yield made
    made.gate.set()


def test_all_who_ask_share_one_fetch_that_goes_on_without_them(fetching: Fetching) -> None:
    arrivals = Arrivals(fetching, 0.05, 4)  # type: ignore[arg-type]
    for _ in range(3):
        arrivals.wait("demo", [NAME])
    assert fetching.brought == [NAME[1]]
    fetching.gate.set()
    for _ in range(100):
        arrivals.wait("demo", [NAME])
        if len(fetching.brought) > 1:
            break
        time.sleep(0.01)
    assert fetching.brought[:2] == [NAME[1]] * 2


def test_what_cannot_be_fetched_is_told_to_who_waits(fetching: Fetching) -> None:
    fetching.failure = InvalidRequestError("Error in loading - x")
    fetching.gate.set()
    with pytest.raises(InvalidRequestError, match="Error in loading"):
        Arrivals(fetching, 5, 4).wait("demo", [NAME])  # type: ignore[arg-type]


def test_no_more_wait_and_no_more_is_fetched_than_there_is_room_for(fetching: Fetching) -> None:
    arrivals = Arrivals(fetching, 5, 1)  # type: ignore[arg-type]
    waiting = threading.Thread(target=arrivals.wait, args=("demo", [NAME]))
    waiting.start()
    while not fetching.brought:
        time.sleep(0.01)
    for name in (NAME, OTHER):
        with pytest.raises(OverloadedError):
            arrivals.wait("demo", [name])
    fetching.gate.set()
    waiting.join()
    arrivals.wait("demo", [OTHER])
    assert fetching.brought == [NAME[1], OTHER[1]]


def test_what_may_not_all_be_fetched_is_not_waited_for(fetching: Fetching) -> None:
    arrivals = Arrivals(fetching, 5, 1)  # type: ignore[arg-type]
    assert arrivals.may("demo", [NAME, OTHER])
    assert not arrivals.may("demo", [NAME, ("upload", "cat")])


def test_what_is_shown_again_and_again_is_looked_after_once_in_a_while(fetching: Fetching) -> None:
    arrivals = Arrivals(fetching, 5, 1)  # type: ignore[arg-type]
    for _ in range(5):
        arrivals.used("demo", [("upload", "cat"), NAME])
    for _ in range(100):
        if fetching.planned:
            break
        time.sleep(0.01)
    assert fetching.planned == [NAME[1]]
