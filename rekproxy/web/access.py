"""Tokens as requests carry them: in the query string, or in a cookie of the same name.

Only closed paths have them looked at, so that no other answer depends on a cookie. What a token opens is
`private` and never in a shared cache, and what it does not open is never kept: neither needs `Vary: Cookie`.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final
from urllib.parse import unquote

from ..domain.token import NAME, Presented

#: Tokens of one request that are looked at: one each in query and cookie is usual.
_MOST: Final = 4


def presented(environ: Mapping[str, Any], path: str) -> Presented:
    """The tokens of a request for `path`, not believed yet."""
    query = str(environ.get("QUERY_STRING", "")).split("&")
    cookies = (part.strip() for part in str(environ.get("HTTP_COOKIE", "")).split(";"))
    texts = (*islice(_texts(query), _MOST), *islice(_texts(cookies), _MOST))
    return Presented(texts, path, str(environ.get("REMOTE_ADDR", "")))


def _texts(pairs: Iterable[str]) -> Iterator[str]:
    """Tokens among `name=value` pairs. A client may have escaped one whole: as it is meant it has a `=`."""
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name == NAME:
            yield text if "=" in text else unquote(text, errors="replace")
