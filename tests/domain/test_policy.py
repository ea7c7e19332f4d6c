"""Policies: the worked cases of the contract in both parent rules, the surprises, and what always holds."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.asset import EntryStatus
from rekproxy.domain.judging import judge, merge
from rekproxy.domain.policy import Label, parse_policy
from rekproxy.domain.taxonomy import SEVEN, SIX, TAXONOMIES, TEST_CARD
from rekproxy.errors import InvalidModerationError

KISSING = "Non-Explicit Nudity of Intimate parts and Kissing"
PARAPHERNALIA = "Drugs & Tobacco Paraphernalia & Use"
APPROVED, REJECTED = EntryStatus.APPROVED, EntryStatus.REJECTED
CASES = [json.loads(line) for line in (Path(__file__).parent / "policy_cases.jsonl").read_text().splitlines()]


def labels_of(case):
    above = dict(sorted(TAXONOMIES[case["taxonomy"]].edges))
    return [Label(row[0], row[2] if len(row) > 2 else above[row[0]], row[1]) for row in case["labels"]]


def verdict(text, labels, taxonomy="7", **more):
    return judge([parse_policy(text)], labels, taxonomy=taxonomy, **more)


def line(*names, confidence=90.0):
    """A label and its ancestors, top first, all of one confidence."""
    return [Label(name, above, confidence) for above, name in zip(("", *names), names, strict=False)]


def test_there_are_48_cases():
    assert len(CASES) == 48


@pytest.mark.parametrize("case", [case for case in CASES if "error" not in case], ids=lambda case: case["id"])
@pytest.mark.parametrize("strict", [False, True])
def test_worked_case(case, strict):
    policy = parse_policy(case["policy"])
    found = judge(
        [policy],
        labels_of(case),
        taxonomy=case["taxonomy"],
        content_types=dict(case.get("content_types", [])),
        strict=strict,
    )
    assert found.status == case["strict_status" if strict else "status"]
    assert policy.floor == case["api_min_confidence"]
    if not strict:
        assert [o.label.name for o in found.offending] == case["offending"]
    if case["strict_status"] == case["status"]:
        assert [label.name for label in found.reported] == case["moderation_labels"]


@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=lambda case: case["id"])
def test_worked_error(case):
    with pytest.raises(InvalidModerationError):
        parse_policy(case["policy"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aws_rek:explicit_nudty:0.7", "unknown category explicit_nudty; did you mean explicit_nudity"),
        ("aws_rek:min_confidnce:0.7", "did you mean min_confidence"),
        ("aws_rek:violence:1.2", "1.2 is no value for violence, which takes 0.0 to 1.0 or ignore"),
        ("aws_rek:min_confidence:ignore", "ignore is no value for min_confidence, which takes 0.0 to 1.0"),
        ("aws_rek:violence", "violence has no value"),
        ("aws_rek:", "an empty name has no value"),
        ("aws_rek::0.5", "unknown category an empty name"),
        ("aws_rek:violence:0.6:Violence:0.7", "violence has two different values"),
        ("aws_rek:blood_gore:0.6:blood_&_gore:ignore", "blood_and_gore has two different values"),
        ("AWS_REK", "begins with aws_rek"),
        ("aws_rek" + ":violence:0.5" * 1000, "at most 10000 characters"),
    ],
)
def test_errors_name_the_token(text, said):
    with pytest.raises(InvalidModerationError) as error:
        parse_policy(text)
    assert str(error.value).startswith(f"Moderation {text[:200]}")
    assert "moderation is not valid: " in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "value", ["-0.5", "+0.5", "1e-1", ".5", "5.", "nan", "inf", " 0.5", "0.1234567", "\u0661", ""]
)
def test_levels_are_plain_decimals(value):
    with pytest.raises(InvalidModerationError):
        parse_policy(f"aws_rek:violence:{value}")


def test_the_same_value_twice_is_no_contradiction():
    assert parse_policy("aws_rek:violence:0.70:violence:0.7").levels == (("violence", Decimal("0.7")),)


def test_a_policy_pinned_to_6_1_has_no_names_of_7():
    with pytest.raises(InvalidModerationError):
        parse_policy("aws_rek:sex_toys:0.9", "6.1")


def test_a_policy_pinned_to_7_reads_shared_names_as_7():
    explicit = line("Explicit", "Explicit Sexual Activity", confidence=66.0)
    assert judge([parse_policy("aws_rek:explicit_nudity:0.7")], explicit, taxonomy="7").status is APPROVED
    assert (
        judge([parse_policy("aws_rek:explicit_nudity:0.7", "7")], explicit, taxonomy="7").status is REJECTED
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("aws_rek", set()),
        ("aws_rek:violence:ignore", set()),
        ("aws_rek:min_confidence:0.1", set()),
        ("aws_rek:hate_symbols:0", {"hate_symbols"}),
        (
            "aws_rek:suggestive:0.9",
            {"non_explicit_nudity_of_intimate_parts_and_kissing", "swimwear_or_underwear"},
        ),
        ("aws_rek:smoking:0.4:self_harm:0.3", {"drugs_and_tobacco", "violence"}),
        ("aws_rek:explosions_and_blasts:0.4", {"violence"}),
        ("aws_rek:illustrated_explicit_nudity:0.4", {"explicit"}),
        ("aws_rek:illustrated_explicit_nudity:0.4:self_harm:ignore", {"explicit"}),
    ],
)
def test_named_categories(text, named):
    assert parse_policy(text).named == named


@pytest.mark.parametrize(
    ("text", "path", "status"),
    [
        # a name of 6.1 beside one of 7 relaxes only what nothing else of 6.1 shares
        ("aws_rek:tobacco:ignore:self_harm:0.9", ("Drugs & Tobacco",), REJECTED),
        ("aws_rek:tobacco:ignore:self_harm:0.9", ("Drugs & Tobacco", "Products"), REJECTED),
        ("aws_rek:tobacco:ignore:drugs:ignore:self_harm:0.9", ("Drugs & Tobacco", "Products"), APPROVED),
        # two names for one concept leave the stricter
        ("aws_rek:adult_toys:0.3:sex_toys:0.95", ("Explicit", "Sex Toys"), REJECTED),
        # a category of 7 that is named beats what only cascades within 6.1
        (
            "aws_rek:suggestive:0.3:non_explicit_nudity:0.95",
            (KISSING, "Non-Explicit Nudity", "Bare Back"),
            APPROVED,
        ),
        (
            "aws_rek:suggestive:0.95:non_explicit_nudity:0.3",
            (KISSING, "Non-Explicit Nudity", "Implied Nudity"),
            REJECTED,
        ),
        # a name of 6.1 that is written beats what 7 names above it
        ("aws_rek:drug_use:0.3:drugs_and_tobacco:0.95", ("Drugs & Tobacco", PARAPHERNALIA), REJECTED),
        # what 7 names above a category holds for the sources that 6.1 leaves unnamed
        ("aws_rek:drug_use:0.95:drugs_and_tobacco:0.92", ("Drugs & Tobacco", PARAPHERNALIA), APPROVED),
    ],
)
def test_both_vocabularies_in_one_policy(text, path, status):
    assert verdict(text, line(*path)).status is status


def test_illustrated_is_its_own_level_in_a_policy_of_7_too():
    text = "aws_rek:illustrated_explicit_nudity:ignore:self_harm:0.9"
    assert verdict(text, line("Explicit Nudity", "Illustrated Explicit Nudity"), "6.1").status is APPROVED
    assert verdict(text, line("Explicit", "Sex Toys"), content_types={"Animated": 51.0}).status is APPROVED
    assert verdict(text, line("Explicit", "Sex Toys"), content_types={"Animated": 50.0}).status is REJECTED
    assert (
        verdict(text, line("Explicit", "Sex Toys"), content_types={"Animated": float("nan")}).status
        is REJECTED
    )


def test_illustrated_content_covers_explicit_only_with_what_is_new_below_it():
    text, drawn = "aws_rek:illustrated_explicit_nudity:ignore", {"Illustrated": 98.0}
    assert verdict(text, line("Explicit", "Something New"), content_types=drawn).status is APPROVED
    assert verdict(text, line("Violence", "Weapons"), content_types=drawn).status is REJECTED


def test_the_test_card_is_rejected_whatever_is_ignored():
    text = "aws_rek:" + ":".join(f"{key}:ignore" for key in SEVEN.lineages)
    for taxonomy in TAXONOMIES:
        assert verdict(text, [TEST_CARD], taxonomy).status is REJECTED


def test_labels_that_explain_each_other_in_a_circle_are_judged():
    circle = [Label("Violence", "Weapons", 90), Label("Weapons", "Violence", 90)]
    assert verdict("aws_rek", circle).status is REJECTED
    assert verdict("aws_rek", [Label("Gambling", "Gambling", 90)], "6.1").status is REJECTED


def test_gambling_below_gambling_is_what_offends():
    found = verdict("aws_rek", line("Gambling", "Gambling"), "6.1")
    assert [o.label.parent_name for o in found.offending] == ["Gambling"]


def test_a_label_under_the_floor_explains_nothing():
    labels = [Label("Suggestive", "", 50.2), Label("Revealing Clothes", "Suggestive", 49.9)]
    for text in ("aws_rek:revealing_clothes:ignore", "aws_rek:revealing_clothes:ignore:min_confidence:0.1"):
        assert verdict(text, labels, "6.1").status is REJECTED


def test_the_installation_s_floor_rejects_what_the_request_allows():
    weapons = line("Violence", "Weapons", confidence=40.0)
    asked, floor = parse_policy("aws_rek:violence:0.9"), parse_policy("aws_rek:violence:0.3")
    found = judge([asked, floor], [*weapons, Label("Alcohol", "", 45.0)], taxonomy="7")
    assert found.status is REJECTED
    assert [label.name for label in found.reported] == ["Violence", "Weapons"]
    assert [(o.label.name, o.level) for o in found.offending] == [("Weapons", Decimal("0.3"))]
    both = judge([floor, asked], weapons, taxonomy="7"), judge([asked, floor], weapons, taxonomy="7")
    assert both[0].offending == both[1].offending


def test_an_offence_shows_the_strictest_level_that_it_exceeds():
    first, second = parse_policy("aws_rek:violence:0.3"), parse_policy("aws_rek:violence:0.2")
    for both in ([first, second], [second, first]):
        found = judge(both, line("Violence", "Weapons", confidence=40.0), taxonomy="7")
        assert [o.level for o in found.offending] == [Decimal("0.2")]


def test_confidence_is_compared_as_it_is_written():
    exact = Label("Weapons", "Violence", 0.1)  # the binary number is a little more than 0.1
    assert verdict("aws_rek:weapons:0.001", [exact]).status is APPROVED


def test_nothing_is_approved_without_a_policy():
    with pytest.raises(ValueError):
        judge([], [], taxonomy="7")


def test_merge_keeps_the_largest_confidence():
    weak, strong = Label("Weapons", "Violence", 40), Label("Weapons", "Violence", 60)
    other = Label("Weapons", "", 10)
    assert merge([[weak, other], [strong], []]) == (strong, other)


# --- what always holds -----------------------------------------------------------------------------

KEYS = sorted(SIX.lineages | SEVEN.lineages)
values = st.sampled_from(["0", "0.2", "0.5", "0.57", "0.8", "1.0", "ignore"])
pairs = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)
taxonomies = st.sampled_from(sorted(TAXONOMIES))
confidences = st.floats(0, 100) | st.sampled_from([50.0, 57.0, 80.0])
names = st.sampled_from([*KEYS, "New"])
label_lists = st.lists(st.builds(Label, names, names | st.just(""), confidences), max_size=8)


def text_of(chosen, **more):
    return ":".join(["aws_rek", *(f"{key}:{value}" for key, value in [*chosen.items(), *more.items()])])


token = st.sampled_from([*KEYS, "aws_rek", "min_confidence", "ignore", "0.5", "1.5", "|", ""]) | st.text(
    max_size=9
)


@given(
    st.text()
    | st.lists(token).map(":".join)
    | st.lists(token).map(lambda tokens: ":".join(["aws_rek", *tokens]))
)
def test_no_text_makes_the_parser_stumble(text):
    try:
        policy = parse_policy(text)
    except InvalidModerationError:
        return
    assert 0 <= policy.floor <= 50
    judge([policy], [], taxonomy="7")


@given(pairs, label_lists, taxonomies, st.randoms(use_true_random=False))
def test_order_of_pairs_is_irrelevant(chosen, labels, taxonomy, random):
    shuffled = list(chosen.items())
    random.shuffle(shuffled)
    one, other = (verdict(text_of(dict(each)), labels, taxonomy) for each in (chosen.items(), shuffled))
    assert (one.status, one.reported) == (other.status, other.reported)
    for found, same in zip(one.findings, other.findings, strict=True):
        assert replace(found, policy=same.policy) == same


@given(pairs, st.sampled_from(["0", "0.3", "1"]), label_lists, taxonomies, st.booleans())
def test_min_confidence_never_changes_the_verdict(chosen, least, labels, taxonomy, strict):
    plain = verdict(text_of(chosen), labels, taxonomy, strict=strict)
    more = verdict(text_of(chosen, min_confidence=least), labels, taxonomy, strict=strict)
    assert (plain.status, set(plain.offending)) == (more.status, set(more.offending))


@given(pairs.filter(bool), label_lists, taxonomies, st.data())
def test_raising_a_level_never_rejects(chosen, labels, taxonomy, data):
    key = data.draw(st.sampled_from(sorted(chosen)))
    ladder = ["0", "0.2", "0.5", "0.57", "0.8", "1.0", "ignore"]
    higher = data.draw(st.sampled_from(ladder[ladder.index(chosen[key]) :]))
    raised = text_of(chosen | {key: higher})
    # a level under the default moves the floor too, and with it what may explain: there only strict is steady
    strict = chosen[key] in ("0", "0.2")
    if verdict(text_of(chosen), labels, taxonomy, strict=strict).status is APPROVED:
        assert verdict(raised, labels, taxonomy, strict=strict).status is APPROVED


@given(pairs, label_lists.filter(bool), taxonomies, st.floats(0, 100), st.data())
def test_more_confidence_never_approves(chosen, labels, taxonomy, confidence, data):
    labels = list(merge([labels]))
    label = data.draw(st.sampled_from(labels))
    stronger = Label(label.name, label.parent_name, max(label.confidence, confidence))
    more = [stronger if other is label else other for other in labels]
    # a stronger child may explain its parent and be ignored itself: that is what the explained rule is for
    strict = any(other.name == label.parent_name for other in labels)
    if verdict(text_of(chosen), labels, taxonomy, strict=strict).status is REJECTED:
        assert verdict(text_of(chosen), more, taxonomy, strict=strict).status is REJECTED


@given(pairs, label_lists, taxonomies)
def test_strict_only_ever_rejects_more(chosen, labels, taxonomy):
    if verdict(text_of(chosen), labels, taxonomy).status is REJECTED:
        assert verdict(text_of(chosen), labels, taxonomy, strict=True).status is REJECTED


@given(pairs, label_lists, taxonomies, st.booleans())
def test_every_offence_is_reported_and_rejects(chosen, labels, taxonomy, strict):
    found = verdict(text_of(chosen), labels, taxonomy, strict=strict)
    assert (found.status is REJECTED) == bool(found.offending)
    assert {o.label for o in found.offending} <= set(found.reported)


@given(label_lists, taxonomies)
def test_by_default_anything_above_half_rejects(labels, taxonomy):
    """However labels are named and nested, nothing strong slips through unjudged."""
    strong = any(label.confidence > 50.5 for label in labels)
    assert not strong or verdict("aws_rek", labels, taxonomy).status is REJECTED
