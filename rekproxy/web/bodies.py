"""Request bodies: how much of one is read, and what becomes of the rest.

A body that is too large gets its 400 in the wire's words, since clients stumble over other statuses; but a
client only reads an answer once it has sent everything, so the rest is read and thrown away. Where that would
be too much, or nobody knows how much is coming, the body is cut off with 413.
"""

from io import BufferedReader, RawIOBase
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, cast

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from ..errors import FileTooLargeError, InvalidRequestError
from .forms import Parameters, merge, read_json, read_nested, read_pairs

#: Bytes for parameters: beside a file, or as a body by themselves.
FIELDS_ROOM: Final = 1 << 20
#: A body of up to so many times what may be read is thrown away rather than cut off.
_THROWN_AWAY: Final = 4
_CHUNK: Final = 1 << 16
#: Bytes of a form that are asked of the server at once.
_PIECE: Final = 1 << 20
#: A file that is sent is held in memory up to so many bytes, beyond them on disk: as photographs are, and so
#: few that everybody who sends slowly at once may have it.
_HELD: Final = 8 << 20


class _Parser(FormDataParser):
    """Takes a form from the server in large pieces: gunicorn copies all that it holds for each one."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        if not isinstance(stream, RawIOBase):
            return super().parse(stream, mimetype, content_length, options)
        pieces = BufferedReader(stream, _PIECE)
        try:
            _, form, files = super().parse(pieces, mimetype, content_length, options)
        finally:
            pieces.detach()  # or the stream would be closed with it
        return stream, form, files


class UploadRequest(Request):
    """A request whose files stay in memory where they are no larger than photographs."""

    form_data_parser_class = _Parser

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return cast(IO[bytes], SpooledTemporaryFile(_HELD))


def read_form(request: Request, max_file_bytes: int = 0) -> Parameters:
    """Parameters of a form that may carry a file of `max_file_bytes`; files are then in `request.files`.

    Raises `FileTooLargeError` for a body that no such form can have, `InvalidRequestError` for another kind
    of body, and `RequestEntityTooLarge` where the body is cut off.
    """
    multipart = request.mimetype == "multipart/form-data"
    # Base64, in a data URI, takes a third more; a URL-encoded body is parsed at once and stays small.
    room = FIELDS_ROOM + (max_file_bytes * 3 // 2 if multipart else 0)
    _bound(request, room, max_file_bytes)
    if not multipart and request.mimetype != "application/x-www-form-urlencoded" and _has_body(request):
        raise InvalidRequestError("The request body must be multipart/form-data")
    try:
        return read_pairs(request.form.items(multi=True))
    except RequestEntityTooLarge as error:
        if request.content_length is None:
            raise
        raise InvalidRequestError("Too many parameters") from error


def read_body(request: Request, max_file_bytes: int = 0) -> Parameters:
    """As `read_form`; a call that brings no file may also come as JSON."""
    if max_file_bytes or request.mimetype != "application/json":
        return read_form(request, max_file_bytes)
    _bound(request, FIELDS_ROOM, 0)
    return read_json(request.get_data())


def read_any(request: Request) -> Parameters:
    """Parameters of the query together with those of a form or JSON body; one in both is refused."""
    query = read_pairs(request.args.items(multi=True))
    if request.method == "GET" or not _has_body(request):
        return query
    return merge(query, read_body(request))


def read_document(request: Request) -> dict[str, Any]:
    """What a request says where values lie within each other: its JSON body, else its parameters as texts
    and lists."""
    if request.method != "GET" and request.mimetype == "application/json" and _has_body(request):
        _bound(request, FIELDS_ROOM, 0)
        return read_nested(request.get_data())
    values = read_any(request).values
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def throw_away(request: Request, most: int | None = None) -> None:
    """Read what is left of a body, so that the client comes to read the answer; no more than `most` bytes."""
    if not _has_body(request):
        return
    if most is not None and request.max_content_length is None:
        request.max_content_length = most
    try:
        while request.stream.read(_CHUNK):
            pass
    except Exception:
        # The client is gone, or sends nonsense (each server has an error of its own for that), or more than
        # is worth reading: then the connection ends.
        return


def _bound(request: Request, room: int, max_file_bytes: int) -> None:
    length = request.content_length
    request.max_content_length = room if length is None else room * _THROWN_AWAY
    request.max_form_memory_size = room
    if length is None or length <= room:
        return
    if length > room * _THROWN_AWAY:
        raise RequestEntityTooLarge
    raise (
        FileTooLargeError(length, max_file_bytes)
        if max_file_bytes
        else InvalidRequestError("The request body is too large")
    )


def _has_body(request: Request) -> bool:
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "").lower()
