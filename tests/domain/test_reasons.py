"""Reasons: codes of a short list, and what becomes of a typo."""

import pytest

from rekproxy.domain.reasons import MAX_NOTE, Reasons, check_note
from rekproxy.errors import InvalidRequestError

REASONS = Reasons({"nudity": "It shows nudity.", "spam": "It is advertising.", "other": "It is not allowed."})


def test_a_known_code_has_a_text_and_none_is_fine():
    assert (REASONS.check("spam"), REASONS.check(None)) == ("spam", None)
    assert REASONS.text("spam") == "It is advertising."
    assert (REASONS.text("gone"), REASONS.text(None)) == (None, None)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("nudty", "Unknown reason nudty; did you mean nudity?"),
        ("Nudity", "Unknown reason Nudity; did you mean nudity?"),
        ("zzz", "Unknown reason zzz; there are nudity, spam, other"),
        ("", "Unknown reason ; there are nudity, spam, other"),
        ("x" * 500, f"Unknown reason {'x' * 80}; there are nudity, spam, other"),
    ],
)
def test_an_unknown_code_is_refused_with_the_nearest(code, said):
    with pytest.raises(InvalidRequestError) as error:
        REASONS.check(code)
    assert str(error.value) == said


def test_a_note_is_free_but_bounded():
    assert check_note(None) is None
    assert check_note("n" * MAX_NOTE) == "n" * MAX_NOTE
    with pytest.raises(InvalidRequestError, match="too long"):
        check_note("n" * (MAX_NOTE + 1))
