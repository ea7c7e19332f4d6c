"""Register images where they lie: pinned, hashed and judged, at a stated rate, again and again."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ..domain.asset import Asset, Job, Pin
from ..domain.moderation import counted
from ..domain.url import check_public_id
from ..errors import (
    DamagedError,
    ImagerError,
    InvalidRequestError,
    NotStoredError,
    RekproxyError,
)
from ..interfaces import Catalog, PinnedOrigin
from .ingest import Ingest
from .uploads import Upload

_SUFFIXES = frozenset({
    "avif", "bmp", "gif", "heic", "heif", "jpe", "jpeg", "jpg", "png", "tif", "tiff", "webp",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `state` is registered, known (unchanged since last time) or refused."""

    name: str
    state: str
    status: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Importing:
    """What an import asks for. `rate` is in images per second; 0 is as fast as it goes."""

    prefix: str = ""
    moderation: str | None = None
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Importer:
    """Walks an origin. An image that was registered before and has not changed costs no decoding."""

    catalog: Catalog
    ingest: Ingest
    sleep: Callable[[float], None] = time.sleep

    def run(self, cloud: str, origin: PinnedOrigin, asked: Importing, *, actor: str) -> Iterator[Outcome]:
        """Register every image below the origin, in sorted order, and tell about each file."""
        due = time.monotonic()
        for name, pin in origin.walk():
            outcome = self._one(cloud, origin, name, pin, asked, actor)
            if outcome.state != "known" and asked.rate:
                due = max(due + 1 / asked.rate, time.monotonic())
                self.sleep(max(0.0, due - time.monotonic()))
            yield outcome

    def _one(
        self, cloud: str, origin: PinnedOrigin, name: str, pin: Pin, asked: Importing, actor: str
    ) -> Outcome:
        try:
            public_id = self._public_id(name, asked.prefix)
            if self.catalog.pinned(cloud, pin.uri) == pin:
                return Outcome(name, "known")
            before = self._known(cloud, public_id, pin)
            upload = Upload(b"", public_id=public_id) if before is None else _upload_of(before)
            upload = replace(upload, data=origin.read(pin), filename=name, moderation=asked.moderation)
            asset = self.ingest.register(cloud, upload, pin, actor=actor)
        except (InvalidRequestError, DamagedError, NotStoredError, ImagerError) as error:
            return Outcome(name, "refused", reason=str(error))
        return Outcome(name, "registered", status=asset.status.value)

    def _public_id(self, name: str, prefix: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        if not dot or suffix.lower() not in _SUFFIXES:
            raise InvalidRequestError("not an image by its name")
        return check_public_id(prefix + stem)

    def _known(self, cloud: str, public_id: str, pin: Pin) -> Asset | None:
        """What was registered of this file before. Raises `InvalidRequestError` for another image's name."""
        asset = self.catalog.asset(cloud, "upload", public_id)
        if asset is not None and (asset.current.pin is None or asset.current.pin.uri != pin.uri):
            raise InvalidRequestError(f"the public id {public_id} is taken by another image")
        return asset


@dataclass(frozen=True, slots=True)
class Reimport:
    """Judges a pinned original anew after it was found changed. `pin_of` looks at what lies there now."""

    catalog: Catalog
    ingest: Ingest
    read_pin: Callable[[Pin], bytes]
    pin_of: Callable[[str], Pin]

    def again(self, job: Job) -> None:
        """Register what lies at the pin now as a new version; nothing is served until it is judged."""
        asset = self.catalog.asset_by_id(job.cloud, job.payload["asset_id"])
        if asset is None or asset.current.version_id != job.payload["version_id"]:
            return
        self._register(asset)

    def _register(self, asset: Asset) -> None:
        if asset.current.pin is None:
            raise RekproxyError("This original is not pinned.")
        pin = self.pin_of(asset.current.pin.uri)
        # as it was asked at the import: other bytes are not judged by less. Reports are no part of that.
        moderation = "|".join(entry.policy for entry in counted(asset.moderations)) or None
        upload = replace(_upload_of(asset), data=self.read_pin(pin), moderation=moderation)
        self.ingest.register(asset.cloud, upload, pin, actor="detector:reimport")


def _upload_of(asset: Asset) -> Upload:
    """An upload of other bytes, not named yet, that leaves everything that is said of an asset as it is.

    Regions are left out: they were of the pixels that were there.
    """
    name = asset.current.original_filename
    return Upload(
        b"",
        # what is kept of a name has lost its suffix, and would lose what looks like one
        filename=None if name is None else f"{name}.{asset.current.format}",
        type=asset.type,
        public_id=asset.public_id,
        tags=asset.tags,
        context=asset.context,
        metadata=asset.metadata,
        asset_folder=asset.folder,
        display_name=asset.display_name,
        access_mode=asset.access_mode,
        access_control=asset.access_control,
        headers=asset.headers,
        quality_override=asset.quality_override,
        notification_url=asset.notification_url,
        uploader=asset.uploader,
        backup=asset.backup,
    )
