"""Verdicts from kept labels, and pictures that wait for their turn: through a whole house."""

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from rekproxy.domain.asset import Asset, Status
from rekproxy.domain.policy import Label
from rekproxy.errors import ProviderError
from rekproxy.services.moderate import Moderate
from tests.conftest import NUDE, encode, photograph, upload

WEAPONS = (Label("Violence", "", 62.0, 1), Label("Weapons", "Violence", 62.0, 2))


def other(number: int) -> bytes:
    """A picture that no other number has."""
    return encode(photograph().crop((20 * number, 0, 20 * number + 120, 120)))


def limit(house, rate: float) -> None:
    """The detector is paid, and may be asked so often."""
    house.detector.paid = True
    look = dataclasses.replace(house.moderate.look, rate=rate)
    house.__dict__["moderate"] = dataclasses.replace(house.moderate, look=look)


def detail(asset: Asset) -> dict:
    return asset.moderations[0].detail


def test_a_reused_verdict_says_all_that_a_fresh_one_says(house, jpeg, detector) -> None:
    detector.labels = NUDE
    first, second = upload(house, jpeg), upload(house, jpeg, "again")
    assert detector.calls == 1
    assert second.status is Status.REJECTED
    assert second.moderations[0].response == first.moderations[0].response
    reused = dict(detail(second))
    assert (reused.pop("reused"), abs(reused.pop("seen_at") / 1000 - time.time()) < 60) == (True, True)
    assert reused == detail(first)


def test_another_policy_is_judged_by_the_same_labels(house, jpeg, detector) -> None:
    detector.labels = WEAPONS
    told = [
        upload(house, jpeg, f"cat{number}", moderation=policy).status.value
        for number, policy in enumerate(["aws_rek", "aws_rek:violence:0.7", "aws_rek:violence:0.3"])
    ]
    assert told == ["rejected", "approved", "rejected"]
    assert detector.calls == 1


def test_labels_from_below_a_policys_floor_decide_nothing(house, jpeg, detector) -> None:
    # at 30 the child is under what is judged, and may not account for its parent
    detector.labels = (Label("Violence", "", 51.0, 1), Label("Weapons", "Violence", 30.0, 2))
    asset = upload(house, jpeg)
    assert asset.status is Status.REJECTED
    assert [label["name"] for label in asset.moderations[0].response["moderation_labels"]] == ["Violence"]


def test_an_unknown_label_is_judged_and_counted(house, jpeg, detector) -> None:
    detector.labels = (Label("Unheard Of", "", 80.0), Label("Violence", "", 1.0))
    assert upload(house, jpeg).status is Status.REJECTED
    counted = house.meter._registry.get_sample_value
    assert counted("rekproxy_unknown_labels_total", {"provider": "told"}) == 1
    upload(house, jpeg, "again")
    assert counted("rekproxy_unknown_labels_total", {"provider": "told"}) == 1
    assert counted("rekproxy_provider_calls_saved_total", {"provider": "told", "why": "reused"}) == 1
    assert counted("rekproxy_provider_calls_total", {"provider": "told", "outcome": "ok"}) == 1


def test_beyond_the_rate_pictures_wait_in_order_and_nothing_is_noted_as_a_failure(house, detector) -> None:
    limit(house, 1.0)
    house.moderate.patience.seconds = 0.2
    told = [upload(house, other(number), f"cat{number}") for number in range(4)]
    assert [asset.status for asset in told] == [Status.APPROVED] + [Status.PENDING] * 3
    assert [detail(asset) for asset in told[1:]] == [{}] * 3
    assert detector.calls == 1
    assert house.catalog.oldest_due("moderate") is not None, "now, and not after the grace"
    time.sleep(1.1)
    late = upload(house, other(4), "cat4")
    assert late.status is Status.PENDING, "a turn is there, and belongs to those who wait"
    stop, decided = threading.Event(), []
    settle = house.catalog.settle
    house.catalog.settle = lambda *asked, **more: decided.append(settle(*asked, **more)) or decided[-1]
    worker = threading.Thread(target=house.worker().run, args=(stop,), kwargs={"idle": 0.05})
    worker.start()
    end = time.monotonic() + 20
    while len(decided) < 4 and time.monotonic() < end:
        time.sleep(0.05)
    stop.set()
    worker.join()
    assert [asset.public_id for asset in decided] == ["cat1", "cat2", "cat3", "cat4"]
    assert {asset.status for asset in decided} == {Status.APPROVED}
    assert {kind for kind, _ in house.catalog.job_counts()}.isdisjoint({"moderate"})


def test_an_open_circuit_answers_within_milliseconds(house, detector, monkeypatch) -> None:
    limit(house, 1.0)
    judge, took = Moderate.now, []

    def timed(*asked) -> Asset:
        began = time.monotonic()
        try:
            return judge(*asked)
        finally:
            took.append(time.monotonic() - began)

    def check() -> None:
        raise ProviderError("not asked", code="CircuitOpen", retryable=True)

    monkeypatch.setattr(Moderate, "now", timed)
    monkeypatch.setattr(detector, "check", check)
    told = [upload(house, other(number), f"cat{number}") for number in range(5)]
    assert {(asset.status, detail(asset)["failure"]) for asset in told} == {(Status.PENDING, "CircuitOpen")}
    assert sorted(took)[2] < 0.1
    assert detector.calls == 0


def test_a_hung_provider_holds_a_few_threads_and_others_are_answered(house, detector) -> None:
    uploads = 12
    house.moderate.patience.seconds = 0.5
    house.moderate.patience.line = 0.1
    detector.gate.clear()
    pictures = [other(number) for number in range(uploads)]

    def one(number: int) -> tuple[str, float]:
        began = time.monotonic()
        status = upload(house, pictures[number], f"cat{number}").status
        return status.value, time.monotonic() - began

    with ThreadPoolExecutor(uploads) as pool:
        told = list(pool.map(one, range(uploads)))
    assert {status for status, _ in told} == {"pending"}
    assert detector.calls <= house.moderate.patience.threads
    detector.gate.set()
    house.moderate.patience.close()
    while house.worker().run_once():
        pass
    assert {each.status for each in house.catalog.list_assets("demo", limit=50).assets} == {Status.APPROVED}
