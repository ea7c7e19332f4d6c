"""The example page, at an origin of its own, uploads by an unsigned preset from a real browser."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.browser.sites import SECRET, Cloud, picture

EXAMPLE = Path(__file__).parents[2] / "examples" / "browser-upload"
RED = (220, 20, 20)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def origin() -> Iterator[str]:
    """Where the page is: another port is another site to a browser."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(EXAMPLE)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _preset(cloud: Cloud, **settings: Any) -> None:
    reply = requests.post(
        f"{cloud.site.base}/v1_1/{cloud.name}/upload_presets",
        auth=(f"key-{cloud.name}", SECRET),
        json={"name": "browser", "unsigned": True, "moderation": "aws_rek", **settings},
        timeout=30,
    )
    assert reply.status_code == 200, reply.text


def _file(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def test_the_example_uploads_and_shows_what_became_of_it(chromium: Any, cloud: Cloud, origin: str) -> None:
    _preset(cloud, folder="from-browsers", allowed_origins=[origin])
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{origin}/?base={cloud.site.base}&cloud={cloud.name}")
    files = [_file("good.jpg", picture()), _file("bad.jpg", picture(RED)), _file("none.jpg", b"no picture")]
    page.set_input_files("input[type=file]", files)
    page.get_by_role("button", name="Upload").click()
    image = page.locator("li.approved img")
    image.wait_for(timeout=15_000)
    page.wait_for_function("document.querySelector('img').naturalWidth > 0", timeout=15_000)
    assert "from-browsers" in image.get_attribute("src")
    assert page.locator("li.rejected").text_content() == "bad.jpg: It cannot be shown here."
    assert "Invalid image file" in page.locator("li.refused").text_content()
    page.close()
    assert complaints == []


def test_a_page_of_another_site_cannot_read_a_reply(chromium: Any, cloud: Cloud, origin: str) -> None:
    _preset(cloud, allowed_origins=["https://shop.example"])
    page = chromium.new_page()
    page.goto(f"{origin}/?base={cloud.site.base}&cloud={cloud.name}")
    page.set_input_files("input[type=file]", [_file("good.jpg", picture())])
    page.get_by_role("button", name="Upload").click()
    refused = page.locator("li.refused")
    refused.wait_for(timeout=15_000)
    assert refused.text_content() == "good.jpg: Failed to fetch"
    page.close()


def test_the_description_is_a_page_that_asks_nobody(chromium: Any, cloud: Cloud) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(f"{cloud.site.base}/docs")
    page.locator("summary", has_text="/image/destroy").first.click()
    assert page.get_by_text("nothing has to be invalidated").first.is_visible()
    page.close()
    assert [url for url in asked if not url.endswith(("/docs", "/favicon.ico"))] == []
    assert [said for said in complaints if "favicon" not in said] == []
