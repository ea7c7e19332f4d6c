"""Explanations: every label has its level, the pair that it came from, and a reason if it was not judged."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.asset import EntryStatus
from rekproxy.domain.judging import Spared, judge, unseen
from rekproxy.domain.levels import levels_of
from rekproxy.domain.policy import Label, parse_policy
from rekproxy.domain.taxonomy import SEVEN, SIX, TAXONOMIES


def line(*names, confidence=90.0):
    return [Label(name, above, confidence) for above, name in zip(("", *names), names, strict=False)]


def findings(text, labels, taxonomy="7", *, floor=None, **how):
    policies = [parse_policy(each) for each in (text, floor) if each]
    return {found.label.name: found for found in judge(policies, labels, taxonomy=taxonomy, **how).findings}


@pytest.mark.parametrize(
    ("text", "taxonomy", "name", "level", "source"),
    [
        ("aws_rek", "7", "Weapons", "0.5", "default 0.5"),
        ("aws_rek", "7", "Smoking", "0.5", "default 0.5"),
        ("aws_rek:violence:0.70", "7", "Weapons", "0.70", "violence:0.70"),
        ("aws_rek:violence:0.7:weapons:0.3", "7", "Weapons", "0.3", "weapons:0.3"),
        ("aws_rek:Violence:ignore", "7", "Self-Harm", "ignore", "Violence:ignore (self_injury in 6.1)"),
        ("aws_rek:tobacco:ignore", "7", "Smoking", "ignore", "tobacco:ignore"),
        ("aws_rek:tobacco:ignore", "7", "Products", "0.5", "default 0.5 (drug_products in 6.1)"),
        ("aws_rek:drugs:0.9:tobacco:0.8", "7", "Drugs & Tobacco", "0.8", "tobacco:0.8 (tobacco in 6.1)"),
        ("aws_rek:suggestive:0.9", "7", "Bare Back", "0.9", "suggestive:0.9 (revealing_clothes in 6.1)"),
        ("aws_rek:sex_toys:0.9", "6.1", "Adult Toys", "0.9", "sex_toys:0.9 (sex_toys in 7)"),
        ("aws_rek:explicit:0.4", "6.1", "Illustrated Explicit Nudity", "0.4", "explicit:0.4 (explicit in 7)"),
        (
            "aws_rek:adult_toys:0.3:self_harm:0.9",
            "7",
            "Sex Toys",
            "0.3",
            "adult_toys:0.3 (adult_toys in 6.1)",
        ),
        ("aws_rek:violence:0.5", "6.1", "Weapons", "0.5", "violence:0.5"),
        # of two that are equally strict the one that was written
        ("aws_rek:tobacco:0.5", "7", "Drugs & Tobacco", "0.5", "tobacco:0.5 (tobacco in 6.1)"),
    ],
)
def test_a_level_names_the_pair_that_it_came_from(text, taxonomy, name, level, source):
    above = dict(TAXONOMIES[taxonomy].edges)
    found = findings(text, [Label(name, above[name], 95)], taxonomy)[name]
    assert (found.level.text, found.level.source) == (level, source)


def test_an_unknown_label_takes_its_parent_s_pair_or_the_default():
    found = findings("aws_rek:violence:0.9", [Label("Drone", "Violence", 60), Label("Moon", "", 40)])
    assert found["Drone"].level.source == "violence:0.9"
    assert found["Moon"].level.source == "default 0.5"


def test_a_drawn_picture_is_held_against_the_pair_for_drawings():
    text = "aws_rek:illustrated_explicit_nudity:ignore"
    found = findings(text, line("Explicit", "Sex Toys"), content_types={"Illustrated": 98.0})["Sex Toys"]
    assert found.spared is Spared.IGNORED
    assert found.level.source == f"{text[8:]} (illustrated_explicit_nudity in 6.1)"


def test_every_label_says_whether_it_was_judged_and_else_why_not():
    labels = [
        *line("Violence", "Weapons", confidence=80.0),
        Label("Alcohol", "", 99),
        Label("Gambling", "", 30),
    ]
    found = findings("aws_rek:alcohol:ignore", labels)
    assert (found["Violence"].spared, found["Violence"].by) == (Spared.EXPLAINED, "Weapons")
    assert found["Alcohol"].spared is Spared.IGNORED
    assert found["Gambling"].spared is Spared.UNDER_FLOOR
    assert (found["Weapons"].spared, found["Weapons"].offends) == (None, True)
    assert [each.offends for each in found.values()].count(True) == 1


def test_strict_explains_nothing_away():
    found = findings("aws_rek:weapons:ignore", line("Violence", "Weapons"), strict=True)
    assert (found["Violence"].spared, found["Violence"].offends) == (None, True)


def test_the_floor_policy_is_named_where_it_decides():
    labels = [*line("Violence", "Weapons", confidence=40.0), Label("Alcohol", "", 45)]
    found = findings("aws_rek:violence:0.9", labels, floor="aws_rek:violence:0.3")
    assert found["Weapons"].policy.text == "aws_rek:violence:0.3"
    assert found["Weapons"].offends
    # under the floor of what was asked, and held against that of the installation
    assert (found["Alcohol"].policy.text, found["Alcohol"].spared) == ("aws_rek:violence:0.3", None)


def test_of_two_levels_that_are_not_exceeded_the_stricter_is_told():
    found = findings("aws_rek:alcohol:0.9", [Label("Alcohol", "", 70)], floor="aws_rek:alcohol:0.8")
    assert (found["Alcohol"].level.value, found["Alcohol"].offends) == (Decimal("0.8"), False)


def test_a_level_that_was_held_against_a_label_goes_before_one_that_was_not():
    found = findings(
        "aws_rek:alcohol:0.6", [Label("Alcohol", "", 45)], floor="aws_rek:violence:0.3:alcohol:0.9"
    )
    assert (found["Alcohol"].level.text, found["Alcohol"].spared) == ("0.9", None)


def test_levels_are_computed_once_for_a_policy():
    policy = parse_policy("aws_rek:violence:0.7")
    assert levels_of(policy, "7") is levels_of(parse_policy("aws_rek:violence:0.7"), "7")


@pytest.mark.parametrize(
    ("coverage", "hold", "lacks"),
    [
        (None, True, ()),
        (frozenset({"explicit"}), False, ("violence",)),
        (frozenset({"explicit", "violence"}), False, ()),
        (frozenset({"explicit"}), True, ("everything but explicit",)),
    ],
)
def test_what_is_asked_for_and_cannot_be_seen(coverage, hold, lacks):
    assert unseen([parse_policy("aws_rek:violence:0.7:alcohol:ignore")], coverage, hold=hold) == lacks


KEYS = sorted(SIX.lineages | SEVEN.lineages)
texts = st.dictionaries(
    st.sampled_from(KEYS), st.sampled_from(["0", "0.2", "0.57", "0.8", "ignore"]), max_size=6
)
names = st.sampled_from([*KEYS, "New"])
labels = st.lists(st.builds(Label, names, names | st.just(""), st.floats(0, 100)), max_size=8)


@given(st.lists(texts, min_size=1, max_size=2), labels, st.sampled_from(sorted(TAXONOMIES)), st.booleans())
def test_the_explanation_is_the_verdict(chosen, seen, taxonomy, strict):
    """Every label once, with a level of the policies; what offends was judged, and is above that level."""
    policies = [
        parse_policy(":".join(["aws_rek", *(f"{k}:{v}" for k, v in each.items())])) for each in chosen
    ]
    found = judge(policies, seen, taxonomy=taxonomy, strict=strict)
    assert {(each.label.name, each.label.parent_name) for each in found.findings} == {
        (label.name, label.parent_name) for label in seen
    }
    assert (found.status is EntryStatus.REJECTED) == any(each.offends for each in found.findings)
    for each in found.findings:
        assert each.level == levels_of(each.policy, taxonomy).of(each.label)
        assert (each.level.pair or "") in each.policy.text
        above = Decimal(repr(each.label.confidence)) > each.level.percent
        assert each.offends == (each.spared is None and above)
        assert (each.by is not None) == (each.spared is Spared.EXPLAINED)
