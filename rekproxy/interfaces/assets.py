"""What the catalog must offer about registering assets and taking them away."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..domain.asset import Asset, Job, Moderation, Version
from ..domain.eager import Batch


@dataclass(frozen=True, slots=True)
class Moved:
    """What is kept as it was of an image that came over from another service. Times are in milliseconds.

    `origin` names that service and its cloud. `mark` is a digest of all that was told of the image there:
    with the same mark, nothing is to be done. The asset id is kept while nobody else has it. `absent`: there
    are no bytes, only the record of a rejection. With `kept`, the entries are the verdict of there, taken
    over as a decision of who imports.
    """

    origin: str
    mark: str
    number: int
    created_at: int
    uploaded_at: int
    asset_id: str | None = None
    absent: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class NewVersion:
    """Bytes that were stored, to be registered as an asset's current version with its moderation chain.

    `moderations` carries seq, kind, status and policy of each entry, already settled where no detector is
    needed. `version` carries everything but `asset_id`, `status` and `created_at`, which the catalog fills.
    With `backup`, what will overwrite or delete it leaves its bytes restorable, in at most `max_versions`
    versions of the asset, the current one among them. `batch_id` is what an upload that was taken in later is
    known by to who sent it: it is announced with it. What is `moved` from another service is announced to
    nobody. `eager` is made of it as soon as it is approved.
    """

    type: str
    public_id: str
    version: Version
    moderations: tuple[Moderation, ...]
    overwrite: bool = True
    tags: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    access_mode: str = "public"
    notification_url: str | None = None
    uploader: str | None = None
    backup: bool = False
    max_versions: int = 20
    batch_id: str | None = None
    display_name: str | None = None
    access_control: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    quality_override: str | None = None
    moved: Moved | None = None
    eager: Batch | None = None


class Assets(Protocol):
    """The part of the catalog about what is registered and taken away."""

    def add_version(
        self, cloud: str, new: NewVersion, *, actor: str, lease: Job | None = None
    ) -> tuple[Asset, bool]:
        """Register a version, as a new asset or as the current version of the one of that name.

        Gives (asset, created): `created` is false, and nothing is written, when the name exists and
        `overwrite` is false; a deleted asset does not stand in the way. What is overwritten stays restorable
        if the asset has `backup` or a legal hold, or was deleted; else it is erased. Entries that wait for a
        detector get a `moderate` job in the same transaction, run after a grace in which the uploading
        process itself may settle it. With `lease` that job ends in the same transaction, whichever way;
        raises `ConflictError`, with nothing written, when the lease was lost.
        """

    def destroy(
        self,
        cloud: str,
        asset_id: str,
        *,
        actor: str,
        version_id: str | None = None,
        notification_url: str | None = None,
    ) -> Asset | None:
        """Take an asset away; gives what it was, `None` if there was none or it was deleted before.

        With `version_id`, only while that is its current version.

        With `backup`, or under a legal hold, it stays as a deleted one that can be restored. Without, it is
        gone with its versions, and its bytes are freed by a job.
        """
