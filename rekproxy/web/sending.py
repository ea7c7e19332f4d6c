"""Sending within a deadline: what a client does not read in time is taken back, as far as it is ours."""

import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from weakref import WeakSet

#: Bytes that the kernel takes ahead of what it can send: so much may still be read after the deadline.
_AHEAD = 256 << 10
_RESET = struct.pack("ii", 1, 0)
#: Connections that have their options: these last, while servers change the timeout for each request.
_prepared: "WeakSet[socket.socket]" = WeakSet()


def bound(environ: dict[str, Any], seconds: float, answer: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
    """The body that `answer` gives, sent within `seconds` where the server shows us its socket."""
    sock = environ.get("gunicorn.socket")
    if sock is None:
        return answer()
    _prepare(sock, seconds)
    return _Bounded(answer(), sock, seconds)


class _Bounded:
    """A body whose connection is reset, and not drained, if its client does not read it in time."""

    def __init__(self, body: Iterable[bytes], sock: socket.socket, seconds: float) -> None:
        self._body = body
        self._sock = sock
        self._seconds = seconds
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        deadline = time.monotonic() + self._seconds
        for number, part in enumerate(self._body):
            # `sendall` takes it for all of a part, however the client dribbles; the first has all the time
            if number:
                self._sock.settimeout(max(deadline - time.monotonic(), 0.001))
            yield part
        self._whole = True

    def close(self) -> None:
        """Called by the server at the end, whatever happened."""
        if not self._whole:
            # a mere close would let the kernel go on sending what it holds, megabytes of it
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._sock.close()
        if hasattr(self._body, "close"):
            self._body.close()


def _prepare(sock: socket.socket, seconds: float) -> None:
    """Have `sendall` wait for the client and not for the kernel's buffer, and a silent client be given up."""
    sock.settimeout(seconds)
    if sock in _prepared or sock.family == socket.AF_UNIX:
        return
    _prepared.add(sock)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _AHEAD)
