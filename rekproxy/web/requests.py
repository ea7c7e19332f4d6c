"""From a WSGI environ to a delivery request: one parser for the gate and the view behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from ..domain.url import DeliveryPath, parse_delivery_path
from ..services.deliver import Asked
from .access import presented

Environ = Mapping[str, Any]

#: Characters that have a meaning in a delivery path as they stand.
_PLAIN = "/:,$!*()'@;=&+"

_parse: Callable[[str], DeliveryPath | None] = lru_cache(maxsize=4096)(parse_delivery_path)


@dataclass(frozen=True, slots=True)
class DeliveryRequests:
    """Reads delivery requests. `default_cloud` is whose a path without a cloud is."""

    default_cloud: str

    def read(self, environ: Environ) -> Asked | None:
        """What is asked for, or `None` if this is no delivery path.

        Raises `InvalidRequestError` and `InvalidTransformationError`.
        """
        raw = raw_path(environ)
        path = _parse(raw)
        if path is None:
            return None
        accept = ""
        if path.transformation.format == "auto":
            accept = best_format(environ.get("HTTP_ACCEPT", ""))
        shown = presented(environ, raw) if path.is_closed else None
        return Asked(path, path.cloud or self.default_cloud, accept, shown)


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
def best_format(accept: str) -> str:
    """The best modern format that an `Accept` header names outright: `avif`, `webp` or none."""
    named = parse_accept_header(accept, MIMEAccept)
    for format in ("avif", "webp"):
        if any(value == f"image/{format}" and quality > 0 for value, quality in named):
            return format
    return ""
