"""What storages and the origins of imports must offer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain.asset import Pin


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One key of a storage, as a listing gives it. `modified` is in seconds since 1970."""

    key: str
    size: int
    modified: float


class Storage(Protocol):
    """Bytes under keys. Keys are ours (`[a-z0-9/._-]`), never a name out of a request."""

    def put(self, key: str, data: bytes, *, durable: bool) -> None:
        """Store whole or not at all; replaces. `durable`: synced (file and directory) before return.

        Raises `StorageUnavailableError`, also when a disk is full.
        """

    def get(self, key: str) -> bytes:
        """The bytes. Raises `NotStoredError` or `StorageUnavailableError`."""

    def exists(self, key: str) -> bool:
        """Whether the key is there."""

    def delete(self, key: str) -> None:
        """Remove; a key that is not there is no error."""

    def delete_many(self, keys: Sequence[str]) -> None:
        """Remove keys, as `delete` does each, in as few steps as the storage allows."""

    def delete_prefix(self, prefix: str) -> tuple[int, int]:
        """Remove every key that starts with `prefix` (which ends in `/`); give how many keys and bytes."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every key that starts with `prefix`, in no stated order."""

    def ping(self) -> None:
        """Raises `StorageUnavailableError` with what to do, if the storage cannot be read and written."""


class PinnedOrigin(Protocol):
    """Originals that stay where they lie (a folder or a bucket's prefix)."""

    def walk(self) -> Iterator[tuple[str, Pin]]:
        """Each file below, as (name relative to the root with `/`, pin), in sorted order."""

    def pin(self, uri: str) -> Pin:
        """A pin for what lies at `uri` now. Raises `NotStoredError` when nothing does."""

    def read(self, pin: Pin) -> bytes:
        """The bytes, if everything in the pin still holds.

        Raises `DamagedError` when it does not, `NotStoredError` when the object is gone.
        """
