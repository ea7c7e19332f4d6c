"""The review queue: a picture at a time, plain forms, and what the script asks for."""

import re
from typing import Any

import pytest
from deskvisits import Visit, deciding

from rekproxy.app import Application
from rekproxy.domain.policy import Label
from tests.conftest import ToldDetector, upload

HOSTILE = "<img src=x onerror=alert(1)>"


def wait(house: Application, jpeg: bytes, *names: str, **more: Any) -> list[Any]:
    return [upload(house, jpeg, name, moderation="manual", **more) for name in names]


def standing(house: Application, name: str) -> str:
    asset = house.catalog.asset("demo", "upload", name)
    assert asset
    return asset.standing.value


def shown(page: str) -> str:
    """The name of the picture in front."""
    found = re.search(r'data-name="([^"]*)"', page)
    return found[1] if found else ""


@pytest.fixture
def ann(house: Application) -> Visit:
    return Visit(house, "ann")


def test_pictures_are_decided_one_after_the_other_without_script(
    house: Application, ann: Visit, jpeg: bytes
) -> None:
    wait(house, jpeg, *"abcd")
    page = ann.get("/review").text
    for name, act in zip("abc", ("approve", "reject:nudity", "skip"), strict=True):
        assert shown(page) == name
        (form, *_) = [form for form in deciding(page) if len(form.acts) > 1]
        page = ann.follow(ann.send(form, act, note="Seen.")).text
    assert shown(page) == "d"
    assert [standing(house, name) for name in "abc"] == ["approved", "rejected", "pending"]
    rejected = house.catalog.asset("demo", "upload", "b").moderations[0]
    assert (rejected.reason, rejected.note, rejected.decided_by) == ("nudity", "Seen.", "user:ann")


def test_each_act_is_undone_without_script(house: Application, ann: Visit, jpeg: bytes) -> None:
    wait(house, jpeg, "a", "b")
    for act in ("approve", "reject", "skip", "escalate"):
        (form,) = deciding(ann.get("/review").text)
        page = ann.follow(ann.send(form, act)).text
        assert shown(page) == "b"
        (undo, _) = deciding(page)
        page = ann.follow(ann.send(undo)).text
        assert (shown(page), standing(house, "a")) == ("a", "pending"), act
        assert "a is back." in page


def test_what_was_overtaken_decides_nothing_and_says_so(house: Application, ann: Visit, jpeg: bytes) -> None:
    wait(house, jpeg, "cat")
    (form,) = deciding(ann.get("/review").text)
    upload(house, jpeg + b"\0", "cat", moderation="manual")
    reply = ann.send(form, "approve")
    assert reply.status_code == 409
    assert "You decided nothing." in reply.text
    assert standing(house, "cat") == "pending"


def test_two_people_get_different_pictures(house: Application, ann: Visit, jpeg: bytes) -> None:
    wait(house, jpeg, "a", "b")
    bob = Visit(house, "bob")
    assert [shown(visit.get("/review").text) for visit in (ann, bob, ann)] == ["a", "b", "a"]
    eve = Visit(house, "eve")
    assert re.search(r'data-empty="none" hidden>.*data-empty="others">', eve.get("/review").text, re.S)
    assert eve.ask("/review/next").json == {"items": [], "others": True}
    assert eve.ask("/review/next?queue=reported").json == {"items": [], "others": False}


def test_the_script_is_given_what_lies_behind(house: Application, ann: Visit, jpeg: bytes) -> None:
    first, *_ = wait(house, jpeg, *"abcdef")
    held = first.current.version_id
    answer = ann.ask("/review/next", held=held, after="").json
    assert [shown(item["html"]) for item in answer["items"]] == ["b", "c", "d", "e"]
    kept = ann.ask("/review/keep", held=",".join(item["version"] for item in answer["items"])).json
    assert len(kept["kept"]) == 4
    assert kept["counts"] == {"all": 6, "manual": 6, "aws_rek": 0, "reported": 0, "escalated": 0}
    assert ann.ask("/review/next", held="nonsense").status_code == 400
    assert ann.ask("/review/keep").json["kept"] == []


def test_the_script_decides_and_undoes(house: Application, ann: Visit, jpeg: bytes) -> None:
    wait(house, jpeg, "cat")
    (form,) = deciding(ann.get("/review").text)
    done = ann.ask("/review/act", **form.values, act="approve").json
    assert done["items"] == []
    assert done["undo"]["back"] == "undo"
    assert ann.ask("/review/act", **form.values, act="reject").status_code == 409
    undone = ann.ask("/review/act", **done["undo"], act="undo", name="cat").json
    assert [shown(item["html"]) for item in undone["items"]] == ["cat"]
    assert standing(house, "cat") == "pending"


def test_why_and_what_was_seen_is_told_as_bars_and_words(
    house: Application, ann: Visit, jpeg: bytes, detector: ToldDetector
) -> None:
    detector.labels = (Label("Alcohol", "", 38.0),)
    context = {"uploader": "eve"}
    upload(
        house,
        jpeg,
        "beer",
        moderation="aws_rek:alcohol:0.4:violence:0.2|manual",
        context=context,
        tags=("bar",),
    )
    page = ann.get("/review").text
    for said in ("The detector let it pass.", "not above 40 (alcohol:0.4)", 'width="38.0"', 'x="40.0"',
                 "told-1", ">eve<", "/library?standing=all&amp;uploader=eve", ">bar<", "1 pending",
                 "38 of 100"):  # fmt: skip
        assert said in page, said


def test_queues_by_kind_age_uploader_and_label(house: Application, ann: Visit, jpeg: bytes) -> None:
    wait(house, jpeg, "cat", context={"uploader": "eve"})
    for query, name in (
        ("queue=manual", "cat"), ("queue=aws_rek", ""), ("older=1h", ""), ("uploader=eve", "cat"),
        ("uploader=bob", ""), ("category=Weapons", ""),
    ):  # fmt: skip
        assert shown(ann.get(f"/review?{query}").text) == name, query
    assert ann.get("/review?queue=nothing").status_code == 404
    assert ann.get("/review?older=nothing").status_code == 404


def test_escalated_pictures_are_for_administrators(house: Application, ann: Visit, jpeg: bytes) -> None:
    wait(house, jpeg, "cat")
    (form,) = deciding(ann.get("/review").text)
    page = ann.follow(ann.send(form, "escalate", note="A minor?")).text
    assert "Nothing waits here." in page
    assert ann.get("/review?queue=escalated").status_code == 403
    head = Visit(house, "head", "administrator")
    page = head.get("/review?queue=escalated").text
    assert (shown(page), "A minor?" in page, "Escalated by ann" in page) == ("cat", True, True)


def test_who_may_not_and_what_is_forged_decides_nothing(house: Application, ann: Visit, jpeg: bytes) -> None:
    wait(house, jpeg, "cat")
    viewer = Visit(house, "eve", "viewer")
    assert viewer.get("/review").status_code == 403
    (form,) = deciding(ann.get("/review").text)
    forged = {"csrf_token": "forged"}
    for changed, status in (
        (forged, 403), ({"revision": "0"}, 409), ({"revision": "x"}, 400), ({"version_id": "x"}, 400),
        ({"kind": ""}, 400), ({"kind": "reported"}, 409), ({"asset_id": "f" * 32}, 404),
        ({"act": "destroy"}, 400), ({"act": ""}, 400), ({"note": "x" * 2001}, 400),
        ({"act": "reject:nonsense"}, 400),
    ):  # fmt: skip
        sent = {"act": "approve"} | changed
        assert ann.send(form, **sent).status_code == status, changed
    doubled = [*form.values.items(), ("act", "approve"), ("act", "reject")]
    body = "&".join(f"{name}={value}" for name, value in doubled)
    kind = "application/x-www-form-urlencoded"
    assert ann.client.post(form.action, data=body, content_type=kind, buffered=True).status_code == 400
    assert ann.client.post("/console/review/act", buffered=True).status_code == 403
    assert standing(house, "cat") == "pending"


def test_hostile_words_are_shown_as_text(house: Application, ann: Visit, jpeg: bytes) -> None:
    context = {"uploader": HOSTILE}
    wait(house, jpeg, '"onerror="alert(1)', context=context, tags=(HOSTILE, "\u202eevil"))
    page = ann.get("/review").text
    assert "<img src=x" not in page
    assert '"onerror="' not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") > 1
    (form,) = deciding(page)
    assert "<img src=x" not in ann.follow(ann.send(form, "skip")).text


def test_a_page_is_light(house: Application, ann: Visit, jpeg: bytes) -> None:
    wait(house, jpeg, "cat", tags=tuple(f"tag-{number}" for number in range(100)))
    page = ann.get("/review").text
    files = re.findall(r'(?:href|src)="(/console/static/[^"]+)"', page)
    assert sum(len(ann.open(file).data) for file in files) + len(page.encode()) < 100_000
