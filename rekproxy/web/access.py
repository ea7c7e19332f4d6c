"""Tokens as requests carry them: in the query string, or in a cookie of the same name.

Only closed paths, and pictures with access rules, have them looked at, so that no other answer depends on a
cookie. What a token opens is
`private` and never in a shared cache, and what it does not open is never kept: neither needs `Vary: Cookie`.
"""

from collections.abc import Mapping
from typing import Any

from ..domain.token import Presented, tokens_among


def presented(environ: Mapping[str, Any], path: str) -> Presented:
    """The tokens of a request for `path`, not believed yet."""
    query, cookies = str(environ.get("QUERY_STRING", "")), str(environ.get("HTTP_COOKIE", ""))
    texts = (*tokens_among(query.split("&")), *tokens_among(cookies.split(";")))
    return Presented(texts, path, str(environ.get("REMOTE_ADDR", "")))
