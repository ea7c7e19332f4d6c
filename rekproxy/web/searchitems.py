"""One picture among what a search found: flat fields, as the wire's section 1.16 has them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..domain import moderation
from ..domain.asset import Asset, Hidden, Status
from .representation import Fields, moment

#: Who first uploaded a picture, and who last.
Senders = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """A picture, where it is found, and who sent it, if that may be told."""

    asset: Asset
    urls: Fields
    senders: Senders | None = None

    def told(self, fields: Sequence[str], with_field: Sequence[str]) -> Fields:
        """The fields that every item has and those of `with_field`; with `fields`, only these."""
        own = ("asset_id", "public_id", *fields) if fields else _ALWAYS
        told: Fields = {}
        for name in dict.fromkeys((*own, *with_field)):
            value = _READ[name](self)
            told |= value if name in _SPREAD else {name: value}
        return {name: value for name, value in told.items() if value is not _NOT_THERE}

    @property
    def away(self) -> bool:
        """Whether there is nothing to be seen of it: rejected, or deleted."""
        return self.asset.status is Status.REJECTED or self.asset.hidden is Hidden.DELETED

    @property
    def backup_bytes(self) -> int:
        """Bytes that are kept to be restored."""
        kept = self.away or self.asset.backup
        return self.asset.current.bytes if kept and self.asset.current.erased_at is None else 0

    def sender(self, last: bool) -> Any:
        """The key of who uploaded it."""
        if self.senders is None:
            return _NOT_THERE
        return {"type": "user", "access_key": self.senders[last].removeprefix("key:")}


_NOT_THERE: Final = object()


def _deciding(item: Item) -> Fields:
    entry = moderation.deciding(item.asset.moderations)
    return {} if entry is None else {"moderation_kind": entry.kind, "moderation_status": entry.status.value}


def _entries(item: Item) -> list[Fields]:
    return [
        {
            **({} if entry.response is None else {"response": entry.response}),
            "status": entry.status.value,
            "kind": entry.kind,
            **({} if entry.updated_at is None else {"updated_at": moment(entry.updated_at)}),
        }
        for entry in moderation.counted(item.asset.moderations)
    ]


def _analysis(item: Item) -> Fields:
    """What was found out about its pixels, as far as it was asked for."""
    facts = item.asset.current.facts
    names = ("colors", "predominant", "faces", "phash", "illustration_score", "grayscale", "semi_transparent")
    found = {name: facts[name] for name in names if name in facts}
    return {**found, **({"face_count": len(facts["faces"])} if "faces" in facts else {})}


def _rules(item: Item) -> Any:
    text = item.asset.access_control
    return None if text is None else json.loads(text)


_READ: Final[dict[str, Callable[[Item], Any]]] = {
    "asset_id": lambda item: item.asset.asset_id,
    "public_id": lambda item: item.asset.public_id,
    "folder": lambda item: item.asset.public_id.rpartition("/")[0],
    "asset_folder": lambda item: item.asset.folder,
    "filename": lambda item: item.asset.public_id.rpartition("/")[2],
    "display_name": lambda item: item.asset.display_name or item.asset.public_id.rpartition("/")[2],
    "format": lambda item: item.asset.current.format,
    "version": lambda item: item.asset.version,
    "version_id": lambda item: item.asset.current.version_id,
    "resource_type": lambda item: "image",
    "type": lambda item: item.asset.type,
    "created_at": lambda item: moment(item.asset.created_at),
    "uploaded_at": lambda item: moment(item.asset.current.created_at),
    "updated_at": lambda item: moment(item.asset.updated_at),
    "bytes": lambda item: 0 if item.away else item.asset.current.bytes,
    "backup_bytes": lambda item: item.backup_bytes,
    "width": lambda item: item.asset.current.width,
    "height": lambda item: item.asset.current.height,
    "aspect_ratio": lambda item: round(item.asset.current.width / item.asset.current.height, 5),
    "pixels": lambda item: item.asset.current.width * item.asset.current.height,
    "pages": lambda item: item.asset.current.frames,
    "url": lambda item: item.urls["url"],
    "secure_url": lambda item: item.urls["secure_url"],
    "status": lambda item: "deleted" if item.asset.hidden is Hidden.DELETED else "active",
    "placeholder": lambda item: True if item.away else _NOT_THERE,
    "access_mode": lambda item: item.asset.access_mode,
    "access_control": _rules,
    "etag": lambda item: item.asset.current.etag,
    "created_by": lambda item: item.sender(last=False),
    "uploaded_by": lambda item: item.sender(last=True),
    "moderation_kind": _deciding,
    "moderation": _entries,
    "tags": lambda item: sorted(item.asset.tags),
    "context": lambda item: dict(item.asset.context),
    "metadata": lambda item: dict(item.asset.metadata),
    "image_metadata": lambda item: item.asset.current.facts.get("image_metadata", {}),
    "image_analysis": _analysis,
    "quality_analysis": lambda item: item.asset.current.facts.get("quality_analysis", {}),
}
_READ["moderation_status"] = _deciding
#: Fields that come with others of themselves.
_SPREAD: Final = ("moderation_kind", "moderation_status")

#: What every item has.
_ALWAYS: Final = (
    "public_id", "asset_id", "folder", "asset_folder", "filename", "display_name", "format", "version",
    "resource_type", "type", "placeholder", "created_at", "uploaded_at", "bytes", "backup_bytes", "width",
    "height", "aspect_ratio", "pixels", "url", "secure_url", "status", "access_mode", "access_control",
    "etag", "created_by", "uploaded_by", "moderation_kind",
)  # fmt: skip

#: What may be added to them, and what may be chosen of all.
WITH_FIELD: Final = (
    "tags", "context", "metadata", "image_metadata", "image_analysis", "quality_analysis", "moderation",
)  # fmt: skip
FIELDS: Final = tuple(_READ)
