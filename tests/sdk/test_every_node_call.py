"""Every call of the wire by Cloudinary's Node SDK, unmodified, over a socket: `every_call.cjs` makes them."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REQUIRED, encode
from tests.sdk.conftest import Place, heavy, small
from tests.serving import KEY, SECRET

SCRIPT = Path(__file__).with_name("every_call.cjs")
CHECKS = re.findall(r'^check\("([^"]+)"', SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)

#: The version that docs/api.md names.
SDK = "cloudinary@2"


def _missing(why: str) -> None:
    assert "node" not in REQUIRED, why
    pytest.skip(why)


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the SDK in it."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        _missing("there is no node with npm")
    folder = tmp_path_factory.mktemp("node")
    install = [str(npm), "install", "--no-audit", "--no-fund", "--prefix", str(folder), SDK]
    done = subprocess.run(install, capture_output=True, text=True, timeout=150)
    if done.returncode:
        _missing(f"{SDK} cannot be installed: {done.stderr[-300:]}")
    return folder / "node_modules"


@pytest.fixture(scope="module")
def said(place: Place, modules: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    """What went wrong with each check, by name."""
    folder = tmp_path_factory.mktemp("pictures")
    picture, large = folder / "cat.jpg", folder / "large.png"
    picture.write_bytes(encode(small(900), quality=90))
    large.write_bytes(heavy())
    url = f"cloudinary://{KEY}:{SECRET}@demo?upload_prefix={place.base}&cname={place.base.removeprefix('http://')}"
    done = subprocess.run(
        ["node", str(SCRIPT), str(picture), str(large), place.site],
        env={"PATH": os.environ["PATH"], "NODE_PATH": str(modules), "CLOUDINARY_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: line["error"] for line in lines}


@pytest.mark.parametrize("name", CHECKS)
def test_the_calls_are_answered_as_the_sdk_reads_them(said: dict[str, str | None], name: str) -> None:
    assert said[name] is None, said[name]
