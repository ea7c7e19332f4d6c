"""A gunicorn worker that answers cached hits where it waits for requests: to hand one to a thread costs more.

Everything else goes to a thread as ever, and its bytes still lie in its socket: here they are only looked at,
until a request is known for one that can be answered at once. What a client does not take at once is sent by
a thread, too. The first request of a connection always has a thread, which prepares the socket.

Nothing that waits for a client may happen where all others wait: gunicorn's farewell to a connection would.
"""

import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache, partial
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.http import get_parser, wsgi
from gunicorn.util import http_date
from gunicorn.workers.gthread import TConn, ThreadWorker

from .web.gate import HIT, Answer

#: Bytes of a request that are looked at; what is longer has a thread.
_LOOKED_AT: Final = 16_384
_END: Final = b"\r\n\r\n"
#: For how long, in seconds, and up to how many bytes, what a client still sends is taken after its answer.
_FAREWELL: Final = 2.0
_MOST_TAKEN: Final = 1 << 16
_RESET: Final = struct.pack("ii", 1, 0)
#: Headers of requests that mean more than one answer and another request behind it.
_NOT_PLAIN: Final = frozenset(
    {"CONTENT-LENGTH", "TRANSFER-ENCODING", "CONNECTION", "UPGRADE", "EXPECT", "TE", "TRAILER"}
)
Hit = Callable[[dict[str, Any], Any], Answer | None]


class HitWorker(ThreadWorker):  # type: ignore[misc] # gunicorn is untyped
    """gunicorn's worker of threads, with hits answered between two looks at its sockets."""

    _hit: Hit | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._leaving: deque[tuple[float, socket.socket]] = deque()

    def load_wsgi(self) -> None:
        """Take the application, and what it has for hits, unless something asked of gunicorn were missed."""
        super().load_wsgi()
        cfg = self.cfg
        missed = cfg.is_ssl or cfg.accesslog or cfg.max_requests or not cfg.keepalive
        if not missed and cfg.proxy_protocol in (False, "off"):
            self._hit = getattr(self.wsgi, "extensions", {}).get(HIT)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """A kept connection has something to say."""
        if self._hit is None or not self.alive or conn.is_http2 or not self._answered(conn, self._hit):
            super().on_client_socket_readable(conn, client)

    def finish_request(self, conn: TConn, done: "Future[Any]") -> None:
        """A thread is done with a request; a connection that ends with it is not waited for here."""
        ends = not done.cancelled() and done.exception() is None and not done.result()
        if ends and not self.cfg.is_ssl:
            self._take_leave(conn.sock)
        else:
            super().finish_request(conn, done)

    def murder_keepalived(self, force: bool = False) -> None:
        """End what has been kept, or has been about to end, for too long."""
        super().murder_keepalived(force)
        while self._leaving and (force or self._leaving[0][0] < time.monotonic()):
            self._end(self._leaving[0])

    def _take_leave(self, sock: socket.socket) -> None:
        """Close once the client has, or in a moment: to close with bytes unread takes the answer back."""
        try:
            sock.shutdown(socket.SHUT_WR)
            sock.setblocking(False)
        except OSError:
            self.nr_conns -= 1
            sock.close()
            return
        leave = (time.monotonic() + _FAREWELL, sock)
        self._leaving.append(leave)
        self.poller.register(sock, EVENT_READ, partial(self._hear, leave, [0]))

    def _hear(self, leave: tuple[float, socket.socket], taken: list[int], sock: socket.socket) -> None:
        heard = b""
        with suppress(OSError):
            heard = sock.recv(_MOST_TAKEN)
        taken[0] += len(heard)
        if not heard or taken[0] >= _MOST_TAKEN:
            self._end(leave)

    def _end(self, leave: tuple[float, socket.socket]) -> None:
        self.nr_conns -= 1
        self._leaving.remove(leave)
        self.poller.unregister(leave[1])
        leave[1].close()

    def _answered(self, conn: TConn, hit: Hit) -> bool:
        """Whether what lies in the socket was a hit, and is answered, or being answered."""
        try:
            seen = conn.sock.recv(_LOOKED_AT, socket.MSG_PEEK)
            answer = _answer(self.cfg, seen, conn, hit)
            if answer is None:
                return False
            conn.sock.recv(len(seen))
            self._send(conn, (_head(*answer[:2]), answer[2]))
        except OSError:
            return False  # a thread finds out what is wrong with it
        return True

    def _send(self, conn: TConn, parts: tuple[bytes, bytes]) -> None:
        self.nr += 1
        try:
            sent = conn.sock.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        self.keepalived_conns.remove(conn)
        if sent == len(parts[0]) + len(parts[1]):
            conn.set_timeout()
            self.keepalived_conns.append(conn)  # in the order of their timeouts
            return
        self.poller.unregister(conn.sock)
        rest = b"".join(parts)[sent:]
        done = self.tpool.submit(_send_rest, conn, rest, self.cfg.graceful_timeout)
        done.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))


def _answer(cfg: Any, seen: bytes, conn: TConn, hit: Hit) -> Answer | None:
    """What to answer to exactly one whole and plain request; `None` for anything else."""
    if not seen.startswith((b"GET ", b"HEAD ")) or seen.find(_END) != len(seen) - len(_END):
        return None
    try:
        request = next(get_parser(cfg, [seen], conn.client))
        if request.version != (1, 1) or any(name in _NOT_PLAIN for name, _ in request.headers):
            return None
        environ = wsgi.create(request, conn.sock, conn.client, conn.server, cfg)[1]
    except Exception:  # what is wrong with it is said by the thread that gets it
        return None
    return hit(environ, None)


def _head(status: str, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    start = f"HTTP/1.1 {status}\r\nServer: gunicorn\r\nDate: {_date(int(time.time()))}\r\n"
    return f"{start}Connection: keep-alive\r\n{lines}\r\n".encode("latin-1")


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return str(http_date(second))


def _send_rest(conn: TConn, rest: bytes, seconds: float) -> bool:
    """In a thread: what the client has not taken yet. One that does not take it in time is cut off."""
    conn.sock.settimeout(seconds)
    try:
        conn.sock.sendall(rest)
    except OSError:
        with suppress(OSError):  # or the kernel would go on sending what it holds
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        return False
    return True
