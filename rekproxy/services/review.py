"""Decisions by people, and the restricted door to pixels that are not approved."""

from dataclasses import dataclass

from ..domain.asset import Asset, Status
from ..interfaces import Override


@dataclass(frozen=True, slots=True)
class Review:
    """What moderators do."""

    def override(self, cloud: str, asset: Asset, status: Status, *, actor: str, reason: str | None = None) -> Override:
        """Decide about an asset's current version; the decision sticks. Raises `NotFoundError`."""
        raise NotImplementedError

    def open_restricted(self, cloud: str, asset: Asset, *, actor: str) -> tuple[bytes, str]:
        """The original of any asset and its format, for a signed-in person; audited, never cached."""
        raise NotImplementedError
