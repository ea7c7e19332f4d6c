"""A real browser before a real server: Chromium, gunicorn with two workers, and people of every role."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.sites import CHROMIUM, FLAGS, Cloud, Site, running_site
from tests.conftest import REQUIRED

#: Clouds, one for each test: what one leaves, no other one sees.
CLOUDS = [f"cloud{number:02}" for number in range(36)]


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


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running installation."""
    with running_site(tmp_path_factory.mktemp("site"), CLOUDS) as running:
        yield running


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
