"""Moderation where the seed's users look for it: tools, then statuses, then Approve and Reject."""

from typing import Any

import pytest
from deskvisits import Visit, deciding

from rekproxy.app import Application
from rekproxy.domain.policy import Label
from rekproxy.interfaces.reports import Report
from tests.conftest import NUDE, ToldDetector, upload

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def ann(house: Application) -> Visit:
    return Visit(house, "ann")


def standing(house: Application, name: str) -> str:
    asset = house.catalog.asset("demo", "upload", name)
    assert asset
    return asset.standing.value


def acts(page: str) -> list[tuple[str, ...]]:
    return [form.acts for form in deciding(page)]


def test_the_tools_and_statuses_stand_in_their_order(house: Application, ann: Visit) -> None:
    page = ann.follow(ann.get("/moderation")).text
    names = ("Moderation", "Manual", "Rekognition", "Reported", "Rejected", "Approved", "Pending")
    places = [page.index(f">{name}</a>") for name in names]
    assert places == sorted(places)
    for wrong in ("/moderation/nothing", "/moderation/nothing/pending", "/moderation/manual/nothing"):
        assert ann.get(wrong).status_code == 404


def test_a_rejected_picture_is_approved_and_that_is_undone(
    house: Application, ann: Visit, jpeg: bytes, detector: ToldDetector
) -> None:
    detector.labels = NUDE
    upload(house, jpeg)
    page = ann.get("/moderation/aws_rek/rejected").text
    assert "Explicit Nudity 97: above 50 (default 0.5)" in page
    assert ("button good" in page, "button bad" in page) == (True, False)
    (form,) = deciding(page)
    assert form.acts == ("approve",)
    page = ann.follow(ann.send(form, "approve")).text
    assert standing(house, "cat") == "approved"
    assert "cat is approved and served." in page
    (undo,) = deciding(page)
    page = ann.follow(ann.send(undo, "undo")).text
    assert (standing(house, "cat"), acts(page)) == ("rejected", [("approve",)])
    assert "Undone: cat is rejected again." in page


def test_an_approved_picture_is_rejected_with_a_reason(house: Application, ann: Visit, jpeg: bytes) -> None:
    upload(house, jpeg)
    page = ann.get("/moderation/aws_rek/approved").text
    assert ("button good" in page, "button bad" in page) == (False, True)
    (form,) = deciding(page)
    ann.send(form, "reject", reason="spam")
    asset = house.catalog.asset("demo", "upload", "cat")
    assert (asset.standing, asset.moderations[0].reason) == ("rejected", "spam")
    assert "Decided by ann. Reason: spam." in ann.get("/moderation/aws_rek/rejected").text


def test_a_pending_picture_may_be_either(house: Application, ann: Visit, jpeg: bytes) -> None:
    upload(house, jpeg, moderation="manual")
    page = ann.get("/moderation/manual/pending").text
    assert acts(page) == [("approve", "reject")]
    (form,) = deciding(page)
    (undo, *_) = deciding(ann.follow(ann.send(form, "approve")).text)
    page = ann.follow(ann.send(undo, "undo")).text
    assert ("Undone: cat is pending again." in page, "Decided by" in page) == (True, False)


def test_reports_are_answered(house: Application, ann: Visit, jpeg: bytes) -> None:
    asset: Any = upload(house, jpeg)
    house.catalog.report("demo", asset.asset_id, Report("x", "spam"), hide_after=1, actor="key:1")
    page = ann.get("/moderation/reported/pending").text
    assert "One person reported it: spam (1)." in page
    assert "Hidden by reports" in page
    (form,) = deciding(page)
    ann.send(form, "approve")
    assert standing(house, "cat") == "approved"


def test_a_viewer_only_looks(house: Application, ann: Visit, jpeg: bytes) -> None:
    upload(house, jpeg)
    (form,) = deciding(ann.get("/moderation/aws_rek/approved").text)
    eve = Visit(house, "eve", "viewer")
    page = eve.get("/moderation/aws_rek/approved").text
    assert ("cat" in page, deciding(page)) == (True, [])
    assert eve.send(form, "reject").status_code == 403
    assert standing(house, "cat") == "approved"


def test_what_is_stale_forged_or_nonsense_decides_nothing(
    house: Application, ann: Visit, jpeg: bytes
) -> None:
    upload(house, jpeg)
    (form,) = deciding(ann.get("/moderation/aws_rek/approved").text)
    for changed, status in (
        ({"csrf_token": "forged"}, 403), ({"revision": "999999"}, 409), ({"revision": "0"}, 409),
        ({"version_id": "f" * 32}, 409), ({"revision": ""}, 400), ({"asset_id": "f" * 32}, 404),
        ({"act": "destroy"}, 400), ({"act": ""}, 400), ({"reason": "nonsense"}, 400),
    ):  # fmt: skip
        sent = {"act": "reject"} | changed
        assert ann.send(form, **sent).status_code == status, changed
    assert standing(house, "cat") == "approved"
    reply = ann.send(form, "reject", revision="999999")
    assert "You decided nothing." in reply.text


def test_the_script_is_answered_in_json(house: Application, ann: Visit, jpeg: bytes) -> None:
    upload(house, jpeg)
    (form,) = deciding(ann.get("/moderation/aws_rek/approved").text)
    done = ann.ask("/moderation/aws_rek/approved", **form.values, act="reject").json
    assert done["said"] == "cat is rejected and not served."
    undone = ann.ask("/moderation/aws_rek/approved", **done["undo"], act="undo").json
    assert (undone["standing"], undone["undo"]) == ("approved", {})
    assert [acts(each["card"]) for each in (done, undone)] == [[("undo",)], [("reject",)]]


def test_pages_follow_each_other_and_show_one_uploader(
    house: Application, ann: Visit, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rekproxy.web.console.moderation._PAGE", 1)
    for name in ("first", "second"):
        upload(house, jpeg, name, context={"uploader": name})
    page = ann.get("/moderation/aws_rek/approved").text
    assert ("second" in page, "Older pictures" in page) == (True, True)
    more = page.split('<p><a class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    assert len(deciding(ann.open(more).text)) == 1
    assert ann.get("/moderation/aws_rek/approved?after=nonsense").status_code == 400
    assert "Nothing here." in ann.get("/moderation/aws_rek/approved?uploader=eve").text


def test_what_is_deleted_has_no_buttons_and_hostile_words_are_text(
    house: Application, ann: Visit, jpeg: bytes, detector: ToldDetector
) -> None:
    detector.labels = (Label("<b>Bold</b>", "", 99.0),)
    asset: Any = upload(house, jpeg, '"onerror="alert(1)', backup=True, context={"uploader": HOSTILE})
    page = ann.get("/moderation/aws_rek/rejected").text
    assert [text in page for text in ("<img src=x", "<b>Bold", '"onerror="')] == [False, False, False]
    assert len(deciding(page)) == 1
    house.catalog.destroy("demo", asset.asset_id, actor="key:1")
    page = ann.get("/moderation/aws_rek/rejected").text
    assert ("Deleted" in page, deciding(page)) == (True, [])


def test_uploaders_are_called_as_people_are(house: Application, ann: Visit, jpeg: bytes) -> None:
    upload(house, jpeg, context={"uploader": "user:mo"}, moderation="manual")
    for path in ("/moderation/manual/pending", "/moderation/manual/pending?uploader=user:mo", "/review"):
        page = ann.get(path).text
        assert (">mo (in this console)<" in page, ">user:mo<" in page) == (True, False), path
