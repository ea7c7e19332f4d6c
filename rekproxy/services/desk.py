"""A moderator's desk: the next pictures of a queue, what is known of each, and every act about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..domain.asset import Asset, EntryStatus, Status
from ..domain.reasons import check_note
from ..errors import NotFoundError, StaleDecisionError
from ..interfaces import AuditLine, Catalog, Override
from ..interfaces.leases import Claimed, Depth, Place, Queue
from .evidence import Fields
from .explain import Explain
from .review import Review
from .takedown import PurgeEdges, no_edges

#: For how long a picture is a person's, in seconds. A page that is open prolongs it long before.
LEASE_SECONDS: Final = 180.0
#: Pictures that are leased at once: the one in front, and those that are loaded behind it.
AHEAD: Final = 4

#: The kinds that queues are of, as they are shown, and all of them in one.
KINDS: Final = ("manual", "aws_rek", "reported")

#: A revision that no asset has: what is decided by it is overtaken, and audited so.
_OVERTAKEN: Final = -1

#: Looks at a picture are many, and say nothing of what became of it.
_UNTOLD: Final = frozenset({"viewed", "previewed"})


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that a moderator is shown of a picture.

    `said` is the detector's explanation (`services.evidence`), `None` where no detector has looked. `counts`
    are the uploader's pictures by standing; `history` is what became of the picture, newest first.
    """

    claimed: Claimed
    said: Fields | None
    counts: Mapping[str, int]
    history: tuple[AuditLine, ...]

    @property
    def asset(self) -> Asset:
        """The picture."""
        return self.claimed.asset


@dataclass(frozen=True, slots=True)
class Desk:
    """What a moderator does. `holder` and `actor` are the person, as the audit names them."""

    catalog: Catalog
    review: Review
    explain: Explain
    purge_edges: PurgeEdges = no_edges

    # --- the queue

    def next(
        self,
        cloud: str,
        queue: Queue,
        holder: str,
        *,
        limit: int = AHEAD,
        after: Place | None = None,
        without: Collection[str] = (),
    ) -> tuple[Claimed, ...]:
        """The next pictures of a queue, leased; at its end it begins again, with what was skipped.

        `without` are versions that the person has already: they are given to nobody meanwhile.
        """
        found = self._claim(cloud, queue, holder, limit, after, without)
        if len(found) < limit and after is not None:
            known = {*without, *(each.asset.current.version_id for each in found)}
            found += self._claim(cloud, queue, holder, limit - len(found), None, known)
        return found

    def _claim(
        self,
        cloud: str,
        queue: Queue,
        holder: str,
        limit: int,
        after: Place | None,
        without: Collection[str],
    ) -> tuple[Claimed, ...]:
        return self.catalog.claim_versions(
            cloud, queue, holder, seconds=LEASE_SECONDS, limit=limit, after=after, without=without
        )

    def this(self, cloud: str, version_id: str, holder: str) -> Claimed | None:
        """This very picture, leased, if it waits and nobody else has it."""
        return self.catalog.claim_version(cloud, version_id, holder, seconds=LEASE_SECONDS)

    def keep(self, cloud: str, version_ids: Sequence[str], holder: str) -> frozenset[str]:
        """Go on having these pictures; gives those that are still the person's."""
        return self.catalog.renew_leases(cloud, version_ids, holder, seconds=LEASE_SECONDS)

    def depths(self, cloud: str) -> Mapping[str, Depth]:
        """How many wait of each kind, and how many are escalated."""
        depths = {kind: self.catalog.depth(cloud, Queue((kind,))) for kind in KINDS}
        return depths | {"escalated": self.catalog.depth(cloud, Queue(KINDS, escalated=True))}

    def dossier(self, cloud: str, claimed: Claimed) -> Dossier:
        """What is known of a picture."""
        asset = claimed.asset
        try:
            said = self.explain.stored(asset)
        except NotFoundError:
            said = None
        counts = self.catalog.standings_of(cloud, asset.uploader) if asset.uploader else {}
        lines = self.catalog.audit(cloud, asset.asset_id)
        told = tuple(line for line in reversed(lines) if line.action not in _UNTOLD)
        return Dossier(claimed, said, counts, told)

    # --- acts

    def decide(
        self,
        cloud: str,
        asset_id: str,
        status: Status,
        *,
        actor: str,
        version_id: str,
        revision: int,
        reason: str | None = None,
        note: str | None = None,
        waiting: str | None = None,
    ) -> Override:
        """Decide about the version and revision that was looked at, and let the picture go.

        `waiting` is the kind that it waited for in a queue: raises `StaleDecisionError` if it does not any
        more. Raises as `Review.override` does besides.
        """
        asset = self._asset(cloud, asset_id)
        if revision < 1 or (waiting is not None and not _waits_for(asset, version_id, waiting)):
            revision = _OVERTAKEN
        done = self.review.override(
            cloud,
            asset,
            status,
            actor=actor,
            reason=reason,
            note=note,
            version_id=version_id,
            revision=revision,
        )
        self.catalog.release_leases(cloud, [version_id], actor)
        self._purge(cloud, done)
        return done

    def undo(
        self, cloud: str, asset_id: str, *, actor: str, version_id: str, revision: int
    ) -> tuple[Override, Claimed | None]:
        """Take back a decision of one's own, and have the picture again if it waits.

        `version_id` and `revision` are those that the decision left. Raises as `Catalog.take_back` does.
        """
        done = self.catalog.take_back(cloud, asset_id, actor=actor, version_id=version_id, revision=revision)
        self._purge(cloud, done)
        return done, self.this(cloud, version_id, actor)

    def skip(self, cloud: str, version_id: str, holder: str) -> None:
        """Leave a picture to others; it comes again at the end of the queue."""
        self.catalog.release_leases(cloud, [version_id], holder)

    def escalate(self, cloud: str, version_id: str, *, actor: str, note: str | None = None) -> None:
        """Leave a picture to an administrator. Raises `StaleDecisionError` if it does not wait any more."""
        if not self.catalog.escalate(cloud, version_id, actor=actor, note=check_note(note)):
            raise StaleDecisionError("This picture does not wait any more: nothing was escalated.")

    def recall(self, cloud: str, version_id: str, *, actor: str) -> Claimed | None:
        """Take back an escalation of one's own, and have the picture again.

        Raises `StaleDecisionError` if it is escalated no more, or was by another person.
        """
        if not self.catalog.recall_escalation(cloud, version_id, actor=actor):
            raise StaleDecisionError("This picture is not escalated by you any more: nothing was undone.")
        return self.this(cloud, version_id, actor)

    def _asset(self, cloud: str, asset_id: str) -> Asset:
        asset = self.catalog.asset_by_id(cloud, asset_id)
        if asset is None:
            raise NotFoundError("This picture is gone: nothing was decided.")
        return asset

    def _purge(self, cloud: str, done: Override) -> None:
        if Status.APPROVED in (done.before, done.asset.standing):
            self.purge_edges(cloud, [done.asset])


def _waits_for(asset: Asset, version_id: str, kind: str) -> bool:
    return asset.current.version_id == version_id and any(
        entry.kind == kind and entry.status is EntryStatus.PENDING for entry in asset.moderations
    )
