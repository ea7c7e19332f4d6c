"""The WSGI gate: answers cached hits and refusals of images before Flask, and shares out the slots.

A hit costs one standing query and a look into memory. Everything else (a derivation, a range, a
list of ETags) goes on to Flask, while slots last, so that hits are never behind it; what has to be made also
gives way to hits while these lack time.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from werkzeug.wsgi import ClosingIterator

from ..errors import AbsentError, OverloadedError, RekproxyError
from ..interfaces.waiting import waiting
from ..services.deliver import Asked, Deliver, Opened
from ..services.memory import Picture
from ..services.traffic import Traffic
from .accesslog import STARTED, AccessLog, id_of
from .caching import CachePolicy
from .precedence import Precedence
from .refusals import refuse
from .requests import DeliveryRequests
from .sending import bound, caller_of

StartResponse: TypeAlias = Callable[..., Any]
Environ: TypeAlias = dict[str, Any]
App: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]
#: Where our application has `Gate.hit`, for servers that ask for it.
HIT: Final = "rekproxy.hit"
#: Status, headers and body of an answer.
Answer: TypeAlias = tuple[str, Sequence[tuple[str, str]], bytes]
Count: TypeAlias = Callable[[str, int, str], None]
Turn: TypeAlias = Callable[[], AbstractContextManager[None]]

#: Bytes of the largest picture that a server is given to send by itself.
_MOST_BYTES: Final = 1 << 20
#: Paths that must answer when everything else is taken.
_FREE = ("/healthz", "/readyz", "/metrics")


@dataclass(slots=True)
class Gate:
    """Wraps the Flask application. `slots` is how many requests may be inside it at once.

    `count(surface, status, tier)` counts answers that never reach Flask, `log` writes lines of them.
    """

    app: App
    deliver: Deliver
    requests: DeliveryRequests
    policy: CachePolicy
    slots: int
    deadline: float
    count: Count
    traffic: Traffic
    log: AccessLog
    precedence: Precedence = field(default_factory=Precedence)
    _slots: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self._slots = threading.BoundedSemaphore(self.slots)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a hit or refuse here; let the rest through. Each is sent within the deadline, or cut off."""
        return bound(environ, self.deadline, lambda: self._answer(environ, start_response))

    def hit(self, environ: Environ, start_response: StartResponse | None) -> Answer | None:
        """A hit, for a server that sends it itself; `None` where a thread has to be taken for the request."""
        environ[STARTED] = time.perf_counter()
        sent: list[Any] = []
        try:
            asked = self.requests.read(environ)
            opened = self.deliver.cached(asked) if asked else None
            if not asked or not opened or "HTTP_RANGE" in environ:
                return None
            if len(opened[0].body) > _MOST_BYTES:
                return None
            body = self._hit(environ, lambda *said: sent.extend(said), asked, opened)
        except RekproxyError:
            return None
        return None if body is None else (*sent, b"".join(body))

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ[STARTED] = time.perf_counter()
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            asked: Asked | None = None
            try:
                asked = self.requests.read(environ)
                opened = self.deliver.cached(asked) if asked else None
            except AbsentError:
                opened = None  # it can be fetched: not here
            except RekproxyError as error:
                return self._refuse(environ, start_response, asked, error)
            if asked and opened and "HTTP_RANGE" not in environ:
                answer = self._hit(environ, start_response, asked, opened)
                if answer is not None:
                    return answer
            if asked:
                return self._through(environ, start_response, self.precedence.giving_way)
        return self._through(environ, start_response)

    def _hit(
        self, environ: Environ, start_response: StartResponse, asked: Asked, opened: Opened
    ) -> Iterable[bytes] | None:
        """A 200, or a 304 for the one plain form of condition; `None` leaves finer print to Werkzeug."""
        picture, terms = opened
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if wanted is not None:
            if wanted != f'"{picture.etag}"':
                return None
            start_response("304 NOT MODIFIED", self.policy.unchanged(picture, asked, terms=terms))
            self._counted(environ, 304, asked, picture, 0)
            return []
        if "HTTP_IF_MODIFIED_SINCE" in environ or "HTTP_IF_MATCH" in environ:
            return None
        start_response("200 OK", self.policy.picture(picture, asked, terms=terms))
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else picture.body
        self._counted(environ, 200, asked, picture, len(body))
        return [body] if body else []

    def _counted(self, environ: Environ, status: int, asked: Asked, picture: Picture, size: int) -> None:
        self.count("delivery", status, picture.tier)
        self.traffic.sent(asked.cloud, size)
        self.precedence.hits += 1
        if self.log.hits:
            self.log.answered(environ, status, surface="delivery", tier=picture.tier, cloud=asked.cloud)

    def _refuse(
        self, environ: Environ, start_response: StartResponse, asked: Asked | None, error: RekproxyError
    ) -> Iterable[bytes]:
        response = refuse(self.policy, asked, error)
        response.headers["X-Request-Id"] = id_of(environ)
        self.count("delivery", response.status_code, "none")
        cloud = asked.cloud if asked else None
        self.log.answered(environ, response.status_code, surface="delivery", tier="none", cloud=cloud)
        return response(environ, start_response)

    def _through(
        self, environ: Environ, start_response: StartResponse, in_turn: Turn = nullcontext
    ) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in _FREE:
            return self.app(environ, start_response)
        if not self._slots.acquire(blocking=False):
            return self._refuse(
                environ, start_response, None, OverloadedError("All slots are taken. Try again.")
            )
        # the wire collapses slashes; Flask's routes know one at the front
        environ["PATH_INFO"] = "/" + environ.get("PATH_INFO", "").lstrip("/")
        try:
            with waiting(caller_of(environ, self.deadline)), in_turn():
                return ClosingIterator(self.app(environ, start_response), [self._slots.release])
        except BaseException:
            self._slots.release()
            raise
