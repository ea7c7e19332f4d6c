"""Bytes in a folder: the embedded `Storage`, and originals that stay in a folder of somebody else."""

import contextlib
import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

from ..domain.asset import Pin
from ..errors import DamagedError, NotStoredError, StorageUnavailableError
from ..interfaces import StoredObject
from .storagekeys import check_key, check_prefix

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: Without O_NONBLOCK a named pipe would hold its reader for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ASIDE = ".aside"
_LEFTOVER_SECONDS = 86_400
_NO_SUCH_FILE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}
_WHAT_TO_DO = {
    errno.ENOSPC: "the disk is full: free some room or give the folder a larger disk",
    errno.EDQUOT: "the quota is used up: free some room or raise the quota",
    errno.EROFS: "the file system is read-only: mount it writable (after an error, check the disk)",
    errno.EACCES: "permission is denied: let the user that runs rekproxy read and write it",
    errno.EPERM: "permission is denied: let the user that runs rekproxy read and write it",
    errno.EMFILE: "too many files are open: raise the limit of open files (ulimit -n)",
}


class FolderStorage:
    """A `Storage` in the folder `root`, which is made if it is not there.

    Files are readable by their owner alone. A file appears under its key by a rename, so a reader sees
    all of it or nothing. While less than `min_free_bytes` are free, only durable writes are taken:
    what can be made again must never push out an original. No symbolic link is followed below `root`.
    """

    def __init__(self, root: Path, min_free_bytes: int = 0) -> None:
        self._root = root.resolve()
        self._min_free_bytes = min_free_bytes
        with _translated(self._root):
            (self._root / _ASIDE).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._remove_leftovers()

    def put(self, key: str, data: bytes, *, durable: bool) -> None:
        *folders, name = check_key(key).split("/")
        with _translated(self._root):
            if not durable:
                self._keep_room(len(data))
            with _folder(self._root, [_ASIDE]) as aside:
                aside_name = secrets.token_hex(16)
                try:
                    _write(aside_name, aside, data, durable)
                    self._place(aside_name, aside, folders, name, durable)
                finally:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(aside_name, dir_fd=aside)

    def get(self, key: str) -> bytes:
        *folders, name = check_key(key).split("/")
        with _stored(self._root, key), _folder(self._root, folders) as fd, _file(name, fd) as file:
            return _read(file)

    def exists(self, key: str) -> bool:
        *folders, name = check_key(key).split("/")
        try:
            with _stored(self._root, key), _folder(self._root, folders) as fd, _file(name, fd):
                return True
        except NotStoredError:
            return False

    def delete(self, key: str) -> None:
        *folders, name = check_key(key).split("/")
        with (
            contextlib.suppress(NotStoredError),
            _stored(self._root, key),
            _folder(self._root, folders) as fd,
        ):
            os.unlink(name, dir_fd=fd)

    def delete_many(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.delete(key)

    def delete_prefix(self, prefix: str) -> tuple[int, int]:
        *folders, name, _ = check_prefix(prefix, whole=True).split("/")
        try:
            with _stored(self._root, prefix), _folder(self._root, folders) as above:
                with _folder(name, [], above) as fd:
                    removed = _remove_all(fd)
                with contextlib.suppress(OSError):  # a file put meanwhile keeps its folder
                    os.rmdir(name, dir_fd=above)
                return removed
        except NotStoredError:
            return 0, 0

    def list(self, prefix: str) -> Iterator[StoredObject]:
        folder, slash, start = check_prefix(prefix).rpartition("/")
        try:
            with (
                _stored(self._root, prefix),
                _folder(self._root, folder.split("/") if folder else []) as fd,
            ):
                for name, status in _walk(fd, folder + slash, start):
                    yield StoredObject(name, status.st_size, status.st_mtime)
        except NotStoredError:
            return

    def ping(self) -> None:
        key, data = f"ping/{secrets.token_hex(8)}", secrets.token_bytes(32)
        self.put(key, data, durable=True)
        try:
            if self.get(key) != data:
                raise StorageUnavailableError(f"{self._root} gives back other bytes than were written")
        finally:
            self.delete(key)

    def _keep_room(self, size: int) -> None:
        free = shutil.disk_usage(self._root).free
        if free - size < self._min_free_bytes:
            raise StorageUnavailableError(
                f"only {free} bytes are free on the disk of {self._root}: below {self._min_free_bytes} "
                "nothing is kept there that can be made again. Free some room"
            )

    def _place(self, aside_name: str, aside: int, folders: Sequence[str], name: str, durable: bool) -> None:
        for _ in range(100):
            # delete_prefix may remove the empty folder under our feet: make it again
            with (
                contextlib.suppress(FileNotFoundError),
                _folder(self._root, folders, make=True, sync=durable) as fd,
            ):
                os.replace(aside_name, name, src_dir_fd=aside, dst_dir_fd=fd)
                if durable:
                    os.fsync(fd)
                return
        raise FileNotFoundError(errno.ENOENT, "its folder is removed again and again", name)

    def _remove_leftovers(self) -> None:
        """Remove what processes that died while writing left aside."""
        for path in (self._root / _ASIDE).iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.lstat().st_mtime < time.time() - _LEFTOVER_SECONDS:
                    path.unlink()


class PinnedFolder:
    """A `PinnedOrigin` of the regular files below `root`; hidden ones and symbolic links are left out."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def walk(self) -> Iterator[tuple[str, Pin]]:
        with _translated(self._root), _folder(self._root, []) as fd:
            for name, status in _walk(fd, ""):
                yield name, _pin((self._root / name).as_uri(), status)

    def pin(self, uri: str) -> Pin:
        *folders, name = self._below_root(uri)
        with _stored(self._root, uri), _folder(self._root, folders) as fd, _file(name, fd) as file:
            return _pin(uri, os.fstat(file))

    def read(self, pin: Pin) -> bytes:
        *folders, name = self._below_root(pin.uri)
        with _stored(self._root, pin.uri), _folder(self._root, folders) as fd, _file(name, fd) as file:
            _compare(pin, os.fstat(file))
            data = _read(file)
            _compare(pin, os.fstat(file))
        if len(data) != pin.size:
            raise DamagedError(f"{pin.uri} changed while it was read")
        return data

    def _below_root(self, uri: str) -> tuple[str, ...]:
        scheme, _, path = uri.partition("://")
        place = Path(os.fsdecode(unquote_to_bytes(path)))
        if scheme != "file" or "\0" in str(place) or ".." in place.parts:
            raise NotStoredError(f"{uri} is no place in a folder")
        if self._root not in place.parents:
            raise NotStoredError(f"{uri} is not below {self._root}")
        return place.relative_to(self._root).parts


def _pin(uri: str, status: os.stat_result) -> Pin:
    return Pin(uri, status.st_size, mtime_ns=status.st_mtime_ns)


def _compare(pin: Pin, status: os.stat_result) -> None:
    if (pin.size, pin.mtime_ns) != (status.st_size, status.st_mtime_ns):
        raise DamagedError(f"{pin.uri} is no longer the file that was judged")


@contextlib.contextmanager
def _translated(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        advice = _WHAT_TO_DO.get(error.errno or 0, error.strerror or type(error).__name__)
        raise StorageUnavailableError(f"folder {root} cannot be used: {advice}") from error


@contextlib.contextmanager
def _stored(root: Path, what: str) -> Iterator[None]:
    """Like `_translated`, for what is asked of one file: that may not be there, or be no regular file."""
    with _translated(root):
        try:
            yield
        except OSError as error:
            # a root that is gone is an unmounted disk, not a missing key
            if error.errno in _NO_SUCH_FILE and root.is_dir():
                raise NotStoredError(f"{what} is not stored") from error
            raise


@contextlib.contextmanager
def _folder(
    root: Path | str, below: Sequence[str], at: int | None = None, *, make: bool = False, sync: bool = False
) -> Iterator[int]:
    """Open a folder step by step, so that no link on the way is followed; with `sync`, sync every step."""
    fd = os.open(root, _FOLDER, dir_fd=at)
    try:
        for name in below:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=fd)
            if sync:  # also when it was there: whoever made it may not have synced
                os.fsync(fd)
            above, fd = fd, os.open(name, _FOLDER, dir_fd=fd)
            os.close(above)
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def _file(name: str, folder: int) -> Iterator[int]:
    fd = os.open(name, _FILE, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise FileNotFoundError(errno.ENOENT, "no regular file", name)
        yield fd
    finally:
        os.close(fd)


def _read(fd: int) -> bytes:
    with os.fdopen(fd, "rb", closefd=False) as file:
        return file.read()


def _write(name: str, folder: int, data: bytes, sync: bool) -> None:
    fd = os.open(name, _NEW, 0o600, dir_fd=folder)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        if sync:
            file.flush()
            os.fsync(fd)


def _walk(fd: int, prefix: str, start: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Every regular file below, by full name in sorted order. Hidden names and links are left out.

    With `start`, only what is so called, or in a folder that is.
    """
    with os.scandir(fd) as found:
        visible = [entry for entry in found if entry.name.startswith(start) and entry.name[0] != "."]
    folders = {entry.name for entry in visible if entry.is_dir(follow_symlinks=False)}
    for entry in sorted(visible, key=lambda entry: entry.name + "/" * (entry.name in folders)):
        with contextlib.suppress(FileNotFoundError):  # removed meanwhile
            if entry.name in folders:
                with _folder(entry.name, [], fd) as below:
                    yield from _walk(below, f"{prefix}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield prefix + entry.name, entry.stat(follow_symlinks=False)


def _remove_all(fd: int) -> tuple[int, int]:
    keys = size = 0
    with os.scandir(fd) as found:
        entries = list(found)
    for entry in entries:
        with contextlib.suppress(FileNotFoundError):  # removed meanwhile
            if entry.is_dir(follow_symlinks=False):
                with _folder(entry.name, [], fd) as below:
                    removed = _remove_all(below)
                keys, size = keys + removed[0], size + removed[1]
                with contextlib.suppress(OSError):
                    os.rmdir(entry.name, dir_fd=fd)
            else:
                status = entry.stat(follow_symlinks=False)
                os.unlink(entry.name, dir_fd=fd)
                keys, size = keys + 1, size + status.st_size
    return keys, size
