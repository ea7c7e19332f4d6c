"""Assets, their versions, moderations and standings: the nouns that every layer shares."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .coordinates import Rectangle


class Status(StrEnum):
    """The overall standing of an asset. Only `APPROVED` is ever served."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Hidden(StrEnum):
    """Why an asset is not served, whatever the verdict on its current version.

    RESTRICTED: somebody hid it from all but one role. REPORTED: reports hid it until a person decides.
    DELETED: destroyed, and kept as a backup that can be restored.
    """

    RESTRICTED = "restricted"
    REPORTED = "reported"
    DELETED = "deleted"


class EntryStatus(StrEnum):
    """The state of one moderation in an asset's chain."""

    QUEUED = "queued"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    ABORTED = "aborted"


#: Delivery types that an upload may ask for.
TYPES = ("upload", "private", "authenticated")
#: The type of pictures that are fetched by their URL, which is their public id.
FETCH = "fetch"
#: The type of pictures that were drawn of a text.
TEXT = "text"
#: Every delivery type that an asset may have.
ALL_TYPES = (*TYPES, FETCH, TEXT)


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a name may be served now: read first, for every answer.

    `status` is the verdict on the current version, unless the asset is hidden. `access` are the rules
    that say who may see it besides, as JSON text; `None` where there are none.
    """

    type: str
    public_id: str
    asset_id: str
    revision: int
    status: Status | Hidden
    access: str | None = None


@dataclass(frozen=True, slots=True)
class Standings:
    """The answer of one standing query: the catalog's epoch, and a standing per name that exists.

    `definitions` has (text, whether strict mode lets it pass) of each transformation that exists.
    """

    epoch: str
    by_name: dict[tuple[str, str], Standing]
    definitions: dict[str, tuple[str, bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pin:
    """An original left where it lies: its place, and what must still be true of it at every read."""

    uri: str  # file:///absolute/path or s3://bucket/key
    size: int
    etag: str | None = None  # S3
    version: str | None = None  # S3 VersionId
    mtime_ns: int | None = None  # files


@dataclass(frozen=True, slots=True)
class Rendition:
    """A smaller copy of a large original, made once at ingest. Sizes in pixels, upright."""

    edge: int
    width: int
    height: int
    format: str  # "jpg" or "png"


@dataclass(frozen=True, slots=True)
class Version:
    """One set of bytes that an asset had or has, with the verdict that belongs to it.

    `digest` is the SHA-256 of the original's bytes, `etag` their MD5 (the wire's), `pixel_digest` the
    SHA-256 of the upright full-size pixels of all frames. `width` and `height` are upright. `number` is the
    wire's `version`. `faces` and `custom` are the regions that its upload named. Times are in milliseconds
    since 1970; `erased_at` tells since when the bytes are gone. `facts` is what was found out about its
    pixels and its file, under the wire's names (`phash`, `colors`, `image_metadata`, …).
    """

    version_id: str
    asset_id: str
    digest: str
    etag: str
    pixel_digest: str
    bytes: int
    width: int
    height: int
    format: str
    frames: int = 1
    has_alpha: bool = False
    original_filename: str | None = None
    pin: Pin | None = None
    renditions: tuple[Rendition, ...] = ()
    faces: tuple[Rectangle, ...] = ()
    custom: tuple[Rectangle, ...] = ()
    status: Status = Status.PENDING
    created_at: int = 0
    number: int = 0
    erased_at: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moderation:
    """One entry of a version's moderation chain.

    `policy` is the item as it is judged (`aws_rek:violence:0.7`), `policy_name` the named policy that it was
    written as (`marketplace@3`), if it was. `response` is the wire's `response` value. `detail` keeps what
    explains the verdict: provider, model, taxonomy, coverage, every label with the level that applied.
    `reason` is the code of a person's reason, `note` what that person wrote beside it.
    """

    seq: int
    kind: str
    status: EntryStatus
    policy: str
    response: Any = None
    detail: dict[str, Any] = field(default_factory=dict)
    decided_by: str | None = None
    reason: str | None = None
    updated_at: int | None = None  # milliseconds; None until first decided
    policy_name: str | None = None
    note: str | None = None

    @property
    def is_manual(self) -> bool:
        """Whether only a person can decide this entry."""
        return self.kind in ("manual", "reported")

    @property
    def decided_by_person(self) -> bool:
        """Whether a person had the last word on this entry."""
        return self.decided_by is not None and not is_machine(self.decided_by)

    @property
    def waits_for_machine(self) -> bool:
        """Whether a detector is to settle this entry now; what a person reopened waits for a person."""
        return self.status is EntryStatus.PENDING and not self.is_manual and not self.decided_by_person


def is_machine(actor: str) -> bool:
    """Whether an actor is a detector, and not somebody with a key."""
    return actor.startswith("detector:")


def is_import(actor: str) -> bool:
    """Whether an actor brings over what was decided at another service: nobody here has looked."""
    return actor.startswith("import:")


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset with its current version and that version's moderations, as the read door gives it.

    `status` is the verdict on the current version, `hidden` what keeps the asset from being served all the
    same. `restricted_to` is the role that may still look, `hold` the reason of a legal hold: while there is
    one, nothing of the asset is erased. With `backup`, bytes that are overwritten or deleted stay restorable.
    `older` tells whether there are versions besides the current one that can be restored.
    `version` is the wire's: unix seconds, strictly increasing per asset. Times are in milliseconds.
    `folder` is where people find it, and need not be in its name. `access_control` is the wire's list of
    access rules as JSON text, `metadata` the values of structured fields, `headers` what delivery sends
    besides, `quality_override` what `q_auto` means for it, and `stamps` when what of it was changed last.
    """

    asset_id: str
    cloud: str
    type: str
    public_id: str
    revision: int
    status: Status
    version: int
    current: Version
    moderations: tuple[Moderation, ...] = ()
    tags: tuple[str, ...] = ()
    context: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    access_mode: str = "public"
    notification_url: str | None = None
    uploader: str | None = None
    created_at: int = 0
    updated_at: int = 0
    hidden: Hidden | None = None
    restricted_to: str | None = None
    hold: str | None = None
    backup: bool = False
    older: bool = False
    display_name: str | None = None
    access_control: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    quality_override: str | None = None
    stamps: dict[str, int] = field(default_factory=dict)

    @property
    def standing(self) -> Status | Hidden:
        """What decides whether it is served: only `Status.APPROVED` is."""
        return self.hidden or self.status


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that was written in the transaction of what caused it, and is now leased to us."""

    id: int
    kind: str  # "moderate", "sweep_derived", …
    cloud: str
    payload: dict[str, Any]
    attempts: int
    lease_token: str
