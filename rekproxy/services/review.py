"""Decisions by people, and the restricted door to pixels that are not approved."""

from dataclasses import dataclass

from ..domain.asset import Asset, Status
from ..domain.moderation import deciding
from ..interfaces import Catalog, Meter, Override
from .originals import Originals


@dataclass(frozen=True, slots=True)
class Review:
    """What moderators do."""

    catalog: Catalog
    originals: Originals
    meter: Meter

    def override(
        self, cloud: str, asset: Asset, status: Status, *, actor: str, reason: str | None = None
    ) -> Override:
        """Decide about the version that `asset` shows; the decision sticks.

        Raises `StaleDecisionError` if other bytes are current by now, `NotFoundError` if the asset is gone.
        """
        done = self.catalog.override(
            cloud,
            asset.asset_id,
            status,
            actor=actor,
            reason=reason,
            version_id=asset.current.version_id,
        )
        if done.changed:
            entry = deciding(done.asset.moderations)
            self.meter.verdict(entry.kind if entry else "manual", status.value, "person")
        return done

    def open_restricted(self, cloud: str, asset: Asset, *, actor: str) -> tuple[bytes, str]:
        """The original of any asset and its format, for a signed-in person; audited, never cached."""
        self.catalog.note(cloud, asset, actor=actor, action="viewed")
        return self.originals.read(asset.current), asset.current.format
