"""What pictures and folders can be searched by: the fields there are, and what one has in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from .asset import Hidden, Status
from .expression import ANYWHERE, Value
from .expressionreader import Kind

#: The fields of a picture, in the wire's order (1.16); `standing`, `uploader` and `pages` are ours.
FIELDS: Final[Mapping[str, Kind]] = {
    "public_id": Kind.TEXT,
    "asset_id": Kind.NAME,
    "folder": Kind.NAME,
    "asset_folder": Kind.NAME,
    "filename": Kind.TEXT,
    "display_name": Kind.TEXT,
    "format": Kind.WORD,
    "resource_type": Kind.WORD,
    "type": Kind.WORD,
    "tags": Kind.NAME,
    "context": Kind.TEXT,
    "context.": Kind.TEXT,
    "metadata": Kind.TEXT,
    "metadata.": Kind.ANY,
    "moderation_status": Kind.WORD,
    "moderation_kind": Kind.WORD,
    "created_at": Kind.DATE,
    "uploaded_at": Kind.DATE,
    "updated_at": Kind.DATE,
    "bytes": Kind.SIZE,
    "width": Kind.NUMBER,
    "height": Kind.NUMBER,
    "aspect_ratio": Kind.RATIO,
    "pixels": Kind.NUMBER,
    "status": Kind.WORD,
    "version": Kind.NUMBER,
    "etag": Kind.NAME,
    "standing": Kind.WORD,
    "uploader": Kind.NAME,
    "pages": Kind.NUMBER,
}

#: The fields of a folder.
FOLDER_FIELDS: Final[Mapping[str, Kind]] = {
    "path": Kind.NAME,
    "name": Kind.TEXT,
    "external_id": Kind.NAME,
    "created_at": Kind.DATE,
}

#: What pictures, and folders, can be sorted by. A picture has one value in each.
SORTABLE: Final = (
    "created_at", "uploaded_at", "updated_at", "public_id", "filename", "display_name", "folder",
    "asset_folder", "format", "resource_type", "type", "bytes", "width", "height", "aspect_ratio", "pixels",
    "version", "status", "etag", "asset_id",
)  # fmt: skip
FOLDER_SORTABLE: Final = ("path", "name", "created_at")

#: What pictures can be counted by.
COUNTABLE: Final = ("format", "resource_type", "type", "bytes", "pixels")

#: Which attributes of a `Picture` a field is read from, where that is not the one of its name.
_READ_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    ANYWHERE: ("public_id", "display_name", "asset_folder", "tags", "context", "metadata"),
    "folder": ("public_id",),
    "filename": ("public_id",),
    "display_name": ("display_name", "public_id"),
    "moderation_status": ("verdict", "moderation_kind"),
    "aspect_ratio": ("width", "height"),
    "pixels": ("width", "height"),
    "status": ("standing",),
    "resource_type": (),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as far as it is asked for: what no field is read from has no meaning.

    `standing` and `verdict` are as of an asset; `moderation_kind` has the kinds of its entries.
    """

    asset_id: str
    public_id: str = ""
    type: str = "upload"
    created_at: int = 0
    uploaded_at: int = 0
    updated_at: int = 0
    asset_folder: str = ""
    display_name: str | None = None
    format: str = ""
    tags: Sequence[str] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] | None = None
    moderation_kind: Sequence[str] = ()
    verdict: str = Status.PENDING.value
    standing: str = Status.PENDING.value
    bytes: int = 0
    width: int = 0
    height: int = 0
    version: int = 0
    etag: str = ""
    uploader: str | None = None
    pages: int = 1

    def values(self, name: str) -> Sequence[Value]:
        """What it has in a field of `FIELDS`, also in one behind a dot, and anywhere."""
        whole, dot, key = name.partition(".")
        match whole:
            case "":
                return self._texts()
            case "context":
                return _chosen(self.context, key) if dot else tuple(self.context.values())
            case "metadata":
                return _chosen(self.metadata or {}, key) if dot else _every(self.metadata)
            case "tags" | "moderation_kind":
                return tuple(getattr(self, whole))
            case "moderation_status":
                judged = self.moderation_kind or self.verdict != Status.APPROVED
                return (self.verdict,) if judged else ()
            case "uploader":
                return () if self.uploader is None else (self.uploader,)
            case _:
                return (self.value(whole),)

    def value(self, name: str) -> Value:
        """What it has in a field that it can be sorted by."""
        match name:
            case "folder":
                return self.public_id.rpartition("/")[0]
            case "filename":
                return self.public_id.rpartition("/")[2]
            case "display_name":
                return self.display_name or self.public_id.rpartition("/")[2]
            case "resource_type":
                return "image"
            case "aspect_ratio":
                return self.width / max(self.height, 1)
            case "pixels":
                return self.width * self.height
            case "status":
                return Hidden.DELETED.value if self.standing == Hidden.DELETED else "active"
            case _:
                found: Value = getattr(self, name)
                return found

    def _texts(self) -> Sequence[Value]:
        own = (self.public_id, self.display_name or "", self.asset_folder)
        return (*own, *self.tags, *self.context.values(), *_every(self.metadata))


def read_from(name: str) -> tuple[str, ...]:
    """The attributes of a `Picture` that a field is read from."""
    whole = name.partition(".")[0]
    return _READ_FROM.get(whole, (whole,))


def _chosen(values: Mapping[str, Any], key: str) -> Sequence[Value]:
    return _several(values[key]) if key in values else ()


def _every(values: Mapping[str, Any] | None) -> Sequence[Value]:
    return tuple(each for value in (values or {}).values() for each in _several(value))


def _several(value: Any) -> tuple[Value, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)
