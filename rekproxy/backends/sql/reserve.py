"""Room kept back beside the catalog, so that a takedown still commits when the rest of the disk is full."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import structlog

from ...errors import CatalogFullError

T = TypeVar("T")

#: Bytes: thousands of decisions, and nothing on a disk of today.
SIZE = 8 << 20

_log = structlog.get_logger()


class Reserve:
    """A file that only takes room, given up for a write that must not fail, and set aside at each start."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self) -> None:
        """Set the room aside, if it is not yet and the disk has it twice."""
        try:
            if self._path.exists() or _free_bytes(self._path.parent) < 2 * SIZE:
                return
            with self._path.open("xb") as file:
                # zeros really written: a hole would take no room
                file.write(bytes(SIZE))
                os.fsync(file.fileno())
        except OSError as error:
            _log.warning("no_reserve", error=errno.errorcode.get(error.errno or 0, str(error)))
            with suppress(OSError):
                self._path.unlink()

    def give(self) -> bool:
        """Free the room; false if it is gone already."""
        try:
            self._path.unlink()
        except OSError:
            return False
        _log.error("reserve_given", why="the catalog's disk is full")
        return True

    def at_any_cost(self, write: Callable[[], T]) -> T:
        """Do a write; if the disk has no room for it, once more in the room that was kept back."""
        try:
            return write()
        except CatalogFullError:
            if not self.give():
                raise
            return write()


def _free_bytes(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize
