"""Where originals come from: content-addressed in our storage, or pinned where they lie.

Only the two doors to pixels (`deliver.open_public`, `review.open_restricted`) and the machine's own
look (`moderate`) may read one; a test holds that.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ..domain.asset import Asset, Pin, Version
from ..domain.cachekeys import original_key
from ..errors import DamagedError, NotStoredError
from ..interfaces import Catalog, Storage

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Originals:
    """Keeps and reads originals. `read_pin` reads a pinned one, or raises what `PinnedOrigin.read` does."""

    storage: Storage
    read_pin: Callable[[Pin], bytes]

    def keep(self, digest: str, data: bytes) -> None:
        """Store bytes durably under their SHA-256; the same bytes are stored once."""
        key = original_key(digest)
        if not self.storage.exists(key):
            self.storage.put(key, data, durable=True)

    def kept(self, digest: str) -> bytes:
        """Bytes that `keep` stored and that are no version's yet. Raises as `read` does."""
        data = self.storage.get(original_key(digest))
        if hashlib.sha256(data).hexdigest() != digest:
            raise DamagedError("An original is not what was uploaded.")
        return data

    def read(self, version: Version) -> bytes:
        """A version's bytes, proven to be the ones that were judged.

        Raises `NotStoredError`, also for one that was erased and is not swept yet, `DamagedError` or
        `StorageUnavailableError`.
        """
        if version.erased_at is not None:
            raise NotStoredError("This original was erased.")
        if version.pin is not None:
            data = self.read_pin(version.pin)
        else:
            data = self.storage.get(original_key(version.digest))
        if hashlib.sha256(data).hexdigest() != version.digest:
            raise DamagedError("An original is not what was judged.")
        return data

    def doubt(self, catalog: Catalog, asset: Asset, error: Exception) -> None:
        """Note that an asset's original is gone, or is not what was judged: a pinned one is judged anew."""
        _log.error("original_in_doubt", asset=asset.asset_id, error=str(error))
        if asset.current.pin is not None:
            payload = {"asset_id": asset.asset_id, "version_id": asset.current.version_id}
            dedupe = f"reimport:{asset.current.version_id}"
            catalog.enqueue(asset.cloud, "reimport", payload, dedupe_key=dedupe)
