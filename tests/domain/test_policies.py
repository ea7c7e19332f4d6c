"""Named policies: files are checked whole, examples hold, and a moderation may name and override one."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.asset import EntryStatus
from rekproxy.domain.chain import Item, compose, parse_chain, written_out
from rekproxy.domain.moderation import begin
from rekproxy.domain.policies import PolicyBook, PolicyFileError, Resolved, parse_labels, read_policy
from rekproxy.domain.policy import Label, parse_policy
from rekproxy.domain.taxonomy import SEVEN
from rekproxy.errors import ConfigurationError, InvalidModerationError
from rekproxy.openers import read_policies, read_policy_file

SHIPPED = sorted((Path(__file__).parents[2] / "config" / "policies").glob("*.toml"))
GIVEN = {
    "name": "shop",
    "version": 3,
    "description": "For\nshops.",
    "policy": "aws_rek:violence:0.7:self_harm:0.3",
    "examples": [
        {"why": "Sure.", "taxonomy": "7", "labels": ["Violence > Weapons 80"], "status": "rejected"},
        {"why": "Not.", "taxonomy": "7", "labels": [], "status": "approved"},
    ],
}
SHOP = read_policy(GIVEN)
BOOK = PolicyBook((SHOP, read_policy({**GIVEN, "name": "old", "policy": "aws_rek:explicit_nudity:0.7"})))


def example(**changes):
    return {**GIVEN, "examples": [{**GIVEN["examples"][0], **changes}]}


# --- files -------------------------------------------------------------------------------------------


def test_a_policy_is_read_with_its_examples():
    assert (SHOP.label, SHOP.description, SHOP.policy.speaks) == ("shop@3", "For shops.", "7")
    first = SHOP.examples[0]
    assert first.labels == (Label("Violence", "", 80.0), Label("Weapons", "Violence", 80.0))
    assert (first.status, first.strict_status) == (EntryStatus.REJECTED, EntryStatus.REJECTED)
    SHOP.check()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Shop"}, "name must be lower-case"),
        ({"name": "a.b"}, "name must be lower-case"),
        ({"version": 0}, "version must be a number from 1"),
        ({"version": True}, "version must be given, as a whole number"),
        ({"version": "1"}, "version must be given, as a whole number"),
        ({"description": " "}, "needs a description and examples"),
        ({"examples": []}, "needs a description and examples"),
        ({"policy": "aws_rek:violenc:0.7"}, "unknown category violenc; did you mean violence"),
        ({"policy": "aws_rek:policy:other"}, "unknown category policy"),
        ({"policies": "aws_rek"}, "no such key: policies"),
        ({"examples": ["x"]}, "example 1: must be a table"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(changes, said):
    with pytest.raises(PolicyFileError, match=re.escape(said)):
        read_policy({**GIVEN, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"why": ""}, "example 1: why must be a sentence"),
        ({"taxonomy": "8"}, "example 1: taxonomy must be one of 6.1, 7"),
        ({"status": "pending"}, "example 1: status must be approved or rejected"),
        ({"strict_status": "no"}, "example 1: strict_status must be approved or rejected"),
        ({"labels": "Violence 80"}, "example 1: labels must be given, as a list"),
        ({"labels": [80]}, "example 1: 80 is no label such as 'Violence > Weapons 60'"),
        ({"labels": ["Violence"]}, "example 1: 'Violence' is no label"),
        ({"labels": ["Violence 101"]}, "example 1: confidence of 'Violence' is 101.0"),
        ({"labels": ["Violence > Alcohol 80"]}, "taxonomy 7 has no label 'Alcohol' below Violence"),
        ({"labels": ["Weapons 80"]}, "taxonomy 7 has no label 'Weapons' at the top"),
    ],
)
def test_what_is_wrong_with_an_example_is_named(changes, said):
    with pytest.raises(PolicyFileError, match=re.escape(said)):
        read_policy(example(**changes))


def test_an_example_that_comes_out_otherwise_is_told_with_what_came_out():
    with pytest.raises(PolicyFileError) as error:
        read_policy(example(status="approved")).check()
    assert str(error.value) == (
        "example 1 (Sure.) should be approved and comes out rejected: Weapons 80 is above its level 0.7"
    )


def test_an_example_may_come_out_otherwise_where_every_label_is_judged():
    policy = read_policy({**example(status="approved"), "policy": "aws_rek:weapons:ignore"})
    policy.check()
    with pytest.raises(PolicyFileError):
        policy.check(strict=True)
    read_policy(
        {**example(status="approved", strict_status="rejected"), "policy": "aws_rek:weapons:ignore"}
    ).check(strict=True)


def test_labels_of_several_paths_are_merged():
    labels = parse_labels(["Violence 80", "Violence > Weapons 60"], "7")
    assert [(label.name, label.confidence) for label in labels] == [("Violence", 80.0), ("Weapons", 60.0)]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_policies_that_come_with_rekproxy_hold(file):
    for strict in (False, True):
        policy = read_policy_file(file, strict=strict)
    assert len(policy.examples) >= 5
    assert any(example.why.startswith("Borderline") for example in policy.examples)
    assert {example.status for example in policy.examples} == {EntryStatus.APPROVED, EntryStatus.REJECTED}
    assert policy.policy.floor >= 20  # what labels are kept from, unless the settings say otherwise


def test_a_folder_is_read_whole_or_not_at_all(tmp_path):
    assert [policy.name for policy in read_policies(None).policies] == ["community", "dating", "marketplace"]
    with pytest.raises(ConfigurationError, match="holds no policies"):
        read_policies(tmp_path)
    text = SHIPPED[0].read_text()
    (tmp_path / "community.toml").write_text(text)
    assert [policy.label for policy in read_policies(tmp_path).policies] == ["community@1"]
    (tmp_path / "other.toml").write_text(text)
    with pytest.raises(
        ConfigurationError, match=r"other\.toml: the policy community must be in community\.toml"
    ):
        read_policies(tmp_path)
    (tmp_path / "other.toml").write_text("name = ")
    with pytest.raises(ConfigurationError, match=r"other\.toml: "):
        read_policies(tmp_path)
    (tmp_path / "other.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"other\.toml: "):
        read_policies(tmp_path)


# --- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "text", "name"),
    [
        ("aws_rek", "aws_rek", None),
        ("aws_rek:violence:0.9", "aws_rek:violence:0.9", None),
        ("aws_rek:policy:shop", "aws_rek:self_harm:0.3:violence:0.7", "shop@3"),
        ("aws_rek:policy:shop.3", "aws_rek:self_harm:0.3:violence:0.7", "shop@3"),
        ("aws_rek:Policy:shop:violence:0.9", "aws_rek:self_harm:0.3:violence:0.9", "shop@3+violence:0.9"),
        (
            "aws_rek:policy:shop:Self-Harm:ignore:min_confidence:0.1",
            "aws_rek:Self-Harm:ignore:violence:0.7:min_confidence:0.1",
            "shop@3+min_confidence:0.1+Self-Harm:ignore",
        ),
    ],
)
def test_a_name_is_written_out(asked, text, name):
    assert BOOK.resolve(asked) == Resolved(text, name)
    assert parse_chain(f"{asked}|manual", BOOK)[0] == Item("aws_rek", text, name)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("aws_rek:policy:shp", "unknown policy shp; did you mean shop?"),
        ("aws_rek:policy:zzzzz", "unknown policy zzzzz; there are old, shop"),
        ("aws_rek:policy:", "unknown policy without a name"),
        ("aws_rek:policy:shop.2", "shop is installed as version 3, not 2"),
        ("aws_rek:policy:shop.", "unknown policy shop."),
        ("aws_rek:policy:shop.x", "unknown policy shop.x"),
        ("aws_rek:policy", "policy has no value"),
        ("aws_rek:policy:shop:policy:old", "policy must come first, and once"),
        ("aws_rek:violence:0.1:policy:shop", "policy must come first, and once"),
        ("aws_rek:policy:shop:violenc:0.9", "unknown category violenc; did you mean violence"),
        ("aws_rek:policy:shop:violence:2", "2 is no value for violence"),
        ("aws_rek:policy:shop:violence:0.9:violence:0.8", "violence has two different values"),
        # a name of the other vocabulary would change what the policy's own names mean, or nothing
        ("aws_rek:policy:old:self_harm:0.3", "old speaks taxonomy 6.1, which has no self_harm"),
        ("aws_rek:policy:shop:tobacco:0.9", "shop speaks taxonomy 7, which has no tobacco"),
    ],
)
def test_a_name_that_does_not_fit_is_an_error(asked, said):
    with pytest.raises(InvalidModerationError, match=re.escape(said)) as error:
        BOOK.resolve(asked)
    assert str(error.value).startswith(f"Moderation {asked} moderation is not valid: ")


def test_without_policies_no_name_is_known():
    with pytest.raises(InvalidModerationError, match="there are none"):
        PolicyBook().resolve("aws_rek:policy:shop")
    with pytest.raises(InvalidModerationError, match="unknown category policy"):
        parse_policy("aws_rek:policy:shop")


def test_without_a_book_only_the_form_of_a_chain_is_read():
    assert parse_chain("aws_rek:policy:anything|manual")[0].text == "aws_rek:policy:anything"
    with pytest.raises(InvalidModerationError):
        parse_chain("aws_rek:policy:anything:violenc:0.4")


def test_default_and_floor_may_name_a_policy():
    chain = compose(None, "aws_rek:policy:shop", "aws_rek:policy:old|manual", BOOK)
    assert [(item.kind, item.policy_name) for item in chain] == [("aws_rek", "shop@3"), ("manual", None)]
    assert written_out("aws_rek:policy:old|manual", BOOK) == "aws_rek:explicit_nudity:0.7|manual"
    assert [written_out(text, BOOK) for text in (None, "none")] == [None, "none"]


def test_an_entry_keeps_the_name_beside_the_policy():
    (entry,) = begin(parse_chain("aws_rek:policy:shop", BOOK))
    assert (entry.policy, entry.policy_name) == ("aws_rek:self_harm:0.3:violence:0.7", "shop@3")


@given(st.dictionaries(st.sampled_from(sorted(SEVEN.lineages)), st.sampled_from(["0", "0.4", "1", "ignore"])))
def test_overriding_pairs_stand_and_the_others_stay(pairs):
    asked = ":".join(["aws_rek:policy:shop", *(f"{key}:{value}" for key, value in pairs.items())])
    found = parse_policy(BOOK.resolve(asked).text)
    over = dict(parse_policy(":".join(["aws_rek", *(f"{k}:{v}" for k, v in pairs.items())])).levels)
    assert dict(found.levels) == dict(SHOP.policy.levels) | over
    assert found.speaks == "7" or not set(dict(found.levels)) - set(SEVEN.lineages)


@given(st.lists(st.sampled_from(["policy", "shop", "old", "violence", "0.5", ".", ""]) | st.text(max_size=4)))
def test_no_text_makes_the_book_stumble(tokens):
    try:
        resolved = BOOK.resolve(":".join(["aws_rek", *tokens]))
    except InvalidModerationError:
        return
    parse_policy(resolved.text)
