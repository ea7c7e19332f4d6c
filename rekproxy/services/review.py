"""Decisions by people, what follows from them, and the restricted door to pixels that are not approved."""

from dataclasses import dataclass, replace

from ..domain.asset import Asset, Job, Status, Version
from ..domain.moderation import deciding
from ..domain.reasons import Reasons, check_note
from ..interfaces import Catalog, Meter, Override
from .originals import Originals


@dataclass(frozen=True, slots=True)
class Review:
    """What moderators do."""

    catalog: Catalog
    originals: Originals
    meter: Meter
    reasons: Reasons

    def override(
        self,
        cloud: str,
        asset: Asset,
        status: Status,
        *,
        actor: str,
        reason: str | None = None,
        note: str | None = None,
        version_id: str | None = None,
        revision: int | None = None,
    ) -> Override:
        """Decide about the version that `asset` shows, or about what was looked at earlier; it sticks.

        `reason` is a code of the settings, `version_id` and `revision` are of what the person saw. Raises
        `InvalidRequestError` for an unknown reason or a long note, `StaleDecisionError` if the asset has
        changed by now, `NotFoundError` if it is gone, `ErasedError` for an approval of bytes that are.
        """
        done = self.catalog.override(
            cloud,
            asset.asset_id,
            status,
            actor=actor,
            reason=self.reasons.check(reason),
            note=check_note(note),
            version_id=version_id or asset.current.version_id,
            revision=revision,
        )
        if done.changed:
            entry = deciding(done.asset.moderations)
            self.meter.verdict(entry.kind if entry else "manual", status.value, "person")
        return done

    def follow(self, job: Job) -> None:
        """Carry a person's rejection to everything else of the cloud that shows the same pixels."""
        digest, reason = job.payload["pixel_digest"], job.payload["reason"]
        after: str | None = ""
        while after is not None:
            after = self.catalog.reject_alike(job.cloud, digest, reason=reason, after=after)

    def open_restricted(
        self,
        cloud: str,
        asset: Asset,
        *,
        actor: str,
        version: Version | None = None,
        action: str | None = "viewed",
    ) -> tuple[bytes, str]:
        """The original of any asset and its format, for a signed-in person; audited, never cached.

        `version` is one of the asset's, its current one if none is given; `action` is `None` where the caller
        has audited the look itself. Raises as `Originals.read` does.
        """
        shown = version or asset.current
        if action is not None:
            self.catalog.note(cloud, replace(asset, current=shown), actor=actor, action=action)
        return self.originals.read(shown), shown.format
