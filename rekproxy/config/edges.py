"""Settings of edge caches: their shapes, and what one that is named needs besides its name."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from ..domain.addresses import Allowed, check_url
from ..errors import InvalidRequestError

if TYPE_CHECKING:
    from .settings import Settings

Edge = Literal["varnish", "cloudfront", "http"]
#: It travels in a header.
EdgeSecret = Annotated[str, Field(pattern=r"^[\x21-\x7e]{8,4096}$")]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
EdgeTtl = Annotated[int, Field(ge=0, le=86_400)]

_PLACES = ("${secret}", "${key}", "${keys}", "${keys_json}")


def _named(value: object) -> object:
    """Names with commas between them; `none` is no edge."""
    if not isinstance(value, str):
        return value
    names = [part for part in re.split(r"[,\s]+", value) if part]
    return [] if names == ["none"] else names


Edges = Annotated[tuple[Edge, ...], BeforeValidator(_named)]


def place_of(url: str) -> list[str]:
    """`host:port` of a setting, which may be private, for the operator named it; none if it is no URL."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return [f"{parts.hostname}:{port}"] if parts.hostname else []


def headers_of(text: str) -> Mapping[str, str]:
    """`Name: value`, a line each. Raises `ValueError`."""
    headers = {}
    for part in filter(None, (part.strip() for part in text.splitlines())):
        name, colon, value = part.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name.strip()):
            raise ValueError("must be headers as Name: value, a line each")
        headers[name.strip()] = value.strip()
    return headers


def wrong_edges(settings: "Settings") -> Iterable[str]:
    """A line for everything that the named edges lack, or that is wrong with it."""
    for edge in sorted({edge for edge in settings.edge if settings.edge.count(edge) > 1}):
        yield f"REKPROXY_EDGE: {edge} is given twice"
    needed = {
        "varnish": ("varnish_urls", "varnish_secret"),
        "cloudfront": ("cloudfront_distribution",),
        "http": ("edge_http_url", "edge_http_secret"),
    }
    for edge in settings.edge:
        for setting in needed[edge]:
            if not getattr(settings, setting):
                yield f"REKPROXY_{setting.upper()}: must be set with REKPROXY_EDGE={edge}"
    urls = [("VARNISH_URLS", url) for url in settings.varnish_urls]
    urls += [("EDGE_HTTP_URL", settings.edge_http_url)] if settings.edge_http_url else []
    for setting, url in urls:
        try:
            check_url(_filled(url), Allowed.of(place_of(_filled(url))))
        except (InvalidRequestError, ValueError) as error:
            yield f"REKPROXY_{setting}: {error}"
    if "http" in settings.edge:
        yield from _wrong_request(settings)


def _wrong_request(settings: "Settings") -> Iterable[str]:
    try:
        headers = headers_of(settings.edge_http_headers)
    except ValueError as error:
        yield f"REKPROXY_EDGE_HTTP_HEADERS: {error}"
        return
    texts = [settings.edge_http_url or "", settings.edge_http_body, *headers.values()]
    for text in texts:
        for place in re.findall(r"\$\{[^}]*\}", text):
            if place not in _PLACES:
                yield f"REKPROXY_EDGE_HTTP_BODY, _URL and _HEADERS know {', '.join(_PLACES)}, not {place}"
    if not any(place in text for text in texts for place in _PLACES[1:]):
        yield "REKPROXY_EDGE_HTTP_BODY, _URL or _HEADERS: must hold ${key}, ${keys} or ${keys_json}"
    if any("${key}" in text for text in texts) and settings.edge_http_keys != 1:
        yield "REKPROXY_EDGE_HTTP_KEYS: must be 1 where ${key} stands for the key of a request"


def _filled(url: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "0", url)
