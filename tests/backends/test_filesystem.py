"""What is particular to folders: durability, disks that are full, links, files that change under a pin."""

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from rekproxy.backends.filesystem import FolderStorage, PinnedFolder
from rekproxy.domain.asset import Pin
from rekproxy.errors import DamagedError, NotStoredError, StorageUnavailableError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def storage(root: Path) -> FolderStorage:
    return FolderStorage(root)


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what was synced, in order."""
    names: list[str] = []
    fsync = os.fsync

    def record(fd: int) -> None:
        names.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
        fsync(fd)

    monkeypatch.setattr(os, "fsync", record)
    return names


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc to name what is synced")


@needs_proc
def test_a_durable_write_syncs_the_file_then_every_folder(
    storage: FolderStorage, root: Path, synced: list[str]
) -> None:
    storage.put("a/b/c", b"1", durable=True)
    assert synced[0].startswith(f"{root}/.aside/")
    assert synced[1:] == [str(root), f"{root}/a", f"{root}/a/b"]


@needs_proc
def test_a_write_that_can_be_made_again_syncs_nothing(storage: FolderStorage, synced: list[str]) -> None:
    storage.put("a/b/c", b"1", durable=False)
    assert synced == []


def test_files_are_for_their_owner_alone(storage: FolderStorage, root: Path) -> None:
    storage.put("a/b", b"1", durable=True)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (root / "a", root / "a/b", root / ".aside")}
    assert modes == {"a": 0o700, "b": 0o600, ".aside": 0o700}


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_disk_that_fails_leaves_nothing_and_says_what_to_do(
    storage: FolderStorage, root: Path, monkeypatch: pytest.MonkeyPatch, code: int, advice: str
) -> None:
    storage.put("a", b"before", durable=True)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _failing(code))
        with pytest.raises(StorageUnavailableError, match=advice):
            storage.put("a", b"after", durable=True)
    assert storage.get("a") == b"before"
    assert list((root / ".aside").iterdir()) == []


def _failing(code: int) -> object:
    def fail(fd: int) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def test_little_room_is_kept_for_durable_writes(root: Path) -> None:
    storage = FolderStorage(root, min_free_bytes=1 << 60)
    with pytest.raises(StorageUnavailableError, match="bytes are free"):
        storage.put("derived/a", b"1", durable=False)
    storage.put("originals/a", b"1", durable=True)
    storage.ping()
    assert storage.get("originals/a") == b"1"


def test_links_are_not_followed(storage: FolderStorage, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    for key in ("folder/secret", "file"):
        assert not storage.exists(key)
        with pytest.raises(NotStoredError):
            storage.get(key)
        storage.delete("folder/secret")
    with pytest.raises(StorageUnavailableError):
        storage.put("folder/secret", b"mine", durable=False)
    assert list(storage.list("")) == []
    assert storage.delete_prefix("folder/") == (0, 0)
    storage.put("file", b"mine", durable=False)
    assert storage.get("file") == b"mine"
    assert (outside / "secret").read_bytes() == b"secret"


def test_a_link_below_a_prefix_is_removed_and_not_what_it_points_to(
    storage: FolderStorage, root: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_bytes(b"1")
    storage.put("a/b", b"1", durable=False)
    (root / "a" / "link").symlink_to(kept)
    storage.delete_prefix("a/")
    assert not (root / "a").exists()
    assert (kept / "file").exists()


def test_a_pipe_holds_nobody(storage: FolderStorage, root: Path) -> None:
    os.mkfifo(root / "pipe")
    assert not storage.exists("pipe")
    with pytest.raises(NotStoredError):
        storage.get("pipe")


def test_a_root_that_is_gone_is_not_a_missing_key(storage: FolderStorage, root: Path) -> None:
    (root / ".aside").rmdir()
    root.rmdir()
    for act in (lambda: storage.get("a"), lambda: storage.exists("a"), lambda: list(storage.list(""))):
        with pytest.raises(StorageUnavailableError):
            act()
    with pytest.raises(StorageUnavailableError):
        storage.ping()


def test_a_root_that_cannot_be_made_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailableError, match="file/store"):
        FolderStorage(tmp_path / "file" / "store")


def test_what_a_dead_writer_left_is_removed_after_a_day(root: Path) -> None:
    aside = root / ".aside"
    aside.mkdir(parents=True)
    for name, age in {"old": 90_000, "young": 60}.items():
        (aside / name).touch()
        os.utime(aside / name, (time.time() - age,) * 2)
    FolderStorage(root)
    assert [path.name for path in aside.iterdir()] == ["young"]


def test_a_write_survives_a_purge_of_its_folder(
    storage: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A purge removes emptied folders, also one that a write has just opened."""
    replace, calls = os.replace, []

    def late(*args: str, **kwargs: int) -> None:
        calls.append(args)
        if len(calls) < 3:
            storage.delete_prefix("derived/1/")
        replace(*args, **kwargs)

    monkeypatch.setattr(os, "replace", late)
    storage.put("derived/1/2/a", b"1", durable=False)
    assert storage.get("derived/1/2/a") == b"1"
    assert len(calls) == 3


def test_a_write_that_never_finds_its_folder_is_no_success(
    storage: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def late(*args: str, **kwargs: int) -> None:
        storage.delete_prefix("derived/1/")
        replace(*args, **kwargs)

    monkeypatch.setattr(os, "replace", late)
    with pytest.raises(StorageUnavailableError):
        storage.put("derived/1/2/a", b"1", durable=False)


def test_writes_and_purges_of_many_threads(storage: FolderStorage) -> None:
    stop = threading.Event()

    def purge() -> None:
        while not stop.is_set():
            storage.delete_prefix("derived/1/")

    purger = threading.Thread(target=purge)
    purger.start()
    for number in range(200):
        storage.put(f"derived/1/{number % 3}/{number}", b"1", durable=False)
    stop.set()
    purger.join()


# pinned folders


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "my photos"
    for name in ("a-b.jpg", "a/c.jpg", "a/ü %41.jpg", "b.jpg", ".hidden/d.jpg", "a/.e.jpg"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (folder / "link.jpg").symlink_to(folder / "b.jpg")
    (folder / "linked").symlink_to(folder / "a")
    return folder


def test_walks_regular_visible_files_in_sorted_order(photos: Path) -> None:
    names = [name for name, _ in PinnedFolder(photos).walk()]
    assert names == ["a-b.jpg", "a/c.jpg", "a/ü %41.jpg", "b.jpg"]
    assert names == sorted(names)


def test_reads_every_file_by_its_pin(photos: Path) -> None:
    origin = PinnedFolder(photos)
    assert {name: origin.read(pin) for name, pin in origin.walk()} == {
        name: name.encode() for name in ("a-b.jpg", "a/c.jpg", "a/ü %41.jpg", "b.jpg")
    }


def test_pins_one_place_as_a_walk_does(photos: Path) -> None:
    origin = PinnedFolder(photos)
    for _, pin in origin.walk():
        assert origin.pin(pin.uri) == pin
    for name in ("none.jpg", "link.jpg", "a"):
        with pytest.raises(NotStoredError):
            origin.pin((photos / name).as_uri())


def test_a_name_that_is_no_utf8_can_be_pinned(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg")).write_bytes(b"1")
    origin = PinnedFolder(tmp_path)
    ((_, pin),) = origin.walk()
    assert pin.uri.endswith("/%FF.jpg")
    assert origin.read(pin) == b"1"


def _pin(photos: Path) -> Pin:
    return dict(PinnedFolder(photos).walk())["b.jpg"]


def test_other_bytes_of_the_same_length_are_damaged(photos: Path) -> None:
    pin = _pin(photos)
    (photos / "b.jpg").write_bytes(b"B.JPG")
    with pytest.raises(DamagedError):
        PinnedFolder(photos).read(pin)


def test_other_bytes_of_the_same_time_are_damaged(photos: Path) -> None:
    pin = _pin(photos)
    (photos / "b.jpg").write_bytes(b"longer than it was")
    os.utime(photos / "b.jpg", ns=(0, pin.mtime_ns or 0))
    with pytest.raises(DamagedError):
        PinnedFolder(photos).read(pin)


def test_a_change_while_reading_is_damaged(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pin, fdopen = _pin(photos), os.fdopen

    def late(*args: object, **kwargs: object) -> object:
        (photos / "b.jpg").write_bytes(b"B.JPG")
        return fdopen(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "fdopen", late)
    with pytest.raises(DamagedError):
        PinnedFolder(photos).read(pin)


def test_a_pin_without_a_time_holds_nothing(photos: Path) -> None:
    with pytest.raises(DamagedError):
        PinnedFolder(photos).read(Pin(_pin(photos).uri, 5))


def test_a_file_that_is_gone_or_a_link_is_not_stored(photos: Path) -> None:
    pin = _pin(photos)
    (photos / "b.jpg").rename(photos / "c.jpg")
    with pytest.raises(NotStoredError):
        PinnedFolder(photos).read(pin)
    (photos / "b.jpg").symlink_to(photos / "c.jpg")
    with pytest.raises(NotStoredError):
        PinnedFolder(photos).read(pin)


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "{root}/../outside", "{root}/a/%2e%2e/%2e%2e/outside", "{root}", "{root}/b%00.jpg", ""],
)
def test_reads_nothing_outside_its_root(photos: Path, path: str) -> None:
    (photos.parent / "outside").write_bytes(b"1")
    with pytest.raises(NotStoredError):
        PinnedFolder(photos).read(Pin("file://" + path.format(root=photos), 1, mtime_ns=0))


def test_reads_no_other_scheme(photos: Path) -> None:
    with pytest.raises(NotStoredError):
        PinnedFolder(photos).read(Pin(_pin(photos).uri.replace("file", "http"), 1))


def test_a_folder_that_is_gone_is_unavailable_not_empty(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError):
        list(PinnedFolder(tmp_path / "none").walk())
    with pytest.raises(StorageUnavailableError):
        PinnedFolder(tmp_path / "none").read(Pin((tmp_path / "none/a").as_uri(), 1))
