"""rekproxy under a prefix of another WSGI application, such as a Flask or Django site."""

from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from .app import create_app
from .config import Settings

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Rekproxy:
    """Answers everything below `prefix` (such as `/images`), and leaves the rest to `app`.

    ::

        from rekproxy.middleware import Rekproxy

        site.wsgi_app = Rekproxy(site.wsgi_app, "/images")

    Settings come from the environment unless they are given. Raises `ConfigurationError`.
    """

    def __init__(self, app: WSGI, prefix: str, settings: Settings | None = None) -> None:
        self._dispatch = DispatcherMiddleware(app, {f"/{prefix.strip('/')}": create_app(settings)})

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Dispatch by path."""
        return self._dispatch(environ, start_response)
