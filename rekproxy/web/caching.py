"""Headers of public images, and of their refusals: the contract of design section 3 in one place."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkzeug.http import http_date

from ..domain.cachekeys import surrogate_key
from ..domain.outputs import disposition
from ..services.deliver import Asked, Terms
from ..services.memory import Picture
from .replies import header_text

MIME = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "gif": "image/gif",
    "heic": "image/heic",
    "tiff": "image/tiff",
    "bmp": "image/bmp",
    "json": "application/json; charset=utf-8",
}

Headers = list[tuple[str, str]]

_ALWAYS: tuple[tuple[str, str], ...] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Timing-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
)
#: What tells shared caches how long to keep an answer.
_SHARED_CACHES = frozenset({"Cache-Control", "CDN-Cache-Control", "Surrogate-Control"})
_NEVER_STALE = "must-revalidate, stale-if-error=0, stale-while-revalidate=0"
_EXPOSED = "Content-Length,ETag,Server-Timing,Vary,X-Content-Type-Options"


#: Seconds that an edge keeps a 404: it takes a rush upon a missing picture, and is over before anyone who
#: waits for an approval wonders, should the purge that follows it fail.
MISSING_SECONDS = 10
#: What each kind of edge reads a life of its own from. CloudFront knows none of them.
_LIFE_HEADERS = {
    "varnish": ("Surrogate-Control",),
    "cloudfront": (),
    "http": ("CDN-Cache-Control", "Surrogate-Control"),
}


@dataclass(frozen=True, slots=True)
class EdgePolicy:
    """What edges that are purged are told besides: a longer life, and the tags in one header more.

    `kinds` are those of the settings; an edge that is not purged must not be told of a longer life. `life`
    gives seconds, at most `takedown_seconds` while a purge is late.
    """

    kinds: tuple[str, ...]
    life: Callable[[], int]
    takedown_seconds: int
    tag_header: str | None = None

    def headers(self, seconds: int) -> Headers:
        """A life of `seconds`, for each kind of edge in its own words."""
        names = dict.fromkeys(name for kind in self.kinds for name in _LIFE_HEADERS[kind])
        return [(name, f"max-age={seconds}") for name in names]

    def missing(self) -> Headers:
        """The life of a 404; none while an approval could not clear it."""
        trusted = self.life() > self.takedown_seconds
        return self.headers(MISSING_SECONDS) if trusted else []


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long a public answer may live: at most `takedown_seconds` in any cache that obeys HTTP.

    A cache that is purged, an edge, may be told another time.
    """

    takedown_seconds: int
    edge: EdgePolicy | None = None

    def picture(self, picture: Picture, asked: Asked, *, terms: Terms | None = None) -> Headers:
        """Headers of a 200, made once for each picture and each way to ask for it, but for its `terms`."""
        if terms is not None:
            return self._on(terms, self.picture(picture, asked))
        life = self.edge.life() if self.edge else 0
        made = picture.headers.get((asked.vary, life))
        if made is None:
            made = picture.headers[asked.vary, life] = (
                *self._shared(picture, life, asked.vary),
                ("Content-Type", MIME[picture.format]),
                ("Content-Length", str(len(picture.body))),
                ("Accept-Ranges", "bytes"),
            )
        return [*made, *_kept_as(asked, picture.format)]

    def unchanged(self, picture: Picture, asked: Asked, *, terms: Terms | None = None) -> Headers:
        """Headers of a 304: those of the 200 that a cache must renew."""
        life = self.edge.life() if self.edge else 0
        shared = self._shared(picture, life, asked.vary)
        return shared if terms is None else self._on(terms, shared)

    def refusal(self, asked: Asked | None, message: str, *, missing: bool = False) -> Headers:
        """Headers of an answer without a picture: never kept, and tagged so that an approval clears it.

        What is `missing` (a 404) an edge that is purged keeps a little.
        """
        headers: Headers = [
            *_ALWAYS,
            ("Access-Control-Expose-Headers", f"{_EXPOSED},X-Cld-Error"),
            ("Cache-Control", "no-store"),
            ("X-Cld-Error", message),
        ]
        if asked:
            names = [surrogate_key(asked.cloud, asked.path.type, name) for name, _ in asked.path.candidates]
            headers += self._tags(names)
            headers += self.edge.missing() if self.edge and missing else []
        return headers

    def _on(self, terms: Terms, headers: Headers) -> Headers:
        """The same, kept no longer than its terms say, and if they say so by one client alone.

        An edge is not told a life of its own: no purge comes when a window closes.
        """
        left = min(self.takedown_seconds, terms.until - math.ceil(time.time()))
        kept = [(name, value) for name, value in headers if name not in _SHARED_CACHES]
        whom = "public" if terms.shared else "private"
        said = f"{whom}, no-transform, max-age={max(0, int(left))}, {_NEVER_STALE}"
        return [*kept, ("Cache-Control", said)]

    def _shared(self, picture: Picture, life: int, vary: str) -> Headers:
        headers = [
            *_ALWAYS,
            ("Access-Control-Expose-Headers", _EXPOSED),
            ("Cache-Control", f"public, no-transform, max-age={self.takedown_seconds}, {_NEVER_STALE}"),
            ("ETag", f'"{picture.etag}"'),
            ("Last-Modified", http_date(picture.modified)),
            *self._tags(picture.keys),
            ("Server-Timing", _timing(picture)),
            *(self.edge.headers(life) if self.edge else ()),
            *picture.extra,
        ]
        if vary:
            headers.append(("Vary", vary))
        if picture.instead_of:
            headers.append(("X-Cld-Error", header_text(picture.instead_of)))
        return headers

    def _tags(self, names: Sequence[str]) -> Headers:
        commas = ",".join(names)
        more = [(self.edge.tag_header, commas)] if self.edge and self.edge.tag_header else []
        return [("Cache-Tag", commas), ("Surrogate-Key", " ".join(names)), *more]


def _kept_as(asked: Asked, form: str) -> Headers:
    """What makes a browser keep the answer as a file, where that is asked for."""
    name = asked.path.transformation.attachment
    return [] if name is None else [("Content-Disposition", disposition(name, asked.name, form))]


def _timing(picture: Picture) -> str:
    size = f"width={picture.width},height={picture.height},bytes={len(picture.body)}"
    return f'rekproxy;desc={picture.tier},content-info;desc="{size},format=\\"{picture.format}\\""'
