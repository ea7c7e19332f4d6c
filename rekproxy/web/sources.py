"""What an upload brings: a file part, a `data:` URI or a URL, down to its bytes and its name."""

import binascii
import os
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Final

from flask import Request
from werkzeug.datastructures import FileStorage

from ..domain.addresses import MAX_URL
from ..domain.pieces import Span, read_span
from ..errors import FileTooLargeError, InvalidRequestError
from ..services.chunks import Chunks
from ..services.remote import Remote
from .forms import Parameters, check_text

_DATA_URI = re.compile(r"data:[^,]{0,255};base64,", re.IGNORECASE)
_REMOTE = re.compile(r"(https?|ftp|s3|gs):", re.IGNORECASE)
_SPACE: Final = {ord(space): None for space in " \t\r\n"}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where files come from besides a request itself: other servers, and requests before it."""

    remote: Remote
    chunks: Chunks


def read_source(
    request: Request, parameters: Parameters, max_bytes: int, remote: Remote
) -> tuple[bytes, str | None]:
    """The bytes of the one file that the request brings or names, and its name if it has one.

    Raises `InvalidRequestError` for no file, more than one or an empty one, `FileTooLargeError`, and as
    `Remote.load` does.
    """
    span = read_range(request)
    files = request.files.getlist("file")
    text = parameters.values.get("file")
    if not files and not text:
        raise InvalidRequestError("Missing required parameter - file")
    if len(files) + (text is not None) > 1 or isinstance(text, (tuple, dict)):
        raise InvalidRequestError("Only one file can be uploaded at a time")
    if span is not None and not files:
        raise InvalidRequestError("A part of a file must be sent as a file")
    if files:
        return _sized(bytes_of(files[0], max_bytes), span), file_name(files[0].filename)
    text = str(text).strip()
    scheme = _REMOTE.match(text)
    return _of_url(text, scheme[1], max_bytes, remote) if scheme else (_of_data(text, max_bytes), "file")


def _sized(data: bytes, span: Span | None) -> bytes:
    if span is not None and len(data) != span.size:
        raise InvalidRequestError(
            f"Invalid Content-Range header: it names {span.size} bytes, and {len(data)} came"
        )
    return data


def file_name(path: str | None) -> str | None:
    """The last part of a path that some client sent as a name, without what cannot be shown."""
    name = re.split(r"[/\\]", path or "")[-1]
    return "".join(character for character in name if character.isprintable()).strip() or None


def bytes_of(part: FileStorage, max_bytes: int) -> bytes:
    """The bytes of a file part. Raises `InvalidRequestError` for an empty one, and `FileTooLargeError`."""
    size = part.stream.seek(0, os.SEEK_END)
    part.stream.seek(0)
    return _weighed(part.stream.read() if size <= max_bytes else b"", size, max_bytes)


def _of_url(text: str, scheme: str, max_bytes: int, remote: Remote) -> tuple[bytes, str | None]:
    if len(text) > MAX_URL:
        raise InvalidRequestError(f"Invalid file parameter: a URL may have {MAX_URL} characters")
    if scheme.lower() not in ("http", "https"):
        raise InvalidRequestError(f"Unsupported source URL: {check_text('file', text)}")
    data, name = remote.load(check_text("file", text), max_bytes)
    return data, file_name(name)


def _of_data(text: str, max_bytes: int) -> bytes:
    head = _DATA_URI.match(text)
    if head is None:
        raise InvalidRequestError("Invalid file parameter: send a file, a URL, or a data URI in base64")
    try:
        data = b64decode(text[head.end() :].translate(_SPACE), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequestError("Invalid data URI: its base64 is malformed") from error
    return _weighed(data, len(data), max_bytes)


def _weighed(data: bytes, size: int, max_bytes: int) -> bytes:
    if size > max_bytes:
        raise FileTooLargeError(size, max_bytes)
    if not data:
        raise InvalidRequestError("Empty file")
    return data


def read_range(request: Request) -> Span | None:
    """Which part of a file the request brings, if its headers say so. Raises `InvalidRequestError`."""
    given = request.headers.get("Content-Range")
    return None if given is None else read_span(given)
