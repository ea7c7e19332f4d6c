"""The vocabularies: their shape, the spellings that are understood, and the way from 6.1 to 7."""

import math

import pytest

from rekproxy.domain.taxonomy import SEVEN, SIX, SOURCES, TARGETS, Label, fold, nearest, taxonomy_of


def by_depth(taxonomy):
    depths = [len(lineage) for lineage in taxonomy.lineages.values()]
    return [depths.count(depth) for depth in range(1, max(depths) + 1)]


def test_sizes_are_those_of_the_published_lists():
    assert by_depth(SIX) == [10, 34]  # Gambling's only child shares its key
    assert by_depth(SEVEN) == [10, 20, 22]
    assert len(SIX.lineages.keys() & SEVEN.lineages.keys()) == 24


def test_every_category_of_6_1_but_the_illustrated_one_became_some_of_7():
    assert TARGETS.keys() == SIX.lineages.keys()
    assert [old for old, new in TARGETS.items() if not new] == ["illustrated_explicit_nudity"]
    assert all(new in SEVEN.lineages for targets in TARGETS.values() for new in targets)


def test_categories_of_7_that_came_from_nowhere():
    assert SEVEN.lineages.keys() - SOURCES.keys() == {
        "explicit_nudity",
        "bare_back",
        "obstructed_female_nipple",
        "obstructed_male_genitalia",
        "graphic_violence",
        "death_and_emaciation",
        "crashes",
        "alcohol_use",
    }


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Blood & Gore", "blood_and_gore"),
        ("Self-Harm", "self_harm"),
        ("Drugs & Tobacco Paraphernalia & Use", "drugs_and_tobacco_paraphernalia_and_use"),
        ("A/B (C)", "a_b_c"),
        ("Men's, Women's", "men_s_women_s"),
        ("&", "and"),
        ("—", ""),
    ],
)
def test_fold(name, key):
    assert fold(name) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("BLOOD_AND_GORE", "blood_and_gore"),
        ("blood_&_gore", "blood_and_gore"),
        ("blood_gore", "blood_and_gore"),
        ("drugs_tobacco", "drugs_and_tobacco"),
        ("drugs_tobacco_paraphernalia_use", "drugs_and_tobacco_paraphernalia_and_use"),
        ("drug_and_tobacco_paraphernalia_and_use", "drugs_and_tobacco_paraphernalia_and_use"),
        ("self-harm", "self_harm"),
        ("non-explicit_nudity", "non_explicit_nudity"),
        ("exposed_female_nipples", "exposed_female_nipple"),
        ("exposed_buttocks", "exposed_buttocks_or_anus"),
        ("Kissing on the Lips", "kissing_on_the_lips"),
        ("adult_toys", None),
        ("", None),
    ],
)
def test_spellings_of_7(written, key):
    assert SEVEN.find(written) == key


def test_older_spelling_of_6_1():
    assert SIX.find("illustrated_nudity_or_sexual_activity") == "illustrated_explicit_nudity"


def test_nearest_names_a_few_or_none():
    assert nearest("explicit_nudty", sorted(SIX.lineages)).startswith("; did you mean explicit_nudity")
    assert nearest("q" * 100_000, sorted(SIX.lineages)) == ""


@pytest.mark.parametrize("confidence", [math.nan, math.inf, -0.01, 100.01, True, "50", None, 10**400])
def test_a_label_refuses_what_is_no_confidence(confidence):
    with pytest.raises(ValueError):
        Label("Weapons", "Violence", confidence)


@pytest.mark.parametrize(("name", "parent"), [("", "Violence"), (" ", ""), (None, ""), ("Weapons", None)])
def test_a_label_has_names(name, parent):
    with pytest.raises(ValueError):
        Label(name, parent, 50.0)


@pytest.mark.parametrize(
    ("model", "labels", "taxonomy"),
    [
        ("7.0", [], "7"),
        ("10.2", [], "7"),
        ("6.1", [Label("Explicit", "", 90, 1)], "6.1"),
        ("4.0", [], "6.1"),
        ("embedded/x-6", [Label("Explicit Nudity", "", 90, 1)], "7"),
        ("", [Label("Explicit Nudity", "", 90), Label("Nudity", "Explicit Nudity", 90)], "6.1"),
        ("", [Label("Explicit", "", 90), Label("Explicit Nudity", "Explicit", 90)], "7"),
        ("", [], "7"),
        ("9" * 5000, [], "7"),
    ],
)
def test_taxonomy_of_an_answer(model, labels, taxonomy):
    assert taxonomy_of(model, labels) == taxonomy


def test_depth_of_labels():
    assert SEVEN.depth(Label("Violence", "", 50)) == 1
    assert SEVEN.depth(Label("Self-Harm", "Graphic Violence", 50)) == 3
    assert SEVEN.depth(Label("New", "Newer", 50)) == 2
    assert SEVEN.depth(Label("New", "", 50, 3)) == 3
    assert SIX.depth(Label("Gambling", "Gambling", 50)) == 2
