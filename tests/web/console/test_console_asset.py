"""A picture's page: what it tells, what may be done from it and by whom, and its URL builder."""

import ast
import html
import re
from pathlib import Path

import pytest

import rekproxy
from rekproxy.domain.asset import Hidden, Status
from rekproxy.web.console import texts
from tests.conftest import NUDE, encode, house_of, photograph, settings_for, upload
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


FROM = "/console/library?standing=rejected&uploader=eve"


def back_of(text):
    return html.unescape(re.search(r'<p><a href="([^"]*)">Back to', text)[1])


def test_a_page_leads_back_to_the_listing_that_it_was_opened_from(house, asset, admin):
    came = {"Referer": f"http://localhost{FROM}&said=erased"}
    text = admin.get(f"/asset/{asset.asset_id}", headers=came).text
    assert back_of(text) == FROM
    carried = html.unescape(re.search(r'name="back" value="([^"]*)"', text)[1])
    done = act(admin, asset, "decide", act="reject", back=carried, **seen(asset))
    assert back_of(done.text) == FROM
    gone = admin.post(f"/asset/{asset.asset_id}/erase", {"public_id": "walk/cat", "back": carried})
    assert gone.headers["Location"] == f"{FROM}&said=erased"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?back=//evil.example/library",
        "?back=https://evil.example/console/library",
        "?back=/settings/people",
        "?back=/library/../settings",
        "?back=javascript:alert(1)",
    ],
)
def test_a_way_back_is_to_a_listing_of_ours(asset, admin, query):
    for referer in ("http://evil.example/console/library?standing=all", "http://localhost/demo", ""):
        text = admin.get(f"/asset/{asset.asset_id}{query}", headers={"Referer": referer}).text
        assert back_of(text) == "/console/library"


def test_a_refusal_leads_to_the_picture_that_it_is_about(house, asset, admin):
    stale = {"act": "approve", "version_id": asset.current.version_id, "revision": str(asset.revision + 1)}
    for path, values in (
        (f"/asset/{asset.asset_id}/decide", stale),
        (f"/asset/{asset.asset_id}/erase", {"public_id": "walk/dog"}),
        ("/moderation/manual/pending", {**stale, "asset_id": asset.asset_id}),
    ):
        text = admin.post(path, values).text
        assert f'href="/console/asset/{asset.asset_id}"' in text
    assert "change what the sentence names" not in admin.post("/moderation/manual/pending", values).text
    unknown = admin.post(f"/asset/{'0' * 32}/decide", stale)
    assert (unknown.status_code, "/console/asset/" in unknown.text) == (404, False)


def test_who_is_not_shown_a_picture_is_not_asked_about_it(house, asset):
    house.custody.restrict("demo", asset.asset_id, "admin", roles=EVERYTHING, actor="key:1")
    moderator = visitor(house, "mod", "moderator")
    text = page(moderator, asset).text
    assert "/decide" not in text
    assert "Only a person with the role admin decides about it." in text
    refused = act(moderator, asset, "decide", act="reject", **seen(now(house, asset)))
    assert (refused.status_code, now(house, asset).status) == (403, Status.APPROVED)
    assert "/decide" in page(visitor(house, "boss"), asset).text


def test_another_cloud_is_shown_by_the_same_filters(tmp_path, imager, detector, jpeg):
    file = tmp_path / "rekproxy.toml"
    file.write_text(
        '[[clouds]]\nname = "studio"\nkeys = [{key = "2", secret = "a-secret", roles = ["admin"]}]\n'
    )
    house = house_of(settings_for(tmp_path, config=str(file)), imager, detector)
    asset = upload(house, jpeg, "walk/cat")
    person = visitor(house)
    for path, action, kept in (
        (f"/asset/{asset.asset_id}?width=9", "/console/library", {}),
        (
            "/library?standing=all&uploader=eve&said=erased",
            "/console/library",
            {"standing": "all", "uploader": "eve"},
        ),
        (
            "/moderation/manual/pending?uploader=eve",
            "/console/moderation/manual/pending",
            {"uploader": "eve"},
        ),
        ("/review?queue=manual&done=skip&name=x", "/console/review", {"queue": "manual"}),
        ("/settings/presets", "/console/settings/presets", {}),
    ):
        form = re.search(r'<form class="cloud".*?</form>', person.get(path).text, re.DOTALL)[0]
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form))
        assert (f'action="{action}"' in form, hidden) == (True, kept)


#: Modules of the catalog whose lines are about something else than a picture.
_OTHERS = {"mappings", "metadata", "notifications", "people", "presets", "transformations", "triggers"}


def actions():
    """Every action that the code writes into the audit of a picture, as it stands in the source."""
    root = Path(rekproxy.__file__).parent
    files = [*root.glob("backends/sql/*.py"), *root.glob("services/*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files if path.stem not in _OTHERS]
    return {text for tree in trees for node in ast.walk(tree) for text in written(node) if text}


def written(node):
    """The actions that a call, a row or a choice in the source names."""
    where = []
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        where += node.args if name.strip("_") in ("note", "noted") else []
        where += [each.value for each in node.keywords if each.arg == "action"]
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        where += [value for key, value in pairs if getattr(key, "value", None) == "action"]
    elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "action":
        where += [node.value.body, node.value.orelse]
    texts_of = [each.value for each in where if isinstance(each, ast.Constant)]
    return [text for text in texts_of if isinstance(text, str)]


def test_each_line_of_the_trail_is_told_in_words(house, asset, admin):
    assert {
        "uploaded",
        "overridden",
        "viewed",
        "previewed",
        "exported",
        "restricted",
        "erased",
        "purged",
    } <= actions()
    assert actions() - set(texts.ACTIONS) == set()
    act(admin, asset, "restrict", role="admin")
    act(admin, asset, "lift")
    text = page(admin, asset).text
    assert [said for said in ("Restricted:", "unrestricted", "restricted:") if said in text] == []
    assert "Restriction lifted: approved" in text


def test_an_uploader_of_the_console_is_named_as_people_are(house, jpeg, admin):
    asset = upload(house, jpeg, "mine", uploader="user:mo")
    for path in (f"/asset/{asset.asset_id}", "/library"):
        assert "<bdi>mo (in this console)</bdi>" in admin.get(path).text
        assert "uploader=user%3Amo" in admin.get(path).text
