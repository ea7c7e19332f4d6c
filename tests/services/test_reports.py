"""Reports: what may be reported, by whom and how often, and what a job carries further."""

import pytest

from rekproxy.domain.asset import Hidden, Status
from rekproxy.errors import InvalidRequestError, NotFoundError, RateLimitedError
from rekproxy.interfaces.reports import Report
from rekproxy.services.reports import BURST, Reports
from tests.conftest import upload


@pytest.fixture
def reports(house) -> Reports:
    return Reports(house.catalog, house.reasons, hide_after=2)


def say(reports: Reports, reporter: str = "ann", cloud: str = "demo", **more: object):
    where = {"public_id": "cat"} if "asset_id" not in more else {"asset_id": more.pop("asset_id")}
    return reports.accept(cloud, Report(reporter, **more), actor="key:app", **where)


def test_a_picture_is_reported_by_name_or_by_id(house, reports, jpeg):
    asset = upload(house, jpeg)
    assert say(reports, reason="spam").moderations[1].detail["count"] == 1
    assert say(reports, "bob", asset_id=asset.asset_id).standing is Hidden.REPORTED


@pytest.mark.parametrize("state", ["unknown", "pending", "rejected", "hidden", "other cloud", "other type"])
def test_what_the_public_does_not_see_is_not_found(house, reports, jpeg, state):
    if state != "unknown":
        asset = upload(house, jpeg, moderation="manual" if state == "pending" else None)
    if state == "rejected":
        house.review.override("demo", asset, Status.REJECTED, actor="key:2")
    if state == "hidden":
        say(reports), say(reports, "bob")
    where = {"public_id": "cat", "type": "private" if state == "other type" else "upload"}
    cloud = "other" if state == "other cloud" else "demo"
    with pytest.raises(NotFoundError, match=r"^Resource not found - cat$"):
        reports.accept(cloud, Report("eve"), actor="key:app", **where)


@pytest.mark.parametrize("said", [{"reason": "spamm"}, {"note": "n" * 2001}, {"reporter": "r" * 256}])
def test_a_report_that_is_not_understood_reports_nothing(house, reports, jpeg, said):
    asset = upload(house, jpeg)
    with pytest.raises(InvalidRequestError):
        say(reports, **said)
    assert house.catalog.asset_by_id("demo", asset.asset_id) == asset


def test_one_reporter_is_bounded_and_others_are_not(house, reports, jpeg):
    upload(house, jpeg)
    for _ in range(BURST):
        say(reports)
    with pytest.raises(RateLimitedError) as error:
        say(reports)
    assert error.value.retry_after >= 1
    say(reports, "bob")


def test_a_rejection_reaches_the_same_picture_under_other_names(house, jpeg):
    first, second = upload(house, jpeg, "first"), upload(house, jpeg, "second")
    house.review.override("demo", first, Status.REJECTED, actor="key:2", reason="spam")
    worker = house.worker()
    while worker.run_once():
        pass
    found = house.catalog.asset_by_id("demo", second.asset_id)
    assert found
    assert (found.status, found.moderations[0].reason) == (Status.REJECTED, "spam")
    assert not [kind for kind, _ in house.catalog.job_counts() if kind == "follow_rejection"]


def test_the_meter_counts_what_was_settled_and_not_what_the_machine_said(house, jpeg, detector):
    seen = []
    house.moderate.meter.verdict = lambda *said: seen.append(said)
    house.moderate.patience.seconds = 0.2
    detector.gate.clear()
    first, second = upload(house, jpeg, "first", moderation="manual"), upload(house, jpeg, "second")
    house.review.override("demo", first, Status.REJECTED, actor="key:2")
    detector.gate.set()
    house.moderate.patience.close()
    assert house.catalog.asset_by_id("demo", second.asset_id).status is Status.REJECTED
    assert seen == [("manual", "rejected", "person"), ("aws_rek", "rejected", "machine")]


@pytest.mark.parametrize(
    ("context", "uploader"), [({}, "key"), ({"uploader": "user 7"}, "user 7"), ({"author": "x"}, "key")]
)
def test_the_context_names_the_uploader(house, jpeg, context, uploader):
    assert upload(house, jpeg, context=context, uploader="key").uploader == uploader


def test_an_uploader_that_would_break_a_line_is_refused(house, jpeg):
    with pytest.raises(InvalidRequestError):
        upload(house, jpeg, context={"uploader": "a\nb"})
    assert house.catalog.asset("demo", "upload", "cat") is None
