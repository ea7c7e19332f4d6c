"""What another service tells of an image, read with doubt."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ..errors import InvalidRequestError
from .access import read_rules
from .asset import TYPES, EntryStatus, Moderation, Status
from .chain import KINDS
from .coordinates import MOST_REGIONS, Rectangle
from .moderation import overall
from .publicid import check_public_id
from .uploadparameters import LONGEST_TAG, MOST_TAGS

#: What a listing tells that matters here: while none of it changes, an image is not asked about again.
_MARKED: Final = (
    "asset_id", "version", "created_at", "bytes", "format", "tags", "context", "metadata", "moderation",
    "moderation_kind", "moderation_status", "access_mode", "access_control", "folder", "asset_folder",
    "display_name", "placeholder", "standing",
)  # fmt: skip
#: Characters of a detector's answer that are kept with its verdict, as JSON.
_LONGEST_RESPONSE: Final = 65_536
#: Characters of one text: a URL with an escaped public id has no more.
_LONGEST_TEXT: Final = 4096

_HEX = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Kept:
    """One version whose bytes the other service still has in its backup."""

    version_id: str
    size: int


@dataclass(frozen=True, slots=True)
class Told:
    """An image as the other service tells of it. Times are in milliseconds, `bytes` 0 for what is not shown.

    `entries` are its moderations with their statuses there, empty for one that was never moderated. `away`
    says that its bytes are not where they were, and `hidden_by` what besides the verdict keeps it from being
    seen there. `mark` changes when anything of a listing does. `url` is where it is delivered. What
    is not `whole` is as a listing tells it, which says nothing of regions and may say nothing of rules.
    """

    type: str
    public_id: str
    number: int
    created_at: int
    mark: str
    asset_id: str | None = None
    format: str = ""
    bytes: int = 0
    width: int = 0
    height: int = 0
    etag: str | None = None
    tags: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    folder: str = ""
    display_name: str | None = None
    access_mode: str = "public"
    access_control: str | None = None
    original_filename: str | None = None
    faces: tuple[Rectangle, ...] = ()
    custom: tuple[Rectangle, ...] = ()
    entries: tuple[Moderation, ...] = ()
    away: bool = False
    hidden_by: str | None = None
    url: str | None = None
    version_id: str | None = None
    kept: tuple[Kept, ...] = ()
    whole: bool = False

    @property
    def name(self) -> tuple[str, str]:
        """Its delivery type and public id."""
        return self.type, self.public_id

    @property
    def uploaded_at(self) -> int:
        """When its bytes came: what the wire calls a version are seconds of a clock, as a rule."""
        return max(self.created_at, self.number * 1000) if self.number < 10**10 else self.created_at

    @property
    def status(self) -> Status | None:
        """Its verdict there; `None` for one that was never moderated."""
        return overall(self.entries) if self.entries else None

    @property
    def counted_as(self) -> str:
        """What it is counted as: its verdict, `unmoderated`, or `deleted` for a mere backup."""
        if self.deleted:
            return "deleted"
        return self.status.value if self.status is not None else "unmoderated"

    @property
    def fields(self) -> dict[str, Any]:
        """What is said of it, as the catalog's changes have it: nothing that it was not told."""
        said = {
            "tags": self.tags,
            "context": self.context,
            "metadata": self.metadata,
            "folder": self.folder,
            "display_name": self.display_name,
        }
        if self.whole or self.access_control is not None:
            said["access_control"] = self.access_control
        return {**said, "faces": self.faces, "custom": self.custom} if self.whole else said

    @property
    def deleted(self) -> bool:
        """Whether it was destroyed there: of what is not rejected, nothing else takes the bytes away."""
        return self.hidden_by == "deleted" or (self.away and self.status is not Status.REJECTED)

    @property
    def hidden(self) -> bool:
        """Whether something besides the verdict keeps it from being seen there."""
        return self.hidden_by is not None


# --- reading ---------------------------------------------------------------------------------------


def read_told(item: Mapping[str, Any]) -> Told:
    """An image out of an item of a listing, or out of its full record.

    Raises `InvalidRequestError` for what cannot be understood, or could not be called so here: nothing of it
    is guessed.
    """
    public_id = _text(item, "public_id") or ""
    if check_public_id(public_id) != public_id:
        raise InvalidRequestError(f"public_id must not begin or end so: {public_id[:80]!r}")
    type = _text(item, "type") or ""
    if type not in TYPES or item.get("resource_type", "image") != "image":
        raise InvalidRequestError(f"{type[:40]} is no delivery type of images that are moved")
    asset_id = _text(item, "asset_id")
    etag = _text(item, "etag")
    return Told(
        type=type,
        public_id=public_id,
        number=_number(item, "version"),
        created_at=_moment(item, "created_at"),
        mark=mark_of(item),
        asset_id=asset_id if asset_id and _HEX.fullmatch(asset_id) else None,
        format=_text(item, "format") or "",
        bytes=_number(item, "bytes"),
        width=_number(item, "width"),
        height=_number(item, "height"),
        etag=etag if etag and _HEX.fullmatch(etag) else None,
        tags=_tags(item),
        context=_context(item),
        metadata=_map(item, "metadata"),
        folder=_folder(item, public_id),
        display_name=_text(item, "display_name"),
        access_mode=_text(item, "access_mode") or "public",
        access_control=_rules(item),
        original_filename=_text(item, "original_filename"),
        entries=_entries(item),
        away=bool(item.get("placeholder")),
        hidden_by=_hidden_by(item),
        url=_text(item, "secure_url") or _text(item, "url"),
        version_id=_text(item, "version_id"),
        kept=_backups(item),
        faces=_regions(item, "faces"),
        custom=_regions(item, "custom"),
    )


def mark_of(item: Mapping[str, Any]) -> str:
    """A digest of all that a listing tells of an image and that matters here."""
    told = {name: item[name] for name in _MARKED if item.get(name) not in (None, [], {})}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise _not_understood(name)
    return value


def _number(item: Mapping[str, Any], name: str) -> int:
    value = item.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise _not_understood(name)
    return value


def _moment(item: Mapping[str, Any], name: str) -> int:
    try:
        return int(datetime.fromisoformat(_text(item, name) or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        raise _not_understood(name) from None


def _map(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = item.get(name) or {}
    if not isinstance(value, Mapping):
        raise _not_understood(name)
    return dict(value)


def _list(item: Mapping[str, Any], name: str) -> list[Any]:
    value = item.get(name) or []
    if not isinstance(value, list):
        raise _not_understood(name)
    return value


def _tags(item: Mapping[str, Any]) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(_list(item, "tags")))
    right = all(isinstance(tag, str) and 0 < len(tag) <= LONGEST_TAG for tag in tags)
    if not right or len(tags) > MOST_TAGS:
        raise _not_understood("tags")
    return tags


def _context(item: Mapping[str, Any]) -> dict[str, str]:
    """Context as listings have it, below `custom`, or flat as searches do."""
    context = _map(item, "context")
    context = _map(context, "custom") if isinstance(context.get("custom"), Mapping) else context
    if not all(isinstance(text, str) for pair in context.items() for text in pair):
        raise _not_understood("context")
    return context


def _folder(item: Mapping[str, Any], public_id: str) -> str:
    """Where people find it: of a service with fixed folders, that is in its name."""
    named = _text(item, "asset_folder")
    return (named if named is not None else public_id.rpartition("/")[0]).strip("/")


def _rules(item: Mapping[str, Any]) -> str | None:
    """Who may see it: nobody can tell what rules mean that are not understood. An older word for a token's
    is the access mode `authenticated`."""
    rules = _list(item, "access_control")
    mode = item.get("access_mode") or "public"
    if mode != "public" and not rules:
        rules = [{"access_type": "token"}]
    return read_rules(rules)


def _regions(item: Mapping[str, Any], kind: str) -> tuple[Rectangle, ...]:
    return tuple(map(_region, _list(_map(item, "coordinates"), kind)[:MOST_REGIONS]))


def _region(told: Any) -> Rectangle:
    right = isinstance(told, list) and len(told) == 4
    if not right or not all(isinstance(side, int | float) and 0 <= side < 10**6 for side in told):
        raise _not_understood("coordinates")
    x, y, width, height = map(int, told)
    return x, y, width, height


def _entries(item: Mapping[str, Any]) -> tuple[Moderation, ...]:
    """Its moderations, or the one that a listing sums them up in. Reports are not among them."""
    told = _list(item, "moderation")
    if not told and item.get("moderation_status"):
        told = [{"kind": item.get("moderation_kind"), "status": item["moderation_status"]}]
    if not all(isinstance(entry, Mapping) for entry in told):
        raise _not_understood("moderation")
    chain = [entry for entry in told if entry.get("kind") != "reported"]
    return tuple(_entry(seq, entry) for seq, entry in enumerate(chain))


def _entry(seq: int, told: Mapping[str, Any]) -> Moderation:
    status, kind = _text(told, "status"), _text(told, "kind") or "manual"
    if status not in tuple(EntryStatus):
        raise _not_understood("moderation")
    response = told.get("response")
    long = response is not None and len(json.dumps(response)) > _LONGEST_RESPONSE
    known = kind if kind in KINDS else "manual"
    at = _moment(told, "updated_at") if told.get("updated_at") else None
    return Moderation(
        seq,
        known,
        EntryStatus(status),
        known,
        response=None if long else response,
        detail={} if known == kind else {"kind_there": kind[:80]},
        updated_at=at,
    )


def _hidden_by(item: Mapping[str, Any]) -> str | None:
    """A standing that is no verdict, as another rekproxy tells it; an unknown one hides."""
    standing = _text(item, "standing")
    return None if standing in tuple(Status) else standing


def _backups(item: Mapping[str, Any]) -> tuple[Kept, ...]:
    versions = [version for version in _list(item, "versions") if isinstance(version, Mapping)]
    return tuple(
        Kept(_text(version, "version_id") or "", _number(version, "size"))
        for version in versions
        if version.get("restorable") and version.get("version_id")
    )


def _not_understood(name: str) -> InvalidRequestError:
    return InvalidRequestError(f"what the source says of {name} is not understood")
