"""The console's door: who gets in, for how long, and what a request must carry to do anything."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from consoleclient import Visitor, visitor
from werkzeug.security import generate_password_hash

from rekproxy.app import Application, build
from rekproxy.interfaces import Imager
from rekproxy.services.people import TRIES_PER_NAME, TRIES_PER_NETWORK
from rekproxy.web.console.door import COOKIE
from tests.conftest import ToldDetector, house_of, settings_for
from tests.promises.houses import STUDIO

PASSWORD = "correct horse battery"


@pytest.fixture
def house(tmp_path: Path, imager: Imager, sqlite_url: str) -> Iterator[Application]:
    """Two clouds, and an embedded detector's blind spots."""
    config = tmp_path / "rekproxy.toml"
    config.write_text(STUDIO)
    detector = ToldDetector(coverage=frozenset({"explicit"}), limits_said="It sees nudity only.")
    settings = settings_for(tmp_path, config=str(config), database_url=sqlite_url)
    application = house_of(settings, imager, detector)
    cheap = replace(
        application.people.hashing, make=partial(generate_password_hash, method="pbkdf2:sha256:1")
    )
    application.__dict__["people"] = replace(application.people, hashing=cheap, _nobody=[])
    yield application
    application.close()


def person(house: Application, name: str = "ann", role: str = "administrator", **more: Any) -> Visitor:
    """Somebody with a password, who has not signed in."""
    user = house.people.add(name, role, more.pop("clouds", None), actor="test")
    house.people.set_password(user, PASSWORD, actor="test")
    return Visitor(house)


def anew(house: Application) -> Application:
    """Another process over the same state."""
    application = build(house.settings)
    application.__dict__.update(imager=house.imager, detector=house.detector)
    return application


def test_nothing_is_shown_to_strangers_but_the_way_in(house: Application) -> None:
    stranger = Visitor(house)
    for rule in stranger.client.application.url_map.iter_rules():
        parts = rule.endpoint.split(".")
        if parts[0] != "console" or parts[1:] in (["serve_static"], ["entry", "show"]):
            continue
        path = re.sub(r"<(?:\w+:)?\w+>", "x", rule.rule)
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            reply = stranger.client.open(path, method=method, buffered=True)
            assert reply.status_code in (303, 403), (method, path, reply.status)
            if reply.status_code == 303:
                assert reply.headers["Location"].startswith("/console/login"), (method, path)
            called = stranger.client.open(
                path, method=method, buffered=True, headers={"Accept": "application/json"}
            )
            assert called.status_code in (401, 403), (method, path, called.status)
            assert called.json["error"]["message"]


def test_a_password_opens_the_page_that_was_asked_for(house: Application) -> None:
    ann = person(house)
    sent = ann.get("/settings/people?after=%C3%A4").headers["Location"]
    assert sent == "/console/login?next=%2Fconsole%2Fsettings%2Fpeople%3Fafter%3D%25C3%25A4"
    form = ann.get(sent.removeprefix("/console"))
    following = re.search(r'name="next" value="([^"]+)"', form.text)
    assert following
    values = {"name": " ANN ", "password": PASSWORD, "next": following[1]}
    reply = ann.post("/login", values)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/console/settings/people?after=%C3%A4")
    assert ann.get("/settings/people").status_code == 200
    (line,) = [line for line in house.catalog.audit("demo", "user:ann") if line.action == "signed_in"]
    assert line.actor == "user:ann"


@pytest.mark.parametrize(
    "following", ["https://evil.example/", "//evil.example", "/\\evil.example", "/console/\r\nX: y", "/v1_1/"]
)
def test_nobody_is_sent_away_from_here(house: Application, following: str) -> None:
    ann = person(house)
    ann.get("/login")
    reply = ann.post("/login", {"name": "ann", "password": PASSWORD, "next": following})
    assert reply.headers.get("Location", "/console/") == "/console/"
    assert reply.status_code in (303, 400)


def test_refusals_are_the_same_for_every_cause(house: Application) -> None:
    ann = person(house)
    kim = house.people.add("kim", "viewer", None, actor="test")  # has no password
    eve = house.people.set_password(
        house.people.add("eve", "viewer", None, actor="test"), PASSWORD, actor="test"
    )
    house.people.disable(eve, actor="test")
    assert kim.password_hash is None
    tries = {"ann": "wrong", "nobody": PASSWORD, "kim": PASSWORD, "eve": PASSWORD, "": "", "\ud800x"[1:]: "x"}
    told = set()
    for name, password in tries.items():
        reply = ann.sign_in(name, password)
        assert reply.status_code == 401, name
        told.add(re.search(r'role="alert">([^<]+)<', reply.text)[1])  # type: ignore[index]
    assert len(told) == 1
    assert ann.get("/settings").status_code == 303


def test_tries_with_one_name_run_out_and_a_link_still_opens(house: Application) -> None:
    ann = person(house)
    for number in range(TRIES_PER_NAME):
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        assert ann.sign_in("ann", "wrong", environ_base=address).status_code == 401
    reply = ann.sign_in("ann", PASSWORD, environ_base={"REMOTE_ADDR": "192.0.2.99"})
    assert reply.status_code == 429
    assert 1 <= int(re.search(r"Try again in (\d+) seconds", reply.text)[1]) <= 60  # type: ignore[index]
    assert ann.follow(house.people.link(house.people.find("ann"), actor="test")).status_code == 303


def test_tries_from_one_network_run_out(house: Application) -> None:
    quick = Visitor(house)
    quick.get("/login")
    for number in range(TRIES_PER_NETWORK):
        assert quick.post("/login", {"link": f"guess-{number}"}).status_code == 401
    assert quick.post("/login", {"link": "guess"}).status_code == 429
    other = {"REMOTE_ADDR": "198.51.100.7"}
    assert quick.post("/login", {"link": "guess"}, environ_base=other).status_code == 401


def test_a_link_is_spent_by_its_button_and_not_by_a_look(house: Application) -> None:
    ann = Visitor(house)
    secret = house.people.link(house.people.add("ann", "viewer", None, actor="test"), actor="test")
    for _ in range(2):
        assert ann.get(f"/login?link={secret}").status_code == 200
    first = ann.follow(secret)
    assert (first.status_code, first.headers["Location"]) == (303, "/console/settings/account")
    assert "have no password yet" in ann.get("/settings/account").text
    other = Visitor(house)
    again = other.follow(secret)
    assert again.status_code == 401
    assert "was used before" in again.text


def test_sessions_survive_restarts_and_hold_in_every_process(house: Application) -> None:
    ann = visitor(house)
    cookie = ann.client.get_cookie(COOKIE, path="/console")
    assert cookie
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/console")
    other = Visitor(anew(house))
    other.client.set_cookie(COOKIE, cookie.value, path="/console")
    assert other.get("/settings").status_code == 200
    other.application.close()


def test_over_https_the_cookie_is_for_https_alone(house: Application) -> None:
    ann = Visitor(house)
    reply = ann.get("/login", base_url="https://localhost")
    assert "; Secure;" in reply.headers["Set-Cookie"]


def test_sessions_expire(tmp_path: Path, imager: Imager) -> None:
    house = house_of(settings_for(tmp_path, session_seconds="60"), imager, ToldDetector())
    ann = visitor(house)
    assert ann.get("/settings").status_code == 200
    with ann.client.session_transaction("/console/") as session:
        session["since"] -= 60
    assert ann.get("/settings").headers["Location"] == "/console/login?next=%2Fconsole%2Fsettings"
    called = ann.call("/settings/account/sessions")
    assert (called.status_code, called.json["error"]["message"]) == (
        401,
        "You are signed out. Sign in again: nothing was changed.",
    )
    house.close()


@pytest.mark.parametrize(
    ("came", "following"),
    [
        ("http://localhost/console/settings/account?cloud=demo", "/console/settings/account?cloud=demo"),
        ("http://localhost//evil.example/", "/console/"),
        ("http://localhost/v1_1/", "/console/"),
        ("http://[", "/console/"),
        ("", "/console/"),
    ],
)
def test_an_act_after_the_end_of_a_session_is_told_and_led_back(
    house: Application, came: str, following: str
) -> None:
    ann = person(house)
    reply = ann.post("/settings/account/sessions", headers={"Referer": came})
    page = ann.get(reply.headers["Location"].removeprefix("/console"))
    assert "nothing was decided or changed" in page.text
    written = re.search(r'name="next" value="([^"]*)"', page.text)
    assert written
    values = {"name": "ann", "password": PASSWORD, "next": written[1].replace("&amp;", "&")}
    assert ann.post("/login", values).headers["Location"] == following


@pytest.mark.parametrize("act", ["disable", "end_sessions", "set_password", "assign"])
def test_what_happens_to_a_person_ends_their_sessions_at_once(house: Application, act: str) -> None:
    ann, bob = visitor(house), visitor(house, "bob", "viewer")
    assert bob.get("/settings").status_code == 200
    given = {"set_password": [PASSWORD], "assign": ["moderator", None]}.get(act, [])
    getattr(house.people, act)(house.people.find("bob"), *given, actor="test")
    assert bob.get("/settings").status_code == 303
    assert ann.get("/settings").status_code == 200


def test_who_signs_out_is_out(house: Application) -> None:
    ann = visitor(house)
    assert ann.post("/logout").headers["Location"] == "/console/login?out=1"
    assert "You are signed out" in ann.get("/login?out=1").text
    assert ann.get("/settings").status_code == 303


@pytest.mark.parametrize("value", ["", "x", "eyJ3aG8iOiJhbm4ifQ.aa.bb", "." * 4000])
def test_a_forged_cookie_is_nobody(house: Application, value: str) -> None:
    visitor(house)
    stranger = Visitor(house)
    stranger.client.set_cookie(COOKIE, value, path="/console")
    assert stranger.get("/settings").status_code == 303


def test_acts_need_a_token_of_this_session(house: Application) -> None:
    ann, bob = visitor(house), visitor(house, "bob")
    path, before = "/settings/account/sessions", house.people.find("ann")
    for token in ("", "x", bob.token, ann.token[:-1]):
        reply = ann.post(path, token=token)
        assert (reply.status_code, "nothing was done" in reply.text) == (403, True)
        assert ann.call(path, headers={"X-CSRF-Token": token}).status_code == 403
    doubled = f"csrf_token={ann.token}&csrf_token={ann.token}"
    kind = "application/x-www-form-urlencoded"
    assert ann.post(path, doubled, content_type=kind).status_code == 400
    foreign = ann.call(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert house.people.find("ann") == before
    assert ann.call(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_signing_in_needs_a_token_too(house: Application) -> None:
    ann = person(house)
    ann.get("/login")
    reply = ann.post("/login", {"name": "ann", "password": PASSWORD}, token="")
    assert reply.status_code == 403
    assert ann.get("/settings").status_code == 303


@pytest.mark.parametrize(
    ("body", "status"),
    [("name=ann&name=bob", 400), (f"name={'a' * 100_001}", 400), ("x=" + "a" * 3_000_000, 400), ("=&", 400)],
)
def test_forms_that_are_doubled_too_long_or_nameless_are_refused(
    house: Application, body: str, status: int
) -> None:
    ann = visitor(house)
    kind = "application/x-www-form-urlencoded"
    reply = ann.post("/settings/people", f"{body}&csrf_token={ann.token}", content_type=kind)
    assert reply.status_code == status
    assert [user.name for user in house.people.everybody()] == ["ann"]


def test_roles_see_and_do_what_they_may(house: Application) -> None:
    for name, role in (("vic", "viewer"), ("mo", "moderator")):
        somebody = visitor(house, name, role)
        page = somebody.get("/settings")
        assert page.status_code == 200
        assert "/console/settings/people" not in page.text
        assert ("/console/review" in page.text) is (role == "moderator")
        for path in ("/settings/people", "/settings/presets", "/settings/presets/new"):
            refused = somebody.get(path)
            assert refused.status_code == 403
            assert "with the role administrator or more" in refused.text
        assert somebody.post("/settings/people", {"name": "x", "role": "viewer"}).status_code == 403
        assert somebody.post("/settings/presets/new", {"name": "x"}).status_code == 403


def test_clouds_of_others_do_not_exist(house: Application) -> None:
    ann = visitor(house, clouds=("studio",))
    assert ann.get("/settings/presets").status_code == 200
    for query in ("cloud=demo", "cloud=none", "cloud=", "cloud=studio&cloud=demo"):
        assert ann.get(f"/settings/presets?{query}").status_code == 404
    made = ann.post("/settings/presets/new?cloud=demo", {"name": "shop"})
    assert made.status_code == 404
    assert house.catalog.preset("demo", "shop") is None


def test_a_cloud_that_was_chosen_stays_chosen(house: Application) -> None:
    ann = visitor(house)
    page = ann.get("/settings/presets?cloud=studio")
    assert "/console/settings/presets/new?cloud=studio" in page.text
    assert re.search(r"<option selected>studio", page.text)


def test_who_sees_no_cloud_any_more_is_told_so(house: Application) -> None:
    ann = visitor(house, clouds=("studio",))
    fewer = house.settings.model_copy(update={"clouds": ()})
    application = build(fewer)
    application.__dict__.update(imager=house.imager, detector=house.detector)
    other = Visitor(application)
    cookie = ann.client.get_cookie(COOKIE, path="/console")
    assert cookie
    other.client.set_cookie(COOKIE, cookie.value, path="/console")
    reply = other.get("/settings")
    assert (reply.status_code, "see no cloud" in reply.text) == (403, True)
    application.close()


def test_every_page_is_strict_and_kept_by_nobody(house: Application) -> None:
    ann = visitor(house)
    for path in ("/settings", "/login?link=x", "/nothing", "/settings/presets?cloud=none"):
        reply = ann.get(path)
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == "same-origin"
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script>", reply.text)
        assert not re.search(r'(?:src|href|action)="(?!/console|#|")', reply.text)


def test_every_page_says_what_the_detector_does_not_see(house: Application) -> None:
    assert "It sees nudity only." in visitor(house).get("/settings").text
    assert "It sees nudity only." not in Visitor(house).get("/login").text


def test_errors_say_what_happened_and_what_to_do(house: Application) -> None:
    ann = visitor(house)
    missing = ann.get("/nothing/here")
    assert missing.status_code == 404
    assert "There is no such page." in missing.text
    assert "It may have been removed" in missing.text
    called = ann.get("/nothing", headers={"Accept": "application/json"})
    assert called.json == {"error": {"message": "There is no such page."}}


def test_our_own_faults_show_a_number_and_nothing_else(
    house: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = visitor(house)

    def fails(*_: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(type(house.people), "everybody", fails)
    reply = ann.get("/settings/people")
    assert reply.status_code == 500
    assert "secret words" not in reply.text
    assert reply.headers["X-Request-Id"] in reply.text


def test_static_files_never_change_under_their_version(house: Application) -> None:
    stranger = Visitor(house)
    path = re.search(r'href="/console(/static/\w+/base.css)"', stranger.get("/login").text)
    assert path
    first = stranger.get(path[1])
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert first.mimetype == "text/css"
    again = stranger.get(path[1], headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert stranger.get("/static/old/base.css").headers["Cache-Control"] == "no-cache"
    for name in ("../door.py", "nothing.css", "..%2Fdoor.py"):
        assert stranger.get(f"/static/x/{name}").status_code in (303, 404)


def test_dark_and_light_are_kept_in_a_cookie(house: Application) -> None:
    ann = visitor(house)
    reply = ann.post("/look", {"look": "dark", "next": "/console/settings"})
    assert reply.headers["Location"] == "/console/settings"
    assert 'data-theme="dark"' in ann.get("/settings").text
    ann.post("/look", {"look": "<script>"})
    assert "data-theme" not in ann.get("/settings").text
    assert ann.post("/look", {"look": "dark"}, token="").status_code == 403


def test_without_the_surface_there_is_no_console(tmp_path: Path, imager: Imager) -> None:
    house = house_of(settings_for(tmp_path, surfaces="delivery"), imager, ToldDetector())
    stranger = Visitor(house)
    assert stranger.get("/login").status_code == 404
    house.close()


def test_below_a_prefix_everything_stays_below_it(house: Application) -> None:
    ann = person(house)
    base = {"base_url": "http://localhost/images"}
    page = ann.get("/login", **base)
    assert "Path=/images/console;" in page.headers["Set-Cookie"]
    assert not re.search(r'(?:src|href|action)="(?!/images/console|#|")', page.text)
    reply = ann.post("/login", {"name": "ann", "password": PASSWORD}, **base)
    assert reply.headers["Location"] == "/images/console/"


def test_a_page_that_came_of_an_act_can_still_change_its_look_and_cloud(house: Application) -> None:
    ann = visitor(house)
    page = ann.post("/settings/people", {"name": "", "role": "viewer"})
    assert 'name="next" value="/console/"' in page.text
    assert 'class="cloud" method="get" action="/console/"' in page.text
