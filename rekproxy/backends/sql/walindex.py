"""Whether anything was committed to a SQLite file since, told without a call of SQLite.

In WAL mode a commit is what changes the header of the WAL-index, a file in shared memory beside the database
(https://www.sqlite.org/walformat.html). SQLite's own readers compare that header with the one that they read
last, and go on with what they know if it is the same. So may we: comparing 96 bytes costs a fiftieth of the
smallest query, and does not hand the interpreter to another thread.
"""

import ctypes
import os
import sqlite3
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: The header stands twice in a row, the second copy written first: two that differ are being written.
_COPY = 48
_START = struct.Struct("=IIIB")  # version, unused, number of the change, whether all this is set up
_VERSION = 3_007_000
#: How often it is made sure that the file under the name of the database is still the one that was opened.
_LOOK_SECONDS = 1.0

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
)
_libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
_READ = _SHARED = 1
_FAILED = ctypes.c_void_p(-1).value


@dataclass(frozen=True, slots=True)
class _Mapping:
    """A file in this process' memory. Its descriptor stays open: closing it would release SQLite's own locks
    on the file, all of this process (https://www.sqlite.org/howtocorrupt.html, section 2.2)."""

    descriptor: int
    address: int

    @property
    def is_orphan(self) -> bool:
        """Whether SQLite has removed the file: then nobody has it open, and nothing is locked in it."""
        return os.fstat(self.descriptor).st_nlink == 0

    def drop(self) -> None:
        _libc.munmap(self.address, 2 * _COPY)
        os.close(self.descriptor)


_mappings: dict[tuple[int, int], _Mapping] = {}
_lock = threading.Lock()


class WalIndex:
    """The header of one database's WAL-index, read beside a connection that is held open only for that.

    Without an open connection SQLite may remove the file and make another. Raises `sqlite3.Error`.
    """

    def __init__(self, database: Path, connect: Callable[[Path], sqlite3.Connection]) -> None:
        self._process = os.getpid()
        self._database = database
        self._looked_at = time.monotonic()
        self._connection = connect(database)
        self._file = database.stat().st_ino
        self._connection.execute("SELECT 1 FROM meta").fetchall()  # opens the WAL
        self._bytes = _map(Path(f"{database}-shm"))

    @property
    def is_ours(self) -> bool:
        """Whether this process opened it: it is not to be carried over a fork."""
        return self._process == os.getpid()

    @property
    def is_current(self) -> bool:
        """Whether the database still lies where it did; looked at once a second."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_SECONDS:
            return True
        self._looked_at = now
        try:
            return self._database.stat().st_ino == self._file
        except OSError:
            return False

    def header(self) -> bytes | None:
        """The header, equal to an earlier one exactly if nothing was committed since; `None` in any doubt."""
        if self._bytes is None:
            return None
        both = bytes(self._bytes)
        first = both[:_COPY]
        version, _, _, ready = _START.unpack_from(first)
        return first if first == both[_COPY:] and version == _VERSION and ready else None

    def __del__(self) -> None:
        connection = getattr(self, "_connection", None)
        if connection is None:
            return
        if self.is_ours:
            connection.close()
        else:
            _inherited.append(connection)


#: Connections that a fork brought along: closing them is the parent's business.
_inherited: list[sqlite3.Connection] = []


def _map(file: Path) -> memoryview | None:
    """The first bytes of a file, as all its processes see them; `None` if it cannot be had."""
    with _lock:
        for name in [name for name, mapping in _mappings.items() if mapping.is_orphan]:
            _mappings.pop(name).drop()
        try:
            status = file.stat()
            name = status.st_dev, status.st_ino
            mapping = _mappings.get(name) or _mappings.setdefault(name, _open(file))
        except OSError:
            return None
    return memoryview((ctypes.c_char * (2 * _COPY)).from_address(mapping.address)).cast("B")


def _open(file: Path) -> _Mapping:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    address = _libc.mmap(None, 2 * _COPY, _READ, _SHARED, descriptor, 0)
    if address in (None, _FAILED):
        raise OSError(ctypes.get_errno(), "The WAL-index cannot be mapped")
    return _Mapping(descriptor, address)
