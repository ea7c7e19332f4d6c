"""The tables of docs/api.md are what is written down of the routes."""

import runpy
from pathlib import Path

made = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "api_table.py"))


def test_the_page_has_the_calls_of_today() -> None:
    assert made["PAGE"].read_text("utf-8") == made["page"](), "run python docs/api_table.py"
