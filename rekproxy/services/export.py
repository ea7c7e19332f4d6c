"""Everything of a cloud, to be taken elsewhere: originals as they came, and what is known of each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from ..domain.asset import Asset, Moderation, Version
from ..domain.transformation import described
from ..errors import DamagedError, NotStoredError
from ..interfaces import Catalog, Storage
from .review import Review

#: Assets that are read at once.
_PAGE: Final = 200

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exported:
    """One image that was written: its line, and whether its bytes were there before or are missing."""

    line: Fields
    state: str  # "written", "known", "without bytes", "missing"


@dataclass(frozen=True, slots=True)
class Export:
    """Writes originals through the restricted door, and says each in the audit."""

    catalog: Catalog
    review: Review

    def images(
        self, cloud: str, storage: Storage, *, prefix: str | None = None, versions: bool = False, actor: str
    ) -> Iterator[Exported]:
        """Every image of a cloud, whatever its standing, with the bytes of its current version; with
        `versions`, those of the earlier ones that are kept, too.

        What is in the storage already is not read again. An original that is missing or damaged is told, and
        stops nothing.
        """
        after: tuple[int, str] | None = None
        while True:
            page = self.catalog.list_assets(cloud, prefix=prefix, after=after, limit=_PAGE)
            for asset in page.assets:
                yield self._one(cloud, storage, asset, versions=versions, actor=actor)
            after = page.after
            if after is None:
                return

    def _one(self, cloud: str, storage: Storage, asset: Asset, *, versions: bool, actor: str) -> Exported:
        state = self._write(cloud, storage, asset, asset.current, actor)
        line = {**_line(asset), **_bytes(asset.current, state)}
        if versions:
            older = [each for each in self.catalog.versions(cloud, asset.asset_id) if _is_older(each, asset)]
            line["versions"] = [
                {**_version(each), **_bytes(each, self._write(cloud, storage, asset, each, actor))}
                for each in older
            ]
        return Exported(line, state)

    def _write(self, cloud: str, storage: Storage, asset: Asset, version: Version, actor: str) -> str:
        if version.erased_at is not None:
            return "without bytes"
        key = place_of(version)
        if storage.exists(key):
            return "known"
        try:
            shown = replace(asset, current=version)
            data, _ = self.review.open_restricted(cloud, shown, actor=actor, action="exported")
        except (NotStoredError, DamagedError):
            return "missing"
        storage.put(key, data, durable=False)
        return "written"

    def definitions(self, cloud: str) -> Iterator[Fields]:
        """Named transformations as the wire writes them, and what they stand for as a text."""
        after: str | None = None
        while True:
            page = self.catalog.list_definitions(cloud, after=after, limit=_PAGE)
            for each in page.definitions:
                yield {
                    "name": each.name,
                    "named": each.named,
                    "allowed_for_strict": each.allowed,
                    "transformation": each.text,
                    "info": described(each.text),
                }
            after = page.after
            if after is None:
                return

    def presets(self, cloud: str) -> Iterator[Fields]:
        """Upload presets."""
        after: str | None = None
        while True:
            page = self.catalog.list_presets(cloud, after=after, limit=_PAGE)
            for each in page.presets:
                yield {"name": each.name, "unsigned": each.unsigned, "settings": dict(each.settings)}
            after = page.after
            if after is None:
                return


def place_of(version: Version) -> str:
    """Where the bytes of a version are written: the same bytes once, under their digest."""
    return f"originals/{version.digest[:2]}/{version.digest}.{version.format}"


def _is_older(version: Version, asset: Asset) -> bool:
    return version.version_id != asset.current.version_id


def _line(asset: Asset) -> Fields:
    """All that is known of an asset; what is empty is left out."""
    told = {
        "asset_id": asset.asset_id,
        "public_id": asset.public_id,
        "resource_type": "image",
        "type": asset.type,
        "standing": asset.standing.value,
        "created_at": _moment(asset.created_at),
        "updated_at": _moment(asset.updated_at),
        "tags": list(asset.tags),
        "context": dict(asset.context),
        "metadata": dict(asset.metadata),
        "asset_folder": asset.folder,
        "display_name": asset.display_name,
        "access_mode": asset.access_mode,
        "access_control": json.loads(asset.access_control) if asset.access_control else None,
        "headers": dict(asset.headers),
        "quality_override": asset.quality_override,
        "uploader": asset.uploader,
        "restricted_to": asset.restricted_to,
        "hold": asset.hold,
        **_version(asset.current),
        "moderation": [_entry(entry) for entry in asset.moderations],
    }
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def _version(version: Version) -> Fields:
    regions = {"faces": version.faces, "custom": version.custom}
    told = {
        "version": version.number,
        "version_id": version.version_id,
        "uploaded_at": _moment(version.created_at),
        "status": version.status.value,
        "format": version.format,
        "bytes": version.bytes,
        "width": version.width,
        "height": version.height,
        "pages": version.frames,
        "etag": version.etag,
        "original_filename": version.original_filename,
        "coordinates": {kind: found for kind, found in regions.items() if found},
    }
    return {name: value for name, value in told.items() if value not in (None, {})}


def _bytes(version: Version, state: str) -> Fields:
    """Where the bytes are, if they are."""
    if state in ("without bytes", "missing"):
        return {"file": None}
    return {"file": place_of(version), "sha256": version.digest}


def _entry(entry: Moderation) -> Fields:
    told = {
        "kind": entry.kind,
        "status": entry.status.value,
        "policy": entry.policy,
        "response": entry.response,
        "decided_by": entry.decided_by,
        "reason": entry.reason,
        "note": entry.note,
        "updated_at": _moment(entry.updated_at) if entry.updated_at else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
