"""Uploaders: named by the context, else by the key."""

import pytest

from rekproxy.domain.uploader import MAX_UPLOADER, uploader_of
from rekproxy.errors import InvalidRequestError


@pytest.mark.parametrize(
    ("context", "uploader"),
    [
        ({}, "key"),
        ({"uploader": ""}, "key"),
        ({"uploader": "  "}, "key"),
        ({"author": "ann"}, "key"),
        ({"uploader": " user 7 "}, "user 7"),
        ({"uploader": "ünï 日本"}, "ünï 日本"),
    ],
)
def test_the_context_names_the_uploader(context, uploader):
    assert uploader_of(context, "uploader", "key") == uploader


def test_nobody_may_be_named():
    assert uploader_of({}, "uploader", None) is None


@pytest.mark.parametrize("name", ["a\nb", "a\x00", "a\x85b", "a\u2028b", "x" * (MAX_UPLOADER + 1)])
def test_a_name_that_would_break_a_line_is_refused(name):
    with pytest.raises(InvalidRequestError):
        uploader_of({"uploader": name}, "uploader", "key")
