"""Make the screenshots of docs/console.md: `python docs/console/shots.py [NAME…] [--all] [--to FOLDER]`.

A real server with photographs is started, people decide about some, and Chromium shows every page. The pages
that are looked at most are kept at both widths, dark and light; the others wide and light, narrow and dark.
`--all` makes all four of every page.
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from PIL import Image
from playwright.sync_api import sync_playwright
from sqlalchemy import create_engine, text

from tests.browser.sites import CHROMIUM, FLAGS, PASSWORD, Cloud, running_site
from tests.conftest import encode, photograph

CLOUD = "studio"
WIDTHS = {1440: 900, 390: 844}
LOOKS = ("light", "dark")
PHOTOGRAPHS = (
    "astronaut",
    "chelsea",
    "coffee",
    "rocket",
    "retina",
    "hubble_deep_field",
    "immunohistochemistry",
)
#: What the uploads ask for in turn, and what the detector sees in some photographs.
MODERATION = ("aws_rek:violence:0.9", "aws_rek:violence:0.9|manual", "aws_rek:violence:0.9")
SEEN = {
    "rocket": [["Violence", "", 97.2, 1], ["Explosions and Blasts", "Violence", 93.8, 2]],
    "immunohistochemistry": [["Visually Disturbing", "", 91.0, 1]],
}
#: Pages that are kept in all four forms.
MOST = ("dashboard", "review", "library")
LARGEST = 100_000


@dataclass(frozen=True)
class Shot:
    """A page: where it is, who looks, and what is done before the picture is taken."""

    path: Callable[[Cloud], str]
    role: str = "administrator"
    before: Callable[[Any], None] = lambda page: page.wait_for_timeout(300)


def _asset(cloud: Cloud) -> str:
    return f"/asset/{cloud.asset('shop/coffee-2').asset_id}"


def _photographs_are_there(page: Any) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


SHOTS: Mapping[str, Shot] = {
    "dashboard": Shot(lambda cloud: "/"),
    "review": Shot(lambda cloud: "/review", before=_photographs_are_there),
    "library": Shot(lambda cloud: "/library", before=_photographs_are_there),
    "moderation": Shot(lambda cloud: "/moderation/aws_rek/rejected", before=_photographs_are_there),
    "asset": Shot(_asset, before=_photographs_are_there),
    "presets": Shot(lambda cloud: "/settings/presets"),
    "people": Shot(lambda cloud: "/settings/people"),
    "wellness": Shot(lambda cloud: "/settings/wellness"),
    "login": Shot(lambda cloud: "/login", role=""),
}


def main() -> None:
    """Make those that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[[], *SHOTS])
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder), [CLOUD]) as site:
        cloud = Cloud(site, CLOUD)
        _fill(cloud)
        with _browser() as browser:
            for name in asked.names or SHOTS:
                for width, look in _forms(name, asked.all):
                    _shoot(browser, cloud, name, width, look, asked.to)


def _forms(name: str, all_: bool) -> list[tuple[int, str]]:
    if all_ or name in MOST:
        return [(width, look) for width in WIDTHS for look in LOOKS]
    return [(1440, "light"), (390, "dark")]


@contextmanager
def _browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _shoot(browser: Any, cloud: Cloud, name: str, width: int, look: str, folder: Path) -> None:
    shot = SHOTS[name]
    size = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(viewport=size, color_scheme=look, locale="en-GB", timezone_id="UTC")
    page = context.new_page()
    if shot.role:
        _sign_in(page, cloud, shot.role)
    page.goto(f"{cloud.site.base}/console{shot.path(cloud)}")
    shot.before(page)
    page.mouse.wheel(0, 5000)  # pictures further down are loaded when they are near
    _photographs_are_there(page)
    page.mouse.wheel(0, -5000)
    page.wait_for_timeout(500)  # or a page is caught before it is painted anew
    data = page.screenshot(full_page=name not in ("review", "library"))
    context.close()
    path = folder / f"{name}-{width}-{look}.webp"
    path.write_bytes(_small(data))
    sys.stdout.write(f"{path.name}  {path.stat().st_size // 1000} kB\n")


def _sign_in(page: Any, cloud: Cloud, role: str) -> None:
    """Sign in as the one person of this role."""
    people = cloud.site.house.people
    name = {"administrator": "ada", "moderator": "mo"}[role]
    user = people.find(name)
    page.goto(f"{cloud.site.base}/console/login?link={people.link(user, actor='cli')}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def _small(data: bytes) -> bytes:
    """As WebP, of the best quality that is small enough."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, 2400)))
    for quality in range(80, 20, -10):
        stream = io.BytesIO()
        image.save(stream, "WEBP", quality=quality, method=6)
        if stream.tell() <= LARGEST:
            break
    return stream.getvalue()


# --- what is there to be seen


def _fill(cloud: Cloud) -> None:
    """A studio with two people, photographs in every state, a few days of history, and a dead job."""
    people = cloud.site.house.people
    for name, role in (("ada", "administrator"), ("mo", "moderator")):
        people.set_password(people.add(name, role, (CLOUD,), actor="cli"), PASSWORD, actor="cli")
    _remember(cloud)
    _teach(cloud)
    for number, name in enumerate(PHOTOGRAPHS * 3):
        cloud.upload(
            _photograph(name, number),
            f"shop/{name}-{number}",
            moderation=MODERATION[number % 3],
            tags=f"summer,{name}",
            context=f"uploader={('lena', 'otto')[number % 2]}",
        )
    catalog = cloud.site.house.catalog
    visitors = {"moderation": "manual", "tags": "from visitors"}
    catalog.create_preset(CLOUD, "visitors-7Qx2", True, visitors, actor="user:ada")
    catalog.create_preset(CLOUD, "archive", False, {"overwrite": False}, actor="user:ada")
    catalog.enqueue(CLOUD, "purge_edge", {})
    (job,) = catalog.claim(["purge_edge"], lease=60)
    catalog.retry(job, "The edge answered 503 Service Unavailable.", delay=0, dead=True)
    actor = {"actor": "user:ada"}
    for name, status in (("shop/rocket-3", "approved"), ("shop/retina-18", "rejected")):
        asset = cloud.asset(name)
        catalog.override(CLOUD, asset.asset_id, _status(status), **actor)


def _teach(cloud: Cloud) -> None:
    """Have the detector see something in two of the photographs, by their colour, and a little in all."""
    script = cloud.site.double.script
    script.default = [["Violence", "", 62.4, 1], ["Weapons", "Violence", 58.1, 2]]
    for name, labels in SEEN.items():
        middle = (
            Image.open(io.BytesIO(_photograph(name, 0))).convert("RGB").resize((1, 1), Image.Resampling.BOX)
        )
        script.by_colour[bytes(middle.getpixel((0, 0))).hex()] = labels


def _status(text_: str) -> Any:
    from rekproxy.domain.asset import Status

    return Status(text_)


def _photograph(name: str, number: int) -> bytes:
    image = photograph(name)
    image.thumbnail((1200, 1200))
    step = 8 * (number // len(PHOTOGRAPHS))
    return encode(image.crop((step, step, image.width, image.height)), quality=88)


def _remember(cloud: Cloud) -> None:
    """Lines of the audit and usage of the days before, so that charts have something to show."""
    now = round(time() * 1000)
    engine = create_engine(cloud.site.house.settings.database_url)
    line = text(
        "INSERT INTO audit (at, cloud, asset_id, version_id, actor, action, before, after, detail) "
        "VALUES (:at, :cloud, 'gone', 'gone', :actor, :action, 'pending', :after, :detail)"
    )
    use = text("INSERT INTO usage (cloud, day, name, amount) VALUES (:cloud, :day, :name, :amount)")
    with engine.begin() as connection:
        for back in range(23, 0, -1):
            machine, person = (back * 7) % 23 + 4, (back * 5) % 9
            for place in range(machine + person):
                by = place < machine
                after = "rejected" if place % 5 == 0 else "approved"
                connection.execute(
                    line,
                    {
                        "at": now - back * 3_600_000,
                        "cloud": CLOUD,
                        "actor": "detector:rekognition" if by else ("user:ada", "user:mo")[place % 2],
                        "action": "judged" if by else "overridden",
                        "after": after,
                        "detail": f'{{"verdict": "{after}"}}' if by else "{}",
                    },
                )
        for back in range(13, 0, -1):
            day = _day(now - back * 86_400_000)
            for name, amount in (
                ("calls:rekognition", 300 + 37 * (back % 5)),
                ("saved:rekognition", 90 + 11 * back),
            ):
                connection.execute(use, {"cloud": CLOUD, "day": day, "name": name, "amount": amount})
    engine.dispose()


def _day(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


if __name__ == "__main__":
    main()
