"""Tokens that open pictures for a while: written, read and checked (the wire's section 3.6)."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import islice
from typing import Final
from urllib.parse import unquote

#: Of the parameter of a URL, and of the cookie, that carries a token.
NAME: Final = "__cld_token__"
#: Characters of a token that is read at all.
MOST: Final = 4096
#: Tokens that are looked at in a query string, and among cookies: one is usual.
FEW: Final = 4

_ESCAPED: Final = frozenset(" \"#%&'/:;<=>?@[\\]^`{|}~")
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_HMAC: Final = re.compile(r"[0-9a-fA-F]{64}")
_PARTS: Final = ("ip", "st", "exp", "acl", "hmac")


@dataclass(frozen=True, slots=True)
class Token:
    """A token, taken apart and not believed yet.

    `expires` and `start` are in seconds since 1970. `patterns` are the paths that it opens, with `*` for
    anything; without them it opens the one path that is signed with it. `signed` is what `hmac` covers.
    """

    expires: int
    hmac: str
    signed: str
    start: int = 0
    address: str | None = None
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Presented:
    """What a caller shows besides a path: tokens as they came, for `path` as it came, from `address`."""

    tokens: tuple[str, ...]
    path: str
    address: str

    def until(self, key: str, now: float) -> int | None:
        """Until when (seconds since 1970) one of the tokens opens the path; `None` if none does."""
        ends = [token.expires for token in self._read() if self._why_not(token, key, now) is None]
        return max(ends, default=None)

    def refusals(self, key: str, now: float) -> tuple[str, ...]:
        """Why each token does not open the path: words for who runs the cloud, never for the caller."""
        understood = self._read()
        unreadable = ("it is no token",) * (len(self.tokens) - len(understood))
        return (*unreadable, *filter(None, (self._why_not(token, key, now) for token in understood)))

    def _read(self) -> list[Token]:
        found = []
        for text in self.tokens:
            with suppress(ValueError):
                found.append(read(text))
        return found

    def _why_not(self, token: Token, key: str, now: float) -> str | None:
        return refusal(token, key, path=self.path, address=self.address, now=now)


def tokens_among(pairs: Iterable[str]) -> tuple[str, ...]:
    """The first few tokens among `name=value` pairs of a query string or of cookies.

    A client may have escaped one whole: as it is meant it has a `=`.
    """
    found = (text for name, _, text in (pair.strip().partition("=") for pair in pairs) if name == NAME)
    return tuple(text if "=" in text else unquote(text, errors="replace") for text in islice(found, FEW))


def write(
    key: str,
    *,
    expires: int,
    start: int | None = None,
    address: str | None = None,
    patterns: tuple[str, ...] = (),
    path: str = "",
) -> str:
    """A token made with a key of hex digits, for `patterns` or for one `path`, in the words of the wire.

    Raises `ValueError` for a key that is none, and without anything to open.
    """
    if not patterns and not path:
        raise ValueError("a token must open something")
    given = {"ip": address, "st": start, "exp": expires}
    parts = [f"{name}={value}" for name, value in given.items() if value is not None]
    parts += [f"acl={'!'.join(map(escape, patterns))}"] if patterns else []
    return "~".join([*parts, f"hmac={_mac(key, _signed(parts, path, patterns))}"])


def read(text: str) -> Token:
    """Take a token apart; raises `ValueError` for what is none, or says more than we understand."""
    if len(text) > MOST or not text.isascii():
        raise ValueError("the token is none")
    parts = text.split("~")
    said = dict(part.split("=", 1) for part in parts if "=" in part)
    if len(said) != len(parts) or not said.keys() <= set(_PARTS) or parts[-1][:5] != "hmac=":
        raise ValueError("the token is none")
    times = [said.get("st", "0"), said.get("exp", "")]
    if not _HMAC.fullmatch(said["hmac"]) or not all(_NUMBER.fullmatch(time) for time in times):
        raise ValueError("the token is none")
    patterns = tuple(unquote(each) for each in said["acl"].split("!")) if "acl" in said else ()
    if "" in patterns:
        raise ValueError("the token is none")
    return Token(
        expires=int(times[1]),
        hmac=said["hmac"],
        signed="~".join(parts[:-1]),
        start=int(times[0]),
        address=said.get("ip"),
        patterns=patterns,
    )


def refusal(token: Token, key: str, *, path: str, address: str, now: float) -> str | None:
    """Why a token does not open `path` (as it came, percent-encoded) to `address` now; `None` if it does.

    One that was not made with the key says nothing else about itself.
    """
    signed = _signed([token.signed], path, token.patterns)
    if not hmac.compare_digest(_mac(key, signed), token.hmac.lower()):
        return "it was not made with the key of this cloud, or for another path"
    if now >= token.expires:
        return "it has expired"
    if now < token.start:
        return "its time has not come"
    if token.address is not None and not _same_address(token.address, address):
        return "it is for another address"
    if token.patterns and not any(_opens(pattern, path) for pattern in token.patterns):
        return "its patterns do not name this path"
    return None


def escape(text: str) -> str:
    """Text as a token holds it: the wire's set of characters as lower-case `%xx`."""
    return "".join(f"%{ord(sign):02x}" if sign in _ESCAPED else sign for sign in text)


def _signed(parts: list[str], path: str, patterns: tuple[str, ...]) -> str:
    return "~".join(parts if patterns else [*parts, f"url={escape(path)}"])


def _mac(key: str, text: str) -> str:
    return hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).hexdigest()


def _same_address(named: str, address: str) -> bool:
    try:
        return ip_address(named) == ip_address(address)
    except ValueError:
        return False


def _opens(pattern: str, path: str) -> bool:
    """Whether a pattern names the path as it came. `*` stands for any characters, `/` among them."""
    first, *others = pattern.split("*")
    if not others:
        return path == pattern
    if not path.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(path) - at >= len(others[-1]) and path.endswith(others[-1])
