"""Take an upload in: limits before pixels, bytes before rows, then the verdict."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..domain.access import ONLY_TOKENS
from ..domain.asset import ALL_TYPES, TYPES, Asset, Hidden, Job, Pin, Status, Version
from ..domain.cachekeys import rendition_key
from ..domain.chain import Item, compose, parse_chain
from ..domain.coordinates import measured
from ..domain.envelope import seal
from ..domain.facts import FIELDS
from ..domain.moderation import begin, overall
from ..domain.policies import PolicyBook
from ..domain.uploader import uploader_of
from ..errors import (
    ConflictError,
    FileTooLargeError,
    InvalidImageError,
    InvalidRequestError,
    StorageUnavailableError,
)
from ..interfaces import Catalog, Ingested, NewVersion, Storage
from .incoming import Incoming
from .moderate import Moderate
from .originals import Originals
from .uploads import Accepted, Adopted, Upload, choose_public_id, display_name_of, folder_of, stem_of


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An upload that passed every check, decoded, with the chain that will judge it.

    `data` is what is to be stored: the file, or what was made of it.
    """

    upload: Upload
    data: bytes
    public_id: str
    chain: tuple[Item, ...]
    ingested: Ingested
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes uploads in. `default` and `floor` are the installation's moderation strings, `backup` and
    `max_versions` what it says about keeping earlier versions. `fields` gives the structured metadata that an
    upload with these values has, or raises."""

    incoming: Incoming
    originals: Originals
    derived: Storage
    catalog: Catalog
    moderate: Moderate
    max_upload_bytes: int
    default: str
    floor: str | None = None
    testcard: bool = True
    backup: bool = False
    max_versions: int = 20
    uploader_context: str = "uploader"
    policies: PolicyBook = field(default_factory=PolicyBook)
    fields: Callable[[str, Mapping[str, Any]], dict[str, Any]] = lambda cloud, given: dict(given)

    def accept(self, cloud: str, upload: Upload, *, actor: str, lease: Job | None = None) -> Accepted:
        """Store, register and judge one upload; `lease` is the job that ends with its registration.

        Raises `InvalidRequestError` (and its children), `SubscriptionError`, `UnavailableError`.
        """
        public_id, chain = self.check(upload)
        before = self.catalog.asset(cloud, upload.type, public_id)
        if before is not None and not upload.overwrite and before.hidden is not Hidden.DELETED:
            return Accepted(before, existing=True)
        upload = replace(upload, metadata=self.fields(cloud, upload.metadata))
        prepared = self._decode(cloud, upload, public_id, chain)
        digest = hashlib.sha256(prepared.data).hexdigest()
        self.catalog.want_blob(cloud, digest, len(prepared.data))
        self.originals.keep(digest, prepared.data)
        asset, written = self._add(cloud, prepared, digest, None, actor, lease)
        if not written:
            return Accepted(asset, existing=True)
        overwritten = before is not None and before.hidden is not Hidden.DELETED
        return Accepted(self.moderate.now(asset, prepared.ingested), overwritten=overwritten)

    def register(self, cloud: str, upload: Upload, pin: Pin, *, actor: str) -> Asset:
        """Register and judge an original that stays where it lies. Raises as `accept` does."""
        prepared = self._decode(cloud, upload, *self.check(upload))
        digest = hashlib.sha256(upload.data).hexdigest()
        asset, written = self._add(cloud, prepared, digest, pin, actor)
        return self.moderate.now(asset, prepared.ingested) if written else asset

    def adopt(self, cloud: str, upload: Upload, adopted: Adopted, *, actor: str) -> Asset:
        """Store and register an image that comes over from another service; judge it, if no verdict does.

        A verdict of there approves neither what a person rejected here nor a test card. Raises as `accept`.
        """
        public_id, chain = self.check(upload)
        entries = adopted.entries
        prepared = self._decode(cloud, upload, public_id, chain if entries is None else ())
        if entries is None or (prepared.chain and overall(entries) is Status.APPROVED):
            entries, adopted = begin(prepared.chain), adopted.judged
        digest = hashlib.sha256(prepared.data).hexdigest()
        self.catalog.want_blob(cloud, digest, len(prepared.data))
        self.originals.keep(digest, prepared.data)
        self._keep_renditions(digest, prepared.ingested)
        new = adopted.onto(self._new(prepared, digest, None), entries)
        asset, added = self.catalog.add_version(cloud, new, actor=actor)
        if not added:
            raise ConflictError("The name was taken a moment ago")
        return self.moderate.now(asset, prepared.ingested)

    def check(self, upload: Upload) -> tuple[str, tuple[Item, ...]]:
        """The public id that an upload gets and the chain that judges it: all that is known of it undecoded.

        Raises as `accept` does.
        """
        if not upload.data:
            raise InvalidImageError("Empty file")
        if len(upload.data) > self.max_upload_bytes:
            raise FileTooLargeError(len(upload.data), self.max_upload_bytes)
        upload.limits.check_bytes(len(upload.data))
        if upload.type not in ALL_TYPES:
            raise InvalidRequestError(f"Invalid type {upload.type[:40]}: must be one of {', '.join(TYPES)}")
        self._uploader(upload)
        return choose_public_id(upload), self.chain(upload.moderation, unsigned=upload.unsigned)

    def _uploader(self, upload: Upload) -> str | None:
        """Whom it is by. Nobody vouches for a name that comes without a signature."""
        if upload.unsigned:
            return upload.uploader
        return uploader_of(upload.context, self.uploader_context, upload.uploader)

    def chain(self, asked: str | None, *, unsigned: bool = False) -> tuple[Item, ...]:
        """The chain of an upload that asks for `asked`. Raises as `compose` does, and
        `InvalidRequestError` where an unsigned one would be approved unseen."""
        chain = compose(asked, self.default, self.floor, self.policies)
        if unsigned and not chain:
            raise InvalidRequestError("An unsigned upload preset must name a moderation: the default is none")
        return chain

    def _decode(self, cloud: str, upload: Upload, public_id: str, chain: tuple[Item, ...]) -> _Prepared:
        data, ingested = self.incoming.take(
            upload.data, upload.limits, transformation=upload.transformation, format=upload.format
        )
        if upload.allowed_formats and ingested.format not in upload.allowed_formats:
            raise InvalidImageError(f"Image file format {ingested.format} not allowed")
        judged = self.is_judged(chain)
        ingested = self.measured(ingested, judged=judged)
        if not judged and (ingested.testcard or self._is_rejected(cloud, ingested)):
            chain = (*parse_chain("aws_rek"), *chain)
        return _Prepared(upload, data, public_id, chain, ingested, self._facts(data, upload.facts))

    def _facts(self, data: bytes, asked: frozenset[str]) -> Mapping[str, Any]:
        """Nothing is found out that nobody asks for; what cannot be is no reason to refuse a picture."""
        wanted = asked & FIELDS.keys()
        return self.incoming.facts(data, wanted) if wanted else {}

    def is_judged(self, chain: Sequence[Item]) -> bool:
        """Whether a detector is to look."""
        return any(item.kind == "aws_rek" for item in chain)

    def measured(self, ingested: Ingested, *, judged: bool) -> Ingested:
        """Pixels that are large enough for whoever looks; a test card is one only where the settings say so.

        Raises `InvalidImageError`.
        """
        least = self.moderate.min_side if judged else 1
        if min(ingested.width, ingested.height) < least:
            raise InvalidImageError(f"Image dimensions must be at least {least} pixels")
        return replace(ingested, testcard=ingested.testcard and self.testcard)

    def _is_rejected(self, cloud: str, ingested: Ingested) -> bool:
        """Whether a person rejected these pixels before: that holds, whatever an upload asks for."""
        return self.catalog.decision_on_pixels(cloud, ingested.pixel_digest, None) is Status.REJECTED

    def _add(
        self,
        cloud: str,
        prepared: _Prepared,
        digest: str,
        pin: Pin | None,
        actor: str,
        lease: Job | None = None,
    ) -> tuple[Asset, bool]:
        self._keep_renditions(digest, prepared.ingested)
        new = self._new(prepared, digest, pin)
        return self.catalog.add_version(cloud, new, actor=actor, lease=lease)

    def _new(self, prepared: _Prepared, digest: str, pin: Pin | None) -> NewVersion:
        upload = prepared.upload
        return NewVersion(
            type=upload.type,
            public_id=prepared.public_id,
            version=_version(prepared, digest, pin),
            moderations=begin(prepared.chain),
            overwrite=upload.overwrite,
            tags=tuple(sorted(set(upload.tags))),
            context=upload.context,
            folder=_folder(upload, prepared.public_id),
            display_name=display_name_of(upload),
            access_mode=upload.access_mode,
            access_control=upload.access_control or _rules_of(upload.access_mode),
            headers=upload.headers,
            quality_override=upload.quality_override,
            metadata=upload.metadata,
            notification_url=upload.notification_url,
            uploader=self._uploader(upload),
            backup=self.backup if upload.backup is None else upload.backup,
            max_versions=self.max_versions,
            batch_id=upload.batch_id,
            eager=upload.eager if upload.eager and not upload.eager.at_once else None,
        )

    def _keep_renditions(self, digest: str, ingested: Ingested) -> None:
        """Renditions only save time: a full disk must not stop an upload that its original fitted on."""
        try:
            for rendition, data in ingested.renditions:
                key = rendition_key(digest, rendition.edge, rendition.format)
                self.derived.put(key, seal(data, {}), durable=False)
        except StorageUnavailableError:
            return


def _folder(upload: Upload, public_id: str) -> str:
    return folder_of(upload, public_id) if upload.asset_folder is None else upload.asset_folder


def _rules_of(access_mode: str) -> str | None:
    """What the older way to say who may see it comes to."""
    return ONLY_TOKENS if access_mode == "authenticated" else None


def _version(prepared: _Prepared, digest: str, pin: Pin | None) -> Version:
    upload, ingested, data = prepared.upload, prepared.ingested, prepared.data
    name = None if upload.discard_original_filename else stem_of(upload.filename)
    return Version(
        version_id=secrets.token_hex(16),
        asset_id="",
        digest=digest,
        etag=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        pixel_digest=ingested.pixel_digest,
        bytes=len(data),
        width=ingested.width,
        height=ingested.height,
        format=ingested.format,
        frames=ingested.frames,
        has_alpha=ingested.has_alpha,
        original_filename=name,
        pin=pin,
        renditions=tuple(rendition for rendition, _ in ingested.renditions),
        faces=measured(upload.faces, ingested.width, ingested.height),
        custom=measured(upload.custom, ingested.width, ingested.height),
        facts=dict(prepared.facts),
    )
