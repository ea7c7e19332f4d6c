"""Pictures as somebody likes to see them, in a browser."""

from collections.abc import Callable
from typing import Any

from tests.browser.sites import Cloud, picture

SHOW = """(path) => new Promise((done) => {
    const image = new Image(240, 240);
    image.id = "shown"; image.alt = "shown"; image.onload = () => done(); image.src = path;
    document.querySelector("main").prepend(image);
})"""
FILTER = "document.querySelector('#shown') && getComputedStyle(document.querySelector('#shown')).filter"


def test_pictures_are_veiled_until_the_pointer_or_the_key_reveals_them(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    asset = cloud.upload(picture(), "hard", moderation="manual")
    path = f"/console/picture/{asset.asset_id}/{asset.current.version_id}/thumb.jpg"
    page = sign_in("viewer")
    page.goto(f"{cloud.site.base}/console/settings/wellness")
    page.get_by_label("So that only colours are seen").check()
    page.get_by_label("Pictures without colour").check()
    page.get_by_role("button", name="Keep").click()
    page.locator("html[data-blur=strong]").wait_for()
    page.evaluate(SHOW, path)
    assert page.evaluate(FILTER) == "blur(22px) grayscale(1)"
    page.mouse.move(5, 5)
    page.locator("#shown").hover()
    lens = page.locator(".lens")
    assert lens.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.lens img')).filter") == "none"
    page.mouse.move(5, 5)
    assert lens.is_hidden()
    page.keyboard.down("z")
    assert page.evaluate(FILTER) == "none"
    page.keyboard.up("z")
    assert page.evaluate(FILTER) == "blur(22px) grayscale(1)"
