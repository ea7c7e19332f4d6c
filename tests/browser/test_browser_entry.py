"""Signing in and out in a browser, sessions that end, and acts that did not come from a page of ours."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.sites import PASSWORD, Cloud, picture, running_site


def test_a_password_lets_in_and_signing_out_ends_it(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    page = sign_in("viewer")
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    page.goto(f"{cloud.site.base}/console/settings/wellness")
    page.get_by_label("Name").fill(cloud.people[0])
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/settings/wellness")


def test_a_link_works_once(cloud: Cloud, chromium: Any) -> None:
    link = cloud.link("viewer")
    seen = []
    for _ in range(2):
        context = chromium.new_context()
        page = context.new_page()
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
        seen.append(page.get_by_role("alert").count())
        context.close()
    assert seen == [0, 1]


def test_an_old_session_is_sent_to_sign_in_and_back(tmp_path: Path, chromium: Any) -> None:
    with running_site(tmp_path, ["short"], REKPROXY_SESSION_SECONDS="6") as site:
        cloud = Cloud(site, "short")
        context = chromium.new_context()
        page = context.new_page()
        page.goto(cloud.link("moderator"))
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{site.base}/console/settings/wellness")
        page.get_by_label("Pictures without colour").check()
        time.sleep(6.5)
        page.get_by_role("button", name="Keep").click()
        page.get_by_label("Password").wait_for()
        page.get_by_text("nothing was decided or changed").wait_for()
        assert dict(site.house.people.find(cloud.people[0]).preferences) == {}
        page.get_by_label("Name").fill(cloud.people[0])
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/console/settings/wellness")
        context.close()


def test_sessions_that_were_ended_elsewhere_end_here(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    page = sign_in("viewer")
    people = cloud.site.house.people
    people.disable(people.find(cloud.people[0]), actor="cli")
    page.goto(f"{cloud.site.base}/console/library?standing=pending")
    assert "/console/login?next=" in page.url


def test_acts_without_the_token_are_refused_and_do_nothing(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/settings/wellness")
    for token in ("", "forged"):
        page.goto(f"{cloud.site.base}/console/settings/wellness")
        page.evaluate("(token) => { document.querySelector('main [name=csrf_token]').value = token; }", token)
        page.get_by_label("Pictures without colour").check()
        page.get_by_role("button", name="Keep").click()
        page.get_by_role("heading", name="You may not do this").wait_for()
    assert dict(cloud.site.house.people.find(cloud.people[0]).preferences) == {}


def test_a_foreign_page_can_do_nothing(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    asset = cloud.upload(picture(), "wanted", moderation="manual")
    page = sign_in("moderator")
    foreign = page.context.new_page()
    body = _FORM.format(cloud, asset)
    foreign.route("http://elsewhere.example/", lambda it: it.fulfill(body=body, content_type="text/html"))
    foreign.goto("http://elsewhere.example/")
    foreign.get_by_role("button").click()
    foreign.wait_for_load_state()
    assert (cloud.asset("wanted").revision, cloud.status("wanted")) == (asset.revision, 404)
    page.goto(f"{cloud.site.base}/console/settings/wellness")
    assert page.get_by_role("button", name="Keep").is_visible(), "still signed in"


_FORM = """<form method="post" action="{0.site.base}/console/moderation/manual/pending">
<input name="asset_id" value="{1.asset_id}"><input name="version_id" value="{1.current.version_id}">
<input name="revision" value="{1.revision}"><button name="act" value="approve">Win a prize</button></form>"""
