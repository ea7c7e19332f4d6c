"""Files that come in several requests: what one of them brings, and when all of a file is there."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import FileTooLargeError, InvalidRequestError

#: The least that a piece brings, unless it is the last one: fewer bytes would make too many pieces.
LEAST_BYTES: Final = 5 << 20
#: Characters of what a client calls a file that it sends in pieces.
MAX_NAME: Final = 255

_RANGE: Final = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15}|-1|\*)")


@dataclass(frozen=True, slots=True)
class Span:
    """The place of a piece within its file, in bytes. `total` is the file's size, if it is known by then."""

    start: int
    size: int
    total: int | None = None

    @property
    def end(self) -> int:
        """Where the next piece begins."""
        return self.start + self.size

    @property
    def is_last(self) -> bool:
        """Whether nothing comes behind it."""
        return self.end == self.total

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its file."""
        return self.start == 0 and self.is_last


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece that was stored. `digest` is the SHA-256 of its bytes."""

    span: Span
    digest: str


def read_span(content_range: str) -> Span:
    """What a `Content-Range` says; a total of -1 or `*` is not known yet. Raises `InvalidRequestError`."""
    match = _RANGE.fullmatch(content_range.strip())
    if match is None:
        raise InvalidRequestError("Invalid Content-Range header: must be bytes <start>-<end>/<total>")
    start, end = int(match[1]), int(match[2])
    total = None if match[3] in ("-1", "*") else int(match[3])
    if end < start or (total is not None and end >= total):
        raise InvalidRequestError("Invalid Content-Range header: its end must not be outside the file")
    return Span(start, end - start + 1, total)


def check_span(span: Span, least_bytes: int, most_bytes: int) -> None:
    """Refuse a piece of a file that is too large, and one that is too small without being the last.

    Raises `FileTooLargeError` and `InvalidRequestError`.
    """
    size = span.end if span.total is None else span.total
    if size > most_bytes:
        raise FileTooLargeError(size, most_bytes)
    if not span.is_last and span.size < least_bytes:
        raise InvalidRequestError("All parts except EOF-chunk must be larger than 5mb")


def check_beside(span: Span, others: Sequence[Span]) -> None:
    """Refuse a piece that contradicts those of its file that are there; one at its very place is replaced.

    Raises `InvalidRequestError`.
    """
    beside = [other for other in others if other.start != span.start]
    totals = {each.total for each in (span, *beside) if each.total is not None}
    if len(totals) > 1:
        raise InvalidRequestError("Invalid Content-Range header: earlier parts named another total")
    if any(each.end > total for total in totals for each in (span, *beside)):
        raise InvalidRequestError("Invalid Content-Range header: a part ends behind the file")
    if any(span.start < other.end and other.start < span.end for other in beside):
        raise InvalidRequestError("Invalid Content-Range header: it overlaps an earlier part")


def is_complete(spans: Sequence[Span]) -> bool:
    """Whether all of a file is there: each piece, in order of its start, begins where the one before ends."""
    at = 0
    for span in spans:
        if span.start != at:
            return False
        at = span.end
    return at in {span.total for span in spans}


def upload_key(cloud: str, sender: str, name: str) -> str:
    """What the pieces of one file are kept under: nobody else's `name` is the same. 64 hex digits.

    Raises `InvalidRequestError`.
    """
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise InvalidRequestError("A part of a file needs a header X-Unique-Upload-Id")
    return hashlib.sha256(json.dumps([cloud, sender, name]).encode()).hexdigest()
