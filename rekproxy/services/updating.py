"""Updates of one asset: what is said of it, and a decision about it, together or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ..domain.asset import Asset
from ..domain.moderation import deciding
from ..domain.reasons import Reasons, check_note
from ..interfaces import Catalog, Meter
from ..interfaces.updating import Decision, Updated

#: What becomes of structured metadata: the cloud, what there was, what is given, and whether values that
#: are not valid any more are dropped, give what there is to be.
Merge: TypeAlias = Callable[[str, Mapping[str, Any], Mapping[str, Any], bool], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What an update asks for. `fields` are those of a `Change`; `metadata` is given, not yet merged."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] | None = None
    clear_invalid: bool = False
    decision: Decision | None = None
    notification_url: str | None = None

    @property
    def only_decides(self) -> bool:
        """Whether nothing is said of the asset itself."""
        return not self.fields and self.metadata is None


@dataclass(frozen=True, slots=True)
class Updating:
    """Changes what is said of assets, and decides about them."""

    catalog: Catalog
    reasons: Reasons
    meter: Meter
    merge: Merge

    def update(self, cloud: str, asset: Asset, wish: Wish, *, actor: str) -> Updated:
        """Update an asset as it was read; a decision is about the version that `asset` shows.

        Raises `InvalidRequestError` for an unknown reason, a long note, or metadata that cannot be;
        `StaleDecisionError` if the asset has changed by now, `NotFoundError` if it is gone, `ErasedError` for
        an approval of bytes that are.
        """
        fields = dict(wish.fields)
        if wish.metadata is not None:
            fields["metadata"] = self.merge(cloud, asset.metadata, wish.metadata, wish.clear_invalid)
        decision = wish.decision and replace(
            wish.decision,
            reason=self.reasons.check(wish.decision.reason),
            note=check_note(wish.decision.note),
            version_id=wish.decision.version_id or asset.current.version_id,
        )
        done = self.catalog.update(
            cloud,
            asset.asset_id,
            fields,
            decision,
            actor=actor,
            notification_url=wish.notification_url,
        )
        if decision is not None and done.decided:
            entry = deciding(done.asset.moderations)
            self.meter.verdict(entry.kind if entry else "manual", decision.status.value, "person")
        return done
