"""What the catalog must offer about the audit of what was done."""

from dataclasses import dataclass
from typing import Any, Protocol

from ..domain.asset import Asset


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


class Audit(Protocol):
    """The part of the catalog about who did what."""

    def audit(self, cloud: str, asset_id: str, limit: int = 100) -> tuple[AuditLine, ...]:
        """The audit of one asset, oldest first; it outlives the asset."""

    def note(self, cloud: str, asset: Asset, *, actor: str, action: str) -> None:
        """Write an audit line about something that changed nothing (a restricted original was viewed)."""
