"""Finished pictures in memory, bounded by bytes. Never asked before the standing is known."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from cachetools import LRUCache


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes that may leave, and what their headers are made of.

    `etag` is a digest of the body. `modified` is in seconds since 1970. `keys` are surrogate keys, names of
    nothing readable. `tier` says where it came from: memory, derived, rendition or original. `stored` is its
    key in derived storage. `instead_of` says what was not found, where this is shown in its place. `extra`
    are headers that the asset wants sent along. `headers` is where the web keeps what it has made of all
    this, by how it was asked for; `uses` holds how often it was used from memory since that was last told.
    """

    body: bytes
    format: str
    width: int
    height: int
    etag: str
    modified: int
    keys: tuple[str, ...]
    tier: str
    stored: str = ""
    instead_of: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    headers: dict[object, tuple[tuple[str, str], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    uses: list[int] = field(default_factory=lambda: [0], init=False, repr=False, compare=False)


class PictureCache:
    """An LRU of pictures of at most `maximum` bytes in all; one picture takes at most an eighth of it.

    `tell` is told how many bytes it holds whenever that changes.
    """

    def __init__(self, maximum: int, tell: Callable[[int], None] = lambda size: None) -> None:
        self._largest = maximum // 8
        self._tell = tell
        self._pictures: LRUCache[Hashable, Picture] = LRUCache(maximum, getsizeof=_weight)
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Picture | None:
        """The picture under `key`, if it is still here."""
        with self._lock:
            picture = self._pictures.get(key)
            if picture is not None:
                picture.uses[0] += 1
            return picture

    def put(self, key: Hashable, picture: Picture) -> None:
        """Keep a picture, unless it is too large to be kept."""
        if _weight(picture) <= self._largest:
            with self._lock:
                self._pictures[key] = picture
            self._tell(self.bytes)

    def used(self) -> dict[str, int]:
        """How often each picture was used since this was last asked, by its key in derived storage."""
        with self._lock:
            used = [picture for picture in self._pictures.values() if picture.uses[0]]
            uses = {picture.stored: picture.uses[0] for picture in used if picture.stored}
            for picture in used:
                picture.uses[0] = 0
        return uses

    @property
    def bytes(self) -> int:
        """What it holds now."""
        return int(self._pictures.currsize)


def _weight(picture: Picture) -> int:
    return len(picture.body) + 1024
