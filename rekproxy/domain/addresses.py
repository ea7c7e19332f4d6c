"""Where an outgoing request may go: public addresses, and what the settings allow besides them.

The ranges are the special-purpose registries for IPv4 and IPv6 (RFC 6890 and its successors), written out,
because what Python calls global differs between its versions. An IPv6 address that carries an IPv4 address
is judged by that one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from ..errors import InvalidRequestError

Address = IPv4Address | IPv6Address

#: Longest address of a receiver, in characters.
MAX_URL: Final = 2000

_NOT_PUBLIC: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # behind a carrier's translation
            "127.0.0.0/8",
            "168.63.129.16/32",  # a cloud's own services, on an address that looks public
            "169.254.0.0/16",  # link-local; metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: any IPv4 address, by way of a relay
            "3fff::/20",  # documentation
        ),
    )
)
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # NAT64

_SCHEMES: Final = {"http": 80, "https": 443}
_ILLEGAL: Final = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


def is_public(address: Address) -> bool:
    """Whether an address belongs to one host somewhere in the public network."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    if address in _MAPPED or address in _TRANSLATED:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _GLOBAL_UNICAST and not any(address in network for network in _NOT_PUBLIC_6)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Exceptions: (host, port) that may be reached although their addresses are not public."""

    hosts: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, written: Iterable[str]) -> "Allowed":
        """From `host:port`, `10.1.2.3:80` and `[fd00::1]:80`."""
        pairs = (text.rpartition(":") for text in written)
        return cls(frozenset((_plain(host), int(port)) for host, _, port in pairs))

    def reaches(self, host: str, port: int, address: Address) -> bool:
        """Whether a connection to `address`, which `host` was found to have, may be opened."""
        return is_public(address) or (_plain(host), port) in self.hosts or (str(address), port) in self.hosts


def check_url(url: str, allowed: Allowed) -> str:
    """`url` itself, if it is one that requests may be sent to.

    http and https only, without user name or fragment. A private address that is written out is refused
    here; a name is looked up, and its addresses are judged, when the connection is opened. Raises
    `InvalidRequestError`, with words that do not repeat the URL: it may hold a secret.
    """
    if len(url) > MAX_URL or _ILLEGAL.search(url):
        raise InvalidRequestError(f"A URL may have {MAX_URL} characters, none of them blank or a backslash")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidRequestError("The URL cannot be understood") from error
    if parts.scheme not in _SCHEMES:
        raise InvalidRequestError("A URL must begin with http:// or https://")
    if "@" in parts.netloc or "#" in url or not host or port == 0:
        raise InvalidRequestError("A URL must name a host, and have neither a user name nor a fragment")
    _check_host(host, port or _SCHEMES[parts.scheme], allowed)
    return url


def _check_host(host: str, port: int, allowed: Allowed) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        # what ends in a number is an address to some readers and a name to others: 0, 017700000001, 0x7f.1
        if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) or "%" in host or ":" in host:
            raise InvalidRequestError("The URL's host cannot be understood") from None
        return
    if not allowed.reaches(host, port, address):
        raise InvalidRequestError("The URL's host is a private address")


def _plain(host: str) -> str:
    """A host in one spelling: lower case, no brackets, no last dot; an address as Python writes it."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        return str(ip_address(host))
    except ValueError:
        return host
