"""Bring single images over from another service, or what has changed of them, with their verdicts."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..domain.asset import TYPES, Asset, Hidden, Moderation, Status, Version
from ..domain.coordinates import within
from ..domain.moderation import deciding
from ..domain.moving import Told, read_told
from ..domain.takeover import Unmoderated, Verdicts, take_over
from ..errors import (
    ConflictError,
    ImagerError,
    InvalidRequestError,
    NotFoundError,
    NotStoredError,
    OverloadedError,
    SubscriptionError,
    UnreachableError,
)
from ..interfaces import Catalog, Moved, NewVersion
from ..interfaces.moving import Mark
from ..interfaces.source import Source
from .importing import Outcome
from .ingest import Ingest
from .takedown import PurgeEdges
from .uploads import Adopted, Upload

#: What keeps one image or one preset from coming over, and no other.
REFUSED: Final = (
    ConflictError,
    ImagerError,
    InvalidRequestError,
    NotFoundError,
    NotStoredError,
    OverloadedError,
    SubscriptionError,
    UnreachableError,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a migration asks for. With `each`, every image is asked about by itself, not only what a listing
    shows to be new or changed; without `details`, only those that a listing says too little of. What is no
    longer there is destroyed here with `destroy`, else told."""

    verdicts: Verdicts
    unmoderated: Unmoderated
    moderation: str | None = None
    details: bool = True
    each: bool = False
    parallel: int = 4
    destroy: bool = False
    types: Sequence[str] = TYPES


@dataclass(frozen=True, slots=True)
class Bringing:
    """Brings images of one source over, several at a time.

    Nothing that was uploaded, changed or destroyed here meanwhile is overwritten, and what was rejected here
    stays rejected.
    """

    catalog: Catalog
    ingest: Ingest
    purge_edges: PurgeEdges
    cloud: str
    source: Source
    terms: Terms

    def bring(self, listed: Told, mark: Mark | None) -> Outcome:
        """Bring one image over, or what has changed of it. Tells why not, unless everything stands still."""
        name = "/".join(listed.name)
        if listed.deleted:
            return Outcome(name, "passed over", reason="it was deleted there")
        if mark is not None and mark.mark == listed.mark and not self.terms.each:
            return Outcome(name, "known")
        try:
            told = self._whole(listed)
            return self._new(name, told) if mark is None else self._changed(name, told, mark)
        except REFUSED as error:
            return Outcome(name, "refused", reason=str(error))

    def _whole(self, listed: Told) -> Told:
        """All that there is to know of it, under the mark of the listing."""
        little = listed.away or listed.access_mode != "public" or listed.type != "upload"
        if not (self.terms.details or little):
            return listed
        told = read_told(self.source.image(*listed.name))
        if told.name != listed.name:
            raise InvalidRequestError("the source tells of another image than it was asked about")
        return replace(told, mark=listed.mark, whole=True)

    def _new(self, name: str, told: Told) -> Outcome:
        if self.catalog.asset(self.cloud, *told.name) is not None:
            return Outcome(name, "kept", reason="the name is taken here by an image that came otherwise")
        return self._register(name, told, overwrite=False)

    def _register(self, name: str, told: Told, *, overwrite: bool) -> Outcome:
        entries = take_over(told, self.terms.verdicts, self.terms.unmoderated, actor=actor_of(self.source))
        data = self.source.original(told)
        if data is None:
            return self._record(name, told, entries, overwrite=overwrite)
        adopted = self._adopted(told, entries)
        upload = self._upload(told, data, entries, overwrite=overwrite)
        asset = self.ingest.adopt(self.cloud, upload, adopted, actor=actor_of(self.source))
        return Outcome(name, "moved", asset.status.value)

    def _record(
        self, name: str, told: Told, entries: tuple[Moderation, ...] | None, *, overwrite: bool
    ) -> Outcome:
        """Of what is rejected and has no bytes any more, the record: its name is taken, and says why."""
        if told.status is not Status.REJECTED or entries is None:
            raise InvalidRequestError("the source gives out no bytes that are those which it tells of")
        version = _absent(told)
        new = NewVersion(told.type, told.public_id, version, entries, overwrite=overwrite, tags=told.tags)
        new = replace(new, context=told.context)
        new = self._adopted(told, entries, absent=True).onto(new, entries)
        self.catalog.add_version(self.cloud, new, actor=actor_of(self.source))
        return Outcome(name, "recorded", Status.REJECTED.value)

    def _adopted(
        self, told: Told, entries: tuple[Moderation, ...] | None, *, absent: bool = False
    ) -> Adopted:
        moved = Moved(
            origin=self.source.origin,
            mark=told.mark,
            number=told.number,
            created_at=told.created_at,
            uploaded_at=told.uploaded_at,
            asset_id=told.asset_id,
            absent=absent,
            kept=entries is not None,
        )
        return Adopted(
            moved,
            entries,
            folder=told.folder,
            display_name=told.display_name,
            metadata=told.metadata,
            access_mode=told.access_mode,
            access_control=told.access_control,
        )

    def _upload(
        self, told: Told, data: bytes, entries: tuple[Moderation, ...] | None, *, overwrite: bool
    ) -> Upload:
        return Upload(
            data,
            filename=told.original_filename,
            type=told.type,
            public_id=told.public_id,
            overwrite=overwrite,
            tags=told.tags,
            context=told.context,
            moderation=self.terms.moderation if entries is None else None,
            faces=told.faces,
            custom=told.custom,
        )

    # --- what has changed there

    def _changed(self, name: str, told: Told, mark: Mark) -> Outcome:
        asset = self.catalog.asset_by_id(self.cloud, mark.asset_id)
        if asset is None or asset.hidden is Hidden.DELETED:
            return Outcome(name, "kept", reason="it was destroyed here")
        if asset.current.version_id != mark.version_id:
            return Outcome(name, "kept", reason="it was overwritten here")
        absent = asset.current.erased_at is not None and told.status is not Status.REJECTED
        if (told.number > asset.version or absent) and not told.away:
            return self._register(name, told, overwrite=True)
        amended = self._amend(self._follow(asset, told), told, mark)
        if amended.revision != asset.revision:
            self.purge_edges(self.cloud, [amended])
        decided = amended.status is not asset.status
        return Outcome(name, "changed", amended.status.value if decided else "")

    def _follow(self, asset: Asset, told: Told) -> Asset:
        """The asset after what was decided there since. A rejection counts; an approval only where nobody but
        this import decided here."""
        actor = actor_of(self.source)
        wanted = self._status(told)
        entry = deciding(asset.moderations)
        ours = entry is None or entry.decided_by in (None, actor)
        if wanted is None or wanted is asset.status or not (ours or wanted is Status.REJECTED):
            return asset
        return self.catalog.override(
            self.cloud, asset.asset_id, wanted, actor=actor, version_id=asset.current.version_id
        ).asset

    def _status(self, told: Told) -> Status | None:
        """What was decided there; `None` where that decides nothing here."""
        if told.status is Status.REJECTED:
            return Status.REJECTED
        if told.hidden:
            return Status.PENDING
        return told.status if self.terms.verdicts == "keep" else None

    def _amend(self, asset: Asset, told: Told, mark: Mark) -> Asset:
        size = asset.current.width, asset.current.height
        regions = {kind: within(told.fields[kind], *size) for kind in ("faces", "custom") if told.whole}
        amended = self.catalog.amend(
            self.cloud,
            self.source.origin,
            told.name,
            mark,
            {**told.fields, **regions},
            told.mark,
            actor=actor_of(self.source),
        )
        if amended is None:
            raise ConflictError("it was changed here a moment ago")
        return amended


def actor_of(source: Source) -> str:
    """Who decides, in the audit, what is taken over from a source."""
    return f"import:{source.origin}"


def _absent(told: Told) -> Version:
    """A version that never had bytes here. Its digests are of no file and of no pixels."""
    nothing = hashlib.sha256(f"absent {secrets.token_hex(16)}".encode()).hexdigest()
    return Version(
        version_id=secrets.token_hex(16),
        asset_id="",
        digest=nothing,
        etag=told.etag or nothing[:32],
        pixel_digest=nothing,
        bytes=told.bytes,
        width=told.width,
        height=told.height,
        format=told.format,
        original_filename=told.original_filename,
    )
