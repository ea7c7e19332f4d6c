"""A real browser before a real server: Chromium, gunicorn with two workers, and people of every role."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from rekproxy.app import Application, build
from rekproxy.config import load
from rekproxy.domain.asset import Asset
from tests.conftest import REQUIRED, encode, photograph
from tests.doubles.rekognition import RekognitionDouble, Script
from tests.serving import Server, environment, serving

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Clouds, one for each test: what one leaves, no other one sees.
CLOUDS = [f"cloud{number:02}" for number in range(24)]
SECRET = "a-secret-of-tests"
#: Colours that the detector knows: a picture of them alone is judged by them.
RED, GREY, BLUE = (220, 20, 20), (128, 128, 128), (20, 20, 220)
_NUMBERS = count()


def _missing(why: str) -> None:
    assert "browser" not in REQUIRED, why
    pytest.skip(why)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, started once."""
    if not Path(CHROMIUM).exists():
        _missing(f"there is no {CHROMIUM}")
    if "browser" not in REQUIRED:
        pytest.importorskip("playwright", reason="playwright is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core, which looks for barriers."""
    npm = shutil.which("npm")
    if npm is None:
        _missing("there is no npm")
    folder = tmp_path_factory.mktemp("axe")
    install = [str(npm), "install", "--no-audit", "--no-fund", "--prefix", str(folder), "axe-core@4"]
    done = subprocess.run(install, capture_output=True, text=True, timeout=150)
    if done.returncode:
        _missing(f"axe-core@4 cannot be installed: {done.stderr[-300:]}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Site:
    """A running installation, and its catalog from within this process."""

    server: Server
    house: Application
    double: RekognitionDouble

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """gunicorn with two workers over one folder, and a detector that knows colours."""
    folder = tmp_path_factory.mktemp("site")
    config = folder / "rekproxy.toml"
    key = '{{ key = "key-{0}", secret = "{1}", roles = ["admin"] }}'
    clouds = [f'[[clouds]]\nname = "{cloud}"\nkeys = [{key.format(cloud, SECRET)}]\n' for cloud in CLOUDS]
    config.write_text("\n".join(clouds))
    violent = [["Violence", "", 97.0, 1], ["Weapons", "Violence", 91.0, 2]]
    script = Script(by_colour={"dc1414": violent})
    with RekognitionDouble(script=script) as double:
        given = {
            **double.environment,
            "REKPROXY_CONFIG": str(config),
            "REKPROXY_REPORT_HIDE_AFTER": "1",
            "REKPROXY_OPEN_TRANSFORMATIONS": "all",
        }
        with serving(folder, given) as server:
            house = build(load(environment(folder, given)))
            yield Site(server, house, double)
            house.close()


@dataclass
class Cloud:
    """One test's own cloud."""

    site: Site
    name: str
    people: list[str] = field(default_factory=list)

    def upload(self, data: bytes, public_id: str, **form: str) -> Asset:
        """Upload as a client would, with the cloud's key."""
        import requests

        reply = requests.post(
            f"{self.site.base}/v1_1/{self.name}/image/upload",
            auth=(f"key-{self.name}", SECRET),
            data={"public_id": public_id, **form},
            files={"file": ("picture.jpg", data)},
            timeout=30,
        )
        assert reply.status_code == 200, reply.text
        return self.asset(public_id)

    def asset(self, public_id: str) -> Asset:
        found = self.site.house.catalog.asset(self.name, "upload", public_id)
        assert found
        return found

    def status(self, public_id: str) -> int:
        """What the public gets at this moment."""
        return self.site.server.get(f"/{self.name}/image/upload/{quote(public_id)}").status

    def decide(self, public_id: str, status: str) -> None:
        """A decision by the API, beside the console."""
        import requests

        reply = requests.post(
            f"{self.site.base}/v1_1/{self.name}/resources/image/upload/{quote(public_id)}",
            auth=(f"key-{self.name}", SECRET),
            data={"moderation_status": status},
            timeout=30,
        )
        assert reply.status_code == 200, reply.text

    def link(self, role: str = "moderator", name: str = "") -> str:
        """A person of this cloud, and the address that signs them in once."""
        people = self.site.house.people
        name = name or f"{role}-{self.name}-{len(self.people)}"
        self.people.append(name)
        user = people.add(name, role, (self.name,), actor="cli")
        user = people.set_password(user, PASSWORD, actor="cli")
        return f"{self.site.base}/console/login?link={people.link(user, actor='cli')}"


PASSWORD = "four words make one"
_FREE = iter(CLOUDS)


@pytest.fixture
def cloud(site: Site) -> Cloud:
    """A cloud that nobody has touched."""
    return Cloud(site, next(_FREE))


@pytest.fixture
def sign_in(chromium: Any, cloud: Cloud) -> Iterator[Callable[..., Any]]:
    """Sign a new person in; gives their page. Whatever the page complains of fails the test."""
    contexts, complaints = [], []

    def enter(role: str = "moderator", **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(8000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        page.goto(cloud.link(role))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []


def _is_complaint(said: Any) -> bool:
    """An error of a script, or what the policy of the page forbids; not the status of an answer."""
    return said.type == "error" and "Failed to load resource" not in said.text


def picture(colour: tuple[int, int, int] | None = None, side: int = 320) -> bytes:
    """A picture unlike every other one: of one colour (but for a mark), or of a photograph."""
    number = next(_NUMBERS)
    if colour is None:
        left, top = 7 * number % 180, 5 * number % 180
        image = photograph().crop((left, top, left + 320, top + 320)).resize((side, side))
    else:
        image = Image.new("RGB", (side, side), colour)
    image.paste((number % 256, number // 256 % 256, os.getpid() % 256), (0, 0, 8, 8))
    return encode(image, quality=90)
