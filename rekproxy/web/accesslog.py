"""One line for each request that reached Flask or was refused, and for hits where that is wanted."""

import secrets
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from .requests import raw_path

#: Where in the WSGI environment the id of a request stands: 32 hex digits, drawn by us.
REQUEST_ID: Final = "rekproxy.request_id"
#: Where the moment stands at which a request came in (`time.perf_counter`).
STARTED: Final = "rekproxy.started"
#: Where the API key stands that has proven itself: never its secret.
KEY: Final = "rekproxy.key"

#: Where the cloud of a delivered picture stands.
CLOUD: Final = "rekproxy.cloud"

#: Characters of a path that a line holds.
_MOST: Final = 500
_log = structlog.get_logger("rekproxy.access")

Environ = MutableMapping[str, Any]


def id_of(environ: Environ) -> str:
    """The id of a request, drawn when first asked for."""
    return str(environ.setdefault(REQUEST_ID, secrets.token_hex(16)))


@dataclass(frozen=True, slots=True)
class AccessLog:
    """Writes the lines. `hits`: also of what memory answers, which nobody needs who counts it."""

    hits: bool = False

    def answered(
        self, environ: Environ, status: int, *, surface: str, tier: str, cloud: str | None = None
    ) -> None:
        """Say what became of a request. Its path is as it came, without the query.

        Inside a site that has set up no lines there are none: they would be on its standard output.
        """
        if not structlog.is_configured():
            return
        started = environ.get(STARTED)
        _log.info(
            "request",
            request_id=id_of(environ),
            method=str(environ.get("REQUEST_METHOD", ""))[:20],
            path=raw_path(environ)[:_MOST],
            status=status,
            surface=surface,
            tier=tier,
            seconds=None if started is None else round(time.perf_counter() - started, 6),
            cloud=cloud,
            key=environ.get(KEY),
        )
