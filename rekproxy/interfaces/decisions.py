"""What the catalog must offer about verdicts by machines and decisions by people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..domain.asset import Asset, EntryStatus, Job, Status


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one moderation entry ends: `status` APPROVED or REJECTED, or PENDING to note a failed attempt."""

    status: EntryStatus
    response: Any = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Override:
    """What a decision by a person did. `changed` is false when the status was that already, and no report
    waited for an answer; for an undo, when the same pixels are rejected elsewhere and nothing shows again."""

    asset: Asset
    before: Status
    changed: bool


class Decisions(Protocol):
    """The part of the catalog that decides what may be shown."""

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

        An actor `import:…` says what was decided at another service. Its rejection counts as a person's until
        it or a person decides otherwise. Its approval is remembered as nobody's, and does nothing where
        somebody else's rejection of these pixels holds: that is audited as stale.

        With `version_id` or `revision`, raises `StaleDecisionError` if that is no longer the current one: it
        is audited and decides nothing. Raises `NotFoundError`, and `ErasedError` for an approval of bytes
        that are gone.
        """

    def decision_on_pixels(self, cloud: str, pixel_digest: str, asset_id: str | None) -> Status | None:
        """What a person last decided about these very pixels, if anyone did.

        A rejection counts for the whole cloud; an approval only for the asset `asset_id`.
        """

    def reject_alike(
        self, cloud: str, pixel_digest: str, *, reason: str | None, after: str = "", limit: int = 50
    ) -> str | None:
        """Reject versions that stand approved with pixels that a person rejected, `limit` at most.

        Left alone are those whose asset a person approved afterwards. Each is a transaction of its own, by
        the actor `KNOWN_DECISION`. Gives what the next call starts behind, `None` when all are done.
        """
