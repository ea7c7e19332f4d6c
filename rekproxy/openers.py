"""Opens what settings and pins name: storages, origins of imports, detectors."""

from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import urlsplit

from .backends.filesystem import FolderStorage, PinnedFolder
from .backends.s3 import BucketStorage, PinnedBucket
from .config import Settings
from .domain.asset import Pin
from .errors import ConfigurationError
from .interfaces import Detector, PinnedOrigin, Storage


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
