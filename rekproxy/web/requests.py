"""From a WSGI environ to a delivery request: one parser for the gate and the view behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote, urlsplit

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from ..domain.hints import resolved
from ..domain.outputs import MODERN
from ..domain.routes import Routes
from ..services.deliver import Asked
from .access import presented

Environ = Mapping[str, Any]

#: Characters that have a meaning in a delivery path as they stand.
_PLAIN = "/:,$!*()'@;=&+"


@dataclass(frozen=True, slots=True)
class DeliveryRequests:
    """Reads delivery requests. `routes` say whose a path is."""

    routes: Routes

    def read(self, environ: Environ) -> Asked | None:
        """What is asked for, or `None` if this is no delivery path.

        Raises `InvalidRequestError` and `InvalidTransformationError`.
        """
        raw = raw_path(environ)
        resolved_path = self.routes.resolve(raw, environ.get("HTTP_HOST", ""))
        if resolved_path is None:
            return None
        path, cloud = resolved_path
        wanted, hints = resolved(path.transformation, lambda name: _header(environ, name))
        accept, read = "", list(hints)
        if wanted.format == "auto":
            accept = modern_formats(environ.get("HTTP_ACCEPT", ""))
            read.append("Accept")
        if wanted.quality == "auto":
            read.append("Save-Data")
            if environ.get("HTTP_SAVE_DATA", "").strip().lower() == "on":
                wanted = replace(wanted, quality="auto:eco")
        if wanted is not path.transformation:
            path = replace(path, transformation=wanted)
        return Asked(path, cloud, accept, partial(presented, environ, raw), ", ".join(read))


def _header(environ: Environ, name: str) -> str | None:
    value = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
    return None if value is None else str(value).strip()


def raw_path(environ: Environ) -> str:
    """The path as it came, still percent-encoded, below the prefix that we are mounted under.

    A server that gives no raw URI (granian) has it escaped again: what that makes ambiguous, such as a comma
    inside a layer's name, is then refused by the parser and never guessed.
    """
    uri = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not uri:
        return quote(str(environ.get("PATH_INFO", "")).encode("latin-1"), safe=_PLAIN)
    uri = str(uri)
    if not uri.startswith("/"):
        uri = urlsplit(uri).path
    path = uri.partition("?")[0].partition("#")[0]
    prefix = str(environ.get("SCRIPT_NAME", ""))
    return path[len(prefix) :] if prefix and path.startswith(prefix) else path


@lru_cache(maxsize=512)
def modern_formats(accept: str) -> str:
    """The modern formats that an `Accept` header names outright, best first: `avif,webp`, one or none."""
    named = parse_accept_header(accept, MIMEAccept)
    accepted = {value for value, quality in named if quality > 0}
    return ",".join(form for form in MODERN if f"image/{form}" in accepted)
