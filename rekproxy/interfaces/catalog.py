"""What the catalog must offer: the one authority on what exists and what may be shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..domain.asset import Asset, EntryStatus, Job, Moderation, Pin, Standings, Status, Version
from .backups import Backups
from .custody import Custody
from .looks import Looks
from .notifications import Notifications
from .presets import Presets
from .reports import Reports
from .seals import Seals
from .throttles import Throttles
from .tiers import Tiers


@dataclass(frozen=True, slots=True)
class NewVersion:
    """Bytes that were stored, to be registered as an asset's current version with its moderation chain.

    `moderations` carries seq, kind, status and policy of each entry, already settled where no detector is
    needed. `version` carries everything but `asset_id`, `status` and `created_at`, which the catalog fills.
    With `backup`, what will overwrite or delete it leaves its bytes restorable, in at most `max_versions`
    versions of the asset, the current one among them. `batch_id` is what an upload that was taken in later is
    known by to who sent it: it is announced with it.
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one moderation entry ends: `status` APPROVED or REJECTED, or PENDING to note a failed attempt."""

    status: EntryStatus
    response: Any = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssetPage:
    """A page of a listing; `after` is what the next page starts behind, `None` on the last."""

    assets: tuple[Asset, ...]
    after: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """What a decision by a person did. `changed` is false when the status was that already, and no report
    waited for an answer."""

    asset: Asset
    before: Status
    changed: bool


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the append-only audit. `at` in milliseconds; `actor` as `key:1234`, `detector:opennsfw`."""

    id: int
    at: int
    cloud: str
    asset_id: str
    version_id: str | None
    actor: str
    action: str  # uploaded judged overridden stale destroyed purged imported
    before: str | None
    after: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeptLabels:
    """What a detector said about some pixels: every label from `floor` (0..100) up, as JSON text.

    `coverage` is what it could see at all, `None` for everything. `created_at` is in milliseconds since 1970.
    """

    floor: float
    labels_json: str
    coverage: frozenset[str] | None
    created_at: int
    model: str = ""


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up: what it was, its last error, and since when (milliseconds since 1970)."""

    id: int
    kind: str
    cloud: str
    attempts: int
    error: str
    dead_at: int


class Catalog(Backups, Custody, Looks, Notifications, Presets, Reports, Seals, Throttles, Tiers, Protocol):
    """The one authority on what exists and what may be shown. Every method takes the cloud first.

    Every method raises `CatalogUnavailableError` when the database does not answer. Each write is one
    transaction, gives the asset a new revision where standing, version, name, type or access change, and
    writes its audit line and its jobs in that same transaction.
    """

    # the standing door

    def standing(self, cloud: str, names: Sequence[tuple[str, str]]) -> Standings:
        """Standing of every (type, public_id) that exists, in one indexed query on committed data."""

    # the read door

    def asset(self, cloud: str, type: str, public_id: str) -> Asset | None:
        """One asset by name, with its current version and moderations."""

    def asset_by_id(self, cloud: str, asset_id: str) -> Asset | None:
        """One asset by id."""

    def version(self, cloud: str, version_id: str) -> Version | None:
        """One version, current or not."""

    def list_assets(
        self,
        cloud: str,
        *,
        type: str | None = None,
        prefix: str | None = None,
        tag: str | None = None,
        public_ids: Sequence[str] | None = None,
        uploader: str | None = None,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """Assets, newest first."""

    def list_moderated(
        self,
        cloud: str,
        kind: str,
        status: EntryStatus,
        *,
        uploader: str | None = None,
        after: tuple[int, str] | None = None,
        limit: int = 10,
    ) -> AssetPage:
        """Assets whose current version has an entry of `kind` in `status`, newest entry first."""

    def audit(self, cloud: str, asset_id: str, limit: int = 100) -> tuple[AuditLine, ...]:
        """The audit of one asset, oldest first; it outlives the asset."""

    def pending(self, cloud: str | None) -> tuple[int, int | None]:
        """How many assets are pending, and since when the oldest (milliseconds); `None` means all clouds."""

    def decision_on_pixels(self, cloud: str, pixel_digest: str, asset_id: str | None) -> Status | None:
        """What a person last decided about these very pixels, if anyone did.

        A rejection counts for the whole cloud; an approval only for the asset `asset_id`.
        """

    def pinned(self, cloud: str, uri: str) -> Pin | None:
        """The pin under which `uri` is registered as some asset's current version."""

    # the write door

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

    def settle(
        self, cloud: str, version_id: str, seq: int, verdict: Verdict, *, actor: str, lease: Job | None = None
    ) -> Asset | None:
        """End one moderation entry by machine, and start or abort those behind it.

        `None` when it is stale: the version is no longer current, the entry is no longer pending (a person
        was faster) or the lease was lost. That is audited and decides nothing. Finishes the version's
        `moderate` job in the same transaction, unless the verdict is PENDING. The entry in what is given says
        how it ended: REJECTED in spite of an approval, when a person rejected these pixels meanwhile.
        """

    def override(
        self,
        cloud: str,
        asset_id: str,
        status: Status,
        *,
        actor: str,
        reason: str | None = None,
        note: str | None = None,
        version_id: str | None = None,
        revision: int | None = None,
    ) -> Override:
        """A person's decision on the current version (`domain.moderation.override` says which entry changes).

        It sticks, lifts what reports have hidden, and is announced if it changed anything. A rejection is
        carried by a job to everything else of the cloud that stands approved with the same pixels.

        With `version_id` or `revision`, raises `StaleDecisionError` if that is no longer the current one: it
        is audited and decides nothing. Raises `NotFoundError`, and `ErasedError` for an approval of bytes
        that are gone.
        """

    def reject_alike(
        self, cloud: str, pixel_digest: str, *, reason: str | None, after: str = "", limit: int = 50
    ) -> str | None:
        """Reject versions that stand approved with pixels that a person rejected, `limit` at most.

        Left alone are those whose asset a person approved afterwards. Each is a transaction of its own, by
        the actor `KNOWN_DECISION`. Gives what the next call starts behind, `None` when all are done.
        """

    def destroy(self, cloud: str, asset_id: str, *, actor: str) -> Asset | None:
        """Take an asset away; gives what it was, `None` if there was none or it was deleted before.

        With `backup`, or under a legal hold, it stays as a deleted one that can be restored. Without, it is
        gone with its versions, and its bytes are freed by a job.
        """

    def renew(
        self,
        cloud: str,
        *,
        public_ids: Sequence[str] | None = None,
        prefix: str | None = None,
        tag: str | None = None,
        actor: str,
    ) -> Iterator[Asset]:
        """Give every matching asset (all, if nothing is named) a new revision, 200 in a transaction at most,
        so that no cached answer of any process can be found again. Yields each as it was before."""

    def new_epoch(self, *, actor: str) -> str:
        """Draw a new epoch: nothing cached by anyone under the old one is found again."""

    def note(self, cloud: str, asset: Asset, *, actor: str, action: str) -> None:
        """Write an audit line about something that changed nothing (a restricted original was viewed)."""

    def want_blob(self, cloud: str, digest: str, size: int) -> None:
        """Say, before bytes are stored, that they are: nobody frees them for a day."""

    def free_blob(self, cloud: str, digest: str, erase: Callable[[], None]) -> bool:
        """Erase bytes that no version of any cloud refers to and nobody wanted for a day.

        `erase` runs inside the transaction that forgets them, so that whoever wants them meanwhile stores
        them anew. True if nothing is left of them.
        """

    # labels: what detectors saw, so that a changed policy can be replayed without asking again

    def keep_labels(
        self,
        cloud: str,
        pixel_digest: str,
        provider: str,
        model: str,
        recipe: str,
        floor: float,
        labels_json: str,
        coverage: Sequence[str] | None,
        *,
        calls: int = 0,
    ) -> None:
        """Keep a detector's raw labels of these pixels, seen through `recipe`; replaces earlier ones.

        Ends the look at them, whoever held it. The `calls` that it took count as used.
        """

    def kept_labels(
        self,
        cloud: str,
        pixel_digest: str,
        provider: str,
        model: str | None,
        recipe: str,
        floor: float,
        *,
        days: int | None = None,
    ) -> KeptLabels | None:
        """What was kept, if it was recorded from a floor at or below `floor`, and within the last `days`.

        Without a `model` that counts which the provider last answered with, to any cloud.
        """

    # jobs

    def enqueue(
        self,
        cloud: str,
        kind: str,
        payload: Mapping[str, Any],
        *,
        dedupe_key: str | None = None,
        delay: float = 0.0,
    ) -> None:
        """Write a job by itself; one of the same `dedupe_key` that is still waiting stands for both."""

    def claim(self, kinds: Sequence[str], *, lease: float, limit: int = 1) -> tuple[Job, ...]:
        """Lease jobs that are due, for `lease` seconds by the database's clock."""

    def finish(self, job: Job) -> bool:
        """Remove a job that is still leased to us; false if the lease was lost."""

    def retry(self, job: Job, error: str, *, delay: float, dead: bool = False) -> bool:
        """Give a job back to run after `delay` seconds, or put it among the dead, where people see it."""

    def give_back(self, job: Job) -> bool:
        """Let go of a job that could not be tried: no attempt is counted, and it keeps its place."""

    def oldest_due(self, kind: str) -> float | None:
        """For how many seconds the oldest job of a kind has been due that nobody does; `None` without one."""

    def dead_jobs(self, cloud: str | None, *, limit: int = 100) -> tuple[DeadJob, ...]:
        """The dead jobs of a cloud (all, if it is `None`), the latest first."""

    def job_counts(self) -> Mapping[tuple[str, str], int]:
        """Number of jobs by (kind, state); states are waiting, leased, dead."""

    def wake(self, cloud: str, job_id: int) -> bool:
        """Make a dead or waiting job due now."""

    # upkeep

    def migrate(self) -> None:
        """Bring the schema up to date, under a lock."""

    def ping(self) -> None:
        """Raises `CatalogUnavailableError` with what to do, if the catalog does not answer."""

    def close(self) -> None:
        """Let go of all connections."""
