"""Decisions by people: about the version they saw, counted once, and the restricted door."""

from dataclasses import dataclass, field

import pytest

from rekproxy.domain.asset import EntryStatus, Status
from rekproxy.errors import DamagedError, NotFoundError, StaleDecisionError
from rekproxy.services.review import Review
from tests.conftest import NUDE, encode, photograph, upload


@dataclass
class Counting:
    """A `Meter` that remembers verdicts."""

    verdicts: list[tuple[str, str, str]] = field(default_factory=list)

    def verdict(self, kind: str, status: str, by: str) -> None:
        self.verdicts.append((kind, status, by))


@pytest.fixture
def meter() -> Counting:
    return Counting()


@pytest.fixture
def review(house, meter) -> Review:
    return Review(house.catalog, house.originals, meter, house.reasons)


def test_a_decision_changes_the_entry_that_decides_and_keeps_its_kind(house, review, meter, jpeg, detector):
    detector.labels = NUDE
    asset = upload(house, jpeg)
    done = review.override("demo", asset, Status.APPROVED, actor="key:2", reason="other", note="art")
    (entry,) = done.asset.moderations
    assert (entry.kind, entry.status, entry.decided_by, entry.reason, entry.note) == (
        "aws_rek", EntryStatus.APPROVED, "key:2", "other", "art",
    )  # fmt: skip
    assert (done.before, done.asset.status, done.changed) == (Status.REJECTED, Status.APPROVED, True)
    assert meter.verdicts == [("aws_rek", "approved", "person")]


def test_a_decision_that_changes_nothing_is_not_counted(house, review, meter, jpeg):
    asset = upload(house, jpeg)
    assert not review.override("demo", asset, Status.APPROVED, actor="key:2").changed
    assert meter.verdicts == []


def test_what_waits_for_a_person_is_decided_by_one(house, review, meter, jpeg):
    asset = upload(house, jpeg, moderation="aws_rek|manual")
    done = review.override("demo", asset, Status.APPROVED, actor="key:2")
    assert [entry.status for entry in done.asset.moderations] == [EntryStatus.APPROVED] * 2
    assert meter.verdicts == [("manual", "approved", "person")]


def test_a_decision_about_other_bytes_decides_nothing(house, review, meter, jpeg):
    seen = upload(house, jpeg)
    now = upload(house, encode(photograph("coffee")))
    with pytest.raises(StaleDecisionError):
        review.override("demo", seen, Status.REJECTED, actor="key:2")
    assert house.library.get("demo", "upload", "cat") == now
    assert meter.verdicts == []


@pytest.mark.parametrize("cloud", ["demo", "other"])
def test_a_decision_about_what_is_gone_is_refused(house, review, jpeg, cloud):
    asset = upload(house, jpeg)
    if cloud == "demo":
        house.library.destroy("demo", "upload", "cat", actor="key:1")
    with pytest.raises(NotFoundError):
        review.override(cloud, asset, Status.APPROVED, actor="key:2")


def test_a_person_may_be_faster_than_the_machine(house, review, jpeg, detector):
    house.moderate.patience.seconds = 0.2
    detector.gate.clear()
    asset = upload(house, jpeg)
    review.override("demo", asset, Status.REJECTED, actor="key:2")
    detector.gate.set()
    house.moderate.patience.close()
    assert house.library.get("demo", "upload", "cat").status is Status.REJECTED
    actions = {line.action for line in house.catalog.audit("demo", asset.asset_id)}
    assert actions == {"uploaded", "overridden", "stale"}


def test_a_person_may_see_what_is_rejected_and_that_is_noted(house, review, jpeg, detector):
    detector.labels = NUDE
    asset = upload(house, jpeg)
    assert review.open_restricted("demo", asset, actor="key:2") == (jpeg, "jpg")
    viewed = [line for line in house.catalog.audit("demo", asset.asset_id) if line.action == "viewed"]
    assert [line.actor for line in viewed] == ["key:2"]


def test_nobody_sees_bytes_that_are_not_those_that_were_judged(house, review, jpeg):
    asset = upload(house, jpeg)
    file = next(p for p in (house.settings.data_dir / "originals").rglob(asset.current.digest))
    file.write_bytes(jpeg + b" ")
    with pytest.raises(DamagedError):
        review.open_restricted("demo", asset, actor="key:2")
