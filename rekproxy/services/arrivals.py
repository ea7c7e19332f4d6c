"""Requests that wait for what is fetched for them: one fetch for all, and an end to the waiting."""

import os
import queue
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

import structlog
from cachetools import LRUCache

from ..errors import OverloadedError, RekproxyError
from ..interfaces.waiting import seconds_left
from .fetching import Fetching, Place

#: A picture that is in use is looked after so often by a process, in seconds.
_LOOK_AFTER: Final = 60.0
_MOST_SEEN: Final = 16_384
_BUSY: Final = "Too many pictures are being fetched. Try again."

Name = tuple[str, str]

_log = structlog.get_logger()


@dataclass(slots=True)
class Arrivals:
    """Waits for pictures for at most `wait_seconds`, in at most `most` requests of a process.

    What is fetched goes on being fetched when nobody waits any more, for whoever asks next.
    """

    fetching: Fetching
    wait_seconds: float
    most: int
    _coming: dict[tuple[str, Name], Future[None]] = field(default_factory=dict)
    _seen: LRUCache[tuple[str, Name], float] = field(default_factory=lambda: LRUCache(_MOST_SEEN))
    _due: queue.SimpleQueue[tuple[str, Name]] = field(default_factory=queue.SimpleQueue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: int = 0
    _planner: int = 0

    def may(self, cloud: str, names: Iterable[Name]) -> bool:
        """Whether all of these (type, public_id), which are not here, would be fetched."""
        return all(self.fetching.place(cloud, *name) is not None for name in names)

    def wait(self, cloud: str, names: Iterable[Name]) -> None:
        """Have these pictures fetched, and wait until they are here and judged, or time is over.

        Raises as `Fetching.bring` does.
        """
        until = time.monotonic() + min(self.wait_seconds, seconds_left())
        places = [self.fetching.place(cloud, *name) for name in names]
        with self._lock:
            if self._waiting >= self.most:
                raise OverloadedError(_BUSY)
            self._waiting += 1
        try:
            for future in [self._begin(cloud, place) for place in places if place is not None]:
                if not _is_done(future, until - time.monotonic()):
                    return
        finally:
            with self._lock:
                self._waiting -= 1

    def used(self, cloud: str, names: Iterable[Name]) -> None:
        """Note that pictures are shown: those that were fetched have their server asked again in time."""
        for name in names:
            if self.fetching.place(cloud, *name) is not None:
                self._look_after(cloud, name)

    def _begin(self, cloud: str, place: Place) -> Future[None]:
        """The fetch of a picture, joined or begun in a thread of its own: no request's end breaks it off."""
        key = cloud, (place.type, place.public_id)
        with self._lock:
            coming = self._coming.get(key)
            if coming is not None:
                return coming
            if len(self._coming) >= self.most:
                raise OverloadedError(_BUSY)
            future = self._coming[key] = Future()
        threading.Thread(target=self._bring, args=(key, place, future), daemon=True).start()
        return future

    def _bring(self, key: tuple[str, Name], place: Place, future: Future[None]) -> None:
        try:
            self.fetching.bring(key[0], place)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(None)
        finally:
            with self._lock:
                del self._coming[key]

    def _look_after(self, cloud: str, name: Name) -> None:
        now = time.monotonic()
        with self._lock:
            if self._seen.get((cloud, name), 0.0) > now:
                return
            self._seen[cloud, name] = now + _LOOK_AFTER
            if self._planner != os.getpid():  # threads do not survive a fork
                self._planner = os.getpid()
                threading.Thread(target=self._plan, daemon=True).start()
        self._due.put((cloud, name))

    def _plan(self) -> None:
        """Plan what is due, one after the other, so that no request waits for a write."""
        while True:
            cloud, name = self._due.get()
            try:
                self.fetching.plan(cloud, *name)
            except RekproxyError as error:
                _log.warning("revalidation_not_planned", error=str(error))


def _is_done(future: Future[None], seconds: float) -> bool:
    """Whether a fetch ended in time; raises its error."""
    try:
        future.result(timeout=max(0.0, seconds))
    except TimeoutError:
        if future.done():
            raise
        return False
    return True
