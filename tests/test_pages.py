"""The pages under docs/: their links lead somewhere, their tables are the code's, their cases come out so."""

import re
import tomllib
from pathlib import Path

import pytest

from rekproxy.domain.judging import judge
from rekproxy.domain.parameters import CROPS, FORMATS, GRAVITIES, PARAMETERS
from rekproxy.domain.policies import read_policy
from rekproxy.domain.policy import Label, parse_policy
from rekproxy.domain.taxonomy import TAXONOMIES
from rekproxy.imaging.encoder import DEFAULT_QUALITY, FILM_QUALITY
from rekproxy.imaging.quality import AIMS
from rekproxy.openers import read_policies
from tests.pages import keys, rows

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
TRANSFORMATIONS = (DOCS / "transformations.md").read_text(encoding="utf-8")
MODERATION = (DOCS / "moderation.md").read_text(encoding="utf-8")


# --- links -------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """Names of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        led_to = (page.parent / path).resolve() if path else page
        assert led_to.exists(), target
        assert not anchor or anchor in anchors(led_to), target


def test_the_readme_names_modules_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    head, *_ = re.findall(r"^\| feature \|.*$", readme, re.MULTILINE)
    layers = [name.split()[0] for name in head.split("|")[2:-1]]
    for row in rows(readme, "## What is where"):
        for layer, cell in zip(layers, row[1:], strict=True):
            for name in keys(cell):
                assert (ROOT / "rekproxy" / layer / name.replace(".", "/")).with_suffix(".py").exists(), name


# --- transformations ---------------------------------------------------------------------------------


def test_the_table_of_parameters_is_the_code_s() -> None:
    written = [(keys(row[0])[0], row[1]) for row in rows(TRANSFORMATIONS, "## Parameters")]
    assert written == [(parameter.key, parameter.name) for parameter in PARAMETERS.values()]


def test_crops_gravities_and_formats_are_the_code_s() -> None:
    assert {keys(row[0])[0] for row in rows(TRANSFORMATIONS, "## Crop modes")} == CROPS
    line = re.search(r"^Gravities: (.*)$", TRANSFORMATIONS, re.MULTILINE)
    assert line
    assert keys(line[1]) == list(GRAVITIES)
    formats = next(row for row in rows(TRANSFORMATIONS, "## Parameters") if row[0] == "`f`")
    assert set(keys(formats[2])) >= FORMATS


def test_the_aims_of_q_auto_are_the_code_s() -> None:
    written = {keys(row[0])[-1].partition(":")[2]: row[1:] for row in rows(TRANSFORMATIONS, "### Quality")}
    assert written == {
        level: [f"{aim.similarity:g}", *(f"{low} to {high}" for low, high in aim.qualities.values())]
        for level, aim in AIMS.items()
    }
    numbers = "JPEG is\nwritten at {jpg}, WebP at {webp} and AVIF at {avif}".format(**DEFAULT_QUALITY)
    assert numbers in TRANSFORMATIONS
    assert "WebP's {}, {}, {} or {}".format(*FILM_QUALITY.values()) in TRANSFORMATIONS


# --- moderation --------------------------------------------------------------------------------------

CASES = rows(MODERATION, "### Worked cases")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_worked_case_comes_out_as_written(case: list[str]) -> None:
    policy, shown, explained, strict, _ = case
    taxonomy, _, path = shown.partition(": ")
    *names, confidence = re.split(r" > | (?=[\d.]+$)", path)
    parents = ["", *names[:-1]]
    labels = [Label(name, parent, float(confidence)) for name, parent in zip(names, parents, strict=True)]
    for rule, expected in ((False, explained), (True, strict)):
        judged = judge([parse_policy(policy.strip("`"))], labels, taxonomy=taxonomy, strict=rule)
        assert judged.status.value == expected


def test_the_named_policies_are_those_that_come_with_rekproxy() -> None:
    named = [keys(row[0])[0] for row in rows(MODERATION, "## Named policies")]
    assert named == [policy.name for policy in read_policies(None).policies]


def test_the_policy_that_is_shown_holds() -> None:
    shown = MODERATION.partition("## Named policies")[2].partition("```toml\n")[2].partition("```")[0]
    read_policy(tomllib.loads(shown)).check()


@pytest.mark.parametrize("version", ["6.1", "7"])
def test_the_tables_of_categories_are_the_code_s(version: str) -> None:
    written = {keys(row[0])[0]: keys(row[1]) for row in rows(MODERATION, f"| {version} | below it |")}
    taxonomy = TAXONOMIES[version]
    below: dict[str, list[str]] = {}
    for key, lineage in taxonomy.lineages.items():
        below.setdefault(lineage[-1], []).extend([] if key == lineage[-1] else [key])
    assert written == below
