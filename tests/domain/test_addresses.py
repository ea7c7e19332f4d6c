"""Where outgoing requests may go: what is public, and what an address is not allowed to look like."""

from ipaddress import ip_address

import pytest

from rekproxy.domain.addresses import Allowed, check_url, is_public
from rekproxy.errors import InvalidRequestError

NOBODY = Allowed()


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "93.184.215.14", "172.15.255.255", "172.32.0.1", "100.63.255.255",
        "223.255.255.255",
        "2606:4700::1111", "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8", "64:ff9b::808:808",
    ],
)  # fmt: skip
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
        "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1",
        "192.88.99.1", "192.168.1.1", "198.19.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1",
        "2001:db8::1",
        "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
        "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1",
    ],
)  # fmt: skip
def test_every_other_address_is_not(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "https://example.com:8443/a?b=c", "http://8.8.8.8/",
        "http://[2606:4700::1111]:81/",
        "https://bücher.example/", "http://10.example.com/", "http://0x.example/", "HTTPS://EXAMPLE.com",
    ],
)  # fmt: skip
def test_a_url_of_a_receiver_is_taken_as_it_is(url: str) -> None:
    assert check_url(url, NOBODY) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "ftp://example.com/", "file:///etc/passwd", "poll://channel",
        "gopher://example.com/", "//example.com/",
        "http://", "http:///path", "http://:80/", "http://example.com:0/", "http://example.com:99999/",
        "http://example.com:x/", "http://me@example.com/", "http://me:word@example.com/",
        "http://8.8.8.8@127.0.0.1/",
        "http://example.com\\@127.0.0.1/", "http://example.com /", "http://example.com/\r\nX: y",
        "http://exa\tmple.com/",
        "http://example.com/#fragment", "http://example.com#@127.0.0.1/", "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://127.0.0.1/", "http://0/", "http://0.0.0.0/", "http://2130706433/", "http://017700000001/",
        "http://127.1/",
        "http://0x7f.1/", "http://0x7f000001/", "http://127.0.0.1./", "http://0177.0.0.1/", "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://169.254.169.254/latest/",
        "http://192.168.0.1:80/",
        "http://1.2.3.4.5/", "http://example.com/" + "a" * 2000, "http://exam\ud800ple.com/",
    ],
)  # fmt: skip
def test_any_other_url_is_refused_in_words_that_do_not_repeat_it(url: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        check_url(url, NOBODY)
    assert len(url) < 12 or url not in str(refused.value)


def test_what_the_settings_allow_is_allowed_at_that_port_only() -> None:
    allowed = Allowed.of(["10.1.2.3:80", "Hook.Internal:9000", "[FD00:0::1]:81"])
    assert check_url("http://10.1.2.3/", allowed)
    assert check_url("http://[fd00::1]:81/", allowed)
    private = ip_address("192.168.7.7")
    assert allowed.reaches("hook.internal", 9000, private)
    assert allowed.reaches("HOOK.internal.", 9000, private)
    assert allowed.reaches("another-name", 80, ip_address("10.1.2.3"))
    assert not allowed.reaches("hook.internal", 9001, private)
    assert not allowed.reaches("hook.internal.evil.example", 9000, private)
    for url in ("http://10.1.2.3:81/", "http://10.1.2.4/", "https://10.1.2.3/"):
        with pytest.raises(InvalidRequestError, match="private"):
            check_url(url, allowed)
