"""What is particular to buckets: boto3's errors, pins, and clients that do not cross a fork."""

import itertools
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from rekproxy.backends.s3 import BucketStorage, PinnedBucket
from rekproxy.errors import DamagedError, NotStoredError, StorageUnavailableError
from tests.doubles.s3 import CREDENTIALS, free_port, moto_server

_number = itertools.count()


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def client(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    client = boto3.client("s3")
    yield client
    client.close()


@pytest.fixture
def bucket(client: Any) -> str:
    name = f"photos-{next(_number)}"
    client.create_bucket(Bucket=name)
    return name


def test_a_bucket_that_is_not_there_is_unavailable(client: Any) -> None:
    storage = BucketStorage("nowhere")
    for act in (lambda: storage.get("a"), lambda: list(storage.list("")), storage.ping):
        with pytest.raises(StorageUnavailableError, match="there is no such bucket"):
            act()


def test_a_server_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StorageUnavailableError, match="AWS_ENDPOINT_URL_S3"):
        BucketStorage("photos").get("a")


def test_an_address_that_is_none_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "nonsense")
    with pytest.raises(StorageUnavailableError, match="nonsense"):
        list(BucketStorage("photos").list(""))


def test_missing_credentials_are_named(monkeypatch: pytest.MonkeyPatch, client: Any) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StorageUnavailableError, match="set AWS_ACCESS_KEY_ID"):
        BucketStorage("photos").get("a")


@pytest.mark.skipif(sys.platform != "linux", reason="forks with threads about")
def test_a_child_makes_its_own_client(bucket: str) -> None:
    storage = BucketStorage(bucket)
    storage.put("a", b"1", durable=True)
    ours = storage._client.get()
    child = os.fork()
    if child == 0:
        fine = storage.get("a") == b"1" and storage._client.get() is not ours
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert storage._client.get() is ours


# pinned buckets

NAMES = ["a-b.jpg", "a/c.jpg", "a/ü +%41.jpg", "b.jpg"]


@pytest.fixture
def photos(client: Any, bucket: str) -> PinnedBucket:
    for name in [*NAMES, ".hidden/d.jpg", "a/.e.jpg", "folder/"]:
        client.put_object(Bucket=bucket, Key=f"in/here/{name}", Body=name.encode())
    client.put_object(Bucket=bucket, Key="in/here2/x.jpg", Body=b"beside")
    return PinnedBucket(bucket, "in/here")


def test_walks_visible_objects_in_sorted_order_and_reads_them(photos: PinnedBucket) -> None:
    found = list(photos.walk())
    assert [name for name, _ in found] == NAMES
    assert {name: photos.read(pin) for name, pin in found} == {name: name.encode() for name in NAMES}


def test_pins_one_place_as_a_walk_does(photos: PinnedBucket, bucket: str) -> None:
    for _, pin in photos.walk():
        assert photos.pin(pin.uri) == pin
    with pytest.raises(NotStoredError):
        photos.pin(f"s3://{bucket}/in/here/none.jpg")


def test_an_object_that_was_replaced_is_damaged(photos: PinnedBucket, client: Any, bucket: str) -> None:
    pin = dict(photos.walk())["b.jpg"]
    client.put_object(Bucket=bucket, Key="in/here/b.jpg", Body=b"B.JPG")
    with pytest.raises(DamagedError):
        photos.read(pin)


def test_an_object_that_is_gone_is_not_stored(photos: PinnedBucket, client: Any, bucket: str) -> None:
    pin = dict(photos.walk())["b.jpg"]
    client.delete_object(Bucket=bucket, Key="in/here/b.jpg")
    with pytest.raises(NotStoredError):
        photos.read(pin)


def test_every_part_of_a_pin_is_held(photos: PinnedBucket) -> None:
    pin = dict(photos.walk())["b.jpg"]
    for other in (replace(pin, size=6), replace(pin, etag=None), replace(pin, version="other")):
        with pytest.raises(DamagedError):
            photos.read(other)


def test_a_pin_with_a_version_is_held_to_the_current_one(
    photos: PinnedBucket, client: Any, bucket: str
) -> None:
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = client.put_object(Bucket=bucket, Key="in/here/b.jpg", Body=b"new")["VersionId"]
    pin = replace(dict(photos.walk())["b.jpg"], version=version)
    assert photos.read(pin) == b"new"
    client.put_object(Bucket=bucket, Key="in/here/b.jpg", Body=b"new")
    with pytest.raises(DamagedError):
        photos.read(pin)


@pytest.mark.parametrize(
    "uri", ["s3://{bucket}/in/here2/x.jpg", "s3://other/in/here/b.jpg", "file:///b.jpg", ""]
)
def test_reads_nothing_outside_its_prefix(photos: PinnedBucket, bucket: str, uri: str) -> None:
    pin = replace(dict(photos.walk())["b.jpg"], uri=uri.format(bucket=bucket))
    with pytest.raises(NotStoredError):
        photos.read(pin)
