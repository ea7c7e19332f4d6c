"""Opens what settings and pins name: storages, origins of imports, detectors, policies."""

import time
import tomllib
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import urlsplit

from .backends.cloudfront import CloudFrontPurger
from .backends.cloudinary import MOST_BYTES, AdminApi, Rate, read_address
from .backends.fetcher import HttpFetcher
from .backends.filesystem import FolderStorage, PinnedFolder
from .backends.http import GuardedClient
from .backends.httppurger import HttpPurger
from .backends.s3 import BucketStorage, PinnedBucket
from .backends.varnish import VarnishPurger
from .config import Settings
from .config.edges import headers_of, place_of
from .domain.addresses import Allowed, check_url
from .domain.asset import Pin
from .domain.chain import compose
from .domain.policies import NamedPolicy, PolicyBook, PolicyFileError, read_policy
from .errors import ConfigurationError, InvalidModerationError, InvalidRequestError
from .interfaces import Detector, PinnedOrigin, Storage
from .interfaces.edge import EdgePurger, Public
from .interfaces.source import Source

#: Seconds for a connection to an edge: a job comes again.
_EDGE_SECONDS = 2.0
#: Seconds for a page of a source's listing.
_SOURCE_SECONDS = 60.0


def open_storage(url: str, min_free_bytes: int = 0) -> Storage:
    """The storage that a setting names: a folder or `s3://bucket/prefix`."""
    if url.startswith("s3://"):
        parts = urlsplit(url)
        return BucketStorage(parts.netloc, parts.path.strip("/"))
    return FolderStorage(Path(url), min_free_bytes)


def open_detector(settings: Settings) -> Detector:
    """The detector that the settings name, by its entry point. Raises `ConfigurationError`."""
    named = [*entry_points(group="rekproxy.detectors", name=settings.detector or "")]
    if len(named) != 1:
        raise ConfigurationError(f"REKPROXY_DETECTOR: {len(named)} detectors are called {settings.detector}.")
    detector: Detector = named[0].load()(settings)
    return detector


def open_edge(name: str, settings: Settings) -> EdgePurger:
    """The purger of an edge that the settings name. Its address may be private: an operator named it."""
    if name == "varnish":
        allowed = Allowed.of([place for url in settings.varnish_urls for place in place_of(url)])
        client = GuardedClient(allowed, connect_seconds=_EDGE_SECONDS)
        return VarnishPurger(name, settings.varnish_urls, settings.varnish_secret or "", client)
    if name == "cloudfront":
        whole = settings.cloudfront_purge == "everything"
        return CloudFrontPurger(name, settings.cloudfront_distribution or "", whole)
    url = settings.edge_http_url or ""
    return HttpPurger(
        name=name,
        method=settings.edge_http_method,
        url=url,
        headers=headers_of(settings.edge_http_headers),
        body=settings.edge_http_body,
        most_keys=settings.edge_http_keys,
        secret=settings.edge_http_secret or "",
        client=GuardedClient(Allowed.of(place_of(url)), connect_seconds=_EDGE_SECONDS),
    )


def open_source(url: str, settings: Settings, pause: Callable[[float], None] = time.sleep) -> Source:
    """The service of `cloudinary://KEY:SECRET@CLOUD`. Its address may be private: an operator named it.

    `pause` is told how many seconds to wait. Raises `ConfigurationError`.
    """
    address = read_address(url)
    try:
        named = place_of(address.prefix)
        allowed = Allowed.of([*settings.allowed_private_hosts, *named])
        check_url(address.prefix, allowed)
    except (InvalidRequestError, ValueError) as error:
        raise ConfigurationError(f"{address.prefix}: {error}") from error
    client = GuardedClient(allowed, total_seconds=_SOURCE_SECONDS, most_bytes=MOST_BYTES)
    fetcher = HttpFetcher(GuardedClient(allowed))
    return AdminApi(address, client, fetcher, settings.max_upload_bytes, Rate(pause))


def open_public(url: str) -> Public:
    """A look at a URL from outside. Raises `ConfigurationError` if it is none."""
    try:
        allowed = Allowed.of(place_of(url))
        check_url(url, allowed)
    except (InvalidRequestError, ValueError) as error:
        raise ConfigurationError(f"{url}: {error}") from error
    return GuardedClient(allowed)


def open_policies(settings: Settings) -> PolicyBook:
    """The named policies that the settings choose, once all their examples came out as they should.

    Raises `ConfigurationError`, also when the default moderation or the floor names a policy that is not
    among them.
    """
    book = read_policies(settings.policies, strict=settings.parent_rule == "strict")
    for name in ("default_moderation", "moderation_floor"):
        try:
            compose(None, getattr(settings, name) or "none", None, book)
        except InvalidModerationError as error:
            raise ConfigurationError(f"REKPROXY_{name.upper()}: {error}") from error
    return book


def read_policies(folder: Path | None, *, strict: bool = False) -> PolicyBook:
    """The policies of a folder's `*.toml`, or those that come with rekproxy, their examples judged.

    Raises `ConfigurationError` naming the file, and the example with what came out instead.
    """
    return PolicyBook(tuple(read_policy_file(file, strict=strict) for file in policy_files(folder)))


def policy_files(folder: Path | None) -> list[Path]:
    """The files of `read_policies`, by name. Raises `ConfigurationError` if there is none."""
    place = folder or _shipped()
    files = sorted(place.glob("*.toml"))
    if not files:
        raise ConfigurationError(f"{place} holds no policies: *.toml files, one for each.")
    return files


def _shipped() -> Path:
    """The policies of the package, or those of the checkout when run from source."""
    packaged = Path(str(resources.files("rekproxy"))) / "data" / "policies"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "config" / "policies"


def read_policy_file(file: Path, *, strict: bool = False) -> NamedPolicy:
    """The policy of `NAME.toml`, its examples judged. Raises `ConfigurationError`, as above."""
    try:
        policy = read_policy(tomllib.loads(file.read_text(encoding="utf-8")))
        if file.stem != policy.name:
            raise PolicyFileError(f"the policy {policy.name} must be in {policy.name}.toml")
        policy.check(strict=strict)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: {error}") from error
    return policy


def open_origin(url: str) -> PinnedOrigin:
    """Where an import walks: a folder or `s3://bucket/prefix`. Raises `ConfigurationError`."""
    if url.startswith("s3://"):
        parts = urlsplit(url)
        return PinnedBucket(parts.netloc, parts.path.strip("/"))
    folder = Path(url).absolute()
    if not folder.is_dir():
        raise ConfigurationError(f"{url} is no folder. Name one, or s3://bucket/prefix.")
    return PinnedFolder(folder)


def read_pin(pin: Pin) -> bytes:
    """The bytes of a pinned original, wherever it lies."""
    return _origin_of(pin.uri).read(pin)


def pin_of(uri: str) -> Pin:
    """A new pin for what lies at a pinned original's place now."""
    return _origin_of(uri).pin(uri)


def _origin_of(uri: str) -> PinnedOrigin:
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        return _bucket(parts.netloc)
    return PinnedFolder(Path("/"))


@lru_cache(maxsize=64)
def _bucket(name: str) -> PinnedBucket:
    """One client a bucket: making one costs more than reading a picture."""
    return PinnedBucket(name, "")
