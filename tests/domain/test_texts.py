"""What a call says of a picture of a text, as a transformation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.texts import drawing
from rekproxy.domain.transformation import parse
from rekproxy.errors import InvalidRequestError

NAMES = (
    "text", "font_family", "font_size", "font_color", "text_align", "font_weight", "font_style", "background",
    "opacity", "text_decoration", "letter_spacing", "line_spacing",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "drawn"),
    [
        ({"text": "Hello"}, "co_black,l_text:Arial_12:Hello"),
        (
            {"text": "Sale, 50%", "font_size": "40", "font_weight": "bold", "font_style": "italic"},
            "co_black,l_text:Arial_40_bold_italic:Sale%252C%2050%2525",
        ),
        ({"text": "a/b", "font_color": "#f00", "opacity": "50"}, "co_red,l_text:Arial_12:a%252Fb,o_50"),
        ({"text": "x", "background": "rgb:112233"}, "co_black,l_text:Arial_12:x/b_rgb:112233"),
        ({"text": "x", "text_decoration": "line-through"}, "co_black,l_text:Arial_12_strikethrough:x"),
    ],
)
def test_what_is_said_is_drawn(said, drawn):
    assert parse(drawing(said)) == parse(drawn)


@pytest.mark.parametrize("name", ["font_size", "font_weight", "font_style", "text_align", "opacity"])
@pytest.mark.parametrize("value", ["-1", "x", "1e9", "99999", "nan"])
def test_a_value_that_is_none_is_named(name, value):
    with pytest.raises(InvalidRequestError, match=f"parameter {name}"):
        drawing({"text": "Hello", name: value})


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_text_is_needed(text):
    with pytest.raises(InvalidRequestError, match="Missing required parameter - text"):
        drawing({"text": text})


def test_a_text_has_its_limit():
    with pytest.raises(InvalidRequestError, match="at most 500 characters"):
        drawing({"text": "a" * 501})


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)))
def test_nothing_that_is_said_ends_otherwise_than_drawn_or_refused(said):
    try:
        drawn = drawing(said)
    except InvalidRequestError:
        return
    wanted = parse(drawn)
    assert len(wanted.all_layers) == 1
    assert wanted.layers == ()


@given(st.text(min_size=1, max_size=40))
def test_letters_mean_only_themselves(letters):
    try:
        wanted = parse(drawing({"text": letters}))
    except InvalidRequestError:
        return
    assert wanted.all_layers[0].source.letters == letters.replace("\r\n", "\n")
