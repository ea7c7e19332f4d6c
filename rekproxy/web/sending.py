"""Sending within a deadline: what a client does not read in time is taken back, as far as it is ours.

A thread that watches all responses cuts off those that are late. Timeouts of sockets would be simpler, but
cost more system calls for each request than all else that a hit needs.
"""

import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final
from weakref import WeakSet

from ..interfaces.waiting import Caller

#: Bytes that the kernel takes ahead of what it can send: so much may still be read after the deadline.
_AHEAD: Final = 256 << 10
#: How often responses are looked at, in seconds.
_TICK: Final = 0.2
#: For how long what a refused client still sends is taken, in seconds, so that it comes to read the answer.
_LINGER: Final = 0.1
_RESET = struct.pack("ii", 1, 0)
#: Connections that have their options: these last for all of their requests.
_prepared: "WeakSet[socket.socket]" = WeakSet()


def bound(environ: dict[str, Any], seconds: float, answer: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
    """The body that `answer` gives, sent within `seconds` where the server shows us its socket."""
    sock = environ.get("gunicorn.socket")
    if sock is None:
        return answer()
    if sock not in _prepared:
        _prepare(sock, seconds)
    has_body = environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ
    return _Bounded(answer(), sock, seconds, environ["wsgi.input"] if has_body else None)


def caller_of(environ: dict[str, Any], seconds: float) -> Caller:
    """Who sent a request: their answer is of use for `seconds`, and while their connection stands.

    Whether it does is known only where the server shows us its socket.
    """
    sock = environ.get("gunicorn.socket")
    until = time.monotonic() + seconds
    return Caller(until) if sock is None else Caller(until, lambda: _has_hung_up(sock))


def _has_hung_up(sock: socket.socket) -> bool:
    """Whether the other side has closed the connection; takes nothing of what it may still have sent."""
    try:
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        # of a TLS socket too, it is the end of the bare connection that is looked for
        return bool(poll.poll(0)) and not socket.socket.recv(sock, 1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True


class _Bounded:
    """A body whose connection is reset, and not drained, if its client does not read it in time."""

    __slots__ = ("_body", "_input", "_sock", "_whole", "until")

    def __init__(self, body: Iterable[bytes], sock: socket.socket, seconds: float, unread: Any) -> None:
        self._body = body
        self._input = unread
        self._sock = sock
        self._whole = False
        self.until = time.monotonic() + seconds
        _watch.add(self)

    def __iter__(self) -> Iterator[bytes]:
        # not `yield from`: that would also close the body when a client has gone, and it counts its closings
        for part in self._body:  # noqa: UP028
            yield part
        self._whole = True

    def cut(self) -> None:
        """Have a thread that waits for the client fail; it then closes the connection itself."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Called by the server at the end, whatever happened."""
        _watch.remove(self)
        if not self._whole:
            with suppress(OSError):
                # a mere close would let the kernel go on sending what it holds, megabytes of it
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._sock.close()
        elif self._input is not None and _is_unread(self._input):
            _hang_up(self._sock)
        if hasattr(self._body, "close"):
            self._body.close()


def _is_unread(body: Any) -> bool:
    """Whether there is more of a request's body than was read, or nobody knows.

    gunicorn's reader of a body of stated length counts what is left; that of a chunked one drops its parser.
    """
    reader = getattr(body, "reader", None)
    return bool(getattr(reader, "length", None) or getattr(reader, "parser", not hasattr(reader, "length")))


def _hang_up(sock: socket.socket) -> None:
    """End a connection with a request that is not read to its end, as soon as its answer has left.

    The server would wait for the rest, seconds for each, and for part of them answer nobody meanwhile.
    """
    until = time.monotonic() + _LINGER
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while (left := until - time.monotonic()) > 0:
            sock.settimeout(left)
            if not sock.recv(65_536):
                break
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RD)
        sock.settimeout(None)


class _Watch:
    """The responses under way in this process, and the thread that ends those whose time is over."""

    def __init__(self) -> None:
        self._running: set[_Bounded] = set()
        self._process = 0
        self._lock = threading.Lock()

    def add(self, response: _Bounded) -> None:
        with self._lock:
            self._running.add(response)
            if not self._process:
                self._process = os.getpid()
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()

    def remove(self, response: _Bounded) -> None:
        """The socket may be closed, and its number taken by another, once this has returned."""
        with self._lock:
            self._running.discard(response)

    def start_anew(self) -> None:
        """Forget, in a new process, what belongs to its parent: threads do not survive a fork."""
        self._running, self._process, self._lock = set(), 0, threading.Lock()

    def _run(self) -> None:
        while True:
            time.sleep(_TICK)
            now = time.monotonic()
            with self._lock:
                for response in self._running:
                    if response.until < now:
                        response.cut()


_watch = _Watch()
os.register_at_fork(after_in_child=_watch.start_anew)


def _prepare(sock: socket.socket, seconds: float) -> None:
    """Have sending wait for the client and not for the kernel's buffer, and a silent client be given up."""
    _prepared.add(sock)
    if sock.family == socket.AF_UNIX:
        return
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _AHEAD)
