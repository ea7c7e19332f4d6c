"""A service that speaks the wire, read over its Admin API: within its rate, nothing taken on trust."""

import hashlib
import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from ..domain.moving import Told
from ..domain.signature import sign_parameters
from ..errors import (
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    UnreachableError,
)
from ..interfaces.fetcher import Fetcher
from ..interfaces.source import Item, ItemPage
from .http import GuardedClient, Reply

#: Where the vendor's own API is, unless the address names another with `?upload_prefix=`.
VENDOR: Final = "https://api.cloudinary.com"
#: Images or names that one page has.
PAGE: Final = 500
#: Bytes of the largest page that is read.
MOST_BYTES: Final = 64 * 1024 * 1024
#: Seconds for one original.
_SECONDS: Final = 120.0
#: Waits in seconds before a call that failed is tried again.
_PATIENCE: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
#: Seconds to wait where a service says that its rate is used up, but not until when; and at the longest.
_A_WHILE: Final = 60.0
_LONGEST: Final = 3700.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is, a cloud of it, and the key to that."""

    prefix: str
    cloud: str
    key: str
    secret: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Host and cloud: what the service is called in audit and catalog."""
        return f"{urlsplit(self.prefix).netloc}/{self.cloud}"


def read_address(url: str) -> Address:
    """`cloudinary://KEY:SECRET@CLOUD`, as SDKs take it, with `?upload_prefix=` for another service.

    Raises `ConfigurationError`, whose words hold no secret.
    """
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        prefix = asked.get("upload_prefix", [VENDOR])[0].rstrip("/")
        found = Address(
            prefix, parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
        )
        cloud = parts.netloc.rpartition("@")[2]
    except ValueError:
        raise ConfigurationError("The address of the source cannot be understood.") from None
    if parts.scheme != "cloudinary" or not (cloud and found.key and found.secret):
        raise ConfigurationError("The address of the source must be cloudinary://KEY:SECRET@CLOUD.")
    return Address(prefix, cloud, found.key, found.secret)


@dataclass
class Rate:
    """How many calls the service still lets through, by what it said last. Shared between threads.

    A tenth of its limit is left to whoever else uses the service. `pause` is told how many seconds to wait.
    """

    pause: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    left: int | None = None
    spared: int = 0
    reset: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> None:
        """Wait until a call may be made. Others wait meanwhile: they would have to, too."""
        with self._lock:
            if self.left is not None and self.left <= self.spared:
                self._wait(self.reset - self.now())
                self.left = None
            elif self.left is not None:
                self.left -= 1

    def learn(self, headers: Mapping[str, str]) -> None:
        """Read what a reply says of the rate; one that says nothing tells nothing."""
        told = [headers.get(f"x-featureratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
        with self._lock:
            if told[0].isdecimal() and told[1].isdecimal():
                self.left, self.spared = int(told[1]), int(told[0]) // 10
                self.reset = _moment(told[2])

    def refused(self, headers: Mapping[str, str]) -> None:
        """Wait as long as a refusal says."""
        again = headers.get("retry-after", "")
        until = _moment(headers.get("x-featureratelimit-reset", ""))
        seconds = float(again) if again.isdecimal() else until - self.now() if until else _A_WHILE
        with self._lock:
            self._wait(max(1.0, seconds))
            self.left = None

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.pause(min(seconds, _LONGEST))


@dataclass(frozen=True)
class AdminApi:
    """A `Source` over HTTP. `client` reaches the service itself, `fetcher` whatever URL it names.

    The key goes to the service alone.
    """

    address: Address
    client: GuardedClient
    fetcher: Fetcher
    most_bytes: int
    rate: Rate = field(default_factory=Rate)
    clock: Callable[[], float] = time.time
    _doors: list[str] = field(default_factory=lambda: ["download", "delivery", "backup"])

    @property
    def origin(self) -> str:
        """See `Source.origin`."""
        return self.address.origin

    def count(self) -> int | None:
        """See `Source.count`."""
        try:
            number = self._ask("/usage", {}).get("resources")
        except (InvalidRequestError, NotFoundError):
            return None
        return number if isinstance(number, int) and number > 0 else None

    def images(self, type: str, after: str | None) -> ItemPage:
        """See `Source.images`."""
        wanted = dict.fromkeys(("tags", "context", "metadata", "moderations"), "true")
        return self._page(f"/resources/image/{type}", "resources", after, wanted)

    def image(self, type: str, public_id: str) -> Item:
        """See `Source.image`."""
        name = quote(public_id, safe="/:")
        return self._ask(f"/resources/image/{type}/{name}", {"coordinates": "true", "versions": "true"})

    def presets(self, after: str | None) -> ItemPage:
        """See `Source.presets`."""
        return self._page("/upload_presets", "presets", after, {})

    def transformations(self, after: str | None) -> ItemPage:
        """See `Source.transformations`."""
        return self._page("/transformations", "transformations", after, {"named": "true"})

    def transformation(self, name: str) -> Item:
        """See `Source.transformation`."""
        return self._ask("/transformations", {"transformation": name})

    def fields(self) -> tuple[Item, ...]:
        """See `Source.fields`."""
        try:
            return self._page("/metadata_fields", "metadata_fields", None, {}).items
        except NotFoundError:
            return ()

    def original(self, told: Told) -> bytes | None:
        """See `Source.original`. The door that opened last is tried first."""
        for door in ["backup"] if told.away else list(self._doors):
            for url, size in self._urls(door, told):
                data = self._bring(url)
                if data is not None and _is_it(data, told, size):
                    if not told.away:
                        self._doors.sort(key=lambda each: each != door)
                    return data
        return None

    def _urls(self, door: str, told: Told) -> Iterator[tuple[str, int | None]]:
        """Addresses behind a door, each with the size that what lies there must have."""
        if door == "download":
            named = {"public_id": told.public_id, "format": told.format, "type": told.type}
            yield self._signed("/image/download", named), told.bytes
        elif door == "delivery" and told.url and told.type == "upload":
            yield self._near(told.url), told.bytes
        elif door == "backup" and told.asset_id:
            versions = told.kept if told.away else ()
            for version in versions:
                named = {"asset_id": told.asset_id, "version_id": version.version_id}
                yield self._signed("/download_backup", named), version.size
            if not versions and not told.away and told.version_id:
                named = {"asset_id": told.asset_id, "version_id": told.version_id}
                yield self._signed("/download_backup", named), told.bytes

    def _near(self, url: str) -> str:
        """A delivery URL by the scheme that the service itself is spoken to."""
        plain = self.address.prefix.startswith("http://")
        return url.replace("https://", "http://", 1) if plain else url

    def _signed(self, path: str, params: Mapping[str, str]) -> str:
        signed = {**params, "timestamp": str(int(self.clock()))}
        signature = sign_parameters(signed, self.address.secret)
        query = urlencode({**signed, "signature": signature, "api_key": self.address.key})
        return f"{self._base}{path}?{query}"

    def _bring(self, url: str) -> bytes | None:
        """What lies there; `None` where the service gives nothing out."""
        for seconds in (*_PATIENCE, None):
            try:
                brought = self.fetcher.bring(url, most_bytes=self.most_bytes, seconds=_SECONDS)
            except UnreachableError:
                if seconds is None:
                    raise
                self.rate.pause(seconds)
                continue
            if brought.status in (420, 429):
                self.rate.refused(brought.headers)
            elif brought.status < 500 or seconds is None:
                return brought.body if brought.status == 200 else None
            else:
                self.rate.pause(seconds)
        return None

    def _page(self, path: str, name: str, after: str | None, query: Mapping[str, str]) -> ItemPage:
        cursor = {"next_cursor": after} if after else {}
        reply = self._ask(path, {"max_results": str(PAGE), **query, **cursor})
        items, following = reply.get(name), reply.get("next_cursor")
        right = isinstance(items, list) and all(isinstance(item, dict) for item in items)
        if not right or not isinstance(following, str | None):
            raise InvalidRequestError(f"{self.origin}: what it lists as {name} is not understood")
        if following and following == after:
            raise InvalidRequestError(f"{self.origin}: its list of {name} does not go on")
        return ItemPage(tuple(items or ()), following or None)

    @property
    def _base(self) -> str:
        return f"{self.address.prefix}/v1_1/{self.address.cloud}"

    def _ask(self, path: str, query: Mapping[str, str]) -> Item:
        key = b64encode(f"{self.address.key}:{self.address.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {key}", "Accept": "application/json"}
        url = f"{self._base}{path}?{urlencode(query)}"
        for seconds in (*_PATIENCE, None):
            self.rate.take()
            try:
                reply = self.client.send("GET", url, headers=headers)
            except UnreachableError as error:
                if seconds is None:
                    raise UnreachableError(f"{self.origin}: {error}") from error
                self.rate.pause(seconds)
                continue
            self.rate.learn(reply.headers)
            if reply.status in (420, 429):
                self.rate.refused(reply.headers)
            elif reply.status < 500:
                return self._read(reply)
            elif seconds is not None:
                self.rate.pause(seconds)
        raise UnreachableError(f"{self.origin}: it does not answer as it should ({reply.status})")

    def _read(self, reply: Reply) -> Item:
        if len(reply.body) >= MOST_BYTES:
            raise InvalidRequestError(f"{self.origin}: its answer is too large")
        try:
            told: Any = json.loads(reply.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise InvalidRequestError(f"{self.origin}: its answer is no JSON object ({reply.status})")
        if reply.status == 200 and "error" not in told:
            return told
        words = told["error"].get("message") if isinstance(told.get("error"), dict) else None
        text = f"{self.origin}: {str(words)[:300] if words else f'status {reply.status}'}"
        raise NotFoundError(text) if reply.status == 404 else InvalidRequestError(text)


def _is_it(data: bytes, told: Told, size: int | None) -> bool:
    """Whether these are the bytes that were told of: by their digest if there is one, else by their size."""
    if told.etag is not None and not told.away:
        return hashlib.md5(data, usedforsecurity=False).hexdigest() == told.etag
    return bool(size) and len(data) == size


def _moment(text: str) -> float:
    """A date of HTTP in seconds since 1970; 0 for what is none."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError):
        return 0.0
