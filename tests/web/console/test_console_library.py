"""The library: what is found, many decided at once, uploads, and hostile names shown as text."""

import html
import io
import re
from typing import Any

import pytest

from rekproxy.domain.asset import Status
from tests.conftest import encode, photograph, upload
from tests.web.console.consoleclient import visitor

HOSTILE = "<img src=x onerror=alert(1)>\u202egnp.exe&amp;\"'"
#: Of what a name may have at all.
NAME = "\"onerror='alert(1)'\u202egnp.exe" + "ä" * 200
PICK = re.compile(r'name="picture\[\]" value="([^"]+)"')


def shown(reply: Any) -> list[str]:
    """The names in the grid, in order."""
    assert reply.status_code == 200, reply.text
    found = re.findall(r'<span class="name"><bdi>(.*?)</bdi></span>', reply.text)
    return [html.unescape(name) for name in found]


@pytest.fixture
def filled(house: Any) -> Any:
    """Two shown, one that waits, one rejected."""
    names = {"walk/cat": "chelsea", "walk/cup": "coffee", "rocket": "rocket", "bad": "astronaut"}
    assets = {
        name: upload(
            house,
            encode(photograph(picture).resize((120, 100))),
            name,
            uploader="eve" if name.startswith("walk") else "bob",
            tags=("pets",) if name == "walk/cat" else (),
            moderation="manual" if name == "rocket" else None,
        )
        for name, picture in names.items()
    }
    house.review.override("demo", assets["bad"], Status.REJECTED, actor="key:1")
    return house


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["walk/cup", "walk/cat"]),
        ("?standing=pending", ["rocket"]),
        ("?standing=rejected", ["bad"]),
        ("?standing=all", ["bad", "rocket", "walk/cup", "walk/cat"]),
        ("?q=walk/", ["walk/cat", "walk/cup"]),
        ("?q=walk/&uploader=nobody", []),
        ("?tag=pets&standing=all", ["walk/cat"]),
        ("?standing=all&uploader=bob&since=2020-01-01", ["bad", "rocket"]),
        ("?standing=all&until=2020-01-01", []),
    ],
)
def test_filters_are_in_the_address(filled, query, found):
    assert shown(visitor(filled, role="viewer").get(f"/library{query}")) == found


def test_an_id_is_found_whatever_its_standing(filled):
    asset = filled.catalog.asset("demo", "upload", "bad")
    assert shown(visitor(filled).get(f"/library?q={asset.asset_id}")) == ["bad"]


@pytest.mark.parametrize(
    "query", ["?standing=naked", "?since=yesterday", "?tag=a&tag=b", "?cursor=forged", "?q=%00"]
)
def test_what_cannot_be_asked_is_said(filled, query):
    reply = visitor(filled).get(f"/library{query}")
    assert reply.status_code == 400
    assert "That cannot be done" in reply.text


def test_pages_follow_each_other_without_script(filled, monkeypatch):
    monkeypatch.setattr("rekproxy.web.console.library.PAGE", 3)
    person = visitor(filled)
    first = person.get("/library?standing=all")
    link = re.search(r'rel="next" href="/console([^"]+)"', first.text)
    assert shown(first) == ["bad", "rocket", "walk/cup"]
    assert shown(person.get(html.unescape(link[1]))) == ["walk/cat"]
    forged = html.unescape(link[1]).replace("standing=all", "standing=pending")
    assert person.get(forged).status_code == 400


def test_a_pasted_url_is_answered_for_those_who_decide(filled):
    url = "http://localhost/demo/image/upload/w_50/bad"
    told = visitor(filled, "mod", "moderator").get("/library", query_string={"q": url}).text
    assert "The public gets 404." in told
    assert "rejected it" in told
    quiet = visitor(filled, "vic", "viewer").get("/library", query_string={"q": url}).text
    assert "rejected it" not in quiet


def test_many_are_decided_and_taken_back_by_plain_forms(filled):
    person = visitor(filled, role="moderator")
    picks = PICK.findall(person.get("/library").text)
    reply = person.post("/library/decide", {"picture[]": picks, "act": "reject", "reason": "spam"})
    assert "2 decided." in reply.text
    assert shown(person.get("/library")) == []
    undo = PICK.findall(reply.text)
    assert undo == [" ".join(each for value in undo for each in value.split())]
    assert "Decisions taken back: 2." in person.post("/library/undo", {"picture[]": undo}).text
    assert shown(person.get("/library")) == ["walk/cup", "walk/cat"]


def test_the_page_of_a_batch_leads_back_to_the_listing(filled):
    person = visitor(filled, role="moderator")
    picks = PICK.findall(person.get("/library?uploader=eve").text)
    came = {"Referer": "http://localhost/console/library?uploader=eve"}
    page = person.post("/library/decide", {"picture[]": picks, "act": "reject"}, headers=came).text
    carried = re.search(r'name="back" value="([^"]+)"', page)[1]
    values = {"picture[]": PICK.findall(page), "back": html.unescape(carried)}
    for said in (page, person.post("/library/undo", values).text):
        assert '<a href="/console/library?uploader=eve">Back to the library</a>' in said


def test_all_of_an_uploader_go_chunk_by_chunk(filled, monkeypatch):
    for module in ("services.batch", "web.console.batches"):
        monkeypatch.setattr(f"rekproxy.{module}.CHUNK", 1)
    person = visitor(filled, role="moderator")
    values, done, steps = {"act": "reject_all", "uploader": "eve"}, [], 0
    while values:
        said = person.call("/library/decide", values).json
        done += said["done"]
        values, steps = said["next"], steps + 1
    assert (len(done), steps >= 2) == (2, True)
    assert shown(person.get("/library?standing=rejected&uploader=eve")) == ["walk/cup", "walk/cat"]
    taken = {"picture[]": done}
    while taken:
        taken = person.call("/library/undo", taken).json["next"]
    assert shown(person.get("/library?uploader=eve")) == ["walk/cup", "walk/cat"]


def test_a_form_for_the_rest_carries_what_was_done(filled, monkeypatch):
    monkeypatch.setattr("rekproxy.web.console.batches.CHUNK", 1)
    person = visitor(filled, role="moderator")
    picks = PICK.findall(person.get("/library").text)
    first = person.post("/library/decide", {"picture[]": picks, "act": "reject"}).text
    done = re.findall(r'name="done\[\]" value="([^"]+)"', first)
    rest = person.post("/library/decide", {"picture[]": picks[1:], "done[]": done, "act": "reject"}).text
    assert "Go on with the rest" not in rest
    assert len(PICK.findall(rest)[0].split()) == 2


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"act": "reject"},
        {"act": "marry", "picture[]": ["0" * 32 + ":" + "0" * 32 + ":1"]},
        {"act": "reject", "picture[]": ["nonsense"]},
        {"act": ["reject", "approve"], "picture[]": ["0" * 32 + ":" + "0" * 32 + ":1"]},
        {"act": "reject_all"},
    ],
)
def test_a_form_with_nonsense_decides_nothing(filled, values):
    person = visitor(filled, role="moderator")
    assert person.post("/library/decide", values).status_code == 400
    assert shown(person.get("/library")) == ["walk/cup", "walk/cat"]


def test_a_batch_tells_a_script_how_each_stands_now(filled):
    person = visitor(filled, role="moderator")
    picks = PICK.findall(person.get("/library").text)
    first = person.call("/library/decide", {"picture[]": picks, "act": "reject"}).json
    assert [tile["word"] for tile in first["tiles"]] == ["Rejected", "Rejected"]
    now = [tile["pick"] for tile in first["tiles"]]
    second = person.call("/library/decide", {"picture[]": now, "act": "approve"}).json
    assert (second["decided"], second["tiles"][0]["colour"]) == (2, "good")
    back = person.call("/library/undo", {"picture[]": second["done"]}).json
    assert [tile["sign"] for tile in back["tiles"]] == ["✕", "✕"]


def test_stale_and_foreign_pictures_are_left_alone(filled):
    person = visitor(filled, role="moderator")
    stale = PICK.findall(person.get("/library").text)
    for name in ("walk/cat", "walk/cup"):
        filled.library.purge("demo", public_ids=[name], actor="key:1")
    reply = person.call(
        "/library/decide", {"picture[]": [*stale, "0" * 32 + ":" + "0" * 32 + ":1"], "act": "reject"}
    )
    assert {name: reply.json[name] for name in ("decided", "overtaken", "gone")} == {
        "decided": 0, "overtaken": 2, "gone": 1,
    }  # fmt: skip


def test_viewers_decide_and_upload_nothing(filled, jpeg):
    person = visitor(filled, "vic", "viewer")
    page = person.get("/library").text
    assert "Reject selected" not in page
    assert "Upload pictures" not in page
    for path in ("decide", "undo", "upload"):
        assert person.post(f"/library/{path}", {"act": "reject"}).status_code == 403


def test_a_forged_form_does_nothing(filled):
    person = visitor(filled, role="moderator")
    picks = PICK.findall(person.get("/library").text)
    reply = person.post("/library/decide", {"picture[]": picks, "act": "reject"}, token="forged")
    assert reply.status_code == 403
    assert shown(person.get("/library")) == ["walk/cup", "walk/cat"]


def test_uploads_are_judged_as_those_of_the_api(house, jpeg, detector):
    person = visitor(house, role="moderator")
    files = [(io.BytesIO(jpeg), "one.jpg"), (io.BytesIO(b"no picture"), "two.jpg")]
    page = person.post("/library/upload", {"file": files, "tags": "a, b"}).text
    assert "one.jpg was uploaded: approved." in page
    assert "two.jpg was refused:" in page
    [asset] = house.catalog.list_assets("demo", tag="a").assets
    assert (asset.uploader, asset.tags) == ("user:ann", ("a", "b"))
    line = house.catalog.audit("demo", asset.asset_id)[0]
    assert (line.actor, line.action) == ("user:ann", "uploaded")
    assert detector.calls == 1


@pytest.mark.parametrize("preset", [None, "careful"])
@pytest.mark.parametrize(
    ("name", "empty"), [("tags", ""), ("tags", " "), ("tags", ","), ("tags[]", ""), ("upload_preset", "")]
)
def test_an_empty_field_of_the_upload_form_says_nothing(house, jpeg, name, empty, preset):
    house.presets.create("demo", "careful", False, {"tags": ["by hand"]}, actor="key:1")
    house.presets.set_default("demo", "console", preset, actor="key:1")
    values = {"file": (io.BytesIO(jpeg), "one.jpg"), name: empty}
    page = visitor(house, role="moderator").post("/library/upload", values)
    assert (page.status_code, "one.jpg was uploaded: approved." in page.text) == (200, True)
    assert house.catalog.list_assets("demo").assets[0].tags == (("by hand",) if preset else ())


def test_an_upload_follows_the_preset_that_it_names(house, jpeg):
    house.presets.create("demo", "careful", False, {"moderation": "manual", "folder": "in"}, actor="key:1")
    person = visitor(house, role="moderator")
    assert "careful" in person.get("/library").text
    values = {"file": (io.BytesIO(jpeg), "one.jpg"), "upload_preset": "careful"}
    assert "pending" in person.call("/library/upload", values).json["said"]
    assert house.catalog.list_assets("demo").assets[0].folder == "in"
    values = {"file": (io.BytesIO(jpeg), "one.jpg"), "upload_preset": "nowhere"}
    assert person.call("/library/upload", values).status_code == 400


def test_nothing_is_uploaded_without_a_file(house):
    reply = visitor(house, role="moderator").post("/library/upload", {})
    assert (reply.status_code, "No file was chosen." in reply.text) == (400, True)


def test_hostile_words_are_text(house, jpeg):
    upload(house, jpeg, NAME, tags=(HOSTILE,), uploader=HOSTILE, filename=HOSTILE)
    person = visitor(house)
    page = person.get("/library", query_string={"uploader": HOSTILE})
    assert shown(page) == [NAME]
    assert "<img src=x" not in page.text
    values = {"file": (io.BytesIO(b"no picture"), "<img src=x onerror=alert(1)>.jpg")}
    assert "<img src=x" not in person.post("/library/upload", values).text


def test_a_restricted_picture_is_named_and_not_shown(filled):
    asset = filled.catalog.asset("demo", "upload", "walk/cat")
    roles = {"moderator", "admin"}
    filled.custody.restrict("demo", asset.asset_id, "admin", roles=roles, actor="key:1")
    path = f"/picture/{asset.asset_id}/{asset.current.version_id}/grid.jpg"
    moderator = visitor(filled, "mod", "moderator")
    assert "Restricted to role admin" in moderator.get("/library?standing=restricted").text
    assert moderator.get(path).status_code == 403
    assert visitor(filled, "boss").get(path).status_code == 200
