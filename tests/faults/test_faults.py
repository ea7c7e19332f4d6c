"""Every row of the table "When something fails", brought about on SQLite and PostgreSQL."""

import providerfaults  # noqa: F401
import pytest
import statefaults  # noqa: F401
from faultplaces import FAULTS, Place

from tests.pages import keys, page, rows

ROWS = {keys(row[0])[0]: row for row in rows(page("moderation.md"), "## When something fails")}


def test_every_fault_has_its_row_and_every_row_its_fault() -> None:
    assert {*ROWS} == {*FAULTS}


def test_no_fault_leaves_a_picture_approved() -> None:
    for row in ROWS.values():
        assert "approved" not in row[2] + row[3], row


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_as_its_row_says(name: str, place: Place) -> None:
    _, _, told, state, _, ends = ROWS[name]
    assert tuple(FAULTS[name](place)) == tuple(cell.replace("`", "") for cell in (told, state, ends))
