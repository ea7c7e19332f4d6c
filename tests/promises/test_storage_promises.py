"""What every `Storage` promises, asked of the folder and of S3."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import boto3
import pytest

from rekproxy.backends.filesystem import FolderStorage
from rekproxy.backends.s3 import BucketStorage
from rekproxy.errors import NotStoredError, StorageUnavailableError
from rekproxy.interfaces import Storage
from tests.doubles.s3 import CREDENTIALS, moto_server

_number = itertools.count()


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(params=["folder", "s3"])
def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Storage]:
    if request.param == "folder":
        yield FolderStorage(tmp_path / "store")
        return
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", request.getfixturevalue("moto"))
    bucket = f"bucket-{next(_number)}"
    client = boto3.client("s3")
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="elsewhere/kept", Body=b"not ours")
    yield BucketStorage(bucket, "/some/prefix/")
    assert client.get_object(Bucket=bucket, Key="elsewhere/kept")["Body"].read() == b"not ours"
    client.close()


@pytest.mark.parametrize("durable", [True, False])
def test_gives_back_what_was_put(storage: Storage, durable: bool) -> None:
    data = bytes(range(256)) * 1000
    storage.put("originals/ab/cd/abcd", data, durable=durable)
    assert storage.get("originals/ab/cd/abcd") == data
    assert storage.exists("originals/ab/cd/abcd")


def test_keeps_nothing_as_nothing(storage: Storage) -> None:
    storage.put("empty", b"", durable=True)
    assert storage.get("empty") == b""


def test_replaces(storage: Storage) -> None:
    storage.put("a", b"long before", durable=True)
    storage.put("a", b"now", durable=True)
    assert storage.get("a") == b"now"


@pytest.mark.parametrize("key", ["a", "no/such/folder/a"])
def test_a_missing_key_is_not_stored(storage: Storage, key: str) -> None:
    assert not storage.exists(key)
    storage.delete(key)
    with pytest.raises(NotStoredError):
        storage.get(key)


def test_a_folder_of_keys_is_no_key(storage: Storage) -> None:
    storage.put("a/b", b"1", durable=True)
    assert not storage.exists("a")
    with pytest.raises(NotStoredError):
        storage.get("a")


def test_a_key_below_a_key_is_not_stored(storage: Storage) -> None:
    storage.put("a", b"1", durable=True)
    assert not storage.exists("a/b")
    with pytest.raises(NotStoredError):
        storage.get("a/b")


def test_deletes_one_key(storage: Storage) -> None:
    storage.put("a/b", b"1", durable=True)
    storage.put("a/bc", b"2", durable=True)
    storage.delete("a/b")
    assert not storage.exists("a/b")
    assert storage.get("a/bc") == b"2"


BAD_KEYS = [
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/..",
    ".",
    "./a",
    ".aside/a",
    "A",
    "a b",
    "a\0",
    "é",
    "a\n",
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_refuses_keys_that_are_not_ours(storage: Storage, key: str) -> None:
    for act in (storage.get, storage.exists, storage.delete):
        with pytest.raises(ValueError, match="not a storage key"):
            act(key)
    with pytest.raises(ValueError, match="not a storage key"):
        storage.put(key, b"", durable=False)


def test_deletes_below_a_prefix_and_counts(storage: Storage) -> None:
    for key in ("derived/1/2/a", "derived/1/2/b", "derived/1/3/c", "derived/10/2/d"):
        storage.put(key, b"four", durable=False)
    assert storage.delete_prefix("derived/1/") == (3, 12)
    assert [found.key for found in storage.list("")] == ["derived/10/2/d"]
    assert storage.delete_prefix("derived/1/") == (0, 0)


@pytest.mark.parametrize("prefix", ["", "derived", "/", "../", "derived/../", "derived//"])
def test_deletes_below_whole_prefixes_only(storage: Storage, prefix: str) -> None:
    storage.put("derived/a", b"1", durable=True)
    with pytest.raises(ValueError, match="not a prefix"):
        storage.delete_prefix(prefix)
    assert storage.exists("derived/a")


def test_lists_by_prefix(storage: Storage) -> None:
    for key, data in {"a/b": b"1", "a/bc/d": b"22", "a/c": b"333", "b": b""}.items():
        storage.put(key, data, durable=True)
    listed = {
        prefix: sorted(found.key for found in storage.list(prefix)) for prefix in ("", "a/", "a/b", "c/", "b")
    }
    assert listed == {
        "": ["a/b", "a/bc/d", "a/c", "b"],
        "a/": ["a/b", "a/bc/d", "a/c"],
        "a/b": ["a/b", "a/bc/d"],
        "c/": [],
        "b": ["b"],
    }
    found = {each.key: each for each in storage.list("")}
    assert [found[key].size for key in ("a/b", "a/bc/d", "a/c", "b")] == [1, 2, 3, 0]
    assert all(abs(each.modified - time.time()) < 60 for each in found.values())


def test_lists_and_deletes_more_than_one_page(storage: Storage) -> None:
    for number in range(25):
        storage.put(f"many/{number}", b"1", durable=False)
    assert sum(1 for _ in storage.list("many/")) == 25
    assert storage.delete_prefix("many/") == (25, 25)
    assert list(storage.list("")) == []


def test_ping_leaves_nothing_behind(storage: Storage) -> None:
    storage.ping()
    assert list(storage.list("")) == []


def test_readers_see_the_whole_of_one_write(storage: Storage) -> None:
    """Whatever is read while writers replace a key is one of the written values, never a mix or a part."""
    values = [bytes([65 + number]) * 200_000 for number in range(3)]
    storage.put("shared", values[0], durable=False)
    stop = threading.Event()
    writers = [threading.Thread(target=_write_until, args=(storage, value, stop)) for value in values]
    for writer in writers:
        writer.start()
    seen = [storage.get("shared") for _ in range(40)]
    stop.set()
    for writer in writers:
        writer.join()
    assert all(each in values for each in seen)


def _write_until(storage: Storage, value: bytes, stop: threading.Event) -> None:
    while not stop.is_set():
        with suppress(StorageUnavailableError):  # moto's own books are not made for many threads
            storage.put("shared", value, durable=False)
