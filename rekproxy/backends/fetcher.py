"""A fetcher that sends each request, and each redirect's, through the guarded client."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from ..errors import FileTooLargeError, UnreachableError
from ..interfaces.fetcher import Brought, any_host
from .http import GuardedClient, Reply

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: Characters that a URL may hold as they stand; "%" too, as whoever wrote it may have escaped the rest.
_PLAIN: Final = "%!#$&'()*+,/:;=?@[]~"
_LENGTH: Final = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class HttpFetcher:
    """Follows at most `most_redirects`; none of them brings along more than the first request said."""

    client: GuardedClient
    most_redirects: int = 5

    def bring(
        self,
        url: str,
        *,
        most_bytes: int,
        seconds: float,
        may: Callable[[str], bool] = any_host,
        unless: Mapping[str, str] | None = None,
    ) -> Brought:
        """See `Fetcher.bring`."""
        until = time.monotonic() + seconds
        headers = {"Accept": "image/*,*/*;q=0.5", **(unless or {})}
        for _ in range(self.most_redirects + 1):
            url = _plain(url)
            if not may(_host(url)):
                raise UnreachableError("The URL's host is not allowed")
            reply = self._ask(url, headers, until, most_bytes)
            if reply.status not in _REDIRECTS:
                return _whole(reply, most_bytes)
            if "location" not in reply.headers:
                raise UnreachableError("The server redirects to nowhere")
            url = _joined(url, reply.headers["location"])
        raise UnreachableError("The server redirects again and again")

    def _ask(self, url: str, headers: Mapping[str, str], until: float, most_bytes: int) -> Reply:
        left = until - time.monotonic()
        if left <= 0:
            raise UnreachableError("The server did not answer in time")
        # one byte more tells what is too large
        return replace(self.client, total_seconds=left, most_bytes=most_bytes + 1).send(
            "GET", url, headers=headers
        )


def _plain(url: str) -> str:
    """A URL as it goes over the wire: what is not ASCII, and blanks, escaped; without its fragment."""
    try:
        return quote(urldefrag(url.strip()).url, safe=_PLAIN)
    except ValueError:
        raise UnreachableError("The URL cannot be understood") from None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        raise UnreachableError("The URL cannot be understood") from None


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise UnreachableError("The server redirects to nowhere") from None


def _whole(reply: Reply, most_bytes: int) -> Brought:
    if reply.status == 200 and len(reply.body) > most_bytes:
        said = reply.headers.get("content-length", "")
        raise FileTooLargeError(int(said) if _LENGTH.fullmatch(said) else len(reply.body), most_bytes)
    return Brought(reply.status, reply.body[:most_bytes], reply.headers)
