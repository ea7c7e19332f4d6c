"""What would become of the URLs of a site that moves here: one line of a list or a log at a time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..errors import InvalidRequestError, InvalidTransformationError
from .safety import hazards
from .url import parse_delivery_path

#: So long a line is read; what follows is no URL that a server would take.
_LONGEST_LINE = 16_384
_ADDRESS = re.compile(r"[^\s\"'<>|]*/(?:images?|iu|videos?|raw|files)/[^\s\"'<>|]+")
#: Keys whose values are words: each is counted for itself, all others by their key.
_WORDS = frozenset({"c", "e", "f", "fl", "g", "q", "t"})


@dataclass(slots=True)
class Found:
    """How often something was asked for, and the first line that did."""

    hits: int = 0
    example: str = ""

    def add(self, line: str) -> None:
        """One hit more."""
        self.hits += 1
        self.example = self.example or line


@dataclass(slots=True)
class Checked:
    """What was found in all lines.

    `works` counts tokens of URLs that are understood, `refused` what others are refused for, in the words of
    the answer. `signed` counts what works only in signed URLs, of those without a signature, `named` the
    named transformations that must be there. `other` are lines without a delivery URL.
    """

    urls: int = 0
    understood: int = 0
    other: int = 0
    works: dict[str, Found] = field(default_factory=dict)
    refused: dict[str, Found] = field(default_factory=dict)
    signed: dict[str, Found] = field(default_factory=dict)
    named: dict[str, Found] = field(default_factory=dict)

    def read(self, line: str) -> None:
        """One URL, or one line of a log with a URL or path in it."""
        address = _ADDRESS.search(line[:_LONGEST_LINE])
        if address is None:
            self.other += 1
            return
        self.urls += 1
        path = _path(address[0])
        try:
            parsed = parse_delivery_path(path)
        except (InvalidTransformationError, InvalidRequestError) as error:
            _count(self.refused, [str(error)], path)
            return
        if parsed is None:
            _count(self.refused, [f"Not delivered here - {_kind(path)}"], path)
            return
        self.understood += 1
        _count(self.works, _tokens(str(parsed.transformation)), path)
        _count(self.named, parsed.transformation.names, path)
        if parsed.signature is None:
            _count(self.signed, hazards(parsed.transformation), path)


def check(lines: Iterable[str]) -> Checked:
    """What is found in all lines."""
    checked = Checked()
    for line in lines:
        checked.read(line)
    return checked


def _path(address: str) -> str:
    """The path of an address, without host and query; what a log escaped stays so."""
    if "://" in address.partition("?")[0].partition("/image")[0]:
        try:
            return urlsplit(address).path
        except ValueError:
            return address
    host, slash, rest = address.partition("?")[0].partition("/")
    return f"/{rest}" if slash and "." in host else f"{host}{slash}{rest}"


def _tokens(text: str) -> Iterator[str]:
    for token in re.split("[/,]", text):
        key, _, value = token.partition("_")
        if key == "fl":
            yield from (f"fl_{flag.partition(':')[0]}" for flag in value.split("."))
        elif key in ("l", "u") and value.startswith("text:"):
            yield f"{key}_text"
        elif key:
            yield f"{key}_{value.partition(':')[0]}" if key in _WORDS and not value.isdecimal() else key


def _kind(path: str) -> str:
    """The kind of resource and the delivery type that a path names."""
    match = re.search("/(images?|iu|videos?|raw|files)/([a-z_]{1,20})?", path)
    return "/".join(filter(None, match.groups())) if match else path[:40]


def _count(into: dict[str, Found], names: Iterable[str], line: str) -> None:
    for name in dict.fromkeys(names):
        into.setdefault(name, Found()).add(line)
