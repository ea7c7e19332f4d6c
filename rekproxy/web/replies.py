"""JSON replies in the wire's form: keys in the order given, never stored by a cache."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response

CONTENT_TYPE = "application/json; charset=utf-8"

#: Characters of an error's message, which may quote what was asked for.
MOST_SAID: Final = 2500


def json_reply(payload: Any, status: int = 200) -> Response:
    """A reply that carries `payload` as compact JSON."""
    # A lone surrogate has no UTF-8 form; with escapes every string has one.
    body = json.dumps(payload, separators=(",", ":"))
    reply = Response(body, status=status, content_type=CONTENT_TYPE)
    reply.headers["Cache-Control"] = "no-store"
    return reply


def purged_edges(tiers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a reply adds where there are edges: what came of each one's purge."""
    return {"purge": [dict(tier) for tier in tiers]} if tiers else {}


def error_reply(message: str, status: int) -> Response:
    """The wire's error: the message in the body, and again in `X-Cld-Error`."""
    said = message[:MOST_SAID]
    reply = json_reply({"error": {"message": said}}, status)
    reply.headers["X-Cld-Error"] = header_text(said)
    return reply


def header_text(message: str) -> str:
    """`message` as a header may carry it: one line of ASCII, at most 500 characters."""
    one_line = "".join(character if character.isprintable() else " " for character in message)
    return one_line.encode("ascii", "replace").decode("ascii")[:500]
