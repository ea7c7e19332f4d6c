"""The library in a browser: many decided at once and undone, uploads by drop, search, a pasted address."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.sites import Cloud, picture

_DROP = """([data, name]) => {
    const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], name, {type: "image/jpeg"}));
    for (const kind of ["dragover", "drop"]) {
        document.querySelector("main").dispatchEvent(
            new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
    }
}"""


def test_many_are_decided_at_once_with_progress_and_undone(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    names = [f"lot/{place:02}" for place in range(12)]
    for name in names:
        cloud.upload(picture(side=120), name, context="uploader=lena")
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/library?standing=approved")
    page.get_by_label("Select all").check()
    page.get_by_label(f"Select {names[0]}").uncheck()
    assert page.locator("#count").inner_text().startswith("11")
    page.locator("#pictures button[value=reject]").click()
    undo = page.locator("#batch [data-undo]")
    undo.wait_for()
    assert [cloud.status(name) for name in names] == [200] + [404] * 11
    assert "11" in page.locator("#batch [data-said]").inner_text()
    undo.click()
    page.locator(".tile.done").first.wait_for(state="detached")
    assert [cloud.status(name) for name in names] == [200] * 12


def test_a_batch_says_what_failed_and_tiles_say_how_they_stand(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    for name in ("one", "two"):
        cloud.upload(picture(side=120), name)
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/library?standing=all")
    reject, approve = (page.locator(f"#pictures button[value={act}]") for act in ("reject", "approve"))
    said, undo = page.locator("#batch [data-said]"), page.locator("#batch [data-undo]")
    tick, tile = page.get_by_label("Select one"), page.locator(".tile", has_text="one")
    reject.click()
    page.locator("#said", has_text="Nothing is selected").wait_for()
    assert page.locator("#batch").is_hidden()
    tick.check()
    page.context.set_offline(True)
    reject.click()
    page.locator("#said[data-kind=bad]", has_text="cannot be reached").wait_for()
    assert "cannot be reached" in said.inner_text()
    assert (tick.is_checked(), tile.locator(".chip", has_text="✓ Approved").count()) == (True, 1)
    assert page.locator(".tile.done, #batch progress:visible, #batch [data-undo]:visible").count() == 0
    page.context.set_offline(False)
    for button, word in ((reject, "✕ Rejected"), (approve, "✓ Approved"), (reject, "✕ Rejected")):
        tick.check()
        button.click()
        tile.locator(".chip", has_text=word).wait_for()
        undo.wait_for()
        assert (said.inner_text(), tick.is_checked()) == ("1 decided.", False)
    page.context.set_offline(True)
    undo.click()
    page.locator("#batch .bad", has_text="cannot be reached").wait_for()
    page.context.set_offline(False)
    undo.click()
    tile.locator(".chip", has_text="✓ Approved").wait_for()
    tick.check()
    reject.click()
    tile.locator(".chip", has_text="✕ Rejected").wait_for()
    assert [cloud.asset(name).status.value for name in ("one", "two")] == ["rejected", "approved"]


def test_all_of_one_uploader_are_rejected(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    for who in ("lena", "otto"):
        for place in range(3):
            cloud.upload(picture(side=120), f"{who}/{place}", context=f"uploader={who}")
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/library?standing=all&uploader=lena")
    page.locator("#pictures button[value=reject_all]").click()
    page.locator("#batch [data-undo]").wait_for()
    assert [cloud.status(f"lena/{place}") for place in range(3)] == [404] * 3
    assert [cloud.status(f"otto/{place}") for place in range(3)] == [200] * 3


def test_a_picture_is_uploaded_by_drop_and_found_by_its_tag(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/library")
    page.locator(".empty").wait_for()
    assert page.locator("#fresh").is_hidden()
    page.locator(".uploads > summary").click()
    page.locator("#upload [name=tags]").fill("dropped")
    page.evaluate(_DROP, [b64encode(picture()).decode(), "holiday <b>1</b>.jpg"])
    link = page.locator("#outcomes a")
    link.wait_for()
    page.locator(".empty").wait_for(state="hidden")
    page.get_by_role("link", name="Load the list again").click()
    page.locator("#tiles .tile").wait_for()
    page.goto(f"{cloud.site.base}/console/library?standing=all&tag=dropped")
    assert page.locator("#tiles .tile").count() == 1
    page.locator("#tiles .tile a").first.click()
    page.wait_for_url("**/console/asset/*")
    asset = cloud.site.house.catalog.asset_by_id(cloud.name, page.url.rsplit("/", 1)[1])
    assert asset
    assert (asset.tags, asset.status.value) == (("dropped",), "approved")
    page.locator(".decide button[value=reject]").click()
    page.get_by_text("Decided.").wait_for()
    page.get_by_role("link", name="Back to the library").click()
    page.wait_for_url("**/console/library?standing=all&tag=dropped")


def test_further_pictures_come_as_one_scrolls(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    small = picture(side=100)
    for place in range(50):
        cloud.upload(small, f"many/{place:02}")
    page = sign_in("viewer")
    page.goto(f"{cloud.site.base}/console/library?standing=all")
    assert page.locator("#tiles .tile").count() >= 48
    page.mouse.wheel(0, 100_000)
    page.wait_for_function("() => document.querySelectorAll('#tiles .tile').length === 50")


def test_a_pasted_address_answers_why(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    cloud.upload(picture(), "asked/about", moderation="manual")
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/library")
    page.get_by_role("searchbox").fill(f"{cloud.site.base}/{cloud.name}/image/upload/w_100/asked/about.jpg")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_text("404").first.wait_for()
    assert "asked/about" in page.locator("main").inner_text()


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "plain"])
def test_enter_in_a_field_decides_nothing(cloud: Cloud, sign_in: Callable[..., Any], scripted: bool) -> None:
    cloud.upload(picture(side=120), "waits", moderation="manual", context="uploader=lena")
    page = sign_in("administrator", java_script_enabled=scripted)
    asset_id = cloud.asset("waits").asset_id
    fields = {
        f"asset/{asset_id}": (".decide [name=note]", ".keeping [name=why]", ".keeping [name=public_id]"),
        "library?standing=pending&uploader=lena": (
            ".tick input",
            *(["#every input"] if scripted else []),
        ),
    }
    for path, selectors in fields.items():
        page.goto(f"{cloud.site.base}/console/{path}")
        for selector in selectors:
            page.locator(selector).fill("waits") if "[name" in selector else page.locator(selector).focus()
            page.keyboard.press("Enter")
            if scripted:
                page.locator("#said", has_text="Nothing was done").wait_for()
                page.evaluate("() => { document.getElementById('said').textContent = ''; }")
        page.wait_for_timeout(100)
        assert page.url.endswith(path)
    page.goto(f"{cloud.site.base}/console/asset/{asset_id}")
    asset = cloud.asset("waits")
    assert (asset.status.value, asset.restricted_to, asset.hold) == ("pending", None, None)
    page.locator(".decide button[value=approve]").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Decided.").wait_for()
    assert cloud.asset("waits").status.value == "approved"
