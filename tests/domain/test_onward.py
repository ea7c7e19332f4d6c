"""Headers that an asset wants sent along, and its own quality."""

import pytest

from rekproxy.domain.onward import read_headers, read_quality_override, sent_headers, with_own_quality
from rekproxy.domain.transformation import parse
from rekproxy.errors import InvalidRequestError


def test_three_headers_are_kept_and_others_ignored():
    lines = [
        "x-robots-tag: noindex",
        " Link : <https://a.example>; rel=canonical",
        "",
        "X-Other: 1",
        "link: <b>",
    ]
    assert read_headers(lines) == {
        "X-Robots-Tag": "noindex",
        "Link": "<https://a.example>; rel=canonical, <b>",
    }


@pytest.mark.parametrize(
    "line", ["noindex", ": x", "Link:", "Link: a\r\nX: b", "Link: ä", "Link: " + "x" * 1001]
)
def test_a_line_that_is_no_header_is_refused(line):
    with pytest.raises(InvalidRequestError, match="headers"):
        read_headers([line])


def test_nothing_else_leaves():
    assert sent_headers({"link": "<a>", "Set-Cookie": "a=b", "X-Robots-Tag": "a\r\nX: b"}) == (
        ("Link", "<a>"),
    )


@pytest.mark.parametrize(
    ("asked", "override", "made"),
    [
        ("q_auto", "60", "q_60"),
        ("q_auto:low", "auto:best", "q_auto:best"),
        ("q_auto", "80:420", "q_80:420"),
        ("q_70", "60", "q_70"),
        ("w_90", "60", "w_90"),
        ("q_auto", "nonsense", "q_auto"),
        ("q_auto", None, "q_auto"),
    ],
)
def test_its_own_quality_is_what_automatic_means(asked, override, made):
    assert with_own_quality(parse(asked), override) == parse(made)


def test_a_quality_is_kept_if_it_is_one():
    assert [read_quality_override(text) for text in ("none", "", "auto:best", "80:420")] == [
        None, None, "auto:best", "80:420",
    ]  # fmt: skip
    with pytest.raises(InvalidRequestError, match="quality_override"):
        read_quality_override("101")
