"""Every page of the console: no barrier that axe-core finds, and hostile texts shown as nothing but text."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.sites import RED, Cloud, Site, picture

#: Who looks, at what; `{asset}` is a picture with everything.
PAGES = (
    "/",
    "/review",
    "/moderation/aws_rek/rejected",
    "/moderation/aws_rek/approved",
    "/moderation/manual/pending",
    "/library?standing=all",
    "/library?standing=all&tag=none",
    "/asset/{asset}",
    "/settings",
    "/settings/presets",
    "/settings/presets/new",
    "/settings/reasons",
    "/settings/people",
    "/settings/account",
    "/settings/wellness",
    "/no/such/page",
)
SCRIPT = "<img src=x onerror=document.title='broken'>"
OVERRIDE = "\u202egpj.exe\u202c"
LONG = "l" * 255

_AXE = """async (rules) => {
    const only = rules.length ? {runOnly: {type: "rule", values: rules}} : {};
    const found = await axe.run(document, {resultTypes: ["violations"], ...only});
    const told = (node) => node.target + " " + (node.any[0] || node.all[0] || node.none[0])?.message;
    return found.violations.map((each) => [each.id, ...each.nodes.slice(0, 3).map(told)].join(" | "));
}"""

#: A page is never wider than the window: only what is marked for it scrolls sideways.
_WIDE = """() => {
    const {scrollWidth, clientWidth} = document.documentElement;
    return scrollWidth > clientWidth ? [`${scrollWidth - clientWidth} pixels too wide`] : [];
}"""


@pytest.fixture(scope="module")
def full(site: Site) -> tuple[Cloud, str]:
    """A cloud with hostile texts in every place that takes some, and the picture that has most of them."""
    cloud = Cloud(site, "cloud31")
    hostile = {
        "tags": f"{SCRIPT},{OVERRIDE}",
        "context": f"uploader={SCRIPT}|caption={OVERRIDE}",
        "filename_override": f"{SCRIPT}.jpg",
    }
    asset = cloud.upload(
        picture(RED), f"{OVERRIDE} onerror=alert(1) 'x' \"y\"", moderation="aws_rek", **hostile
    )
    cloud.upload(picture(), LONG, moderation="aws_rek", **hostile)
    cloud.upload(picture(RED), "waits", moderation="aws_rek|manual", **hostile)
    cloud.upload(picture(), "waits too", moderation="manual", **hostile)
    catalog = site.house.catalog
    catalog.override(cloud.name, asset.asset_id, asset.status, actor="user:ada", note=SCRIPT)
    catalog.enqueue(cloud.name, "lost", {})
    (job,) = catalog.claim(["lost"], lease=60)
    catalog.retry(job, SCRIPT, delay=0, dead=True)
    return cloud, asset.asset_id


@pytest.fixture
def cloud(full: tuple[Cloud, str]) -> Cloud:
    return full[0]


@pytest.mark.parametrize(
    ("look", "width", "rules"), [("light", 1280, []), ("dark", 390, ["color-contrast", "target-size"])]
)
def test_no_page_has_a_barrier(
    cloud: Cloud,
    full: tuple[Cloud, str],
    sign_in: Callable[..., Any],
    axe: str,
    look: str,
    width: int,
    rules: list[str],
) -> None:
    page = sign_in("administrator", color_scheme=look, viewport={"width": width, "height": 800})
    found = {}
    for path in PAGES:
        page.goto(f"{cloud.site.base}/console{path.format(asset=full[1])}")
        page.evaluate(axe)
        found[path] = page.evaluate(_AXE, rules) + page.evaluate(_WIDE)
    page.context.clear_cookies()
    page.goto(f"{cloud.site.base}/console/login")
    page.evaluate(axe)
    found["/login"] = page.evaluate(_AXE, rules)
    assert {path: barriers for path, barriers in found.items() if barriers} == {}


def test_hostile_texts_are_shown_as_text(
    cloud: Cloud, full: tuple[Cloud, str], sign_in: Callable[..., Any]
) -> None:
    page = sign_in("administrator")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    read = ""
    for path in PAGES:
        page.goto(f"{cloud.site.base}/console{path.format(asset=full[1])}")
        read += page.locator("main").inner_text()
        assert page.title() != "broken"
        assert page.locator("img[src=x], main script").count() == 0
    assert read.count(SCRIPT) >= 5
    assert LONG in read
    assert [url for url in asked if not url.startswith(cloud.site.base)] == []
