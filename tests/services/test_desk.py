"""A moderator's desk: what comes next, and every act about it."""

from typing import Any

import pytest

from rekproxy.app import Application
from rekproxy.domain.asset import Asset, Status
from rekproxy.domain.policy import Label
from rekproxy.errors import InvalidRequestError, NotFoundError, StaleDecisionError
from rekproxy.interfaces.leases import Queue
from rekproxy.services.desk import Desk
from tests.conftest import ToldDetector, upload

MANUAL = Queue(("manual",))
ANN, BOB = "user:ann", "user:bob"


@pytest.fixture
def desk(house: Application) -> Desk:
    return house.desk


def wait(house: Application, jpeg: bytes, *names: str) -> list[Any]:
    return [upload(house, jpeg, name, moderation="manual", context={"uploader": "eve"}) for name in names]


def decide(desk: Desk, asset: Asset, status: Status = Status.APPROVED, actor: str = ANN, **more: Any) -> Any:
    looked_at = {"version_id": asset.current.version_id, "revision": asset.revision} | more
    return desk.decide("demo", asset.asset_id, status, actor=actor, **looked_at)


def names(claimed: Any) -> list[str]:
    return [each.asset.public_id for each in claimed]


def test_what_was_skipped_comes_again_at_the_end(house: Application, desk: Desk, jpeg: bytes) -> None:
    wait(house, jpeg, *"abc")
    (first,) = desk.next("demo", MANUAL, ANN, limit=1)
    desk.skip("demo", first.asset.current.version_id, ANN)
    assert names(desk.next("demo", MANUAL, ANN, after=first.place)) == ["b", "c", "a"]
    assert names(desk.next("demo", MANUAL, BOB)) == []


def test_a_decision_lets_the_picture_go_and_counts(house: Application, desk: Desk, jpeg: bytes) -> None:
    first, second = wait(house, jpeg, "a", "b")
    desk.next("demo", MANUAL, ANN)
    done = decide(desk, first, reason="other", note="Fine.", waiting="manual")
    assert (done.before, done.asset.standing) == (Status.PENDING, Status.APPROVED)
    assert desk.depths("demo")["manual"].count == 1
    assert desk.keep("demo", [asset.current.version_id for asset in (first, second)], ANN) == {
        second.current.version_id
    }


def test_what_was_overtaken_decides_nothing(house: Application, desk: Desk, jpeg: bytes) -> None:
    (asset,) = wait(house, jpeg, "cat")
    for stale in ({"revision": asset.revision + 1}, {"revision": 0}, {"version_id": "f" * 32},
                  {"waiting": "reported"}):  # fmt: skip
        with pytest.raises(StaleDecisionError):
            decide(desk, asset, **stale)
    decide(desk, asset, Status.REJECTED, BOB)
    with pytest.raises(StaleDecisionError):
        decide(desk, asset, waiting="manual")
    with pytest.raises(NotFoundError):
        desk.decide("demo", "nobody", Status.APPROVED, actor=ANN, version_id="v", revision=1)
    assert house.catalog.asset("demo", "upload", "cat").standing is Status.REJECTED


def test_reports_that_another_has_answered_are_not_answered_again(
    house: Application, desk: Desk, jpeg: bytes
) -> None:
    from rekproxy.interfaces.reports import Report

    asset = upload(house, jpeg)
    house.catalog.report("demo", asset.asset_id, Report("x"), hide_after=0, actor="key:1")
    assert desk.depths("demo")["reported"].count == 1
    dismissed = decide(desk, asset, actor=BOB, waiting="reported").asset
    assert dismissed.revision == asset.revision, "nothing was hidden, so nothing shows the difference"
    with pytest.raises(StaleDecisionError):
        decide(desk, asset, Status.REJECTED, waiting="reported")


def test_a_decision_is_undone_and_the_picture_is_there_again(
    house: Application, desk: Desk, jpeg: bytes
) -> None:
    (asset,) = wait(house, jpeg, "cat")
    done = decide(desk, asset).asset
    where = {"version_id": done.current.version_id, "revision": done.revision}
    undone, claimed = desk.undo("demo", done.asset_id, actor=ANN, **where)
    assert undone.asset.standing is Status.PENDING
    assert claimed
    assert names([claimed]) == ["cat"]


def test_an_escalation_is_undone(house: Application, desk: Desk, jpeg: bytes) -> None:
    (asset,) = wait(house, jpeg, "cat")
    version_id = asset.current.version_id
    with pytest.raises(InvalidRequestError):
        desk.escalate("demo", version_id, actor=ANN, note="x" * 3000)
    desk.escalate("demo", version_id, actor=ANN, note="Who is this?")
    assert {kind: depth.count for kind, depth in desk.depths("demo").items()} == {
        "manual": 0, "aws_rek": 0, "reported": 0, "escalated": 1,
    }  # fmt: skip
    with pytest.raises(StaleDecisionError):
        desk.recall("demo", version_id, actor=BOB)
    claimed = desk.recall("demo", version_id, actor=ANN)
    assert claimed
    decide(desk, asset)
    with pytest.raises(StaleDecisionError):
        desk.escalate("demo", version_id, actor=ANN)


def test_a_dossier_tells_why_by_whom_and_what_was(
    house: Application, desk: Desk, jpeg: bytes, detector: ToldDetector
) -> None:
    detector.labels = (Label("Alcohol", "", 40.0),)
    asset = upload(
        house, jpeg, "beer", moderation="aws_rek:min_confidence:0.3|manual", context={"uploader": "eve"}
    )
    (claimed,) = desk.next("demo", MANUAL, ANN)
    house.review.open_restricted("demo", asset, actor=ANN)
    dossier = desk.dossier("demo", claimed)
    assert dossier.asset == house.catalog.asset_by_id("demo", asset.asset_id)
    assert dossier.said
    (label,) = dossier.said["labels"]
    assert (label["name"], label["level"], label["offending"]) == ("Alcohol", "0.5", False)
    assert dict(dossier.counts) == {"pending": 1}
    assert [line.action for line in dossier.history] == ["judged", "uploaded"]
