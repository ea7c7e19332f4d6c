"""Bytes in an S3 bucket: a `Storage` below a prefix, and originals that stay below one of somebody else."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .. import __version__
from ..domain.asset import Pin
from ..errors import DamagedError, NotStoredError, StorageUnavailableError
from ..interfaces import StoredObject
from .perprocess import PerProcess
from .storagekeys import check_key, check_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

#: Objects that S3 removes in one call.
_PAGE = 1000
_GONE = {"NoSuchKey", "NoSuchVersion", "NotFound", "404"}
_CHANGED = {"PreconditionFailed", "412"}
_WHAT_TO_DO = {
    "NoSuchBucket": "there is no such bucket: make it, or correct the storage URL",
    "AccessDenied": "access is denied: grant s3:GetObject, PutObject, DeleteObject and ListBucket",
    "403": "access is denied: grant s3:GetObject, PutObject, DeleteObject and ListBucket",
    "InvalidAccessKeyId": "the access key is unknown: set AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret key is wrong: set AWS_SECRET_ACCESS_KEY",
    "PermanentRedirect": "the bucket is in another region: set AWS_DEFAULT_REGION",
    "RequestTimeTooSkewed": "the clock of this machine is wrong: set it",
    "NoCredentialsError": "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give a role",
    "EndpointConnectionError": "nothing answers there: look at the network and at AWS_ENDPOINT_URL_S3",
}


class BucketStorage:
    """A `Storage` of the keys below `prefix` in `bucket`; every write is durable when it returns.

    Where, and as whom, is boto3's own to know (`AWS_ENDPOINT_URL_S3`, `AWS_DEFAULT_REGION`, keys or a role).
    A call that meets silence ends after 3 attempts of at most 13 s each.
    """

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self._bucket = bucket
        self._prefix = _as_folder(prefix)
        self._client = PerProcess(_connect)

    def put(self, key: str, data: bytes, *, durable: bool) -> None:
        check_key(key)
        with _translated(self._bucket, key):
            self._client.get().put_object(Bucket=self._bucket, Key=self._prefix + key, Body=data)

    def get(self, key: str) -> bytes:
        check_key(key)
        with _translated(self._bucket, key):
            answer = self._client.get().get_object(Bucket=self._bucket, Key=self._prefix + key)
            return answer["Body"].read()

    def exists(self, key: str) -> bool:
        check_key(key)
        try:
            with _translated(self._bucket, key):
                self._client.get().head_object(Bucket=self._bucket, Key=self._prefix + key)
                return True
        except NotStoredError:
            return False

    def delete(self, key: str) -> None:
        check_key(key)
        with _translated(self._bucket, key):
            self._client.get().delete_object(Bucket=self._bucket, Key=self._prefix + key)

    def delete_many(self, keys: Sequence[str]) -> None:
        names = [self._prefix + check_key(key) for key in keys]
        for start in range(0, len(names), _PAGE):
            self._delete_page(names[start : start + _PAGE])

    def delete_prefix(self, prefix: str) -> tuple[int, int]:
        check_prefix(prefix, whole=True)
        keys = size = 0
        for page in _pages(self._client, self._bucket, self._prefix + prefix):
            self._delete_page([found["Key"] for found in page])
            keys, size = keys + len(page), size + sum(found["Size"] for found in page)
        return keys, size

    def list(self, prefix: str) -> Iterator[StoredObject]:
        check_prefix(prefix)
        for page in _pages(self._client, self._bucket, self._prefix + prefix):
            for found in page:
                key = found["Key"].removeprefix(self._prefix)
                yield StoredObject(key, found["Size"], found["LastModified"].timestamp())

    def ping(self) -> None:
        key, data = f"ping/{secrets.token_hex(8)}", secrets.token_bytes(32)
        self.put(key, data, durable=True)
        try:
            if self.get(key) != data:
                raise StorageUnavailableError(
                    f"bucket {self._bucket} gives back other bytes than were written"
                )
        finally:
            self.delete(key)

    def _delete_page(self, names: Sequence[str]) -> None:
        with _translated(self._bucket, names[0]):
            answer = self._client.get().delete_objects(
                Bucket=self._bucket,
                Delete={"Objects": [{"Key": name} for name in names], "Quiet": True},
            )
        for failed in answer.get("Errors", []):
            why = f"{failed.get('Code')} {failed.get('Message')}"
            raise StorageUnavailableError(f"bucket {self._bucket} kept {failed.get('Key')}: {why}")


class PinnedBucket:
    """A `PinnedOrigin` of the objects below `prefix` in `bucket`, without hidden names and folder markers.

    An object is pinned by its ETag. A listing gives no version; a pin that has one is held to it as well.
    """

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self._bucket = bucket
        self._prefix = _as_folder(prefix)
        self._client = PerProcess(_connect)

    def walk(self) -> Iterator[tuple[str, Pin]]:
        for page in _pages(self._client, self._bucket, self._prefix):
            for found in page:
                name = found["Key"].removeprefix(self._prefix)
                hidden = any(part.startswith(".") for part in name.split("/"))
                if not hidden and not name.endswith("/") and name:
                    uri = f"s3://{self._bucket}/{found['Key']}"
                    yield name, Pin(uri, found["Size"], etag=found["ETag"].strip('"'))

    def pin(self, uri: str) -> Pin:
        key = self._below_prefix(uri)
        with _translated(self._bucket, uri):
            found = self._client.get().head_object(Bucket=self._bucket, Key=key)
        return Pin(uri, found["ContentLength"], found["ETag"].strip('"'))

    def read(self, pin: Pin) -> bytes:
        key = self._below_prefix(pin.uri)
        if not pin.etag:
            raise DamagedError(f"{pin.uri} has no ETag to hold it to")
        with _translated(self._bucket, pin.uri):
            answer = self._client.get().get_object(Bucket=self._bucket, Key=key, IfMatch=f'"{pin.etag}"')
            same = (answer["ETag"].strip('"'), answer["ContentLength"]) == (pin.etag, pin.size)
            if not same or (pin.version and answer.get("VersionId") != pin.version):
                raise DamagedError(f"{pin.uri} is no longer the object that was judged")
            return answer["Body"].read()

    def _below_prefix(self, uri: str) -> str:
        start = f"s3://{self._bucket}/"
        if not uri.startswith(start + self._prefix) or uri == start:
            raise NotStoredError(f"{uri} is not below {start}{self._prefix}")
        return uri.removeprefix(start)


def _as_folder(prefix: str) -> str:
    return prefix.strip("/") + "/" if prefix.strip("/") else ""


def _connect() -> "S3Client":
    # a server of one's own is seldom reached by the bucket's name as host; AWS itself prefers that
    own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    config = Config(
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=32,
        tcp_keepalive=True,
        user_agent_extra=f"rekproxy/{__version__}",
        s3={"addressing_style": "path" if own else "auto"},
    )
    return boto3.session.Session().client("s3", config=config)


def _pages(client: "PerProcess[S3Client]", bucket: str, prefix: str) -> "Iterator[Sequence[ObjectTypeDef]]":
    """Objects below `prefix`, up to 1,000 at a time, in sorted order; never an empty page."""
    with _translated(bucket, prefix):
        for page in client.get().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            if found := page.get("Contents"):
                yield found


@contextlib.contextmanager
def _translated(bucket: str, what: str) -> Iterator[None]:
    """The one place where boto3's errors become ours."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _GONE:
            raise NotStoredError(f"{what} is not stored") from error
        if code in _CHANGED:
            raise DamagedError(f"{what} is no longer the object that was judged") from error
        raise _unavailable(bucket, code, error) from error
    except (BotoCoreError, ValueError) as error:
        raise _unavailable(bucket, type(error).__name__, error) from error


def _unavailable(bucket: str, code: str, error: Exception) -> StorageUnavailableError:
    return StorageUnavailableError(f"bucket {bucket} cannot be used: {_WHAT_TO_DO.get(code, str(error))}")
