"""Reads the tables of the pages under docs/, so that what they say is what the tests prove."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def page(name: str) -> str:
    """The text of a page under docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table behind `heading`, without its head."""
    table = re.search(r"^\|-.*?\n(.*?)(?=\n\n|\n<|\Z)", text.partition(heading)[2], re.DOTALL | re.MULTILINE)
    assert table, heading
    lines = table[1].strip().splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def keys(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)
