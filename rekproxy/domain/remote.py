"""URLs of other servers as names: of pictures that are fetched, and of what their folders are mapped to."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlsplit

from ..errors import InvalidRequestError
from .asset import FETCH
from .publicid import check_public_id

#: Bytes of a URL that names a picture: an index holds no longer ones.
MAX_URL: Final = 1024
#: Who brings fetched pictures in, wherever it is told; what follows is the host they came from.
FETCHER: Final = "fetch:"

_START: Final = re.compile(r"(https?):/+", re.IGNORECASE)
_WRONG: Final = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\\\\#]")
_BASE64: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def check_remote_url(text: str) -> str:
    """The URL that `text` means, in one spelling: scheme and host in lower case, `http:/x` as `http://x`.

    Blanks in it are written as `%20`. Raises `InvalidRequestError` for one that names no picture to fetch.
    """
    text = text.strip().replace(" ", "%20")
    start = _START.match(text)
    if start is None or _WRONG.search(text) or len(text.encode(errors="replace")) > MAX_URL:
        raise InvalidRequestError(f"Invalid URL to fetch: http or https, and at most {MAX_URL} bytes")
    host, slash, rest = text[start.end() :].partition("/")
    question = host.find("?")
    if question >= 0:
        host, slash, rest = host[:question], "", host[question:] + slash + rest
    url = f"{start[1].lower()}://{host.lower()}{slash}{rest}"
    try:
        named = bool(urlsplit(url).hostname)
    except ValueError:
        named = False
    if not named or "@" in host:
        raise InvalidRequestError("Invalid URL to fetch: it must name a host, and no user")
    return url


def check_name(type: str, name: str) -> str:
    """The name that an asset of a type may have. Raises `InvalidRequestError`."""
    return check_remote_url(name) if type == FETCH else check_public_id(name)


def host_of(url: str) -> str:
    """The host that a URL names, in lower case; nothing for what is no URL."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Whether a host is one of those that are allowed; `*.example.com` are all below that one."""
    host = host.rstrip(".")
    return any(host == each or (each[:2] == "*." and host.endswith(each[1:])) for each in allowed)


def read_layer(text: str) -> str:
    """The URL of a layer that is written in base64. Raises `ValueError` and `InvalidRequestError`."""
    if not _BASE64.fullmatch(text):
        raise ValueError(text)
    plain = text.rstrip("=")
    try:
        url = urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).decode()
    except Base64Error as error:
        raise ValueError(text) from error
    return check_remote_url(url)


def write_layer(url: str) -> str:
    """The same the other way."""
    return urlsafe_b64encode(url.encode()).decode().rstrip("=")


def mapped_url(template: str, rest: str) -> str:
    """Where a picture lies whose folder is mapped to `template`; `rest` is its name within the folder.

    Nothing of the name ever reaches into the template's host.
    """
    parts = urlsplit(template)
    slash = "/" if not parts.path and not parts.query else ""
    return f"{template}{slash}{quote(rest, safe='/')}"
