"""The two first days of docs/console.md, walked: who is added signs in, chooses, decides; the other looks."""

from collections.abc import Callable
from typing import Any

from tests.browser.sites import PASSWORD, RED, Cloud, picture


def test_the_first_day_of_an_administrator_and_of_a_moderator(
    cloud: Cloud, sign_in: Callable[..., Any], chromium: Any
) -> None:
    for name in ("first", "second"):
        cloud.upload(picture(), name, moderation="aws_rek|manual", context="uploader=lena")
    cloud.upload(picture(RED), "poster", moderation="aws_rek")
    ruler = sign_in("administrator")
    name = f"mo-{cloud.name}"
    link = add_somebody(cloud, ruler, name)
    context = chromium.new_context()
    page = context.new_page()
    choose_password(page, link)
    page.goto(f"{cloud.site.base}/console/settings/wellness")
    page.get_by_label("A little").check()
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Review queue").click()
    decide(cloud, page)
    context.close()
    ruler.goto(f"{cloud.site.base}/console/review?queue=escalated")
    ruler.get_by_text("what is this?").wait_for()
    ruler.goto(f"{cloud.site.base}/console/library")
    ruler.get_by_role("searchbox").fill(f"{cloud.site.base}/{cloud.name}/image/upload/first.jpg")
    ruler.get_by_role("searchbox").press("Enter")
    ruler.get_by_text("404").first.wait_for()
    people = cloud.site.house.people
    assert people.sees(people.find(name)) == (cloud.name,)


def add_somebody(cloud: Cloud, page: Any, name: str) -> str:
    """Add a moderator; gives the link that is shown."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="People").click()
    page.locator("main [name=name]").fill(name)
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Add, and make a link").click()
    return str(page.locator("main code", has_text="/console/login?link=").inner_text())


def choose_password(page: Any, link: str) -> None:
    """Sign in by a link, and choose a password as one is asked to."""
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("New password", exact=False).first.fill(PASSWORD)
    page.locator("[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").first.wait_for()


def decide(cloud: Cloud, page: Any) -> None:
    """Reject for a reason, think better of it, approve; write a note and escalate."""
    item = page.locator("#desk .item")
    page.wait_for_function("() => document.querySelector('#desk .item img')?.naturalWidth > 0")
    with page.expect_response(lambda answer: "/review/act" in answer.url):
        page.keyboard.press("n")
    assert cloud.asset("first").status.value == "rejected"
    page.keyboard.press("u")
    page.locator("#desk .item[data-name=first]").wait_for()
    with page.expect_response(lambda answer: "/review/act" in answer.url):
        page.keyboard.press("r")
    page.locator("#desk .item[data-name=second]").wait_for()
    page.keyboard.press("w")
    page.keyboard.type("what is this?")
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.querySelector('#desk .item img')?.naturalWidth > 0")
    with page.expect_response(lambda answer: "/review/act" in answer.url):
        page.keyboard.press("e")
    item.wait_for(state="detached")
    assert (cloud.status("first"), cloud.asset("second").status.value) == (404, "pending")
