"""The recipe of docs/audit.md checks an export, and finds what was altered in it."""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from rekproxy.app import Application
from rekproxy.services import audit
from rekproxy.web.cursors import MOST_RESULTS
from tests.conftest import upload

PAGE = (Path(__file__).parents[1] / "docs" / "audit.md").read_text(encoding="utf-8")


@pytest.fixture
def exported(house: Application, jpeg: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(audit, "BATCH", 2)
    for number in range(3):
        upload(house, jpeg, f"cat{number}")
    house.sealer.run()
    upload(house, jpeg, "late")
    file = tmp_path / "audit.jsonl"
    file.write_text("".join(json.dumps(item) + "\n" for item in audit.export(house.catalog)))
    (tmp_path / "audit.key").write_text(house.audit_key.secret)
    return file


def recipe(file: Path) -> subprocess.CompletedProcess[str]:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    script = file.parent / "check.py"
    script.write_text(code)
    command = [sys.executable, str(script), str(file), str(file.parent / "audit.key")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_recipe_proves_an_export(exported: Path) -> None:
    done = recipe(exported)
    assert done.returncode == 0, done.stderr
    *sealed, tail = done.stdout.splitlines()
    assert len(sealed) == 3
    assert all(line.endswith("2 of 2 proven") for line in sealed)
    assert tail == "2 lines are not sealed yet"


@pytest.mark.parametrize("field", ["actor", "mac", "previous"])
def test_the_recipe_finds_what_was_altered(field: str, exported: Path) -> None:
    items = [json.loads(line) for line in exported.read_text().splitlines()]
    holder = next(item for item in items[3:] for item in item.values() if field in item)
    holder[field] = "key:9"
    exported.write_text("".join(json.dumps(item) + "\n" for item in items))
    assert recipe(exported).returncode == 1


def test_the_page_lists_the_fields_of_a_line(house: Application, jpeg: bytes) -> None:
    upload(house, jpeg)
    table = PAGE.partition("## A line")[2].partition("\n\nA line")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    line = asdict(house.catalog.lines_from("demo", limit=MOST_RESULTS)[0])
    assert listed == list(line)
