"""Upkeep of stored bytes: room made in derived storage, and whatever nothing refers to removed.

Correctness never waits for it: what is stale is unfindable already.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final, TypeVar

import structlog

from ..interfaces import Catalog, Storage, StoredObject
from ..interfaces.tiers import Resting

T = TypeVar("T")

_log = structlog.get_logger()

#: How often room is made, and for how long at a time: a worker has other jobs, and its lease ends.
EVICT_SECONDS: Final = 60.0
_EVICT_FOR: Final = 60.0
#: Room is made until so much of what is allowed is left, so that it is not made again at once.
LOW_WATER: Final = 0.9
_CHUNK: Final = 200
#: Files are looked through in so many parts, by the first two hex digits of their names, in a day.
SLICES: Final = 256
SLICE_SECONDS: Final = 86_400.0 / SLICES
#: Seconds that a file may be older than its row, and a row than what is seen in a listing.
_YOUNG: Final = 3600.0
#: Seconds for which copies of originals that no version has are left to uploads that are under way.
_CONDEMNED: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Eviction:
    """Keeps derived images within `most` bytes; 0 sets no bound. The least recently used go first."""

    catalog: Catalog
    derived: Storage
    most: int
    clock: Callable[[], float] = time.monotonic

    def run(self) -> int:
        """Make room if there is too little, in chunks; gives how many images went.

        Files go before their rows, as a row finds a file that an erasure must remove.
        """
        self.catalog.add_up()
        until, gone = self.clock() + _EVICT_FOR, 0
        if not self.most or self._held() <= self.most:
            return 0
        while self._held() > self.most * LOW_WATER and self.clock() < until:
            chunk = self._enough(self.catalog.resting(_CHUNK))
            self.derived.delete_many([image.key for image in chunk])
            self.catalog.forget_derived(chunk)
            gone += len(chunk)
            if not chunk:
                break
        _log.info("derived_evicted", images=gone)
        return gone

    def _held(self) -> int:
        held = self.catalog.held(None).get("derived")
        return held.bytes if held else 0

    def _enough(self, chunk: Sequence[Resting]) -> Sequence[Resting]:
        """The first of a chunk that make enough room."""
        over = self._held() - self.most * LOW_WATER
        taken = []
        for image in chunk:
            if over <= 0:
                break
            taken.append(image)
            over -= image.bytes
        return taken


@dataclass(frozen=True, slots=True)
class Loose:
    """Something that is stored and that nothing needs, or a row whose file is gone (`bytes` of it as noted).

    `kind` is derived, rendition, original or row. `freed` tells whether it is gone now: originals wait for a
    day after they were found.
    """

    kind: str
    key: str
    bytes: int
    freed: bool


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Brings rows and files together. `erase_original` removes a digest's original and renditions."""

    catalog: Catalog
    originals: Storage
    derived: Storage
    erase_original: Callable[[str], None]
    now: Callable[[], float] = time.time

    def sweep_next(self) -> None:
        """Sweep the part of derived storage whose time it is: all of them in a day."""
        number = int(self.now() / SLICE_SECONDS) % SLICES
        for loose in self.sweep(f"{number:02x}", dry_run=False):
            _log.info("loose_removed", kind=loose.kind, bytes=loose.bytes)

    def sweep(self, part: str, *, dry_run: bool) -> Iterator[Loose]:
        """What is loose in derived storage among the names that begin with `part` (hex digits)."""
        yield from self._derived(part, dry_run)
        yield from self._renditions(part, dry_run)

    def _derived(self, part: str, dry_run: bool) -> Iterator[Loose]:
        """Files without a row, and rows without a file, but for those of the last hour."""
        seen: set[str] = set()
        for chunk in _chunks(self.derived.list(f"derived/{part}")):
            seen.update(file.key for file in chunk)
            old = [file for file in chunk if file.modified < self.now() - _YOUNG]
            known = self.catalog.known_derived([file.key for file in old])
            loose = [file for file in old if file.key not in known]
            if not dry_run:
                self.derived.delete_many([file.key for file in loose])
            yield from (Loose("derived", file.key, file.size, not dry_run) for file in loose)
        yield from self._rows(part, seen, dry_run)

    def _rows(self, part: str, seen: set[str], dry_run: bool) -> Iterator[Loose]:
        before = (self.now() - _YOUNG) * 1000
        after, last = f"derived/{part}", f"derived/{part}g"
        while rows := self.catalog.derived_between(after, last, _CHUNK):
            after = rows[-1].key
            lost = [row for row in rows if row.key not in seen and row.used_at < before]
            if not dry_run:
                self.catalog.forget_derived(lost)
            yield from (Loose("row", row.key, row.bytes, not dry_run) for row in lost)

    def _renditions(self, part: str, dry_run: bool) -> Iterator[Loose]:
        """Copies of originals that no version has any more, of pinned ones too."""
        for chunk in _chunks(self.derived.list(f"renditions/{part}")):
            old = [file for file in chunk if file.modified < self.now() - _CONDEMNED]
            kept = self.catalog.referenced({_digest(file) for file in old})
            loose = [file for file in old if _digest(file) not in kept]
            if not dry_run:
                self.derived.delete_many([file.key for file in loose])
            yield from (Loose("rendition", file.key, file.size, not dry_run) for file in loose)

    def originals_of(self, part: str, *, dry_run: bool) -> Iterator[Loose]:
        """Originals that no version has, among those whose digests begin with `part`.

        One that the catalog has never heard of is noted as wanted now, and goes once a day has passed.
        """
        for chunk in _chunks(self.originals.list(f"originals/{part}")):
            digests = {file.key.rpartition("/")[2]: file for file in chunk}
            kept, known = self.catalog.referenced(digests), self.catalog.known_blobs(digests)
            for digest, file in digests.items():
                if digest not in kept:
                    freed = not dry_run and self._free(digest, file, known=digest in known)
                    yield Loose("original", file.key, file.size, freed)

    def _free(self, digest: str, file: StoredObject, *, known: bool) -> bool:
        if known:
            return self.catalog.free_blob("", digest, partial(self.erase_original, digest))
        self.catalog.want_blob("", digest, file.size)
        return False


def _digest(file: StoredObject) -> str:
    return file.key.split("/")[1]


def _chunks(many: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(many, _CHUNK)):
        yield chunk
