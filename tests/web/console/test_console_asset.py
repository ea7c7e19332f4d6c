"""A picture's page: what it tells, what may be done from it and by whom, and its URL builder."""

import html
import re

import pytest

from rekproxy.domain.asset import Hidden, Status
from tests.conftest import NUDE, encode, photograph, upload
from tests.web.console.consoleclient import visitor

HOSTILE = "<img src=x onerror=alert(1)>\u202egnp.exe&amp;\"'"
EVERYTHING = {"moderator", "admin"}


@pytest.fixture
def asset(house, jpeg):
    return upload(house, jpeg, "walk/cat", uploader="eve", backup=True)


@pytest.fixture
def admin(house):
    return visitor(house)


def page(person, asset, query=""):
    return person.get(f"/asset/{asset.asset_id}{query}")


def act(person, asset, name, **values):
    """An act's form; gives the page that it leads to."""
    reply = person.post(f"/asset/{asset.asset_id}/{name}", values)
    if reply.status_code != 303:
        return reply
    return person.get(reply.headers["Location"].removeprefix("/console"))


def seen(asset):
    return {"version_id": asset.current.version_id, "revision": str(asset.revision)}


def now(house, asset):
    return house.catalog.asset_by_id("demo", asset.asset_id)


def test_a_page_tells_labels_levels_versions_and_the_trail(house, jpeg, detector, admin):
    detector.labels = NUDE
    asset = upload(house, jpeg, "bad")
    text = page(admin, asset).text
    for said in ("Explicit Nudity", "97", "Rejected", "Audit trail", "Uploaded", "Judged", "detector told"):
        assert said in text


def test_hostile_words_are_text(house, jpeg, admin):
    asset = upload(
        house, jpeg, "plain", tags=(HOSTILE,), context={HOSTILE: HOSTILE}, filename=HOSTILE + ".jpg"
    )
    house.review.override("demo", asset, Status.REJECTED, actor="key:1", note=HOSTILE)
    house.custody.hold("demo", asset.asset_id, HOSTILE, actor="key:1")
    text = page(admin, asset).text
    assert "<img src=x" not in text
    assert html.unescape(text).count(HOSTILE) >= 5


def test_a_decision_is_made_once_and_taken_back(house, asset):
    person = visitor(house, "mod", "moderator")
    done = act(person, asset, "decide", act="reject", reason="spam", **seen(asset))
    assert "Decided." in done.text
    assert now(house, asset).status is Status.REJECTED
    stale = act(person, asset, "decide", act="approve", **seen(asset))
    assert (stale.status_code, now(house, asset).status) == (409, Status.REJECTED)
    assert "taken back" in act(person, asset, "undo", **seen(now(house, asset))).text
    assert now(house, asset).status is Status.APPROVED


def test_an_earlier_version_is_restored(house, asset, admin):
    later = upload(house, encode(photograph("coffee")), "walk/cat", backup=True)
    assert later.current.version_id != asset.current.version_id
    text = act(admin, asset, "restore", version_id=asset.current.version_id).text
    assert "The version is current again." in text
    assert now(house, asset).current.version_id == asset.current.version_id
    assert act(admin, asset, "restore", version_id="0" * 32).status_code == 404


def test_a_picture_is_restricted_and_let_go(house, asset):
    person = visitor(house, "mod", "moderator")
    act(person, asset, "restrict", role="moderator")
    assert now(house, asset).hidden is Hidden.RESTRICTED
    act(person, asset, "lift")
    assert now(house, asset).hidden is None
    house.custody.restrict("demo", asset.asset_id, "admin", roles=EVERYTHING, actor="key:1")
    text = page(person, asset).text
    assert "/picture/" not in text
    assert act(person, asset, "lift").status_code == 403
    assert person.get(f"/asset/{asset.asset_id}/original").status_code == 403


def test_a_held_picture_is_erased_after_its_release_and_by_its_name_alone(house, asset, admin):
    assert act(admin, asset, "hold").status_code == 400
    act(admin, asset, "hold", why="a lawsuit")
    assert now(house, asset).hold == "a lawsuit"
    assert act(admin, asset, "erase", public_id="walk/cat").status_code == 409
    act(admin, asset, "release")
    assert act(admin, asset, "erase", public_id="walk/dog").status_code == 400
    assert "erased for good" in act(admin, asset, "erase", public_id="walk/cat").text
    assert now(house, asset) is None
    lines = house.catalog.audit("demo", asset.asset_id)
    assert ("user:ann", "erased") in [(line.actor, line.action) for line in lines]


def test_a_purge_gives_a_new_revision(house, asset, admin):
    act(admin, asset, "purge")
    assert now(house, asset).revision > asset.revision


def test_an_original_is_saved_and_written_down(house, asset, jpeg):
    person = visitor(house, "mod", "moderator")
    reply = person.get(f"/asset/{asset.asset_id}/original?version_id={asset.current.version_id}")
    assert (reply.data, reply.headers["Cache-Control"]) == (jpeg, "no-store, private")
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert house.catalog.audit("demo", asset.asset_id)[-1].actor == "user:mod"


ADMINS = ("restore", "purge", "hold", "release", "erase")


@pytest.mark.parametrize("name", ["decide", "undo", "restrict", "lift", *ADMINS])
def test_acts_are_for_those_who_may(house, asset, name):
    for role in ("viewer", "moderator") if name in ADMINS else ("viewer",):
        person = visitor(house, role, role)
        page(person, asset)
        values = {"version_id": "x", "why": "x", "public_id": "walk/cat", "act": "reject"}
        assert person.post(f"/asset/{asset.asset_id}/{name}", values).status_code == 403
    assert now(house, asset) == asset


def test_viewers_see_no_acts_and_no_originals(house, asset):
    person = visitor(house, "vic", "viewer")
    text = page(person, asset).text
    assert 'method="post" action="/console/asset' not in text
    assert person.get(f"/asset/{asset.asset_id}/original").status_code == 403


@pytest.mark.parametrize("name", ["decide", "undo", "restore", "erase"])
def test_a_forged_or_empty_act_does_nothing(house, asset, admin, name):
    assert admin.post(f"/asset/{asset.asset_id}/{name}", {}).status_code == 400
    values = {"act": "reject", "public_id": "walk/cat", **seen(asset)}
    assert admin.post(f"/asset/{asset.asset_id}/{name}", values, token="forged").status_code == 403
    assert now(house, asset) == asset


def test_an_unknown_picture_is_a_page_that_says_so(admin):
    for path in ("/asset/" + "0" * 32, "/asset/nobody", "/asset/%00"):
        assert admin.get(path).status_code in (400, 404)


def test_the_builder_writes_urls_without_script(admin, asset):
    text = page(admin, asset, "?width=100&height=50&crop=fill&format=webp&quality=auto&more=e_grayscale").text
    url = html.unescape(re.search(r'id="url"[^>]*value="([^"]*)"', text)[1])
    assert "/c_fill,h_50,w_100/e_grayscale/q_auto,f_webp/" in url
    assert "trial?transformation=" in text


def test_the_builder_says_what_it_does_not_understand(admin, asset):
    reply = admin.get(f"/asset/{asset.asset_id}/address?width=wide", headers={"Accept": "application/json"})
    assert (reply.json["url"], "width" in reply.json["wrong"]) == ("", True)
    text = page(admin, asset, "?more=<script>").text
    assert "<script>" not in text.replace('<script type="module"', "")


def test_a_built_url_shows_the_picture(admin, asset, house):
    found = admin.get(f"/asset/{asset.asset_id}/address?width=40&crop=scale").json
    assert house.deliver is not None
    assert admin.client.get(found["url"].removeprefix("http://localhost")).status_code == 200
    assert admin.get(found["trial"].removeprefix("/console")).status_code == 200
