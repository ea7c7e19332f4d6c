"""The one table from exception class to HTTP status, and the handlers that answer with it."""

import traceback
from typing import Final

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ..errors import (
    AccessDeniedError,
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    RekproxyError,
    StaleDecisionError,
    SubscriptionError,
    UnavailableError,
)
from .accesslog import id_of
from .bodies import FIELDS_ROOM, throw_away
from .replies import error_reply

#: Status of each class and, by ancestry, of its children. 420 is the wire's own, also for a rate.
STATUSES: Final[dict[type[BaseException], int]] = {
    InvalidRequestError: 400,
    AuthenticationError: 401,
    AccessDeniedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    StaleDecisionError: 409,
    SubscriptionError: 420,
    RateLimitedError: 420,
    UnavailableError: 503,
    Exception: 500,
}

#: What callers read when the fault is ours: the true words go to the log alone.
OUR_FAULT: Final = {500: "Internal server error", 503: "Service temporarily unavailable, please try again"}

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_log = structlog.get_logger("rekproxy.web")


def status_of(error: BaseException) -> int:
    """HTTP status of an exception, looked up along its ancestry."""
    return next((STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES), 500)


def request_id() -> str:
    """The id of the current request, drawn when first asked for."""
    return id_of(request.environ)


def register(app: Flask) -> None:
    """Answer every error in the wire's form, and give each reply its `X-Request-Id`."""
    app.register_error_handler(RekproxyError, _answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer)
    app.after_request(_stamp)
    for prefix in ("/v1_1", "/v2"):
        rule = f"{prefix}/<path:rest>"
        app.add_url_rule(rule, endpoint=f"unknown{prefix}", view_func=_unknown, methods=_METHODS)


def _answer(error: Exception) -> Response:
    status = status_of(error)
    reply = error_reply(str(error) if status < 500 else OUR_FAULT[status], status)
    if status >= 500:
        record(error, status)
    if isinstance(error, (UnavailableError, RateLimitedError)):
        reply.headers["Retry-After"] = str(error.retry_after)
    return reply


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status >= 500:
        record(error, status)
    reply = error_reply(OUR_FAULT.get(status, error.name), status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        reply.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return reply


def record(error: Exception, status: int) -> None:
    """Tell the log what went wrong with this request."""
    # No query string: it may hold a signature.
    seen = {"request_id": request_id(), "method": request.method, "path": request.path, "status": status}
    if isinstance(error, UnavailableError):
        _log.warning("request refused", reason=str(error), **seen)
    else:
        # As text: a renderer that shows local variables would show secrets.
        _log.error("request failed", traceback="".join(traceback.format_exception(error)), **seen)


def _stamp(reply: Response) -> Response:
    # A body that nobody read ends the connection, and with it the client's next request.
    throw_away(request, FIELDS_ROOM)
    # Pictures are the same for everybody, and kept by caches: no request has its id in one.
    if request.blueprint != "delivery" or reply.status_code >= 400:
        reply.headers["X-Request-Id"] = request_id()
    return reply


def _unknown(rest: str) -> Response:
    return error_reply("Not Found", 404)
