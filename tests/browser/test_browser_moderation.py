"""Moderation by clicks alone: Moderation, the tool, the status, and one green or red button."""

import re
from collections.abc import Callable
from typing import Any

from tests.browser.sites import RED, Cloud, picture


def test_a_rejected_picture_is_brought_back_and_an_approved_one_taken_away(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    cloud.upload(picture(RED), "bad", moderation="aws_rek")
    cloud.upload(picture(), "good", moderation="aws_rek")
    assert (cloud.status("bad"), cloud.status("good")) == (404, 200)
    page = sign_in("moderator")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Moderation").click()
    page.get_by_role("link", name="Rekognition", exact=True).click()
    page.get_by_role("link", name="Rejected", exact=True).click()
    assert page.url.endswith("/console/moderation/aws_rek/rejected")
    page.get_by_role("button", name=re.compile("Approve.*bad")).click()
    page.locator(".picture").filter(has_text="bad").get_by_role("button", name="Undo").wait_for()
    assert cloud.status("bad") == 200
    page.get_by_role("link", name="Approved", exact=True).click()
    assert page.url.endswith("/console/moderation/aws_rek/approved")
    page.get_by_role("button", name=re.compile("Reject.*good")).click()
    page.locator(".picture").filter(has_text="good").get_by_role("button", name="Undo").wait_for()
    assert (cloud.status("bad"), cloud.status("good")) == (200, 404)


def test_the_same_clicks_work_without_script(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    cloud.upload(picture(RED), "bad", moderation="aws_rek")
    page = sign_in("moderator", java_script_enabled=False)
    page.goto(f"{cloud.site.base}/console/moderation/aws_rek/rejected")
    page.get_by_role("button", name=re.compile("Approve")).click()
    page.get_by_role("button", name="Undo").wait_for()
    assert cloud.status("bad") == 200
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name=re.compile("Approve")).wait_for()
    assert cloud.status("bad") == 404


def test_one_of_three_decisions_is_undone_where_it_stands(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    names = ["one", "two", "three"]
    for name in names:
        cloud.upload(picture(), name, moderation="manual")
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/moderation/manual/pending")
    for name in names:
        page.get_by_role("button", name=f"Approve {name}").click()
        page.get_by_role("button", name=f"Undo {name}").wait_for()
    page.get_by_role("button", name="Undo two").press("Enter")
    page.locator("#said", has_text="Undone: two is pending again.").wait_for()
    assert page.evaluate("document.activeElement.textContent.trim()").endswith("Approve two")
    assert page.get_by_role("button", name="Undo").count() == 2
    card = page.locator(".picture").filter(has_text="two")
    assert ("Pending" in card.inner_text(), "Decided" in card.inner_text()) == (True, False)
    page.get_by_role("button", name="Undo one").click()
    page.get_by_role("button", name="Reject two").click()
    page.get_by_role("button", name="Undo two").wait_for()
    assert [cloud.asset(name).status.value for name in names] == ["pending", "rejected", "approved"]
