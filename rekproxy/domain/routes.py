"""Whose a delivery path is: the cloud that it names, that of its host, or the first."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from ..errors import ConfigurationError
from .url import DeliveryPath, parse_delivery_path

#: First segments that are no picture at the root of a cloud or host: kinds of resources, and our own paths.
RESERVED: Final = frozenset({
    "image", "images", "iu", "private_images", "authenticated_images", "video", "videos", "raw", "files",
    "auto", "search", "v1_1", "v2", "console", "docs", "static", "healthz", "readyz", "metrics",
})  # fmt: skip

# SDKs spread pictures over `a1.` to `a5.` of a host (the wire's section 1.1).
_SPREAD = re.compile(r"a[1-5]\.")
_FIRST = re.compile(r"/+([^/]+)(?:/+(.*))?", re.DOTALL)

_parse: Callable[[str], DeliveryPath | None] = lru_cache(maxsize=4096)(parse_delivery_path)


@dataclass(frozen=True, slots=True)
class Routes:
    """Resolves delivery paths. `default` is whose a path is that names no cloud, on a host of none.

    `hosts` are hosts of one cloud alone: nothing of others is delivered there. `clouds` are all, at whose
    root pictures may be asked for without a kind and type.
    """

    default: str
    hosts: Mapping[str, str] = field(default_factory=dict)
    clouds: frozenset[str] = frozenset()

    def resolve(self, raw_path: str, host: str = "") -> tuple[DeliveryPath, str] | None:
        """What a path asks for and of which cloud, `None` if it is no delivery path here.

        `host` is the request's, with its port or without. Raises as `parse_delivery_path` does.
        """
        path = _parse(raw_path)
        if path is not None and not self.hosts:  # every hit comes by here
            return path, path.cloud or self.default
        if path is None:
            written = self._written_out(raw_path, self._owner(host))
            path = _parse(written) if written else None
        cloud = None if path is None else self.whose(path.cloud, host)
        return None if path is None or cloud is None else (path, cloud)

    def whose(self, named: str | None, host: str = "") -> str | None:
        """The cloud that a path names, or that of its host; `None` for another's on a host of one cloud."""
        owner = self._owner(host)
        if owner is None:
            return named or self.default
        return owner if named in (None, owner) else None

    def _owner(self, host: str) -> str | None:
        if not self.hosts:
            return None
        name = host.partition(":")[0].lower().rstrip(".")
        return self.hosts.get(name) or self.hosts.get(_SPREAD.sub("", name, count=1))

    def _written_out(self, raw_path: str, owner: str | None) -> str | None:
        """The whole path for the short form at the root of a cloud, or of a host of its own."""
        match = _FIRST.fullmatch(raw_path)
        if match is None or match[1] in RESERVED:
            return None
        first, rest = match.groups()
        if first in self.clouds:
            named = bool(rest) and rest.partition("/")[0] not in RESERVED
            return f"/{first}/image/upload/{rest}" if named else None
        return f"/image/upload/{raw_path.lstrip('/')}" if owner else None


def hosts_of(clouds: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    """Each host and its cloud, of (cloud, its hosts). Raises `ConfigurationError` for a host of two."""
    found: dict[str, str] = {}
    for cloud, hosts in clouds:
        for host in hosts:
            if found.setdefault(host, cloud) != cloud:
                raise ConfigurationError(f"clouds: the host {host} is given to two of them")
    return found
