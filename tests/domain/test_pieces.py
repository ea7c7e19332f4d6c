"""Files that come in several requests: what a piece may say, and when a file is whole."""

import pytest

from rekproxy.domain.pieces import Span, check_beside, check_span, is_complete, read_span, upload_key
from rekproxy.errors import FileTooLargeError, InvalidRequestError

MB = 1 << 20


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("bytes 0-9/20", Span(0, 10, 20)),
        ("bytes 10-19/20", Span(10, 10, 20)),
        ("bytes 0-0/1", Span(0, 1, 1)),
        ("bytes 0-9/-1", Span(0, 10)),
        (" bytes 0-9/* ", Span(0, 10)),
    ],
)
def test_a_range_is_read(text: str, span: Span) -> None:
    assert read_span(text) == span


@pytest.mark.parametrize(
    "text",
    [
        "", "bytes", "bytes 0-9", "bytes 0-9/", "bytes 9-0/20", "bytes 0-20/20", "bytes 0-9/5", "bytes -5/20",
        "bytes 0-9/-2", "items 0-9/20", "bytes 0-9/20,10-19/20", "bytes 0-9999999999999999/*",
        "bytes 0-\u0669/20",
    ],
)  # fmt: skip
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="Content-Range"):
        read_span(text)


def test_a_small_piece_is_only_taken_last() -> None:
    check_span(Span(0, 5 * MB, 20 * MB), 5 * MB, 40 * MB)
    check_span(Span(19 * MB, MB, 20 * MB), 5 * MB, 40 * MB)
    for span in (Span(0, 5 * MB - 1, 20 * MB), Span(0, MB), Span(19 * MB, MB)):
        with pytest.raises(InvalidRequestError, match="All parts except EOF-chunk must be larger than 5mb"):
            check_span(span, 5 * MB, 40 * MB)


@pytest.mark.parametrize("span", [Span(0, 5 * MB, 41 * MB), Span(39 * MB, 2 * MB), Span(39 * MB, 6 * MB)])
def test_a_file_that_would_be_too_large_is_refused_at_once(span: Span) -> None:
    with pytest.raises(FileTooLargeError):
        check_span(span, 5 * MB, 40 * MB)


@pytest.mark.parametrize(
    ("span", "others"),
    [
        (Span(0, 10, 20), [Span(10, 10, 30)]),
        (Span(0, 10, 20), [Span(5, 10, 20)]),
        (Span(5, 10, 20), [Span(0, 10)]),
        (Span(20, 10), [Span(10, 5, 15)]),
        (Span(10, 5, 15), [Span(20, 10)]),
    ],
)
def test_pieces_that_contradict_each_other_are_refused(span: Span, others: list[Span]) -> None:
    with pytest.raises(InvalidRequestError, match="Content-Range"):
        check_beside(span, others)


def test_a_piece_may_come_again_even_with_another_size() -> None:
    check_beside(Span(0, 10, 20), [Span(0, 10, 20), Span(10, 10, 20)])
    check_beside(Span(0, 8), [Span(0, 10, 30), Span(10, 10)])


@pytest.mark.parametrize(
    ("spans", "whole"),
    [
        ([], False),
        ([Span(0, 10, 10)], True),
        ([Span(0, 10)], False),
        ([Span(0, 10), Span(10, 5, 15)], True),
        ([Span(0, 10, 15), Span(10, 5, 15)], True),
        ([Span(0, 10, 15)], False),
        ([Span(10, 5, 15)], False),
        ([Span(0, 9, 15), Span(10, 5, 15)], False),
        ([Span(0, 11, 15), Span(10, 5, 15)], False),
    ],
)
def test_a_file_is_whole_when_nothing_is_missing(spans: list[Span], whole: bool) -> None:
    assert is_complete(spans) is whole


def test_nobody_elses_file_has_the_same_key() -> None:
    names = {upload_key(*parts) for parts in (("a", "b", "c"), ("a", "bc", ""), ("x", "b", "c")) if parts[2]}
    assert len(names) == 2
    for name in ("", "x" * 256, "a\nb"):
        with pytest.raises(InvalidRequestError, match="X-Unique-Upload-Id"):
            upload_key("demo", "key:1", name)
