"""`/docs`: the description of the routes that this process answers, as OpenAPI and as a page."""

import base64
import hashlib
from collections.abc import Collection
from functools import cache
from typing import Final

from flask import Blueprint, Response, render_template, request

from ..replies import json_reply
from .document import document, plain
from .operation import Operation, Part
from .routes import PARTS

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { font-size: 0.9em; overflow-wrap: anywhere; }
nav ul { columns: 2; padding-left: 1.2rem; }
details { border-top: 1px solid color-mix(in srgb, currentcolor 20%, transparent); padding: 0.4rem 0; }
summary { cursor: pointer; }
table { border-collapse: collapse; margin: 0.5rem 0; width: 100%; }
td, th { padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; vertical-align: top; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
.note { opacity: 0.8; }
"""
#: The page shows itself and nothing else: no script, no request to anybody.
_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-{}'"
)


def docs_blueprint(surfaces: Collection[str]) -> Blueprint:
    """The page and the document, of what the `surfaces` of this process answer."""
    parts = described(surfaces)
    blueprint = Blueprint("docs", __name__, template_folder="templates")

    @blueprint.get("/docs")
    def page() -> Response:
        shown = [part for part in parts if part.operations]
        html = render_template("docs.html", parts=shown, style=_STYLE, plain=plain, kinds=_kinds)
        reply = Response(html, content_type="text/html; charset=utf-8")
        reply.headers["Content-Security-Policy"] = _POLICY.format(_style_hash())
        reply.headers["X-Content-Type-Options"] = "nosniff"
        reply.headers["Cache-Control"] = "no-store"
        return reply

    @blueprint.get("/docs/openapi.json")
    def openapi() -> Response:
        return json_reply(document(parts, request.script_root or "/"))

    return blueprint


def described(surfaces: Collection[str]) -> tuple[Part, ...]:
    """What is written down of the routes of `surfaces`."""
    return tuple(part for part in PARTS if not part.surface or part.surface in surfaces)


def _kinds(operation: Operation) -> str:
    """What stands behind an operation's summary: who may, and whose it is."""
    said = (
        ["refused"] if operation.refused else [] if operation.role == "nobody" else [f"role {operation.role}"]
    )
    return ", ".join([*said, *(["not in Cloudinary's API"] if operation.is_ours else [])])


@cache
def _style_hash() -> str:
    return base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
