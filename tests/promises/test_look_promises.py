"""No picture twice: over threads and processes, on every database, counted by a detector that is asked."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from rekproxy.backends.sql import open_catalog
from rekproxy.backends.sql.address import parse_address
from rekproxy.backends.sql.engine import Database
from rekproxy.domain.policy import Label
from rekproxy.errors import ProviderError, ThrottledError
from rekproxy.interfaces import AnalysisCopy, Catalog
from rekproxy.services import look as looking
from rekproxy.services.look import Look, Seen
from rekproxy.web.metrics import Metrics
from tests.conftest import NUDE, ToldDetector

TREE = Path(__file__).parents[2]
COPIES = (AnalysisCopy(b"first", 0, "white"), AnalysisCopy(b"last", 7, "black"))
PIXELS = "p" * 64
AWAY = ProviderError("away", code="InternalServerError", retryable=True)


@pytest.fixture
def look(catalog: Catalog) -> Look:
    return Look(catalog, ToldDetector(labels=NUDE), Metrics())


def see(look: Look, floor: float = 50.0, **more: Any) -> Seen:
    copies = more.pop("copies", COPIES)
    return look.see(more.pop("cloud", "demo"), more.pop("pixels", PIXELS), copies, floor, **more)


def change(url: str, statement: str) -> None:
    database = Database(parse_address(url))
    with database.write() as tx:
        tx.connection.execute(text(statement))
    database.close()


def calls(look: Look) -> int:
    assert isinstance(look.detector, ToldDetector)
    return look.detector.calls


def changed(look: Look, **fields: Any) -> Look:
    return Look(**{name: getattr(look, name) for name in Look.__slots__} | fields)


def until(condition: Any) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# --- reuse -------------------------------------------------------------------------------------------


def test_pixels_that_were_seen_are_not_looked_at_again(look: Look) -> None:
    first, second = see(look), see(look)
    assert calls(look) == 2
    assert first.detections == second.detections
    assert first.detections[0].labels == NUDE
    assert first.seen_at is None
    assert second.seen_at is not None
    assert abs(second.seen_at / 1000 - time.time()) < 60
    assert look.catalog.used("demo") == {"calls:told": 2, "saved:told": 2}


def test_labels_are_asked_from_below_so_that_a_changed_policy_needs_no_second_look(look: Look) -> None:
    weak = Label("Violence", "", 21.0)
    look.detector.labels = (*NUDE, weak)  # type: ignore[misc]
    assert weak in see(look, 50.0).detections[0].labels
    assert see(look, 20.0).seen_at is not None
    assert see(look, 19.9).seen_at is None, "what lies lower was never asked for"
    assert see(look, 10.0).seen_at is None
    assert see(look, 50.0).seen_at is not None


@pytest.mark.parametrize(
    "other", [{"cloud": "studio"}, {"pixels": "q" * 64}, {"copies": COPIES[:1]}, {"copies": COPIES[::-1]}]
)
def test_another_cloud_other_pixels_or_other_copies_are_looked_at(look: Look, other: dict[str, Any]) -> None:
    see(look)
    assert see(look, **other).seen_at is None


def test_labels_of_yesterdays_model_or_of_another_coverage_are_not_reused(look: Look) -> None:
    see(look)
    look.detector.coverage = frozenset({"explicit"})  # type: ignore[misc]
    assert see(look).seen_at is None
    assert see(look).seen_at is not None
    time.sleep(0.002)
    look.catalog.keep_labels("studio", "other", "told", "told-2", "recipe", 0, "[]", None)
    assert see(look).seen_at is None


def test_old_labels_are_not_reused_and_none_where_they_do_not_stand(look: Look, database_url: str) -> None:
    see(look)
    change(database_url, f"UPDATE labels SET created_at = created_at - {91 * 86_400_000}")
    assert see(look).seen_at is None
    never = changed(look, label_days=0)
    assert see(never).seen_at is None
    assert calls(look) == 6


@pytest.mark.parametrize(
    "damage",
    [
        "''", "'null'", "'[]'", "'{}'", "'[1]'", "'[{}]'", "substr(labels, 10)",
        "replace(labels, '97', 'NaN')",
        "replace(labels, '97.0', '970.0')", "replace(labels, '97.0', 'true')",
        "replace(labels, '97.0', 'null')",
        "replace(labels, '\"Explicit\"', '\"\"')",
        "replace(labels, '\"labels\"', '\"label\"')",
        "replace(labels, '\"7\"', '\"8\"')", "replace(labels, '\"frame\": 7', '\"frame\": 3')",
        "replace(labels, 'black', 'white')",
    ],
)  # fmt: skip
def test_a_kept_list_that_cannot_be_read_is_no_list(look: Look, database_url: str, damage: str) -> None:
    see(look)
    change(database_url, f"UPDATE labels SET labels = {damage}")
    again = see(look)
    assert again.seen_at is None
    assert [detection.labels for detection in again.detections] == [NUDE, NUDE]
    assert see(look).seen_at is not None


# --- together ----------------------------------------------------------------------------------------


def test_uploads_at_once_make_one_call(look: Look) -> None:
    detector = look.detector
    assert isinstance(detector, ToldDetector)
    detector.gate.clear()
    with ThreadPoolExecutor(6) as pool:
        results = [pool.submit(see, look) for _ in range(6)]
        until(lambda: detector.calls == 1)
        time.sleep(0.2)
        detector.gate.set()
        seen = [result.result() for result in results]
    assert detector.calls == len(COPIES)
    assert all(each.detections == seen[0].detections for each in seen)
    assert sum(each.seen_at is None for each in seen) == 1
    assert look.catalog.used("demo") == {"calls:told": 2, "saved:told": 10}


def test_who_waits_for_a_failing_look_shares_its_failure(look: Look) -> None:
    detector = look.detector
    assert isinstance(detector, ToldDetector)
    detector.gate.clear()
    detector.failure = AWAY
    with ThreadPoolExecutor(5) as pool:
        results = [pool.submit(see, look) for _ in range(5)]
        until(lambda: detector.calls == 1)
        time.sleep(0.2)
        detector.gate.set()
        errors = [result.exception() for result in results]
    assert detector.calls == 1
    assert {(error.code, str(error), error.retryable) for error in errors} == {  # type: ignore[union-attr]
        ("InternalServerError", "away", True)
    }
    detector.failure = None
    assert see(look).seen_at is None, "whoever comes after it may try"


def test_a_failure_in_between_counts_what_was_answered(look: Look) -> None:
    answers = [None, AWAY]

    class Failing(ToldDetector):
        def detect(self, copy: AnalysisCopy, min_confidence: float) -> Any:
            self.failure = answers.pop(0)
            return super().detect(copy, min_confidence)

    with pytest.raises(ProviderError, match="away"):
        see(changed(look, detector=Failing()))
    assert look.catalog.used("demo") == {"calls:told": 1}


def test_the_look_of_a_dead_process_is_taken_over(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    look.catalog.claim_look("demo", PIXELS, "told", looking.RECIPE, "dead", seconds=0.3)
    assert see(look).seen_at is None
    look.catalog.claim_look("demo", "q" * 64, "told", looking.RECIPE, "hung", seconds=60)
    monkeypatch.setattr(looking, "WAIT_SECONDS", 0.1)
    with pytest.raises(ProviderError) as caught:
        see(look, pixels="q" * 64)
    assert (caught.value.code, caught.value.retryable) == ("LookOverdue", True)


def test_a_detector_that_raises_anything_is_one_that_failed(look: Look) -> None:
    class Broken(ToldDetector):
        def detect(self, copy: AnalysisCopy, min_confidence: float) -> Any:
            raise KeyError("nonsense")

    with pytest.raises(ProviderError) as caught:
        see(changed(look, detector=Broken()))
    assert caught.value.code == "KeyError"


LOOKS = """
import sys, time
from rekproxy.backends.sql import open_catalog
from rekproxy.interfaces import AnalysisCopy, Detection
from rekproxy.services.look import Look
from rekproxy.web.metrics import Metrics

class Slow:
    name, coverage, min_side, paid, limits_said = "slow", None, 1, False, ""
    def check(self): pass
    def detect(self, copy, min_confidence):
        print("called", flush=True)
        time.sleep(0.5)
        return Detection((), "slow-1", "7")

catalog = open_catalog(sys.argv[1])
look = Look(catalog, Slow(), Metrics())
print("ready", flush=True)
sys.stdin.readline()
for number in range(3):
    look.see("demo", str(number), (AnalysisCopy(b"x", 0, "white"),), 50.0)
catalog.close()
"""


def test_two_processes_make_one_call_of_each_picture(database_url: str, catalog: Catalog) -> None:
    command = [sys.executable, "-W", "error", "-c", LOOKS, database_url]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(command, cwd=TREE, text=True, **pipes) for _ in range(2)]
    for each in both:
        assert each.stdout
        assert each.stdout.readline() == "ready\n", each.communicate()
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda each: each.communicate("go\n", timeout=60), both))
    assert [each.returncode for each in both] == [0, 0], said
    assert sum(out.count("called") for out, _ in said) == 3
    assert catalog.used("demo") == {"calls:slow": 3, "saved:slow": 3}


# --- the rate ----------------------------------------------------------------------------------------


@pytest.fixture
def paid(look: Look) -> Look:
    look.detector.paid = True  # type: ignore[misc]
    return changed(look, rate=2.0)


def soon(seconds: float) -> float:
    return time.monotonic() + seconds


def test_only_paid_calls_wait_for_their_turn(look: Look) -> None:
    free = changed(look, rate=0.01)
    for number in range(5):
        see(free, pixels=str(number))


def test_a_fresh_upload_waits_for_its_turn_no_longer_than_its_caller(paid: Look) -> None:
    see(paid, deadline=soon(5))
    before = time.monotonic()
    see(paid, pixels="waits", deadline=soon(5))
    assert 0.8 < time.monotonic() - before < 3
    with pytest.raises(ThrottledError) as caught:
        see(paid, pixels="cannot", deadline=soon(0.1))
    assert 0 < caught.value.seconds <= 1.1
    assert calls(paid) == 4
    assert see(paid, pixels="waits", deadline=soon(0)).seen_at is not None, "kept labels need no turn"
    assert paid.catalog.look("demo", "cannot", "told", looking.RECIPE) is None


def test_a_fresh_upload_does_not_overtake_those_that_wait(paid: Look, database_url: str) -> None:
    paid.catalog.enqueue("demo", "moderate", {})
    with pytest.raises(ThrottledError):
        see(paid, deadline=soon(60))
    assert see(paid, pixels="a worker's").seen_at is None
    change(database_url, "UPDATE jobs SET run_after = run_after - 400000")
    time.sleep(1.2)
    see(paid, deadline=soon(60))  # nobody works at the backlog, and a turn is there
    with pytest.raises(ThrottledError):
        see(paid, pixels="no turn left", deadline=soon(60))


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException", "429"])
def test_a_provider_that_says_too_often_is_asked_less(paid: Look, code: str) -> None:
    see(paid)
    time.sleep(1.1)
    paid.detector.failure = ProviderError("slower", code=code, retryable=True)  # type: ignore[misc]
    with pytest.raises(ProviderError, match="slower"):
        see(paid, pixels="q" * 64)
    turns = [paid.catalog.take_turn("told", 10, rate=2.0, burst=1, patience=60) for _ in range(2)]
    assert turns[1] - turns[0] == pytest.approx(10, abs=2), "half of the rate"


def test_a_dead_provider_takes_no_turns(paid: Look) -> None:
    class Open(ToldDetector):
        def check(self) -> None:
            raise ProviderError("not asked", code="CircuitOpen", retryable=True)

    dead = changed(paid, detector=Open(paid=True))
    for number in range(5):
        with pytest.raises(ProviderError, match="not asked"):
            see(dead, pixels=str(number), deadline=soon(60))
    assert calls(dead) == 0
    see(paid, deadline=soon(0.1))


def test_a_long_look_is_prolonged(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LOOK_SECONDS", 0.6)
    started = threading.Event()

    class Slow(ToldDetector):
        def detect(self, copy: AnalysisCopy, min_confidence: float) -> Any:
            started.set()
            time.sleep(0.4)
            return super().detect(copy, min_confidence)

    slow = changed(look, detector=Slow())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(see, slow, copies=COPIES * 2)
        started.wait()
        second = pool.submit(see, slow, copies=COPIES * 2)
        assert (first.result().seen_at, second.result().seen_at is None) == (None, False)
    assert calls(slow) == 4


def test_what_is_kept_is_read_by_another_process_too(look: Look, database_url: str) -> None:
    see(look)
    elsewhere = open_catalog(database_url)
    assert see(changed(look, catalog=elsewhere)).seen_at is not None
    elsewhere.close()
