"""Which proxies are believed: `X-Forwarded-*` counts from the networks of the settings, or not at all."""

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

_FORWARDED = tuple(f"HTTP_X_FORWARDED_{name}" for name in ("FOR", "PROTO", "HOST", "PORT", "PREFIX"))


class TrustedProxies:
    """WSGI middleware: applies or drops forwarded headers by who is speaking to us."""

    def __init__(self, app: Callable[..., Any], trusted: tuple[IPv4Network | IPv6Network, ...]) -> None:
        self._app = app
        self._fixed = ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self._trusted = trusted

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Pass the request on, with the address and scheme that may be believed."""
        if self._trusted and self._is_trusted(environ.get("REMOTE_ADDR", "")):
            return self._fixed(environ, start_response)
        for name in _FORWARDED:
            environ.pop(name, None)
        return self._app(environ, start_response)

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)
