"""URLs of other servers as names: one spelling, and nothing that reaches into a host."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.remote import (
    MAX_URL,
    check_remote_url,
    host_of,
    is_allowed,
    mapped_url,
    read_layer,
    write_layer,
)
from rekproxy.domain.transformation import parse
from rekproxy.domain.url import delivery_path, parse_delivery_path
from rekproxy.errors import InvalidRequestError

HOSTS = ("images.example.com", "*.example.org")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://Example.COM/A", "http://example.com/A"),
        ("HTTPS:/example.com/a", "https://example.com/a"),
        ("http:///example.com//a//b", "http://example.com//a//b"),
        ("http://example.com?A=/B", "http://example.com?A=/B"),
        ("http://example.com/a b%20c?d=e&f", "http://example.com/a%20b%20c?d=e&f"),
        ("http://example.com:8080/é", "http://example.com:8080/é"),
        ("http://example.com/a@b", "http://example.com/a@b"),
    ],
)
def test_a_url_has_one_spelling(text: str, url: str) -> None:
    assert check_remote_url(text) == url
    assert check_remote_url(url) == url


@pytest.mark.parametrize(
    "text",
    [
        "", "cat", "ftp://example.com/a", "http:example.com", "http://", "http://?a", "http://:80/a",
        "http://me@example.com/a", "http://me:you@example.com/a", "http://example.com\\@good.example/a",
        "http://example.com/a#b", "http://example.com/\x00", "http://exa\nmple.com/", "http://[::1/a",
        "http://example.com/" + "a" * MAX_URL, "http://example.com/" + "é" * (MAX_URL // 2), "http://x/\ud800",
    ],
)  # fmt: skip
def test_what_names_no_picture_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="Invalid URL to fetch"):
        check_remote_url(text)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("images.example.com", True),
        ("images.example.com.", True),
        ("a.example.org", True),
        ("a.b.example.org", True),
        ("example.com", False),
        ("example.org", False),
        ("badexample.org", False),
        ("images.example.com.evil.example", False),
        ("evil.example?images.example.com", False),
        ("", False),
    ],
)
def test_hosts_are_allowed_by_their_whole_name(host: str, allowed: bool) -> None:
    assert is_allowed(host, HOSTS) is allowed
    assert not is_allowed(host, ())


@given(st.text(max_size=40))
def test_no_name_reaches_into_the_host_of_a_template(rest: str) -> None:
    rest = rest.encode(errors="ignore").decode()
    for template in (
        "http://example.com",
        "http://example.com/",
        "http://example.com/a",
        "https://example.com?b=",
    ):
        assert host_of(mapped_url(template, rest)) == "example.com"


def test_a_template_goes_before_the_name() -> None:
    assert mapped_url("http://example.com", "a b/c?.jpg") == "http://example.com/a%20b/c%3F.jpg"
    assert mapped_url("http://example.com/x/", "a.jpg") == "http://example.com/x/a.jpg"
    assert mapped_url("http://example.com/?id=", "a&b") == "http://example.com/?id=a%26b"


def test_layers_are_written_in_base64_with_padding_or_without() -> None:
    url = "https://example.com/a?b=c&d=é"
    plain = write_layer(url)
    padded = plain + "=" * (-len(plain) % 4)
    assert read_layer(plain) == read_layer(padded) == url
    assert parse(f"l_fetch:{padded}").text == parse(f"l_fetch:{plain}").text
    (layer,) = parse(f"l_fetch:{padded},w_10").layers
    assert (layer.type, layer.public_id) == ("fetch", url)


@pytest.mark.parametrize("text", ["", "a", "aGk", "aHR0cDovLw==", "a b", "$$$$", "_____"])
def test_what_is_no_url_in_base64_is_refused(text: str) -> None:
    with pytest.raises((ValueError, InvalidRequestError)):
        read_layer(text)
    with pytest.raises(InvalidRequestError):
        parse(f"l_fetch:{text}")


@pytest.mark.parametrize(
    ("path", "url", "text"),
    [
        ("http://example.com/a//b.png", "http://example.com/a//b.png", ""),
        ("https://example.com/a%3Fb%3Dc%26d%3D%C3%A9.png", "https://example.com/a?b=c&d=é.png", ""),
        (
            "s--abcdefgh--/w_10/e_sepia/v12/http:/example.com/w_5/x",
            "http://example.com/w_5/x",
            "c_scale,w_10/e_sepia",
        ),
        ("https%3A%2F%2Fexample.com%2Fx", "https://example.com/x", ""),
        ("http://example.com/?u=http://other.example/", "http://example.com/?u=http://other.example/", ""),
        ("f_auto,w_10/HTTP://Example.com/x", "http://example.com/x", "c_scale,w_10"),
    ],
)
def test_a_fetch_path_is_taken_apart(path: str, url: str, text: str) -> None:
    found = parse_delivery_path(f"/demo/image/fetch/{path.replace('?', '%3F')}")
    assert found is not None
    assert (found.type, found.candidates, found.shown) == ("fetch", ((url, None),), (("fetch", url),))
    assert found.transformation.text == text
    assert not found.is_closed


def test_the_signature_covers_the_url_as_it_came() -> None:
    path = "c_fit,w_80/https://example.com/a%3Fb%3Dc%26d%3D%C3%A9.png"
    found = parse_delivery_path(f"/demo/image/fetch/s--lUv551Zj--/{path}")
    assert found is not None
    assert found.signature == "lUv551Zj"
    assert found.signed_texts[0] == path


def test_the_path_of_what_was_fetched_is_its_url() -> None:
    url = "https://example.com/a?b=c d"
    path = delivery_path(
        "demo", "fetch", check_remote_url(url), version=12, format="jpg", transformation="w_10"
    )
    assert path == "/demo/image/fetch/w_10/https://example.com/a%3Fb%3Dc%2520d"
    found = parse_delivery_path(path)
    assert found is not None
    assert found.candidates == ((check_remote_url(url), None),)
