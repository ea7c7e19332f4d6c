"""What the catalog is told of images that were made and sent: in batches, as a write for each would hold up
decisions.

What is not told yet when a process dies is a file that nobody finds, and that upkeep removes.
"""

import atexit
import os
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from ..errors import RekproxyError
from ..interfaces import Catalog, Storage
from ..interfaces.tiers import Made

_log = structlog.get_logger()

#: Seconds that a batch is gathered for, and how many images it has at most.
GATHER_SECONDS: Final = 0.5
BATCH: Final = 50
#: Images that wait while the catalog does not answer; the files of those beyond are removed.
MOST_WAITING: Final = 2000
#: Uses, and what was sent, are told this often, of the most used images alone: an LRU need not know more.
USE_SECONDS: Final = 60.0
#: The longest pause between two tries while the catalog does not answer.
LONGEST_PAUSE: Final = 30.0
MOST_USED: Final = 2000


@dataclass(slots=True, weakref_slot=True)
class Notes:
    """Tells the catalog what was made, twice a second, and what was used, once a minute.

    Removes the files that the catalog will not remember, so that nothing is left that an erasure could not
    find. `used` gives how often each key was used from memory since it was last asked, `sent` tells what was
    sent since then.
    """

    catalog: Catalog
    derived: Storage
    used: Callable[[], Mapping[str, int]] = dict
    sent: Callable[[], None] = lambda: None
    _waiting: list[tuple[str, Made]] = field(default_factory=list)
    _uses: Counter[str] = field(default_factory=Counter)
    _told_at: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _flushing: threading.Lock = field(default_factory=threading.Lock)
    _some: threading.Event = field(default_factory=threading.Event)
    _process: int = 0
    _ended: bool = False
    _pause: float = 0.0

    def made(self, cloud: str, made: Made) -> None:
        """An image was stored just now."""
        with self._lock:
            self._start()
            full = len(self._waiting) >= MOST_WAITING
            if not full:
                self._waiting.append((cloud, made))
        if full:
            self._remove([made.key])
        self._some.set()

    def use(self, key: str) -> None:
        """An image was read from derived storage."""
        with self._lock:
            self._start()
            self._uses[key] += 1

    def flush(self) -> None:
        """Tell now what waits. Raises `CatalogUnavailableError`, and then it waits on."""
        with self._flushing:
            while self._waiting:
                cloud = self._waiting[0][0]
                batch = [made for owner, made in self._waiting[:BATCH] if owner == cloud]
                left = self._tell(cloud, batch)
                with self._lock:
                    told = {id(made) for made in batch}
                    self._waiting = [each for each in self._waiting if id(each[1]) not in told]
                self._remove(left)

    def close(self) -> None:
        """Tell what waits, if the catalog answers, and tell nothing more."""
        self._ended = True
        self._some.set()
        self.tell_last()

    def tell_last(self) -> None:
        """Tell what there is at the end of a process, if the catalog answers."""
        with suppress(RekproxyError):
            self.flush()
            self.sent()

    def _tell(self, cloud: str, batch: Sequence[Made]) -> Sequence[str]:
        """The keys of files to remove: all of the batch, if the catalog refuses it for a reason of ours."""
        try:
            return self.catalog.note_derived(cloud, batch)
        except RekproxyError:
            raise
        except Exception as error:
            _log.error("notes_refused", error=repr(error))
            return [made.key for made in batch]

    def tell_uses(self) -> None:
        """Tell how often what was used since the last time."""
        with self._lock:
            uses, self._uses = self._uses, Counter()
        uses.update(self.used())
        if uses:
            self.catalog.use_derived(dict(uses.most_common(MOST_USED)))

    def _start(self) -> None:
        """Have a thread of this process: threads do not survive a fork."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._flushing = threading.Lock()
            itself = weakref.ref(self)
            atexit.register(_last, itself)
            threading.Thread(target=_tell_on, args=(itself, self._some), name="notes", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether nothing more is told."""
        return self._ended

    def tell(self) -> None:
        """Tell what there is, after gathering for a moment; waits longer each time that it fails."""
        if self._some.is_set() and len(self._waiting) < BATCH:
            time.sleep(GATHER_SECONDS)
        self._some.clear()
        try:
            self.flush()
            if time.monotonic() - self._told_at >= USE_SECONDS:
                self._told_at = time.monotonic()
                self.tell_uses()
                self.sent()
            self._pause = 0.0
        except RekproxyError as error:
            if not self._pause:
                _log.warning("notes_wait", error=str(error))
            self._pause = min(max(1.0, self._pause * 2), LONGEST_PAUSE)
            time.sleep(self._pause)
            self._some.set()

    def _remove(self, keys: Sequence[str]) -> None:
        try:
            self.derived.delete_many(keys)
        except RekproxyError as error:
            _log.warning("derived_left", keys=len(keys), error=str(error))


def _tell_on(itself: weakref.ref[Notes], some: threading.Event) -> None:
    """Tell for as long as somebody has the notes."""
    while True:
        some.wait(USE_SECONDS)
        notes = itself()
        if notes is None or notes.ended:
            return
        notes.tell()
        del notes


def _last(itself: weakref.ref[Notes]) -> None:
    notes = itself()
    if notes is not None:
        notes.tell_last()
