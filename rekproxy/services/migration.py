"""Bring over what another service has: images with verdicts, presets, named transformations, fields."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..domain.asset import TYPES, Asset, Hidden, Moderation, Status, Version
from ..domain.coordinates import within
from ..domain.moderation import deciding
from ..domain.moving import Told, Unmoderated, Verdicts, read_told, take_over
from ..domain.naming import define
from ..domain.transformation import written
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
from ..interfaces.moving import Mark, Name
from ..interfaces.source import Item, ItemPage, Source
from .importing import Outcome
from .ingest import Ingest
from .metadata import Metadata
from .naming import Naming
from .presets import Presets
from .takedown import PurgeEdges
from .uploads import Adopted, Upload

#: What keeps one image or one preset from coming over, and no other.
_REFUSED: Final = (
    ConflictError,
    ImagerError,
    InvalidRequestError,
    NotFoundError,
    NotStoredError,
    OverloadedError,
    SubscriptionError,
    UnreachableError,
)

#: What a field of structured metadata is made of.
_OF_FIELDS: Final = (
    "external_id", "type", "label", "mandatory", "default_value", "validation", "datasource", "restrictions",
    "default_disabled",
)  # fmt: skip
#: Images that are no longer there, of which one run tells the names.
_MOST_VANISHED: Final = 1000


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


@dataclass
class Tally:
    """What the source told of, by delivery type and status, and what is here and no longer there."""

    there: Counter[Name] = field(default_factory=Counter)
    here: Mapping[Name, int] = field(default_factory=dict)
    vanished: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Migration:
    """Walks a source. What is here unchanged costs a look into the catalog; nothing is served unjudged.

    Nothing that was uploaded, changed or destroyed here meanwhile is overwritten, and what was rejected here
    stays rejected.
    """

    catalog: Catalog
    ingest: Ingest
    presets: Presets
    naming: Naming
    metadata: Metadata
    purge_edges: PurgeEdges

    def check(self, terms: Terms) -> None:
        """Raises `InvalidRequestError` where images are to be judged and the moderation would be none."""
        judged = "judge" in (terms.verdicts, terms.unmoderated)
        if not self.ingest.chain(terms.moderation) and judged:
            raise InvalidRequestError(
                "There is nobody to judge: the default moderation is none. Name one with --moderation."
            )

    def run(self, cloud: str, source: Source, terms: Terms, tally: Tally) -> Iterator[Outcome]:
        """Bring everything over, and tell about each thing; `tally` is filled on the way."""
        self.check(terms)
        since = self.catalog.clock()
        yield from self._fields(cloud, source)
        yield from self._transformations(cloud, source)
        yield from self._presets(cloud, source)
        for type in terms.types:
            for page in _pages(lambda after, type=type: source.images(type, after)):  # type: ignore[misc]
                yield from self._page(cloud, source, terms, tally, page)
        yield from self._vanished(cloud, source, terms, tally, since)
        tally.here = self.catalog.moved_counts(cloud, source.origin)

    # --- images

    def _page(
        self, cloud: str, source: Source, terms: Terms, tally: Tally, items: Sequence[Item]
    ) -> Iterator[Outcome]:
        told, refused = _read(items)
        for image in told:
            tally.there[image.type, image.counted_as] += 1
        for _ in refused:
            tally.there["", "refused"] += 1
        yield from refused
        names = [image.name for image in told]
        marks = self.catalog.moved(cloud, source.origin, names)
        there = [image.name for image in told if not image.deleted]
        self.catalog.see_moved(cloud, source.origin, there)
        one = _One(self, cloud, source, terms)
        with ThreadPoolExecutor(terms.parallel) as pool:
            yield from pool.map(lambda image: one.bring(image, marks.get(image.name)), told)

    def _vanished(
        self, cloud: str, source: Source, terms: Terms, tally: Tally, since: int
    ) -> Iterator[Outcome]:
        """What came over earlier and is no longer there: told, or destroyed here, too."""
        while gone := self.catalog.moved_unseen(cloud, source.origin, since, limit=_MOST_VANISHED):
            names = [f"{asset.type}/{asset.public_id}" for asset in gone]
            if not terms.destroy:
                tally.vanished = names
                return
            for asset in gone:
                self.catalog.destroy(cloud, asset.asset_id, actor=actor_of(source))
            self.purge_edges(cloud, gone)
            yield from (Outcome(name, "destroyed", reason="it is no longer there") for name in names)

    # --- what is defined there

    def _fields(self, cloud: str, source: Source) -> Iterator[Outcome]:
        """Fields of structured metadata, of which images have values."""
        known = {field.external_id for field in self.metadata.fields(cloud)}
        for item in source.fields():
            name = str(item.get("external_id", ""))[:200]
            if name in known:
                yield Outcome(f"field {name}", "known")
                continue
            given = {key: value for key, value in item.items() if key in _OF_FIELDS and value is not None}
            yield _tried(f"field {name}", lambda given=given: self._field(cloud, source, given))  # type: ignore[misc]

    def _field(self, cloud: str, source: Source, given: Mapping[str, Any]) -> str:
        self.metadata.create(cloud, given, actor=actor_of(source))
        return "moved"

    def _transformations(self, cloud: str, source: Source) -> Iterator[Outcome]:
        for items in _pages(source.transformations):
            for item in items:
                if item.get("named", True):
                    name = str(item.get("name", ""))[:200]
                    yield _tried(
                        f"transformation {name}",
                        lambda name=name: self._name(cloud, source, name),  # type: ignore[misc]
                    )

    def _name(self, cloud: str, source: Source, name: str) -> str:
        item = source.transformation(name)
        text = written(_steps(item.get("info")))
        known = self.catalog.definition(cloud, name.removeprefix("t_"))
        if known is not None:
            return _same(known.text == define(text))
        allowed = item.get("allowed_for_strict") is not False
        self.naming.create(cloud, name, text, allowed=allowed, actor=actor_of(source))
        return "moved"

    def _presets(self, cloud: str, source: Source) -> Iterator[Outcome]:
        for items in _pages(source.presets):
            for item in items:
                name = str(item.get("name", ""))[:200]
                yield _tried(f"preset {name}", lambda item=item: self._preset(cloud, source, item))  # type: ignore[misc]

    def _preset(self, cloud: str, source: Source, item: Item) -> str:
        settings, name = dict(item.get("settings") or {}), str(item.get("name", ""))
        if isinstance(settings.get("transformation"), list):
            settings["transformation"] = written(_steps(settings["transformation"]))
        settings = {key: value for key, value in settings.items() if value not in (None, "", [], {})}
        known = self.catalog.preset(cloud, name)
        if known is not None:
            return _same(known.unsigned == bool(item.get("unsigned")) and dict(known.settings) == settings)
        unsigned = bool(item.get("unsigned"))
        self.presets.create(cloud, name, unsigned, settings, actor=actor_of(source))
        return "moved"


@dataclass(frozen=True, slots=True)
class _One:
    """Brings single images over, several at a time."""

    migration: Migration
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
        except _REFUSED as error:
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
        if self.migration.catalog.asset(self.cloud, *told.name) is not None:
            return Outcome(name, "kept", reason="the name is taken here by an image that came otherwise")
        return self._register(name, told, overwrite=False)

    def _register(self, name: str, told: Told, *, overwrite: bool) -> Outcome:
        entries = take_over(told, self.terms.verdicts, self.terms.unmoderated, actor=actor_of(self.source))
        data = self.source.original(told)
        if data is None:
            return self._record(name, told, entries, overwrite=overwrite)
        adopted = self._adopted(told, entries)
        upload = self._upload(told, data, entries, overwrite=overwrite)
        asset = self.migration.ingest.adopt(self.cloud, upload, adopted, actor=actor_of(self.source))
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
        self.migration.catalog.add_version(self.cloud, new, actor=actor_of(self.source))
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
        asset = self.migration.catalog.asset_by_id(self.cloud, mark.asset_id)
        if asset is None or asset.hidden is Hidden.DELETED:
            return Outcome(name, "kept", reason="it was destroyed here")
        if asset.current.version_id != mark.version_id:
            return Outcome(name, "kept", reason="it was overwritten here")
        absent = asset.current.erased_at is not None and told.status is not Status.REJECTED
        if (told.number > asset.version or absent) and not told.away:
            return self._register(name, told, overwrite=True)
        amended = self._amend(self._follow(asset, told), told, mark)
        if amended.revision != asset.revision:
            self.migration.purge_edges(self.cloud, [amended])
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
        return self.migration.catalog.override(
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
        amended = self.migration.catalog.amend(
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


def _pages(ask: Callable[[str | None], ItemPage]) -> Iterator[tuple[Item, ...]]:
    after: str | None = None
    while True:
        page = ask(after)
        yield page.items
        after = page.after
        if after is None:
            return


def _read(items: Sequence[Item]) -> tuple[list[Told], list[Outcome]]:
    """What can be read of a page, and what of it cannot."""
    told, refused = [], []
    for item in items:
        try:
            told.append(read_told(item))
        except InvalidRequestError as error:
            name = f"{item.get('type', 'upload')}/{item.get('public_id', '')}"
            refused.append(Outcome(name[:300], "refused", reason=str(error)))
    return told, refused


def _tried(name: str, bring: Callable[[], str]) -> Outcome:
    try:
        state = bring()
    except _REFUSED as error:
        return Outcome(name, "refused", reason=str(error))
    return Outcome(name, state, reason="it is another one here" if state == "kept" else "")


def _same(same: bool) -> str:
    return "known" if same else "kept"


def _steps(info: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(info, list) or not all(isinstance(step, dict) for step in info):
        raise InvalidRequestError("what it stands for is not understood")
    return info


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
