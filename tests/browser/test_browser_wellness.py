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


def test_a_tap_takes_the_veil_off_where_it_is_and_another_one_lays_it_again(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    asset = cloud.upload(picture(), "hard", moderation="manual")
    page = sign_in("moderator", has_touch=True, viewport={"width": 390, "height": 844})
    people = cloud.site.house.people
    veiled = {"blur": "strong", "grey": False, "reveal": "pointer"}
    people.prefer(people.find(cloud.people[-1]), wellness=veiled)
    page.goto(f"{cloud.site.base}/console/review")
    shown, lens = page.locator("#desk .item img"), page.locator(".lens")
    page.wait_for_function("document.querySelector('#desk .item img').naturalWidth > 0")
    box = shown.bounding_box()
    left, upper = box["x"] + 60, box["y"] + 60
    for x, y, lifted in (
        (left, upper, True),
        (left + 10, upper, False),
        (left, upper, True),
        (left + 160, upper + 120, True),
        (5, 5, False),
    ):
        page.touchscreen.tap(x, y)
        assert lens.is_visible() is lifted, (x, y)
        assert not lifted or lens.evaluate("(lens) => lens.style.getPropertyValue('--lens-x')") == (
            f"{x - box['x']:g}px"
        )
    page.touchscreen.tap(left, upper)
    page.get_by_role("button", name="Approve").tap()
    assert lens.is_hidden()
    page.goto(f"{cloud.site.base}/console/library?standing=all")
    page.locator(".tile img").tap()
    page.wait_for_url(f"**/asset/{asset.asset_id}*")
