"""Access rules: what is kept of what was given, and to whom stored ones open."""

import json
import math

import pytest

from rekproxy.domain.access import CLOSED, MOST_RULES, ONLY_TOKENS, Rules, read_rules, stored_rules
from rekproxy.errors import InvalidRequestError

TOKEN = {"access_type": "token"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ("", None),
        ("[]", None),
        ([], None),
        (ONLY_TOKENS, [TOKEN]),
        (TOKEN, [TOKEN]),
        (json.dumps(TOKEN), [TOKEN]),
        ((TOKEN, {"access_type": "anonymous"}), [TOKEN, {"access_type": "anonymous"}]),
        (
            {
                "access_type": "anonymous",
                "start": "2019-02-22T16:20:57.001Z",
                "end": "2019-03-22 00:00 +0200",
            },
            [{"access_type": "anonymous", "start": "2019-02-22T16:20:58Z", "end": "2019-03-21T22:00:00Z"}],
        ),
        (
            {"access_type": "anonymous", "start": None, "end": "2030-01-01T00:00:00.999-01:30"},
            [{"access_type": "anonymous", "end": "2030-01-01T01:30:00Z"}],
        ),
        (
            {"access_type": "anonymous", "start": "2030-01-01"},
            [{"access_type": "anonymous", "start": "2030-01-01T00:00:00Z"}],
        ),
    ],
)
def test_rules_are_kept_in_one_form(given, kept):
    text = read_rules(given)
    assert (json.loads(text) if text else None) == kept
    assert read_rules(text) == text


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "[" * 5000,
        "1",
        "true",
        '"token"',
        [None],
        [[TOKEN]],
        [TOKEN] * (MOST_RULES + 1),
        {},
        {"access_type": "Token"},
        {"access_type": "everybody"},
        {"access_type": ["token"]},
        {**TOKEN, "end": "2030-01-01T00:00:00Z"},
        {**TOKEN, "role": "x"},
        {"access_type": "anonymous", "start": "tomorrow"},
        {"access_type": "anonymous", "start": 1900000000},
        {"access_type": "anonymous", "start": "2030-02-30T00:00:00Z"},
        {"access_type": "anonymous", "start": "9999-12-31T23:59:59.9Z"},
        {"access_type": "anonymous", "start": "2030-01-01T00:00:00+99:00"},
        {"access_type": "anonymous", "start": "2030-01-02", "end": "2030-01-02"},
    ],
)
def test_what_is_not_understood_is_refused(given):
    with pytest.raises(InvalidRequestError, match="access_control"):
        read_rules(given)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "x", '[{"access_type":"friends"}]', '["token"]', '[{"access_type":"token"},{}]',
     '[{"access_type":"anonymous","from":"2030-01-01"}]', "[" * 5000],
)  # fmt: skip
def test_stored_rules_that_are_not_understood_open_to_nobody(text):
    assert stored_rules(text) == CLOSED
    assert CLOSED.open_until(0) is None
    assert not CLOSED.token


def test_windows_open_for_everybody_while_they_last():
    assert stored_rules(ONLY_TOKENS) == Rules(token=True)
    window = '[{"access_type":"anonymous","start":"1970-01-01T00:00:10Z","end":"1970-01-01T00:00:20Z"}]'
    rules = stored_rules(window)
    assert [rules.open_until(now) for now in (9.9, 10, 19.9, 20)] == [None, 20, 20, None]
    assert stored_rules('[{"access_type":"anonymous"}]').open_until(5) == math.inf
    assert not rules.token
