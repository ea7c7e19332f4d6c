"""A cloud, written into a folder as originals and JSON lines."""

import hashlib
import json
from pathlib import Path

from click.testing import CliRunner

from rekproxy.app import Application
from rekproxy.backends.filesystem import FolderStorage
from rekproxy.cli import group
from tests.conftest import NUDE, ToldDetector, encode, photograph, upload


def fill(house: Application, detector: ToldDetector, jpeg: bytes) -> None:
    """A picture that is shown, of two versions; one that is rejected; a preset and a name."""
    upload(house, encode(photograph("coffee").resize((90, 90))), "cat", backup=True)
    upload(house, jpeg, "cat", tags=("x",), context={"alt": "Ä"}, backup=True)
    detector.labels = NUDE
    upload(house, encode(photograph("chelsea").resize((90, 90))), "nude")
    house.naming.create("demo", "thumb", "c_fill,h_9,w_9", actor="key:1")
    house.presets.create("demo", "p", False, {"tags": ["a"]}, actor="key:1")


def test_bytes_and_lines_are_written_once_and_audited(
    house: Application, detector: ToldDetector, jpeg: bytes, tmp_path: Path
):
    fill(house, detector, jpeg)
    storage = FolderStorage(tmp_path / "out")
    found = {image.line["public_id"]: image for image in house.export.images("demo", storage, actor="me")}
    line = found["cat"].line
    assert (tmp_path / "out" / line["file"]).read_bytes() == jpeg
    assert (line["sha256"], line["tags"]) == (hashlib.sha256(jpeg).hexdigest(), ["x"])
    assert found["nude"].line["moderation"][0]["status"] == found["nude"].line["standing"] == "rejected"
    assert "versions" not in line
    assert {image.state for image in found.values()} == {"written"}
    lines = house.catalog.audit("demo", line["asset_id"])
    assert [each.actor for each in lines if each.action == "exported"] == ["me"]
    again = [*house.export.images("demo", storage, versions=True, actor="me")]
    assert {image.state for image in again} == {"known"}
    older = next(image.line["versions"] for image in again if image.line["public_id"] == "cat")
    assert (tmp_path / "out" / older[0]["file"]).is_file()
    assert [*house.export.images("studio", storage, actor="me")] == []


def test_an_original_that_is_gone_is_told_and_stops_nothing(
    house: Application, detector: ToldDetector, jpeg: bytes, tmp_path: Path
):
    fill(house, detector, jpeg)
    digest = house.catalog.asset("demo", "upload", "cat").current.digest
    house.sweep.erase(digest)
    storage = FolderStorage(tmp_path / "out")
    found = {image.line["public_id"]: image for image in house.export.images("demo", storage, actor="me")}
    assert (found["cat"].state, found["cat"].line["file"]) == ("missing", None)
    assert found["nude"].state == "written"


def test_the_command_writes_files_of_lines(
    house: Application, detector: ToldDetector, jpeg: bytes, tmp_path: Path
):
    fill(house, detector, jpeg)
    out = tmp_path / "out"
    environ = {"REKPROXY_DATA_DIR": str(house.settings.data_dir)}
    result = CliRunner().invoke(group, ["export", str(out)], env=environ)
    assert result.exit_code == 0, result.output
    assert result.output == "2 written\n"
    names = {path.name: path.stat().st_mode & 0o777 for path in out.glob("*.jsonl")}
    assert names == dict.fromkeys(("assets.jsonl", "presets.jsonl", "transformations.jsonl"), 0o600)
    lines = [json.loads(line) for line in (out / "assets.jsonl").read_text("utf-8").splitlines()]
    assert {line["public_id"] for line in lines} == {"cat", "nude"}
    assert json.loads((out / "presets.jsonl").read_text())["name"] == "p"
    assert json.loads((out / "transformations.jsonl").read_text())["info"][0]["crop"] == "fill"
