"""The table of docs/transformations.md tells what the parser takes, and leaves nothing out that it knows."""

import re
import runpy
from pathlib import Path

from rekproxy.domain import flags
from rekproxy.domain.effects import EFFECTS
from rekproxy.domain.gravity import FOCUSES, GRAVITIES
from rekproxy.domain.parameters import CROPS, FORMATS, PARAMETERS

SCRIPT = Path(__file__).parents[1] / "docs" / "transformations_table.py"
made = runpy.run_path(str(SCRIPT))
EXAMPLES = [example for _, examples in made["ROWS"] for example in examples]
WORKING = [example for example in EXAMPLES if made["works"](example)]


def test_the_page_has_the_table_of_today():
    assert made["PAGE"].read_text("utf-8") == made["page"](), "run python docs/transformations_table.py"


def test_all_that_the_parser_knows_stands_in_it_as_working():
    tokens = {token for example in WORKING for token in re.split("[,/]", example)}
    keys = {token.partition("_")[0] for token in tokens}
    assert keys == PARAMETERS.keys()
    assert {token[2:] for token in tokens if token.startswith("c_")} == CROPS
    assert {token[2:] for token in tokens if token.startswith("f_")} >= FORMATS
    assert {token[2:] for token in tokens if token.startswith("g_")} >= {*GRAVITIES, "face", "custom", "auto"}
    assert {token[2:].partition(":")[0] for token in tokens if token.startswith("e_")} == EFFECTS.keys()
    known = flags.FINAL | flags.STEP | flags.LAYER | flags.WITHOUT_EFFECT | {flags.APPLY, flags.ATTACHMENT}
    assert {token[3:] for token in tokens if token.startswith("fl_")} - {"attachment:name"} == known
    assert {word.partition(":")[0] for word in FOCUSES} <= {token[2:] for token in tokens}


def test_what_belongs_to_add_ons_and_later_tiers_is_refused():
    refused = {name for name, examples in made["ROWS"] if not any(map(made["works"], examples))}
    assert {name for name, _ in made["ROWS"] if name.startswith("other ")} <= refused
    assert {"conditions, variables", "pages, films, sprites, functions", "crop of add-ons"} <= refused
