"""Who asks for the same at once gets the same, once; who would wait too long is told so."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rekproxy.errors import AbandonedError, OverloadedError
from rekproxy.services.flights import Flights

KEY = "ab" * 32


def test_callers_of_one_key_share_what_is_made_and_what_goes_wrong(tmp_path):
    flights, made, go = Flights(tmp_path, 5.0), [], threading.Event()

    def make() -> str:
        made.append(1)
        assert go.wait(5)
        raise ValueError("no such luck")

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(flights.join, KEY, lambda: None, make) for _ in range(4)]
        while not made:
            time.sleep(0.01)
        time.sleep(0.1)
        go.set()
        for future in futures:
            with pytest.raises(ValueError, match="luck"):
                future.result()
    assert made == [1]


def test_who_has_joined_goes_on_where_the_first_has_left(tmp_path):
    flights, begun, go = Flights(tmp_path, 5.0), threading.Event(), threading.Event()

    def abandon() -> str:
        begun.set()
        assert go.wait(5)
        raise AbandonedError("nobody waits")

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(flights.join, KEY, lambda: None, abandon)
        assert begun.wait(5)
        others = [pool.submit(flights.join, KEY, lambda: None, lambda: "made") for _ in range(2)]
        time.sleep(0.1)
        go.set()
        with pytest.raises(AbandonedError):
            first.result()
        assert [other.result(5) for other in others] == ["made", "made"]


def test_another_process_s_work_is_found_and_not_done_again(tmp_path):
    ours, theirs, there = Flights(tmp_path, 5.0), Flights(tmp_path, 5.0), []
    begun = threading.Event()

    def make() -> str:
        begun.set()
        time.sleep(0.2)
        there.append("made")
        return "made"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(theirs.join, KEY, lambda: None, make)
        assert begun.wait(5)
        second = ours.join(KEY, lambda: there[0] if there else None, lambda: pytest.fail("made twice"))
        assert (first.result(), second) == ("made", "made")


@pytest.mark.parametrize("same_process", [True, False])
def test_who_waits_too_long_is_told_to_come_again_and_begins_nothing(tmp_path, same_process):
    theirs, go, begun = Flights(tmp_path, 0.2), threading.Event(), threading.Event()
    ours = theirs if same_process else Flights(tmp_path, 0.2)

    def make() -> str:
        begun.set()
        assert go.wait(5)
        return "made"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(theirs.join, KEY, lambda: None, make)
        assert begun.wait(5)
        with pytest.raises(OverloadedError):
            ours.join(KEY, lambda: None, lambda: pytest.fail("begun too late"))
        go.set()
        assert first.result() == "made"
