"""The chain: what may be asked, and what the default and the floor make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.chain import Item, compose, parse_chain
from rekproxy.errors import InvalidModerationError, SubscriptionError


@pytest.mark.parametrize(
    "text",
    [
        "manual",
        "aws_rek",
        "aws_rek:explicit_nudity:0.7",
        "aws_rek:female_swimwear_or_underwear:0.85:explicit_nudity:0.7:revealing_clothes:ignore",
        "aws_rek:min_confidence:0.0",
        "aws_rek:explicit_nudity:0.5:hate_symbols:0.5:suggestive:0.6:violence:0.5:visually_disturbing:0.7",
    ],
)
def test_one_item(text):
    assert parse_chain(text) == (Item(text.split(":")[0], text),)


def test_two_items():
    assert parse_chain("aws_rek:violence:0.7|manual") == (
        Item("aws_rek", "aws_rek:violence:0.7"),
        Item("manual", "manual"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("manual|aws_rek", "manual must be last"),
        ("manual|manual", "manual is named twice"),
        ("aws_rek|aws_rek:violence:0.9", "aws_rek is named twice"),
        ("aws_rekk", "unknown kind aws_rekk; did you mean aws_rek?"),
        ("", "unknown kind without a name"),
        ("aws_rek|", "unknown kind without a name"),
        ("none", "unknown kind none"),
        ("reported", "unknown kind reported"),
        ("aws_rek|reported", "unknown kind reported"),
        ("manual:0.5", "manual takes no values"),
        ("aws_rek:violence|manual", "violence has no value"),
    ],
)
def test_bad_chain(text, said):
    with pytest.raises(InvalidModerationError, match=r"^Moderation .* moderation is not valid: ") as error:
        parse_chain(text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "item", ["webpurify", "metascan", "aws_rek|duplicate:0.9|manual", "google_video_moderation:likely"]
)
def test_kinds_of_the_wire_that_are_not_installed(item):
    with pytest.raises(SubscriptionError, match=r"You don't have an active subscription for [a-z_]+$"):
        parse_chain(item)


@given(
    st.text()
    | st.lists(st.sampled_from(["aws_rek", "manual", "webpurify", "|", ":", "violence", "0.5"])).map("".join)
)
def test_no_text_makes_the_parser_stumble(text):
    try:
        items = parse_chain(text)
    except (InvalidModerationError, SubscriptionError):
        return
    assert "|".join(item.text for item in items) == text


@pytest.mark.parametrize(
    ("asked", "default", "floor", "kinds"),
    [
        (None, "aws_rek", None, ["aws_rek"]),
        ("", "aws_rek|manual", None, ["aws_rek", "manual"]),
        (None, "none", None, []),
        ("manual", "aws_rek", None, ["manual"]),
        ("manual", "aws_rek", "aws_rek", ["aws_rek", "manual"]),
        ("aws_rek", "none", "manual", ["aws_rek", "manual"]),
        (None, "none", "aws_rek|manual", ["aws_rek", "manual"]),
        (None, "aws_rek", "none", ["aws_rek"]),
    ],
)
def test_compose(asked, default, floor, kinds):
    assert [item.kind for item in compose(asked, default, floor)] == kinds


def test_compose_keeps_the_request_s_own_policy():
    assert compose("aws_rek:violence:0.9", "aws_rek", "aws_rek:violence:0.3") == parse_chain(
        "aws_rek:violence:0.9"
    )


def test_a_request_cannot_ask_for_none():
    with pytest.raises(InvalidModerationError):
        compose("none", "none", None)
