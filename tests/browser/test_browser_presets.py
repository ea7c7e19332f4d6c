"""A preset that is made in the console, and used by an upload that nobody signed."""

from collections.abc import Callable
from typing import Any

import requests

from tests.browser.sites import Cloud, picture


def test_a_preset_is_made_edited_used_and_deleted(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    page = sign_in("administrator")
    page.goto(f"{cloud.site.base}/console/settings/presets")
    page.get_by_role("link", name="New preset").click()
    page.locator("[name=name]").fill("visitors")
    page.locator("[name=unsigned]").check()
    page.locator("[name=moderation]").fill("manual")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="visitors").click()
    page.locator("[name=tags]").fill("from visitors")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="visitors").wait_for()
    sent = requests.post(
        f"{cloud.site.base}/v1_1/{cloud.name}/image/upload",
        data={"upload_preset": "visitors"},
        files={"file": ("picture.jpg", picture())},
        timeout=30,
    ).json()
    asset = cloud.asset(sent["public_id"])
    assert (asset.status.value, asset.tags, cloud.status(asset.public_id)) == (
        "pending",
        ("from visitors",),
        404,
    )
    page.get_by_role("link", name="visitors").click()
    page.get_by_text("Delete this preset").click()
    page.get_by_role("button", name="Delete visitors").click()
    page.get_by_text("There are no presets").wait_for()
