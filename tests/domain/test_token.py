"""Tokens: the vectors of the wire's section 3.6, and everything that must not pass."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain import token

KEY = "00112233FF99"
PATH = "/image/authenticated/v1486020273/sample.jpg"
VECTOR = (
    "st=1111111111~exp=1111111411~acl=%2fimage%2f*"
    "~hmac=1751370bcc6cfe9e03f30dd1a9722ba0f2cdca283fa3e6df3342a00a7528cc51"
)
URL_HMAC = "8db0d753ee7bbb9e2eaf8698ca3797436ba4c20e31f44527e43b6a6e995cfdb3"


def why(text, *, key=KEY, path=PATH, address="192.0.2.1", now=1111111200):
    return token.refusal(token.read(text), key, path=path, address=address, now=now)


def test_the_vector_with_a_pattern():
    assert token.write(KEY, expires=1111111411, start=1111111111, patterns=("/image/*",)) == VECTOR
    assert why(VECTOR) is None


def test_the_vector_with_a_url():
    made = token.write(KEY, expires=11111411, start=11111111, path=PATH)
    assert made == f"st=11111111~exp=11111411~hmac={URL_HMAC}"
    assert why(made, now=11111200) is None
    assert "another path" in why(made, now=11111200, path=PATH.replace("sample", "other"))


@pytest.mark.parametrize(
    ("now", "said"),
    [(1111111110, "not come"), (1111111111, None), (1111111410, None), (1111111411, "expired")],
)
def test_it_opens_within_its_window(now, said):
    found = why(VECTOR, now=now)
    assert found is None if said is None else said in found


@pytest.mark.parametrize("key", ["00112233FF98", "00", KEY + "01"])
def test_another_key_opens_nothing(key):
    assert "key" in why(VECTOR, key=key)


@pytest.mark.parametrize("changed", ["exp=1111111412", "acl=%2fimage%2fa*", "st=1111111110"])
def test_nothing_of_it_can_be_changed(changed):
    name = changed.partition("=")[0]
    parts = [changed if part.startswith(f"{name}=") else part for part in VECTOR.split("~")]
    assert "key" in why("~".join(parts))


def test_a_pattern_cannot_be_taken_away():
    assert "key" in why("~".join(part for part in VECTOR.split("~") if not part.startswith("acl=")))


@pytest.mark.parametrize(
    ("address", "opens"),
    [("192.0.2.1", True), ("192.0.2.2", False), ("", False), ("2001:db8::1", False)],
)
def test_an_address_is_heeded(address, opens):
    made = token.write(KEY, expires=2_000_000_000, address="192.0.2.1", patterns=("/*",))
    assert (why(made, address=address) is None) is opens


@pytest.mark.parametrize(
    ("patterns", "path", "opens"),
    [
        (("/image/*",), "/demo/image/x", False),
        (("/demo/*", "/image/*"), "/image/x", True),
        (("/image/*/cat.jpg",), "/image/authenticated/cat.jpg", True),
        (("/image/*/cat.jpg",), "/image/cat.jpg", False),
        (("/image/*cat*.jpg",), "/image/my-cat-2.jpg", True),
        (("/image/cat.jpg",), "/image/cat.jpg", True),
        (("/image/cat.jpg",), "/image/cat.jpg2", False),
        (("/a*a",), "/a", False),
        (("*",), "/anything", True),
        (("/[a-z]?",), "/ab", False),
    ],
)
def test_patterns(patterns, path, opens):
    made = token.write(KEY, expires=2_000_000_000, patterns=patterns)
    assert (why(made, path=path) is None) is opens


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "exp=1",
        f"hmac={URL_HMAC}",
        f"exp=~hmac={URL_HMAC}",
        f"exp=-1~hmac={URL_HMAC}",
        f"exp=1~exp=2~hmac={URL_HMAC}",
        f"exp=1~data=x~hmac={URL_HMAC}",
        f"exp=1~url=%2f~hmac={URL_HMAC}",
        f"hmac={URL_HMAC}~exp=1",
        f"exp=1~acl=~hmac={URL_HMAC}",
        f"exp=1~acl=/a!~hmac={URL_HMAC}",
        f"exp=1~hmac={URL_HMAC[:-1]}",
        f"exp=\u0661~hmac={URL_HMAC}",
        "x" * 5000,
    ],
)
def test_what_is_no_token_is_refused(text):
    with pytest.raises(ValueError):
        token.read(text)


@given(st.text(alphabet="expacl=~*!/%0123456789hmc", max_size=80))
def test_reading_fails_in_one_way_only(text):
    with contextlib.suppress(ValueError):
        assert why(text) is not None


def test_nothing_is_made_that_opens_everything_unsaid():
    with pytest.raises(ValueError):
        token.write(KEY, expires=1)
