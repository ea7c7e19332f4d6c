"""From a key press to the next picture, in the review queue of the console and a real browser."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from rekproxy.app import build
from rekproxy.config import load
from tests.browser.sites import CHROMIUM, FLAGS, picture

from .installation import Installation, upload
from .options import Options
from .processes import Server
from .report import SkippedError, Table, middle

DECISIONS: Final = 50
#: What the median may be, in milliseconds.
BOUND: Final = 100
_SETTINGS: Final = {"REKPROXY_DEFAULT_MODERATION": "manual", "REKPROXY_SECRET_KEY": "of-a-benchmark-alone"}

#: Notes, for every press, when the next picture was decoded and the frame that shows it was drawn.
_WATCH: Final = """() => {
    window.waits = [];
    const desk = document.getElementById("desk");
    let pressed = 0;
    document.addEventListener("keydown", () => { pressed = performance.now(); }, {capture: true});
    new MutationObserver(async () => {
        const image = desk.querySelector(".item img");
        if (!image || !pressed) return;
        const since = pressed;
        pressed = 0;
        await image.decode();
        const drawn = () => window.waits.push(performance.now() - since);
        requestAnimationFrame(() => requestAnimationFrame(drawn));
    }).observe(desk, {childList: true});
}"""
_READY: Final = "(done) => window.waits.length > done && document.querySelector('#desk .item img').complete"


def measure(options: Options) -> Table:
    """Fifty decisions, one after another, by somebody who looks at each picture for a third of a second."""
    with tempfile.TemporaryDirectory() as name, _browser() as browser:
        installation = Installation(Path(name), _SETTINGS)
        with installation.serve("rekproxy", "--workers", "2") as server:
            _fill(server, Path(name))
            waits = _decide(browser.new_page(), server, _link(Path(name)))
    ordered = sorted(waits)
    cells = (
        f"{middle(waits):.0f}",
        f"{ordered[len(ordered) * 9 // 10]:.0f}",
        f"{ordered[-1]:.0f}",
        "yes" if middle(waits) < BOUND else "no",
    )
    return Table(
        "A key press in the review queue",
        ("decisions", "median ms", "nine of ten within ms", "longest ms", f"median under {BOUND}"),
        ((f"{len(waits)}, pictures of 1 MP", *cells),),
        (
            "Chromium without a screen on the same machine; from the press to the frame that shows the next.",
            "A decision every third of a second: the pictures behind are loaded meanwhile.",
        ),
    )


@contextmanager
def _browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists() or find_spec("playwright") is None:
        raise SkippedError(f"it needs {CHROMIUM} and playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _fill(server: Server, folder: Path) -> None:
    """Pictures of a megapixel, each with pixels of its own: a decision about one says nothing of others."""
    photograph = folder / "picture.jpg"
    for number in range(DECISIONS + 1):
        photograph.write_bytes(picture(side=1000))
        upload(server, f"picture-{number}", photograph)


def _link(folder: Path) -> str:
    """What signs a moderator in once."""
    application = build(
        load({"REKPROXY_DATA_DIR": str(folder), "REKPROXY_DETECTOR": "opennsfw", **_SETTINGS})
    )
    people = application.people
    link = people.link(people.add("moderator", "moderator", None, actor="cli"), actor="cli")
    application.close()
    return f"/console/login?link={link}"


def _decide(page: Any, server: Server, link: str) -> list[float]:
    """Milliseconds of each press."""
    page.goto(server.url(link))
    page.get_by_role("button", name="Sign in").click()
    page.goto(server.url("/console/review"))
    page.wait_for_load_state("networkidle")
    page.evaluate(_WATCH)
    for done in range(DECISIONS):
        page.wait_for_timeout(333)
        page.keyboard.press("ar"[done % 2])
        page.wait_for_function(_READY, arg=done, timeout=10_000)
    waits: list[float] = page.evaluate("window.waits")
    return waits
