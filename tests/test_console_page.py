"""docs/console.md: its keys and roles are those of the console, and its screenshots are there and small."""

import re
from pathlib import Path

from rekproxy.domain.person import ROLES
from rekproxy.web.console import texts

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "console.md").read_text(encoding="utf-8")
SHOTS = sorted((DOCS / "console").glob("*.webp"))


def test_the_page_has_every_key_of_the_queue() -> None:
    section = PAGE.partition("## Keys")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(.+)` \| (.+) \|$", section, re.MULTILINE) == list(texts.KEY_NAMES)


def test_the_page_has_every_role_and_entry_of_the_navigation() -> None:
    for role in ROLES:
        assert f"\n| {role} |" in PAGE
    for entry in texts.NAVIGATION:
        assert re.search(rf"\n\| \[?{entry.text}", PAGE), entry


def test_screenshots_are_of_both_widths_and_looks_and_small() -> None:
    assert 12 <= len(SHOTS) <= 24
    for width, look in ((1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")):
        assert DOCS / "console" / f"review-{width}-{look}.webp" in SHOTS
    assert max(path.stat().st_size for path in SHOTS) <= 100_000
