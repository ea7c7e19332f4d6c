"""Files that an upload names by their URL: brought here, or refused in the wire's words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote, urlsplit

from ..domain.sniffing import looks_like_image
from ..errors import InvalidImageError, InvalidRequestError, NotFoundError, UnreachableError
from ..interfaces.fetcher import Brought, Fetcher, any_host

_HTML: Final = ("text/html", "application/xhtml+xml")
_OPENINGS: Final = (b"<!doctype html", b"<html")


@dataclass(frozen=True, slots=True)
class Remote:
    """Brings files. `seconds` is the longest that one may take, `most_bytes` the largest that is taken."""

    fetcher: Fetcher
    seconds: float
    most_bytes: int

    def load(self, url: str, most_bytes: int | None = None) -> tuple[bytes, str | None]:
        """The file behind `url`, and what it is called there. Raises as `ask` and `file_in` do."""
        return file_in(url, self.ask(url, most_bytes=most_bytes)), name_in(url)

    def ask(
        self,
        url: str,
        *,
        most_bytes: int | None = None,
        may: Callable[[str], bool] = any_host,
        unless: Mapping[str, str] | None = None,
    ) -> Brought:
        """What `url` answers, whatever it is. Raises `InvalidRequestError` and `FileTooLargeError`."""
        most = min(self.most_bytes, self.most_bytes if most_bytes is None else most_bytes)
        try:
            return self.fetcher.bring(url, most_bytes=most, seconds=self.seconds, may=may, unless=unless)
        except UnreachableError as error:
            raise InvalidRequestError(f"Error in loading {url} - {error}") from None


def file_in(url: str, brought: Brought) -> bytes:
    """The file that an answer holds.

    Raises `InvalidRequestError` (and its children), and `NotFoundError` for a page in its place.
    """
    if brought.status != HTTPStatus.OK:
        raise InvalidRequestError(f"Error in loading {url} - {_said(brought.status)}")
    if not brought.body:
        raise InvalidImageError("Empty file")
    if _is_page(brought):
        raise NotFoundError(f"Resource not found - Error in loading {url} - HTML response")
    return brought.body


def name_in(url: str) -> str | None:
    """The last part of a URL's path, as a file's name."""
    return unquote(urlsplit(url).path).rpartition("/")[2] or None


def _said(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _is_page(brought: Brought) -> bool:
    """Whether a page came in place of a picture; what a server calls its pictures counts for nothing."""
    if looks_like_image(brought.body):
        return False
    kind = brought.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in _HTML or brought.body[:256].lstrip().lower().startswith(_OPENINGS)
