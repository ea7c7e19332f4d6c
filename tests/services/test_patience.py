"""Callers wait for verdicts no longer than they said, and for a free thread hardly at all."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rekproxy.errors import NotFoundError, OverloadedError
from rekproxy.services.patience import Patience


def test_work_that_ends_in_time_was_done_and_its_failure_is_the_readers() -> None:
    patience, done = Patience(5), []

    def fail() -> None:
        raise NotFoundError("gone")

    assert patience.call(lambda: done.append(1))
    assert patience.call(fail)
    assert done == [1]
    patience.close()


def test_hung_work_holds_a_few_threads_and_nobody_else() -> None:
    patience, hung = Patience(0.3, threads=3, line=0.05), threading.Event()
    began = time.monotonic()
    with ThreadPoolExecutor(3) as callers:
        assert list(callers.map(patience.call, [hung.wait] * 3)) == [False] * 3
    assert time.monotonic() - began < 2
    done: list[int] = []
    for _ in range(5):
        began = time.monotonic()
        with pytest.raises(OverloadedError):
            patience.call(lambda: done.append(1))
        assert time.monotonic() - began < 0.3
    hung.set()
    time.sleep(0.2)
    assert patience.call(lambda: done.append(2)), "the threads are free again"
    assert done == [2], "what was not begun is never done"
    patience.close()
