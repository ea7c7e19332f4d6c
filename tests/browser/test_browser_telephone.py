"""The console on small screens, held in a hand or enlarged: what is needed is in sight."""

from collections.abc import Callable
from typing import Any

from tests.browser.sites import Cloud, picture

#: What the header says where the detector sees nudity only.
COVERAGE = """() => {
    const said = document.createElement("p");
    said.className = "coverage";
    said.textContent = "The embedded detector sees nudity in photographs and nothing else: ".repeat(2);
    document.querySelector(".brand").after(said);
}"""
#: Whether all of what a selector finds can be seen without scrolling.
IN_SIGHT = """(selector) => [...document.querySelectorAll(selector)].filter((each) => {
    const {left, top, right, bottom} = each.getBoundingClientRect();
    const {clientWidth, clientHeight} = document.documentElement;
    return left < 0 || top < 0 || right > clientWidth || bottom > clientHeight;
}).map((each) => each.outerHTML.slice(0, 80))"""
#: Tables of which a part is found by scrolling sideways alone.
HIDDEN_BESIDE = """() => [...document.querySelectorAll(".scroll")].filter(
    (each) => each.scrollWidth > each.clientWidth
).map((each) => each.innerText.slice(0, 80))"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_the_acts_of_the_review_queue_are_in_sight_below_the_picture(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    cloud.upload(picture(), "first", moderation="manual")
    page = sign_in("administrator")
    for width, height in ((390, 600), (720, 450)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{cloud.site.base}/console/review")
        page.locator("#desk .item img").wait_for()
        for _ in range(2):
            assert page.evaluate(IN_SIGHT, ".item img, .item .first button, .side [aria-current]") == []
            sight, acts = (page.locator(each).bounding_box() for each in (".item .sight", ".item .first"))
            assert sight["height"] >= 120
            assert sight["y"] + sight["height"] <= acts["y"]
            page.evaluate(COVERAGE)
        page.locator("textarea[name=note]").focus()
        assert page.evaluate(IN_SIGHT, ".item .first button, textarea[name=note]") == []
        page.locator(".filter summary").click()
        panel = page.locator(".filter .drop").bounding_box()
        assert 0 <= panel["x"] < panel["x"] + panel["width"] <= width
        assert page.locator("#undo kbd").is_hidden()
        assert page.evaluate(TOO_WIDE) == 0


def test_where_one_is_can_be_seen_and_a_long_name_stays_within_the_page(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    page = sign_in("administrator", viewport={"width": 390, "height": 600})
    for part in ("account", "people", "reasons", ""):
        page.goto(f"{cloud.site.base}/console/settings/{part}".rstrip("/"))
        assert page.evaluate(IN_SIGHT, "[aria-current]") == []
        assert page.evaluate(HIDDEN_BESIDE) == []
    page.goto(f"{cloud.site.base}/console/library?standing=all")
    assert page.evaluate(IN_SIGHT, "[aria-current]") == []
    page.locator(".uploads summary").click()
    file = {"name": "n" * 200 + ".jpg", "mimeType": "image/jpeg", "buffer": picture()}
    page.set_input_files("input[name=file]", [file])
    page.get_by_role("button", name="Upload", exact=True).click()
    page.locator(".outcomes li a").wait_for()
    assert page.evaluate(TOO_WIDE) == 0
    said = page.locator("#said")
    said.evaluate("(said, text) => { said.textContent = text; }", "n" * 300)
    assert said.evaluate("(said) => said.scrollWidth - said.clientWidth") == 0
