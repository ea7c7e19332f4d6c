"""Take an upload in: limits before pixels, one decoding pass, bytes before rows, then the verdict."""

import hashlib
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ..domain import moderation
from ..domain.asset import TYPES, Asset, Pin, Status, Version
from ..domain.cachekeys import rendition_key
from ..domain.envelope import seal
from ..domain.url import check_public_id
from ..errors import FileTooLargeError, InvalidImageError, InvalidRequestError, StorageUnavailableError
from ..interfaces import Catalog, Imager, Ingested, InputLimits, NewVersion, Storage
from .moderate import Moderate
from .originals import Originals

_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload asks for, already parsed from the wire; `None` means not given.

    `filename` is the transport's or its override. `uploader` is whom listings name for it.
    """

    data: bytes
    filename: str | None = None
    type: str = "upload"
    public_id: str | None = None
    folder: str | None = None
    use_filename: bool = False
    unique_filename: bool = True
    overwrite: bool = True
    tags: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    moderation: str | None = None
    notification_url: str | None = None
    discard_original_filename: bool = False
    uploader: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An upload's outcome. `existing`: the name was taken and `overwrite` false, nothing was stored."""

    asset: Asset
    existing: bool = False
    overwritten: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An upload that passed every check, decoded, with the chain that will judge it."""

    upload: Upload
    public_id: str
    chain: tuple[moderation.Item, ...]
    ingested: Ingested


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes uploads in. `default` and `floor` are the installation's moderation strings."""

    imager: Imager
    originals: Originals
    derived: Storage
    catalog: Catalog
    moderate: Moderate
    limits: InputLimits
    max_upload_bytes: int
    default: str
    floor: str | None = None
    testcard: bool = True

    def accept(self, cloud: str, upload: Upload, *, actor: str) -> Accepted:
        """Store, register and judge one upload.

        Raises `InvalidRequestError` (and its children), `SubscriptionError`, `UnavailableError`.
        """
        public_id, chain = self._check(upload)
        before = self.catalog.asset(cloud, upload.type, public_id)
        if before is not None and not upload.overwrite:
            return Accepted(before, existing=True)
        prepared = self._decode(cloud, upload, public_id, chain)
        digest = hashlib.sha256(upload.data).hexdigest()
        self.catalog.want_blob(cloud, digest, len(upload.data))
        self.originals.keep(digest, upload.data)
        asset, written = self._add(cloud, prepared, digest, None, actor)
        if not written:
            return Accepted(asset, existing=True)
        return Accepted(self.moderate.now(asset, prepared.ingested), overwritten=before is not None)

    def register(self, cloud: str, upload: Upload, pin: Pin, *, actor: str) -> Asset:
        """Register and judge an original that stays where it lies. Raises as `accept` does."""
        prepared = self._decode(cloud, upload, *self._check(upload))
        digest = hashlib.sha256(upload.data).hexdigest()
        asset, written = self._add(cloud, prepared, digest, pin, actor)
        return self.moderate.now(asset, prepared.ingested) if written else asset

    def _check(self, upload: Upload) -> tuple[str, tuple[moderation.Item, ...]]:
        if not upload.data:
            raise InvalidImageError("Empty file")
        if len(upload.data) > self.max_upload_bytes:
            raise FileTooLargeError(len(upload.data), self.max_upload_bytes)
        if upload.type not in TYPES:
            raise InvalidRequestError(f"Invalid type {upload.type[:40]}: must be one of {', '.join(TYPES)}")
        return choose_public_id(upload), moderation.compose(upload.moderation, self.default, self.floor)

    def _decode(
        self, cloud: str, upload: Upload, public_id: str, chain: tuple[moderation.Item, ...]
    ) -> _Prepared:
        ingested = self.imager.ingest(upload.data, self.limits)
        judged = any(item.kind == "aws_rek" for item in chain)
        least = self.moderate.min_side if judged else 1
        if min(ingested.width, ingested.height) < least:
            raise InvalidImageError(f"Image dimensions must be at least {least} pixels")
        ingested = replace(ingested, testcard=ingested.testcard and self.testcard)
        if not judged and (ingested.testcard or self._is_rejected(cloud, ingested)):
            chain = (*moderation.parse_chain("aws_rek"), *chain)
        return _Prepared(upload, public_id, chain, ingested)

    def _is_rejected(self, cloud: str, ingested: Ingested) -> bool:
        """Whether a person rejected these pixels before: that holds, whatever an upload asks for."""
        return self.catalog.decision_on_pixels(cloud, ingested.pixel_digest, None) is Status.REJECTED

    def _add(
        self, cloud: str, prepared: _Prepared, digest: str, pin: Pin | None, actor: str
    ) -> tuple[Asset, bool]:
        upload = prepared.upload
        self._keep_renditions(digest, prepared.ingested)
        new = NewVersion(
            type=upload.type,
            public_id=prepared.public_id,
            version=_version(upload, prepared.ingested, digest, pin),
            moderations=moderation.begin(prepared.chain),
            overwrite=upload.overwrite,
            tags=tuple(sorted(set(upload.tags))),
            context=upload.context,
            folder=prepared.public_id.rpartition("/")[0],
            notification_url=upload.notification_url,
            uploader=upload.uploader,
        )
        return self.catalog.add_version(cloud, new, actor=actor)

    def _keep_renditions(self, digest: str, ingested: Ingested) -> None:
        """Renditions only save time: a full disk must not stop an upload that its original fitted on."""
        try:
            for rendition, data in ingested.renditions:
                key = rendition_key(digest, rendition.edge, rendition.format)
                self.derived.put(key, seal(data, {}), durable=False)
        except StorageUnavailableError:
            return


def choose_public_id(upload: Upload) -> str:
    """The public id an upload gets: its own, its filename's stem, or twenty random characters."""
    if upload.public_id:
        base = upload.public_id
    elif upload.use_filename and upload.filename:
        stem = PurePosixPath(upload.filename.replace("\\", "/")).stem
        base = stem if not upload.unique_filename else f"{stem}_{_random(6)}"
    else:
        base = _random(20)
    return check_public_id(f"{upload.folder}/{base}" if upload.folder else base)


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _version(upload: Upload, ingested: Ingested, digest: str, pin: Pin | None) -> Version:
    name = None
    if upload.filename and not upload.discard_original_filename:
        name = PurePosixPath(upload.filename.replace("\\", "/")).stem[:255]
    return Version(
        version_id=secrets.token_hex(16),
        asset_id="",
        digest=digest,
        etag=hashlib.md5(upload.data, usedforsecurity=False).hexdigest(),
        pixel_digest=ingested.pixel_digest,
        bytes=len(upload.data),
        width=ingested.width,
        height=ingested.height,
        format=ingested.format,
        frames=ingested.frames,
        has_alpha=ingested.has_alpha,
        original_filename=name,
        pin=pin,
        renditions=tuple(rendition for rendition, _ in ingested.renditions),
    )
