"""What an upload asks for, what it is called, and what comes of it."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from ..domain.asset import FETCH, Asset, Moderation
from ..domain.breakpoints import Ladder
from ..domain.coordinates import Rectangle
from ..domain.eager import Batch
from ..domain.preset import Limits
from ..domain.publicid import MAX_LENGTH, check_public_id, made_of
from ..domain.remote import check_remote_url
from ..interfaces import Moved, NewVersion

_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload asks for, already parsed from the wire; `None` means not given.

    `filename` is the transport's or its override. `uploader` is whom listings name for it if its context
    names nobody. What `unsigned` uploads bring is never approved unseen. `transformation` and `format` change
    the picture before it is stored; `allowed_formats`, if there are any, name what it may then be. `batch_id`
    is given where it is taken in later than it was sent. `faces` and `custom` are regions of the picture that
    is stored. `eager` is what is to be derived of it; whoever waits for that has it made. `facts` are
    parameters that ask what is to be found out about it (`domain.facts`), `ladders` the widths at which its
    caller wants it measured. `asset_folder` is where people find it, and with `folder_in_public_id` it is a
    part of the name, too. `access_control` is JSON text as it is kept. With `delete_token` who sent it may
    delete it for a while.
    """

    data: bytes
    filename: str | None = None
    type: str = "upload"
    public_id: str | None = None
    folder: str | None = None
    public_id_prefix: str | None = None
    use_filename: bool = False
    unique_filename: bool = True
    overwrite: bool = True
    tags: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    moderation: str | None = None
    notification_url: str | None = None
    discard_original_filename: bool = False
    uploader: str | None = None
    unsigned: bool = False
    backup: bool | None = None
    transformation: str | None = None
    format: str | None = None
    allowed_formats: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    batch_id: str | None = None
    faces: tuple[Rectangle, ...] = ()
    custom: tuple[Rectangle, ...] = ()
    eager: Batch | None = None
    facts: frozenset[str] = frozenset()
    ladders: tuple[Ladder, ...] = ()
    asset_folder: str | None = None
    folder_in_public_id: bool = False
    display_name: str | None = None
    filename_as_display_name: bool = False
    unique_display_name: bool = False
    access_mode: str = "public"
    access_control: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    quality_override: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    delete_token: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """An upload's outcome. `existing`: the name was taken and `overwrite` false, nothing was stored."""

    asset: Asset
    existing: bool = False
    overwritten: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """What is kept of an image that comes over from another service, besides what its upload says.

    `entries` are the verdict of there; `None` has it judged here.
    """

    moved: Moved
    entries: tuple[Moderation, ...] | None
    folder: str = ""
    display_name: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    access_mode: str = "public"
    access_control: str | None = None

    @property
    def judged(self) -> "Adopted":
        """The same without a verdict of there."""
        return replace(self, moved=replace(self.moved, kept=False), entries=None)

    def onto(self, new: NewVersion, entries: tuple[Moderation, ...]) -> NewVersion:
        """A version with all of this, and these entries."""
        return replace(
            new,
            moderations=entries,
            folder=self.folder,
            display_name=self.display_name,
            metadata=self.metadata,
            access_mode=self.access_mode,
            access_control=self.access_control,
            moved=self.moved,
        )


def choose_public_id(upload: Upload) -> str:
    """The public id an upload gets: its own, its filename's stem, or twenty random characters."""
    if upload.type == FETCH:
        return check_remote_url(upload.public_id or "")
    shown = upload.asset_folder if upload.folder_in_public_id else None
    before = "".join(f"{part}/" for part in (shown, upload.folder, upload.public_id_prefix) if part)
    return check_public_id(before + (upload.public_id or _drawn(upload, MAX_LENGTH - len(before))))


def _drawn(upload: Upload, most: int) -> str:
    """A name for what has none, at most so long: like its file's, or twenty random characters."""
    end = f"_{_random(6)}" if upload.unique_filename else ""
    stem = made_of(upload.filename or "") if upload.use_filename else ""
    return stem[: max(1, most - len(end))] + end if stem else _random(20)


def folder_of(upload: Upload, public_id: str) -> str:
    """Where people find what names no other place; what was fetched is in none."""
    return "" if upload.type == FETCH else public_id.rpartition("/")[0]


def display_name_of(upload: Upload) -> str | None:
    """What people read, if it is not simply the end of the public id."""
    name = upload.display_name
    if name is None and upload.filename_as_display_name:
        name = stem_of(upload.filename)
    if name and upload.unique_display_name:
        return f"{name[:248]}_{_random(6)}"
    return name


def stem_of(filename: str | None) -> str | None:
    return PurePosixPath(filename.replace("\\", "/")).stem[:255] if filename else None


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
