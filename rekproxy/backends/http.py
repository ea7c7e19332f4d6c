"""The one client for outgoing HTTP: the guard of addresses stands where the socket is opened.

A name is looked up here, each address that it has is judged, and the socket goes to the very address that
was judged: what a name means a moment later changes nothing. One connection a request, no proxy, no
redirect, and an end to all of it that no slow server can put off.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import Any, Final

import httpcore
import httpx

from ..domain.addresses import Allowed, check_url
from ..errors import InvalidRequestError, UnreachableError

#: What `socket.getaddrinfo` gives for each address: family, kind, protocol, name, and where to connect.
Found = tuple[int, int, int, str, tuple[Any, ...]]
Resolve = Callable[[str, int], Iterable[Found]]

#: Addresses of one name that are tried, one after the other.
MOST_ADDRESSES: Final = 4
#: Methods and headers are ours, so that nothing but these can go wrong on the way.
_FAILURES: Final = (OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


def resolve(host: str, port: int) -> Iterable[Found]:
    """Every address of a host, by this machine's own means."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


@cache
def _trust() -> ssl.SSLContext:
    """Whom this machine trusts, read once: its list is long."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered; `body` has `most_bytes` at most, whatever was sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class GuardedClient:
    """Sends requests to public addresses, and to those that the settings allow.

    Times are in seconds: `connect_seconds` for each address, `total_seconds` for all of a request, looking
    up the name and reading the reply included.
    """

    allowed: Allowed
    connect_seconds: float = 3.0
    total_seconds: float = 10.0
    most_bytes: int = 65_536
    resolve: Resolve = resolve
    trust: ssl.SSLContext = field(default_factory=_trust)

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Send one request; any status is a reply. Raises `UnreachableError`, which repeats no URL."""
        until = time.monotonic() + self.total_seconds
        try:
            check_url(url, self.allowed)
            transport = _Transport(_Opener(self, until), self.trust)
            with httpx.Client(transport=transport, trust_env=False, follow_redirects=False) as client:
                asked = {"Accept-Encoding": "identity", "User-Agent": "rekproxy", **headers}
                with client.stream(method, url, headers=asked, content=body) as answer:
                    return Reply(answer.status_code, dict(answer.headers), self._read(answer))
        except (InvalidRequestError, httpx.InvalidURL) as error:
            raise UnreachableError(_words(error)) from None
        except _FAILURES as error:
            raise UnreachableError(_words(error)) from error

    def _read(self, answer: httpx.Response) -> bytes:
        kept = bytearray()
        for piece in answer.iter_raw(8192):
            kept += piece
            if len(kept) >= self.most_bytes:
                break
        return bytes(kept[: self.most_bytes])


class _Transport(httpx.BaseTransport):
    """httpx over one connection pool of httpcore that has our opener in it."""

    def __init__(self, opener: "_Opener", trust: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust, network_backend=opener, max_connections=1, max_keepalive_connections=0
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        url = request.url
        assert isinstance(request.stream, httpx.SyncByteStream)  # noqa: S101 - a synchronous client made it
        reply = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        return httpx.Response(reply.status, headers=reply.headers, stream=_Body(reply))

    def close(self) -> None:
        """See httpx."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, reply: httpcore.Response) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        return self._reply.iter_stream()

    def close(self) -> None:
        self._reply.close()


class _Opener(httpcore.NetworkBackend):
    """Opens the sockets of one request, and is the only place that does."""

    def __init__(self, client: GuardedClient, until: float) -> None:
        self._client, self._until = client, until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to an address of `host` that may be reached."""
        failure: OSError = OSError("The name has no address")
        for family, kind, protocol, _, where in self._addresses(host, port):
            opened = socket.socket(family, kind, protocol)
            try:
                opened.settimeout(min(self._client.connect_seconds, _left(self._until)))
                opened.connect(where)
            except OSError as error:
                opened.close()
                failure = error
            else:
                return _Stream(opened, self._until)
        raise failure

    def _addresses(self, host: str, port: int) -> list[Found]:
        """Those that may be reached. Without any, the guard's refusal."""
        found = list(self._look_up(host, port))
        may = [each for each in found if self._client.allowed.reaches(host, port, ip_address(each[4][0]))]
        if found and not may:
            raise OSError("The URL's host has a private address")
        return may[:MOST_ADDRESSES]

    def _look_up(self, host: str, port: int) -> Iterable[Found]:
        """Look a name up in a thread of its own: the system's resolver knows no end of time."""
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(list(self._client.resolve(host, port)))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=_left(self._until))
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(answer, Exception):
            raise OSError("The URL's host was not found") from answer
        return answer  # type: ignore[no-any-return]


class _Stream(httpcore.NetworkStream):
    """A socket that every operation leaves only the time which the whole request has left."""

    def __init__(self, opened: socket.socket, until: float) -> None:
        self._socket, self._until = opened, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """See httpcore."""
        self._socket.settimeout(_left(self._until))
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """See httpcore."""
        while buffer:
            self._socket.settimeout(_left(self._until))
            buffer = buffer[self._socket.send(buffer) :]

    def close(self) -> None:
        """See httpcore."""
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """See httpcore."""
        self._socket.settimeout(_left(self._until))
        try:
            return _Stream(
                ssl_context.wrap_socket(self._socket, server_hostname=server_hostname), self._until
            )
        except OSError:
            self._socket.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        """See httpcore."""
        return self._socket if info == "socket" else None


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _words(error: Exception) -> str:
    """What may be shown of a failure: never the URL, whose query may hold a secret."""
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return "The server did not answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The server's certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "The server does not speak TLS as it should"
    if isinstance(error, OSError) and error.strerror:
        return f"The server cannot be reached: {error.strerror}"
    if isinstance(error, httpx.InvalidURL):
        return "The URL cannot be understood"
    if isinstance(error, httpcore.ProtocolError):
        return "The server does not speak HTTP as it should"
    return str(error) or "The server cannot be reached"
