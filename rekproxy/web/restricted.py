"""Replies that carry pixels which the public may not see: no cache keeps them, no page runs them."""

from flask import Response

from .caching import MIME


def restricted_reply(body: bytes, format: str, *, filename: str | None = None) -> Response:
    """A picture of one of our formats; with `filename` to be saved, and never shown as a page."""
    reply = Response(body, content_type=MIME.get(format, "application/octet-stream"))
    reply.headers["Cache-Control"] = "no-store, private"
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    reply.headers["Referrer-Policy"] = "no-referrer"
    reply.headers["X-Robots-Tag"] = "noindex"
    if filename is not None:
        reply.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return reply
