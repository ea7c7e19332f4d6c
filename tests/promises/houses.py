"""A whole house in this process, its wire and its jobs, over whatever catalog and storage it is given."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import werkzeug.test
from sqlalchemy import create_engine, text
from werkzeug.datastructures import FileStorage

from rekproxy.app import Application, mount
from rekproxy.config import Settings
from rekproxy.interfaces import Imager
from rekproxy.services.importing import Importing, Outcome
from tests.conftest import ToldDetector, house_of

#: A second cloud, and the keys of both.
STUDIO = """
[[clouds]]
name = "studio"
keys = [{ key = "studio-key", secret = "studio-secret", roles = ["admin"] }]
"""
KEYS = {"demo": ("123456789012345", "a-secret-of-tests"), "studio": ("studio-key", "studio-secret")}


@dataclass(frozen=True)
class Place:
    """Where originals lie that are imported in place: a folder or a bucket."""

    url: str
    put: Callable[[str, bytes], object]
    remove: Callable[[str], object]


@dataclass
class House:
    """A client of one application. It may be built anew at any time over the same state."""

    settings: Settings
    imager: Imager
    place: Place
    detector: ToldDetector = field(default_factory=ToldDetector)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Everything of a process, from nothing but the settings."""
        self.application: Application = house_of(self.settings, self.imager, self.detector)
        self.client = mount(self.application).test_client()

    def stop(self) -> None:
        self.application.close()

    def call(
        self, method: str, path: str, *, cloud: str = "demo", key: str | None = None, **more: Any
    ) -> werkzeug.test.TestResponse:
        """A call of the API below `/v1_1/<cloud>`, with the cloud's key if no other cloud's is named."""
        return self.client.open(
            f"/v1_1/{cloud}{path}", method=method, auth=KEYS[key or cloud], buffered=True, **more
        )

    def upload(self, data: bytes, public_id: str = "cat", *, cloud: str = "demo", **form: str) -> str:
        """Upload; gives the overall status."""
        form |= {"public_id": public_id}
        picture = FileStorage(io.BytesIO(data), "picture.jpg")
        # in memory: the client would leave a large body in a file that nobody closes
        boundary, body = werkzeug.test.encode_multipart({**form, "file": picture})
        kind = f"multipart/form-data; boundary={boundary}"
        reply = self.call("POST", "/image/upload", cloud=cloud, data=body, content_type=kind)
        assert reply.status_code == 200, reply.text
        return self.standing(public_id, cloud=cloud)

    def decide(self, public_id: str, status: str, *, cloud: str = "demo") -> None:
        path = f"/resources/image/upload/{quote(public_id)}"
        reply = self.call("POST", path, cloud=cloud, data={"moderation_status": status})
        assert reply.status_code == 200, reply.text

    def purge(self, **asked: str) -> Mapping[str, Any]:
        reply = self.call("POST", "/cache/purge", data=asked)
        assert reply.status_code == 200, reply.text
        return reply.json

    def standing(self, public_id: str, *, cloud: str = "demo") -> str:
        """The status that the catalog holds, `none` without an asset."""
        asset = self.application.catalog.asset(cloud, "upload", public_id)
        return asset.status.value if asset else "none"

    def get(self, name: str, *, cloud: str = "demo", **headers: str) -> werkzeug.test.TestResponse:
        """What the public gets for `[transformation/]public_id`."""
        path = f"/{cloud}/image/upload/" + quote(name, safe="/,:")
        return self.client.get(path, headers=headers, buffered=True)

    def seen(self, *names: str, cloud: str = "demo") -> list[int]:
        """Statuses of public requests."""
        return [self.get(name, cloud=cloud).status_code for name in names]

    def tier(self, name: str) -> str:
        """Which tier a picture came from: memory, derived, rendition or original."""
        found = re.match(r"rekproxy;desc=(\w+)", self.get(name).headers.get("Server-Timing", ""))
        assert found, self.get(name).status
        return found[1]

    def note(self) -> None:
        """Tell the catalog now what was derived, as happens ten times a second."""
        self.application.notes.flush()

    def stored(self, prefix: str = "derived/") -> set[str]:
        """Keys of derived images that lie in the storage, once what was made has been told."""
        self.note()
        return {stored.key for stored in self.application.derived.list(prefix)}

    def audit(self, public_id: str) -> list[tuple[str, str, str | None, str | None]]:
        """(actor, action, before, after), oldest first."""
        asset = self.application.catalog.asset("demo", "upload", public_id)
        assert asset
        lines = self.application.catalog.audit("demo", asset.asset_id)
        told = [(line.actor, line.action, line.before, line.after) for line in lines]
        return told if lines[0].id < lines[-1].id else told[::-1]

    def work(self) -> None:
        """Do every job that there is, as if its time had come; one that fails waits on."""
        engine = create_engine(self.settings.database_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE jobs SET run_after = 0"))
        engine.dispose()
        worker = self.application.worker()
        while worker.run_once():
            pass

    def jobs(self) -> dict[tuple[str, str], int]:
        return dict(self.application.catalog.job_counts())

    def bring_in(self, **asked: Any) -> list[Outcome]:
        """Import from the place."""
        from rekproxy.openers import open_origin

        run = self.application.importer.run
        return [*run("demo", open_origin(self.place.url), Importing(**asked), actor="import")]


def folder_place(root: Path) -> Place:
    root.mkdir()
    return Place(
        str(root), lambda name, data: (root / name).write_bytes(data), lambda name: (root / name).unlink()
    )


def bucket_place(url: str) -> Place:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    client = bucket_client()
    return Place(
        url,
        lambda name, data: client.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=data),
        lambda name: client.delete_object(Bucket=bucket, Key=f"{prefix}/{name}"),
    )


@cache
def bucket_client() -> Any:
    """The client of the server that the environment names."""
    return boto3.client("s3")
