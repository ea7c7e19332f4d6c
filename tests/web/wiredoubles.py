"""The services as plain memory, so that what the web says to them can be read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rekproxy.domain import moderation
from rekproxy.domain.asset import Asset, EntryStatus, Moderation, Status, Version
from rekproxy.domain.pieces import Span
from rekproxy.domain.preset import Preset
from rekproxy.errors import InvalidRequestError, NotFoundError, UnreachableError
from rekproxy.interfaces import AssetPage, AuditLine
from rekproxy.interfaces.updating import Decision, Updated
from rekproxy.services.deleting import Gone
from rekproxy.services.deleting import Wish as Deleted
from rekproxy.services.library import Destroyed, Purged
from rekproxy.services.updating import Wish
from rekproxy.services.uploads import Accepted, Upload

CREATED = 1_719_307_544_123
LABELS = [{"confidence": 99.5, "name": "Suggestive", "parent_name": ""}]


def asset(public_id: str = "holiday/cat", number: int = 1, **changes: Any) -> Asset:
    """An approved photograph; `number` makes its ids and its age."""
    asset_id = f"{number:032x}"
    version = Version(
        version_id=f"{number + 1000:032x}",
        asset_id=asset_id,
        digest="d" * 64,
        etag="e" * 32,
        pixel_digest="f" * 64,
        bytes=896_838,
        width=1920,
        height=1441,
        format="jpg",
        original_filename="sample",
        status=Status.APPROVED,
        created_at=CREATED + number,
    )
    found = Asset(
        asset_id=asset_id,
        cloud="demo",
        type="upload",
        public_id=public_id,
        revision=7,
        status=Status.APPROVED,
        version=1_719_307_544,
        current=version,
        created_at=CREATED,
        updated_at=CREATED,
    )
    return replace(found, **changes)


def rejected(public_id: str, number: int) -> Asset:
    """A photograph that the detector rejected."""
    entry = Moderation(
        seq=0,
        kind="aws_rek",
        status=EntryStatus.REJECTED,
        policy="aws_rek",
        response={"moderation_labels": LABELS},
        detail={"provider": "secret to callers"},
        decided_by="detector:secret",
        updated_at=CREATED,
    )
    return asset(public_id, number, status=Status.REJECTED, moderations=(entry,))


def pending_behind() -> Asset:
    """A photograph that the detector let pass, and that waits for a person."""
    entries = (
        Moderation(0, "aws_rek", EntryStatus.APPROVED, "aws_rek", updated_at=CREATED),
        Moderation(1, "manual", EntryStatus.PENDING, "manual"),
    )
    return asset(status=Status.PENDING, moderations=entries)


class Analysis:
    """Finds out nothing and derives nothing."""

    def after_upload(self, accepted: Any, upload: Any, *, actor: str, trusted: bool) -> dict[str, Any]:
        return {}

    def known(self, asset: Asset, asked: Any) -> Asset:
        return asset


@dataclass
class Ingest:
    """Remembers what it was asked to take in; fails with `failure` if there is one."""

    seen: list[tuple[str, Upload, str]] = field(default_factory=list)
    failure: Exception | None = None
    answer: Accepted | None = None

    def accept(self, cloud: str, upload: Upload, *, actor: str) -> Accepted:
        self.seen.append((cloud, upload, actor))
        if self.failure:
            raise self.failure
        if self.answer:
            return self.answer
        made = asset(upload.public_id or "made", tags=upload.tags, context=dict(upload.context))
        return Accepted(replace(made, folder=upload.folder or "", type=upload.type))


class Presets:
    """No preset at all."""

    def choose(self, cloud: str, name: str, *, signed: bool) -> Preset:
        raise InvalidRequestError("Upload preset not found")

    def default(self, cloud: str, surface: str) -> None:
        return None


class Later:
    """Puts nothing off."""


class Chunks:
    """Never has all of a file."""

    def keep(self, cloud: str, sender: str, name: str, span: Span, data: bytes) -> int:
        return span.end


class Fetcher:
    """Reaches nobody."""

    def bring(self, url: str, **asked: Any) -> None:
        raise UnreachableError("The server cannot be reached")


class Backups:
    """Keeps nothing."""

    def restore_named(
        self, cloud: str, type: str, public_id: str, version_id: str | None, **asked: Any
    ) -> None:
        return None


class Preview:
    """Gives no links."""

    def link(self, asset: Asset) -> None:
        return None


@dataclass
class Library:
    """A shelf of assets, newest first; pages like a catalog does."""

    assets: list[Asset] = field(default_factory=list)
    purges: list[dict[str, Any]] = field(default_factory=list)
    searches: list[dict[str, Any]] = field(default_factory=list)

    def get(self, cloud: str, type: str, public_id: str) -> Asset:
        for found in self.assets:
            if (found.cloud, found.type, found.public_id) == (cloud, type, public_id):
                return found
        raise NotFoundError(f"Resource not found - {public_id}")

    def get_by_id(self, cloud: str, asset_id: str) -> Asset:
        for found in self.assets:
            if (found.cloud, found.asset_id) == (cloud, asset_id):
                return found
        raise NotFoundError(f"Resource not found - {asset_id}")

    def find(self, cloud: str, *, after: Any = None, limit: int = 10, **asked: Any) -> AssetPage:
        self.searches.append({**asked, "limit": limit})
        wanted = asked.get("public_ids")
        tag, prefix = asked.get("tag"), asked.get("prefix") or ""
        found = [
            each
            for each in self.assets
            if each.cloud == cloud
            and each.public_id.startswith(prefix)
            and (tag is None or tag in each.tags)
            and (wanted is None or each.public_id in wanted)
            and each.asset_id in asked.get("asset_ids", (each.asset_id,))
            and asked.get("folder", each.folder) == each.folder
        ]
        return _page(found, after, limit)

    def moderated(
        self, cloud: str, kind: str, status: EntryStatus, *, after: Any = None, limit: int = 10, **asked: Any
    ) -> AssetPage:
        self.searches.append({**asked, "limit": limit})
        found = [
            each
            for each in self.assets
            if each.cloud == cloud and any((m.kind, m.status) == (kind, status) for m in each.moderations)
        ]
        return _page(found, after, limit)

    def derived_page(
        self, cloud: str, asset: Asset, limit: int = 10, after: int = 0
    ) -> tuple[tuple[Mapping[str, Any], ...], int | None]:
        images = tuple(
            {"id": 10 + number, "transformation": f"c_scale,w_{100 + number}", "format": "webp", "bytes": 1}
            for number in range(2)
        )
        left = [image for image in images if image["id"] > after]
        return tuple(left[:limit]), left[limit - 1]["id"] if len(left) > limit else None

    def since(self, cloud: str) -> int:
        return CREATED

    def count(self, cloud: str, folder: str) -> int:
        return sum(asset.folder == folder for asset in self.assets)

    def history(self, cloud: str, asset: Asset) -> tuple[AuditLine, ...]:
        return (
            AuditLine(1, 5_000, cloud, asset.asset_id, "v" * 32, "key:up", "uploaded", None, "pending", {}),
            AuditLine(
                2, 6_000, cloud, asset.asset_id, "v" * 32, "key:mod", "overridden",
                "pending", "rejected", {"reason": "complaint"},
            ),
        )  # fmt: skip

    def destroy(
        self, cloud: str, type: str, public_id: str, *, actor: str, notification_url: str | None = None
    ) -> Destroyed | None:
        try:
            gone = self.get(cloud, type, public_id)
        except NotFoundError:
            return None
        self.assets.remove(gone)
        return Destroyed(gone, 0)

    def purge(self, cloud: str, **asked: Any) -> Purged:
        self.purges.append(asked)
        return Purged(1, ("cat",), ({"tier": "memory", "state": "confirmed"},))


@dataclass
class Deletion:
    """Takes assets off a shelf, two a page; remembers what it was asked."""

    library: Library
    asked: list[dict[str, Any]] = field(default_factory=list)

    def page(self, cloud: str, wish: Deleted, *, actor: str, after: Any = None, **meant: Any) -> Gone:
        self.asked.append({"wish": wish, "actor": actor, **meant})
        page = self.library.find(cloud, after=after, limit=2 if "public_ids" not in meant else 100, **meant)
        if not wish.only_derived:
            for gone in page.assets:
                self.library.assets.remove(gone)
        return Gone(page.assets, {asset.asset_id: 3 for asset in page.assets}, page.after)

    def derived(self, cloud: str, ids: Sequence[int]) -> frozenset[int]:
        return frozenset(number for number in ids if number in (10, 11))


@dataclass
class Updating:
    """Changes and decides on the assets of a shelf."""

    library: Library
    wishes: list[Wish] = field(default_factory=list)
    decisions: list[tuple[str, Status, str, str | None]] = field(default_factory=list)
    looked_at: list[tuple[str | None, str | None, int | None]] = field(default_factory=list)

    def update(self, cloud: str, asset: Asset, wish: Wish, *, actor: str) -> Updated:
        self.wishes.append(wish)
        said = {name: value for name, value in wish.fields.items() if name not in ("faces", "custom")}
        changed = replace(asset, **said)
        if wish.decision:
            changed = self._decided(changed, wish.decision, actor)
        self.library.assets[self.library.assets.index(asset)] = changed
        return Updated(asset, changed, decided=changed.status != asset.status)

    def _decided(self, asset: Asset, decision: Decision, actor: str) -> Asset:
        self.decisions.append((asset.public_id, decision.status, actor, decision.reason))
        self.looked_at.append((decision.note, decision.version_id, decision.revision))
        entries = moderation.override(
            asset.moderations,
            decision.status,
            actor=actor,
            reason=decision.reason,
            note=decision.note,
            now=CREATED,
        )
        return replace(asset, status=decision.status, moderations=entries)


def _page(found: Sequence[Asset], after: Any, limit: int) -> AssetPage:
    behind = [each for each in found if after is None or (each.current.created_at, each.asset_id) < after]
    newest = sorted(behind, key=lambda each: (each.current.created_at, each.asset_id), reverse=True)
    page = tuple(newest[:limit])
    last = (page[-1].current.created_at, page[-1].asset_id) if len(newest) > limit else None
    return AssetPage(page, last)
