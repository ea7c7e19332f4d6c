"""What every page of the console is drawn with: its frame, its static files, its errors."""

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import HTTPException, NotFound

from ...domain.wellness import wellness_of
from ...errors import (
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    HeldError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    RekproxyError,
    StaleDecisionError,
    UnavailableError,
)
from ..errors import OUR_FAULT, record, request_id, status_of
from ..replies import error_reply
from . import texts, ways
from .door import ROOT, Door, csrf, form, to, wants_json

#: The cookie in which the choice of dark or light is kept, and what it may say.
THEME: Final = "rekproxy_theme"
THEMES: Final = ("light", "dark")

_POLICY: Final = (
    "default-src 'none'; img-src 'self' blob:; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ID: Final = re.compile(r"[0-9a-f]{32}")
_STATIC: Final = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that every page may load."""

    data: bytes
    kind: str
    etag: str


@cache
def static_files() -> Mapping[str, StaticFile]:
    """All static files, by name."""
    found = {}
    for path in sorted(_STATIC.iterdir()):
        data = path.read_bytes()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        found[path.name] = StaticFile(data, kind, hashlib.sha256(data).hexdigest()[:32])
    return found


@cache
def static_version() -> str:
    """A name for all static files together: it stands in their path, so that modules find each other."""
    whole = "".join(f"{name}{file.etag}" for name, file in static_files().items())
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def static(name: str) -> str:
    """The address of a static file."""
    if name not in static_files():
        raise KeyError(name)
    return f"{request.script_root}{ROOT}/static/{static_version()}/{name}"


def serve_static(version: str, name: str) -> Response:
    """A static file. Under the version of now it never changes."""
    file = static_files().get(name)
    if file is None:
        raise NotFound
    reply = Response(file.data, content_type=file.kind)
    reply.set_etag(file.etag)
    fixed = version == static_version()
    reply.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fixed else "no-cache"
    reply.make_conditional(request)
    return reply


def render(template: str, status: int = 200, **values: Any) -> Response:
    """A page; `frame` adds what all of them have."""
    return Response(render_template(template, **values), status, content_type="text/html; charset=utf-8")


def console_blueprint(door: Door, coverage: str) -> Blueprint:
    """The console without its pages, which are registered on it. `coverage` says what is not seen."""
    console = Blueprint("console", __name__, url_prefix=ROOT, template_folder="templates")
    console.add_url_rule("/static/<version>/<name>", view_func=serve_static)
    console.add_url_rule(
        "/<path:rest>", "unknown", door.page()(_unknown), methods=["GET", "POST", "PUT", "DELETE", "PATCH"]
    )
    console.add_app_template_filter(_day, "day")
    console.context_processor(lambda: frame(door, coverage))
    for kind in (RekproxyError, HTTPException, Exception):
        console.register_error_handler(kind, answer)
    console.after_request(_finish)
    return console


def frame(door: Door, coverage: str) -> dict[str, Any]:
    """What every template finds beside its own values.

    Around a cloud that is not theirs, somebody is shown the first of their own.
    """
    try:
        person = door.person()
    except RekproxyError:
        person = None
    cloud = person.clouds[0] if person else None
    with suppress(RekproxyError):
        cloud = door.cloud(person) if person else None
    shown = [entry for entry in texts.NAVIGATION if person and person.may(entry.role)]
    here = request.path.removeprefix(ROOT)
    return {
        "person": person,
        "cloud": cloud,
        "navigation": [(entry, _is_here(entry.path, here)) for entry in shown],
        "texts": texts,
        "csrf": csrf,
        "theme": theme(),
        "wellness": wellness_of(person.user.preferences) if person else None,
        "coverage": coverage,
        "static": static,
        "to": to,
        "here": here_again(),
        "elsewhere": ways.elsewhere(),
    }


def here_again() -> str:
    """Where the browser is, so that it can come back; the first page where that was an act."""
    if request.method != "GET":
        return f"{ROOT}/"
    return request.full_path if request.query_string else request.path


def theme() -> str:
    """`light` or `dark` where somebody chose, else nothing: then it is as the system has it."""
    chosen = request.cookies.get(THEME, "")
    return chosen if chosen in THEMES else ""


def answer(error: Exception) -> Response:
    """An error as a page that says what happened and what to do; as JSON where a script asked."""
    status = _status(error)
    said = str(error) if isinstance(error, RekproxyError) else texts.HTTP_ERRORS.get(status, "")
    if status >= 500:
        record(error, status)
        said = texts.HTTP_ERRORS.get(status, OUR_FAULT[500])
    reply = error_reply(said, status) if wants_json() else _page(error, status, said)
    if isinstance(error, (UnavailableError, RateLimitedError)):
        reply.headers["Retry-After"] = str(error.retry_after)
    return reply


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.code or 500
    return 429 if isinstance(error, RateLimitedError) else status_of(error)


def _page(error: Exception, status: int, said: str) -> Response:
    picture = _picture(error)
    usual = texts.ADVICE_AT_PICTURE if picture else texts.TRY_AGAIN
    advice = next((text for kind, text in _ADVICE if isinstance(error, kind)), usual)
    return render(
        "error.html",
        status,
        title=texts.ERROR_TITLES.get(status, texts.ERROR_TITLES[500]),
        said=said,
        advice=advice,
        number=request_id() if status >= 500 else "",
        picture=picture,
    )


def _picture(error: Exception) -> str:
    """The page of the picture that a refused act was about: it tells how that one stands now."""
    refused = isinstance(error, (InvalidRequestError, ConflictError, StaleDecisionError))
    if request.method != "POST" or not refused:
        return ""
    with suppress(RekproxyError, HTTPException):
        given = form()
        asset_id = (request.view_args or {}).get("asset_id") or given.text("asset_id") or ""
        way = ways.back(given.text("back"))
        return to(f"/asset/{asset_id}", **({"back": way} if way else {})) if _ID.fullmatch(asset_id) else ""
    return ""


_ADVICE: Final[tuple[tuple[type[Exception], str], ...]] = (
    (StaleDecisionError, texts.ADVICE_STALE),
    (HeldError, texts.ADVICE_HELD),
    (AuthenticationError, texts.ADVICE_SIGN_IN),
    (ForbiddenError, texts.ADVICE_FORBIDDEN),
    (NotFoundError, texts.ADVICE_NOT_FOUND),
    (NotFound, texts.ADVICE_NOT_FOUND),
    (UnavailableError, texts.ADVICE_UNAVAILABLE),
    (RateLimitedError, texts.ADVICE_WAIT),
)


def _unknown(person: object, rest: str) -> Response:
    raise NotFoundError(texts.NO_SUCH_PAGE)


def _day(at: int) -> str:
    """The day (UTC) of a time in milliseconds since 1970."""
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def _is_here(path: str, here: str) -> bool:
    return here == path or (path != "/" and here.startswith(f"{path}/"))


def _finish(reply: Response) -> Response:
    """What every answer of the console gets: nobody stores it, nothing foreign runs in it."""
    reply.headers.setdefault("Cache-Control", "no-store")
    reply.headers["Content-Security-Policy"] = _POLICY
    reply.headers["Referrer-Policy"] = "same-origin"
    reply.headers["X-Content-Type-Options"] = "nosniff"
    reply.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    reply.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return reply
