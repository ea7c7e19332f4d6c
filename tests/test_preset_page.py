"""The page about presets says what presets hold, in the words of the code."""

import re

import pytest

from rekproxy.domain.preset import UNSIGNED
from rekproxy.domain.uploadparameters import ADD_ONS, EFFECTLESS, OF_BOTH, OF_PRESETS, Kind, Parameter
from tests.pages import keys, page, rows

PAGE = page("presets.md")
KINDS = {
    Kind.TEXT: "text",
    Kind.LINES: "text",
    Kind.FLAG: "true or false",
    Kind.NUMBER: "number",
    Kind.LIST: "list",
    Kind.MAP: "map",
}


@pytest.mark.parametrize(
    ("heading", "parameters"),
    [("What an upload may say itself:", OF_BOTH), ("What only a preset says:", OF_PRESETS)],
)
def test_each_table_is_the_code_s(heading: str, parameters: tuple[Parameter, ...]) -> None:
    written = [tuple(row) for row in rows(PAGE, heading)]
    assert written == [(f"`{each.name}`", KINDS[each.kind], each.meaning) for each in parameters]


def paragraph(beginning: str) -> str:
    found = re.search(rf"{beginning}(.*?)(?=\n\n|\n- )", PAGE, re.DOTALL)
    assert found, beginning
    return found[1]


def test_lists_of_names_are_the_code_s() -> None:
    without_effect = keys(paragraph("Kept without effect").partition(" (only ")[0])
    assert without_effect == [parameter.name for parameter in EFFECTLESS]
    assert keys(paragraph(r"Add-ons \(")) == list(ADD_ONS)
    assert keys(paragraph(r"`timestamp` an upload may\s+say\s").partition(". Anything")[0]) == list(UNSIGNED)
