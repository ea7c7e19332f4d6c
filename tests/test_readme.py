"""What the README and the first walk tell people to type, typed: SDKs, curl and middleware, for real."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rekproxy.config import load
from tests.conftest import REQUIRED, encode, photograph
from tests.doubles.rekognition import RekognitionDouble
from tests.serving import KEY, SECRET, Server, environment, serving

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WALK = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
WRITTEN = "127.0.0.1:8080"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with (
        RekognitionDouble() as double,
        serving(tmp_path_factory.mktemp("readme"), double.environment, "--embedded") as server,
    ):
        yield server


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with a photograph that no other test uploads: what one rejects sticks to its pixels."""
    left = request.session.items.index(request.node) % 100
    photo = photograph().crop((left, 0, left + 400, 400))
    (tmp_path / "photo.jpg").write_bytes(encode(photo, quality=90))
    return tmp_path


def snippet(name: str) -> str:
    """The README's block behind `<!-- run: NAME -->`."""
    found = re.search(rf"<!-- run: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, name
    return found[1]


def variables(server: Server) -> dict[str, str]:
    """What the README has people set, for this server."""
    line = re.search(r"CLOUDINARY_URL='([^']+)'", README)
    assert line
    url = line[1].replace("KEY:SECRET", f"{KEY}:{SECRET}").replace(WRITTEN, f"127.0.0.1:{server.port}")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "KEY": KEY, "SECRET": SECRET, "CLOUDINARY_URL": url}


def typed(server: Server, folder: Path, *command: str, **more: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=variables(server) | more, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def status_of(server: Server, path: str) -> int:
    return server.get(path).status


# --- snippets ----------------------------------------------------------------------------------------


def test_the_python_snippet_uploads_shows_and_takes_down(server: Server, folder: Path) -> None:
    said = typed(server, folder, sys.executable, "-c", snippet("python")).split()
    base = f"http://127.0.0.1:{server.port}"
    assert said == ["approved", f"{base}/demo/image/upload/c_fill,h_300,w_400/photo.jpg"]
    assert status_of(server, said[1].removeprefix(base)) == 404
    assert server.decide("photo", "approved").status == 200
    assert status_of(server, said[1].removeprefix(base)) == 200


def test_the_shell_snippet_uploads_shows_and_takes_down(server: Server, folder: Path) -> None:
    text = snippet("sh").replace(WRITTEN, f"127.0.0.1:{server.port}")
    said = typed(server, folder, "sh", "-e", "-c", text)
    assert '"status":"approved"' in said
    assert '"moderation_status":"rejected"' in said
    assert (folder / "small.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    assert status_of(server, "/demo/image/upload/c_fill,w_400,h_300/photo.jpg") == 404


def test_the_node_snippet_uploads_shows_and_takes_down(
    server: Server, folder: Path, node_modules: Path
) -> None:
    (folder / "snippet.js").write_text(snippet("node"))
    said = typed(server, folder, "node", "snippet.js", NODE_PATH=str(node_modules)).split()
    base = f"http://127.0.0.1:{server.port}"
    assert said[0] == "approved"
    assert said[1].partition("?")[0] == f"{base}/demo/image/upload/c_fill,h_300,w_400/photo.jpg"
    assert status_of(server, said[1].removeprefix(base)) == 404


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cloudinary's SDK for Node, installed beside nothing of ours."""
    folder = tmp_path_factory.mktemp("node")
    npm = shutil.which("npm") if shutil.which("node") else None
    why = "there is no node with npm"
    if npm:
        install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "cloudinary@2"]
        done = subprocess.run(install, capture_output=True, text=True, timeout=150)
        if done.returncode == 0:
            return folder / "node_modules"
        why = f"cloudinary@2 cannot be installed: {done.stderr[-300:]}"
    assert "node" not in REQUIRED, why
    pytest.skip(why)


def test_the_walk_with_the_sdk_says_what_is_written(server: Server, folder: Path) -> None:
    script = re.search(r"`walk\.py`.*?```python\n(.*?)```", WALK, re.DOTALL)
    said = re.search(r"\$ \.venv/bin/python walk\.py\n(.*?)```", WALK, re.DOTALL)
    assert script
    assert said
    real = typed(server, folder, sys.executable, "-c", script[1])
    assert _without_listing(real.replace(f":{server.port}/", ":8080/")) == _without_listing(said[1])
    assert "'albums/photo'" in real


def _without_listing(text: str) -> list[str]:
    """The lines, but for the one that lists all that was rejected so far."""
    return [line for line in text.splitlines() if not line.startswith("[")]


def test_the_settings_for_production_are_right(tmp_path: Path) -> None:
    block = re.search(r"<!-- settings -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert block
    given = dict(word.split("=", 1) for word in re.findall(r"\b[A-Z_]+=\S+", block[1]))
    (tmp_path / "secret").write_text("a text that nobody guesses")
    given |= {name: str(tmp_path / "secret") for name in given if name.endswith("_FILE")}
    settings = load(given)
    assert (settings.on_postgres, settings.detector) == (True, "rekognition")
    assert settings.storage_url.startswith("s3://")


# --- middleware --------------------------------------------------------------------------------------

_VISIT = """
@site.get("/")
def home():
    return "the site itself"

client = site.test_client()
print(client.get("/").text)
print(client.get("/images/healthz").json["status"])
reply = client.post(
    "/images/v1_1/demo/image/upload",
    data={"file": open("photo.jpg", "rb"), "public_id": "photo"},
    auth=(os.environ["REKPROXY_API_KEY"], os.environ["REKPROXY_API_SECRET"]),
)
print(reply.json["url"].partition("/v")[0])
print(client.get("/images/demo/image/upload/w_100/photo.jpg").content_type)
print(client.get("/images/demo/image/upload/w_100/other.jpg").status_code)
"""


def test_the_middleware_serves_below_its_prefix(folder: Path) -> None:
    with RekognitionDouble() as double:
        done = subprocess.run(
            [sys.executable, "-c", "import os\n" + snippet("flask") + _VISIT],
            cwd=folder,
            env=environment(folder / "var", double.environment),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.stdout.splitlines() == [
        "the site itself", "ok", "http://localhost/images/demo/image/upload", "image/jpeg", "404",
    ], done.stderr  # fmt: skip
