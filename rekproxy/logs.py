"""Log lines on standard error: one JSON object each, or plain on a terminal; ours and the servers' alike.

No signature, token, password or query string is in any of them, whoever wrote it.
"""

import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import structlog

Event = MutableMapping[str, Any]

#: Characters of one value; a traceback may be longer.
_MOST: Final = 2000
_MOST_TRACE: Final = 20_000
_TRACES: Final = ("traceback", "exception")

_NAMED: Final = "__cld_token__|signature|api_secret|api_key|token|password|secret|hmac|authorization"
_SECRETS: Final = (
    (re.compile(r"s--[A-Za-z0-9_-]{1,64}--"), "s--***--"),
    (re.compile(rf"(?i)\b({_NAMED})(=|%3d)[^&;\s\"'<>]+"), r"\1=***"),
    (re.compile(r"(?i)\b(basic|bearer) [A-Za-z0-9+/=._~-]+"), r"\1 ***"),
    (re.compile(r"(://)[^/@\s\"']+@"), r"\1***@"),
    (re.compile(r"(/[^\s?\"']*)\?[^\s\"']*"), r"\1?***"),
)


def configure(form: str) -> None:
    """Have this process write its lines as `json` or `console`; `auto` asks whether a terminal reads them.

    Exceptions that nobody catches become lines as well.
    """
    plain = form == "console" or (form == "auto" and sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _place,
            _trace,
            redact,
            _console() if plain else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_Lines,
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def forward(form: str) -> logging.Handler:
    """A handler of `logging` that writes our lines, in a process that may not be configured yet."""
    configure(form)
    return _Forward()


def of_server(form: str, *names: str) -> dict[str, Any]:
    """A configuration for `logging.config.dictConfig`: a server's own warnings become our lines."""
    ours = {"handlers": ["ours"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"ours": {"()": "rekproxy.logs.forward", "form": form}},
        "loggers": {name: dict(ours) for name in names},
        "root": {"handlers": ["ours"], "level": "WARNING"},
    }


def redact(logger: object, method: str, event: Event) -> Event:
    """Take out of every value what opens something, and cut what is too long."""
    for name, value in event.items():
        if not isinstance(value, int | float | type(None)):
            event[name] = without_secrets(str(value))[: _MOST_TRACE if name in _TRACES else _MOST]
    return event


def without_secrets(text: str) -> str:
    """The text with stars for signatures, tokens, passwords and query strings."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class _Lines:
    """Writes each line in one piece, to what is standard error now."""

    def __init__(self, *_: object) -> None: ...

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = log = fatal = warn = msg


class _Forward(logging.Handler):
    """Hands what others log to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        exc_info = record.exc_info if record.exc_info and record.exc_info[1] else None
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=exc_info)


def _place(logger: object, method: str, event: Event) -> Event:
    event["pid"] = os.getpid()
    return event


def _trace(logger: object, method: str, event: Event) -> Event:
    """An exception as text: a renderer that shows local variables would show secrets."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given if isinstance(given, BaseException) else given[1] if given else None
    if error is not None:
        event["exception"] = "".join(traceback.format_exception(error))
    return event


def _console() -> Callable[[object, str, Event], str]:
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, *_: object) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    structlog.get_logger().critical("uncaught", error=kind.__name__, exc_info=error)
