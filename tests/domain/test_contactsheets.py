"""The grid of a contact sheet."""

import pytest

from rekproxy.domain.contactsheets import across, boxes


@pytest.mark.parametrize(
    ("tiles", "wanted"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (248, 16), (256, 16), (257, 17)]
)
def test_the_grid_is_the_smallest_square(tiles: int, wanted: int) -> None:
    assert across(tiles) == wanted


def test_tiles_lie_line_by_line() -> None:
    assert boxes(3, (20, 10)) == [(0, 0, 10, 5), (10, 0, 20, 5), (0, 5, 10, 10)]


def test_tiles_of_a_sheet_that_cannot_be_divided_leave_nothing_out() -> None:
    found = boxes(9, (100, 50))
    assert {box[0] for box in found} | {box[2] for box in found} == {0, 33, 66, 100}
    assert {box[1] for box in found} | {box[3] for box in found} == {0, 16, 33, 50}
