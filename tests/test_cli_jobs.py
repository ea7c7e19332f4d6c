"""`rekproxy jobs`: what waits, what was given up, and another try for it."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rekproxy.backends.sql import open_catalog
from rekproxy.cli import group
from rekproxy.interfaces import Catalog


@pytest.fixture
def catalog(tmp_path: Path):
    with closing(open_catalog(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")) as opened:
        opened.migrate()
        yield opened


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    environ = {"REKPROXY_DATA_DIR": str(tmp_path)}
    return lambda *arguments: CliRunner(env=environ).invoke(group, ["jobs", *arguments])


def kill(catalog: Catalog, cloud: str = "demo") -> int:
    catalog.enqueue(cloud, "moderate", {})
    (job,) = catalog.claim(["moderate"], lease=60)
    assert catalog.retry(job, "Rekognition refused:\n denied", delay=0, dead=True)
    return job.id


def test_dead_jobs_are_listed_with_their_error_and_tried_again(
    catalog: Catalog, run: Callable[..., Result]
) -> None:
    first, second, third = kill(catalog), kill(catalog, "studio"), kill(catalog)
    listed = run()
    assert re.search(r"^ +3  moderate dead$", listed.stdout, re.MULTILINE), listed
    lines = [line for line in listed.stdout.splitlines() if line.startswith("dead")]
    assert len(lines) == 3
    told = rf"dead {third}  moderate of demo, \d+ s ago, 1 attempts: Rekognition refused: denied"
    assert re.fullmatch(told, lines[0])
    assert run("--cloud", "studio").stdout.count("dead ") == 1

    one = run("retry", str(first), "999")
    assert (one.exit_code, one.stdout) == (1, "1 due now\n")
    assert "999" in one.stderr
    assert catalog.job_counts() == {("moderate", "waiting"): 1, ("moderate", "dead"): 2}
    assert run("retry", "--all").stdout == "2 due now\n"
    assert {job.id for job in catalog.claim(["moderate"], lease=60, limit=9)} == {first, second, third}
    assert run("retry").exit_code == 2
