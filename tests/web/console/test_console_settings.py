"""Settings in the console: presets by form, people, everybody's own account, and what is only shown."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from consoleclient import Visitor, visitor
from werkzeug.test import TestResponse

from rekproxy.app import Application
from rekproxy.interfaces import Imager
from tests.conftest import ToldDetector, house_of, settings_for
from tests.promises.houses import STUDIO

PASSWORD = "correct horse battery"
HOSTILE = "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture
def house(tmp_path: Path, imager: Imager, sqlite_url: str) -> Iterator[Application]:
    config = tmp_path / "rekproxy.toml"
    config.write_text(STUDIO)
    settings = settings_for(tmp_path, config=str(config), database_url=sqlite_url)
    application = house_of(settings, imager, ToldDetector())
    yield application
    application.close()


@pytest.fixture
def ann(house: Application) -> Visitor:
    """An administrator of all clouds."""
    return visitor(house)


def said(reply: TestResponse) -> str:
    """What the page says is wrong."""
    found = re.search(r'role="alert">([^<]+)<', reply.text)
    return found[1] if found else ""


def state(reply: TestResponse) -> str:
    found = re.search(r'name="seen" value="(\d+)"', reply.text)
    assert found
    return found[1]


def actions(house: Application, what: str, cloud: str = "demo") -> list[tuple[str, str]]:
    return [(line.actor, line.action) for line in house.catalog.audit(cloud, what)]


# --- upload presets ----------------------------------------------------------------------------------


def test_a_preset_is_made_used_edited_and_deleted(house: Application, ann: Visitor, jpeg: bytes) -> None:
    made = {
        "name": "shop",
        "unsigned": "true",
        "tags": "new, by hand",
        "folder": "shop",
        "max_bytes": "900000",
    }
    assert ann.post("/settings/presets/new", made).status_code == 303
    assert "shop" in ann.get("/settings/presets").text
    sent = {"upload_preset": "shop", "public_id": "cat", "file": (io.BytesIO(jpeg), "cat.jpg")}
    reply = ann.client.post("/v1_1/demo/image/upload", data=sent, buffered=True)
    assert (reply.json["public_id"], sorted(reply.json["tags"])) == ("shop/cat", ["by hand", "new"])

    page = ann.get("/settings/presets/edit/shop")
    assert 'value="new, by hand"' in page.text
    changed = {"seen": state(page), "unsigned": "true", "tags": "", "folder": "else", "backup": "false"}
    assert ann.post("/settings/presets/edit/shop", changed).status_code == 303
    preset = house.catalog.preset("demo", "shop")
    assert preset
    assert preset.settings == {"folder": "else", "backup": False}
    assert ann.post("/settings/presets/delete/shop").status_code == 303
    assert house.catalog.preset("demo", "shop") is None
    names = ("preset_created", "preset_updated", "preset_deleted")
    assert actions(house, "preset:shop") == [("user:ann", name) for name in names]


def test_a_preset_without_a_name_gets_one_that_nobody_guesses(house: Application, ann: Visitor) -> None:
    done = ann.post("/settings/presets/new", {"name": ""}).headers["Location"]
    assert re.fullmatch(r"/console/settings/presets\?done=[a-z0-9]{20}", done)


def test_what_no_field_shows_stays(house: Application, ann: Visitor) -> None:
    house.presets.create("demo", "shop", False, {"callback": "done", "tags": ["a"]}, actor="key:1")
    page = ann.get("/settings/presets/edit/shop")
    ann.post("/settings/presets/edit/shop", {"seen": state(page), "tags": "b"})
    preset = house.catalog.preset("demo", "shop")
    assert preset
    assert preset.settings == {"callback": "done", "tags": ["b"]}


def test_a_context_comes_back_as_it_was(house: Application, ann: Visitor) -> None:
    context = {"a|b": "c=d", "e": HOSTILE}
    house.presets.create("demo", "shop", False, {"context": context}, actor="key:1")
    page = ann.get("/settings/presets/edit/shop")
    assert HOSTILE not in page.text
    values = re.search(r'name="context" value="([^"]*)"', page.text)
    assert values
    sent = values[1].replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
    ann.post("/settings/presets/edit/shop", {"seen": state(page), "context": sent})
    preset = house.catalog.preset("demo", "shop")
    assert preset
    assert preset.settings == {"context": context}


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"name": "no spaces"}, "letters, digits"),
        ({"max_bytes": "many"}, "max_bytes"),
        ({"backup": "perhaps"}, "backup"),
        ({"moderation": "aws_rek:nonsense"}, "nonsense"),
        ({"transformation": "c_nonsense"}, "nonsense"),
        ({"allowed_origins": "https://a.example"}, "unsigned"),
        ({"tags": "x" * 300}, "tags"),
        ({"tags": "a\x00b"}, "Illegal character"),
        ({"min_width": "9", "max_width": "5"}, "min_width"),
    ],
)
def test_a_wrong_preset_is_given_back_with_what_is_wrong(
    house: Application, ann: Visitor, wrong: dict[str, str], what: str
) -> None:
    reply = ann.post("/settings/presets/new", {"name": "shop", "folder": "kept here", **wrong})
    assert reply.status_code == 400
    assert what in said(reply)
    assert 'value="kept here"' in reply.text
    assert house.catalog.list_presets("demo").presets == ()


def test_a_name_in_use_and_a_stale_form_change_nothing(house: Application, ann: Visitor) -> None:
    house.presets.create("demo", "shop", False, {"tags": ["a"]}, actor="key:1")
    page = ann.get("/settings/presets/edit/shop")
    house.presets.update("demo", "shop", None, {"tags": ["b"]}, actor="key:1")
    for seen in ({"seen": state(page)}, {"seen": "x" * 40}, {}):
        stale = ann.post("/settings/presets/edit/shop", {"tags": "c", **seen})
        assert (stale.status_code, "changed by somebody else" in said(stale)) == (409, True)
    taken = ann.post("/settings/presets/new", {"name": "shop"})
    assert (taken.status_code, "already exists" in said(taken)) == (409, True)
    preset = house.catalog.preset("demo", "shop")
    assert preset
    assert preset.settings == {"tags": ["b"]}


def test_presets_of_another_cloud_are_not_here(house: Application, ann: Visitor) -> None:
    house.presets.create("studio", "shop", False, {}, actor="key:1")
    assert ann.get("/settings/presets/edit/shop").status_code == 404
    assert ann.post("/settings/presets/delete/shop").status_code == 404
    assert ann.get("/settings/presets/edit/shop?cloud=studio").status_code == 200
    assert ann.post("/settings/presets/delete/shop?cloud=studio").headers["Location"] == (
        "/console/settings/presets?cloud=studio&done=shop"
    )
    assert actions(house, "preset:shop", "studio")[-1] == ("user:ann", "preset_deleted")


# --- people ------------------------------------------------------------------------------------------


def test_somebody_is_added_signs_in_by_the_link_and_chooses_a_password(
    house: Application, ann: Visitor
) -> None:
    added = ann.post("/settings/people", {"name": "Bob", "role": "moderator", "clouds[]": "studio"})
    found = re.search(r"http://localhost/console(/login\?link=[\w-]+)</code>", added.text)
    assert found
    bob = Visitor(house)
    bob.get(found[1])
    assert bob.post("/login", {"link": found[1].partition("=")[2]}).status_code == 303
    assert "studio" in bob.get("/settings/account").text
    chosen = bob.post("/settings/account/password", {"password": PASSWORD, "again": PASSWORD})
    assert chosen.status_code == 303
    assert "Your new password holds" in bob.get("/settings/account?done=1").text
    assert Visitor(house).sign_in("bob", PASSWORD).status_code == 303
    told = [action for _, action in actions(house, "user:bob")]
    assert told == ["user_added", "login_link_made", "signed_in_by_link", "password_set", "signed_in"]


@pytest.mark.parametrize(
    ("wrong", "status", "what"),
    [
        ({"name": ""}, 400, "A name has"),
        ({"name": "x" * 65}, 400, "A name has"),
        ({"name": HOSTILE}, 400, "A name has"),
        ({"name": "a/b"}, 400, "A name has"),
        ({"role": "emperor"}, 400, "no such role"),
        ({"role": ""}, 400, "no such role"),
        ({"all_clouds": "", "clouds[]": "elsewhere"}, 400, "more clouds than you have"),
        ({"all_clouds": ""}, 400, "Name clouds"),
        ({"name": "ann"}, 409, "already somebody"),
    ],
)
def test_nobody_is_added_by_half(
    house: Application, ann: Visitor, wrong: dict[str, str], status: int, what: str
) -> None:
    reply = ann.post("/settings/people", {"name": "bob", "role": "viewer", "all_clouds": "1", **wrong})
    assert (reply.status_code, what in said(reply)) == (status, True), said(reply)
    assert "<img" not in reply.text.partition("<main")[2]
    assert [user.name for user in house.people.everybody()] == ["ann"]


def test_what_somebody_may_do_is_changed_once_for_each_look(house: Application, ann: Visitor) -> None:
    house.people.add("bob", "viewer", None, actor="test")
    page = ann.get("/settings/people/bob")
    wanted = {"seen": state(page), "role": "moderator", "clouds[]": "demo"}
    assert ann.post("/settings/people/bob/role", wanted).status_code == 200
    bob = house.people.find("bob")
    assert (bob.role, bob.clouds) == ("moderator", ("demo",))
    stale = ann.post("/settings/people/bob/role", {**wanted, "role": "administrator"})
    assert (stale.status_code, "was changed meanwhile" in said(stale)) == (409, True)
    assert house.people.find("bob") == bob


def test_who_is_disabled_cannot_come_back_by_themselves(house: Application, ann: Visitor) -> None:
    bob = visitor(house, "bob", "viewer")
    link = house.people.link(house.people.find("bob"), actor="test")
    assert ann.post("/settings/people/bob/disable").status_code == 303
    assert bob.get("/settings").status_code == 303
    assert Visitor(house).follow(link).status_code == 401
    assert ann.post("/settings/people/bob/link").status_code == 409
    assert ann.post("/settings/people/bob/enable").status_code == 303
    assert actions(house, "user:bob")[-1] == ("user:ann", "user_enabled")


@pytest.mark.parametrize("act", ["role", "disable", "enable", "sessions", "link"])
def test_nobody_does_these_things_to_themselves(house: Application, ann: Visitor, act: str) -> None:
    before = house.people.find("ann")
    assert ann.post(f"/settings/people/ann/{act}", {"role": "viewer"}).status_code == 403
    assert house.people.find("ann") == before


def test_an_administrator_of_one_cloud_has_no_say_beyond_it(house: Application, ann: Visitor) -> None:
    house.people.add("everywhere", "viewer", None, actor="test")
    house.people.add("there", "viewer", ("demo", "studio"), actor="test")
    house.people.add("here", "viewer", ("studio",), actor="test")
    kim = visitor(house, "kim", "administrator", ("studio",))
    shown = set(re.findall(r"/console/settings/people/(\w+)", kim.get("/settings/people").text))
    assert shown == {"here", "kim"}
    for name in ("ann", "everywhere", "there", "nobody"):
        assert kim.get(f"/settings/people/{name}").status_code == 404
        assert kim.post(f"/settings/people/{name}/link").status_code == 404
        assert kim.post(f"/settings/people/{name}/disable").status_code == 404
    more: list[dict[str, Any]] = [{"all_clouds": "true"}, {"clouds[]": ["studio", "demo"]}]
    for clouds in more:
        reply = kim.post("/settings/people", {"name": "eve", "role": "administrator", **clouds})
        assert (reply.status_code, "more clouds than you have" in said(reply)) == (400, True)
        seen = {"seen": state(kim.get("/settings/people/here"))}
        assert kim.post("/settings/people/here/role", {"role": "viewer", **clouds, **seen}).status_code == 400
    assert house.people.find("here").clouds == ("studio",)
    assert {user.name for user in house.people.everybody()} == {"ann", "everywhere", "here", "kim", "there"}


def test_an_administrator_of_one_cloud_is_told_of_no_other(house: Application, ann: Visitor) -> None:
    house.people.add("here", "viewer", ("studio",), actor="test")
    kim = visitor(house, "kim", "administrator", ("studio",))
    page = kim.get("/settings/people")
    assert 'value="studio" checked' in page.text
    told = [page, kim.get("/settings/people/here")]
    seen = {"seen": state(told[-1])}
    for clouds in ({}, {"all_clouds": "true"}, {"clouds[]": "demo"}, {"clouds[]": "elsewhere"}):
        told.append(kim.post("/settings/people", {"name": "eve", "role": "viewer", **clouds}))
        told.append(kim.post("/settings/people/here/role", {"role": "viewer", **clouds, **seen}))
    assert [reply.status_code for reply in told[2:]] == [400] * 8
    assert said(told[2]) == "Name clouds that this person may see: studio."
    assert said(told[6]) == said(told[8])
    assert [reply.request.path for reply in told if "demo" in reply.text] == []


def test_what_was_chosen_for_somebody_new_is_kept_when_something_is_wrong(
    house: Application, ann: Visitor
) -> None:
    chosen = {"name": "a/b", "role": "viewer", "clouds[]": "studio"}
    page = ann.post("/settings/people", chosen).text
    assert 'value="a/b"' in page
    assert re.findall(r'value="([\w/]+)" (?:selected|checked)', page) == ["viewer", "studio"]
    page = ann.post("/settings/people", {"name": "bob", "role": "administrator"}).text
    assert re.findall(r'value="([\w/]+)" (?:selected|checked)', page) == ["administrator"]


# --- one's own account -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"password": PASSWORD, "again": PASSWORD + "x"}, "not the same"),
        ({"password": "short", "again": "short"}, "12 to 200 characters"),
        ({"password": "x" * 201, "again": "x" * 201}, "12 to 200 characters"),
        ({"password": "a" * 20, "again": "a" * 20}, "easily guessed"),
        ({"password": "annannann123", "again": "annannann123"}, ""),
        ({}, "12 to 200 characters"),
    ],
)
def test_passwords_that_are_no_good(
    house: Application, ann: Visitor, given: dict[str, str], what: str
) -> None:
    reply = ann.post("/settings/account/password", given)
    if what:
        assert (reply.status_code, what in said(reply)) == (400, True)
        assert house.people.find("ann").password_hash is None
    else:
        assert reply.status_code == 303


def test_a_new_password_needs_the_present_one_and_ends_other_sessions(house: Application) -> None:
    user = house.people.add("bob", "viewer", None, actor="test")
    house.people.set_password(user, PASSWORD, actor="test")
    bob, elsewhere = Visitor(house), Visitor(house)
    for browser in (bob, elsewhere):
        browser.sign_in("bob", PASSWORD)
        browser.get("/settings/account")
    new = {"password": "another good one", "again": "another good one"}
    for present in ({}, {"present": "wrong"}):
        reply = bob.post("/settings/account/password", {**new, **present})
        assert "present password is not right" in said(reply)
    assert bob.post("/settings/account/password", {**new, "present": PASSWORD}).status_code == 303
    assert bob.get("/settings").status_code == 200
    assert elsewhere.get("/settings").status_code == 303


def test_somebody_signs_out_everywhere(house: Application, ann: Visitor) -> None:
    other = Visitor(house)
    other.follow(house.people.link(house.people.find("ann"), actor="test"))
    assert other.get("/settings").status_code == 200
    assert ann.post("/settings/account/sessions").status_code == 303
    assert [browser.get("/settings").status_code for browser in (ann, other)] == [303, 303]


# --- default presets ---------------------------------------------------------------------------------


def test_uploads_that_name_no_preset_get_the_default_of_where_they_come_from(
    house: Application, ann: Visitor, jpeg: bytes
) -> None:
    for name in ("api", "hand"):
        house.presets.create("demo", f"by-{name}", False, {"tags": [name], "folder": name}, actor="key:1")
    house.presets.create("demo", "open", True, {}, actor="key:1")
    assert "by-hand" in ann.get("/settings").text
    assert ">open<" not in ann.get("/settings").text
    assert ann.post("/settings/defaults", {"api": "by-api", "console": "by-hand"}).status_code == 303
    assert "<option selected>by-hand" in ann.get("/settings").text

    key = (house.settings.api_key, house.settings.api_secret)

    def sent(**more: str) -> Any:
        file = (io.BytesIO(jpeg), "cat.jpg")
        return ann.client.post(
            "/v1_1/demo/image/upload",
            data={"file": file, "public_id": "cat", **more},
            auth=key,
            buffered=True,
        ).json

    assert (sent()["public_id"], sent()["tags"]) == ("api/cat", ["api"])
    assert sent(folder="mine")["public_id"] == "mine/cat"
    assert sent(upload_preset="by-hand")["public_id"] == "hand/cat"
    assert ann.post("/library/upload", {"file": (io.BytesIO(jpeg), "dog.jpg")}).status_code == 200
    by_hand = [asset for asset in house.catalog.list_assets("demo", limit=9).assets if asset.folder == "hand"]
    assert [asset.tags for asset in by_hand] == [("hand",)] * 2

    refused = ann.post("/settings/presets/delete/by-api")
    assert refused.status_code == 409
    assert ann.post("/settings/defaults", {"api": "", "console": ""}).status_code == 303
    assert sent()["public_id"] == "cat"


def test_a_default_that_is_none_is_refused_and_only_administrators_choose(
    house: Application, ann: Visitor
) -> None:
    house.presets.create("demo", "open", True, {}, actor="key:1")
    for name in ("open", "never", HOSTILE):
        refused = ann.post("/settings/defaults", {"api": name})
        assert (refused.status_code, "no signed upload preset" in said(refused)) == (400, True)
    assert house.catalog.default_presets("demo") == {}
    assert "/settings/defaults" not in visitor(house, "vic", "viewer").get("/settings").text


# --- what is only shown ------------------------------------------------------------------------------


def test_defaults_and_reasons_are_shown_and_no_secret(house: Application) -> None:
    vic = visitor(house, "vic", "viewer")
    page = vic.get("/settings").text
    for name, value in (
        ("REKPROXY_DEFAULT_MODERATION", "aws_rek"),
        ("REKPROXY_MAX_UPLOAD_BYTES", "40,000,000"),
    ):
        assert re.search(rf"{name}</code></th><td[^>]*>{value}</td>", page)
    reasons = vic.get("/settings/reasons").text
    for reason in house.settings.reasons:
        assert reason.text in reasons
    for secret in (house.settings.api_secret, house.settings.secret_key):
        assert secret
        assert secret not in page + reasons
