"""Do to an asset that is there what an upload could have asked for: say things of it, have it judged anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..domain.asset import Asset
from ..domain.moderation import begin
from ..interfaces import Catalog, Ingested
from ..interfaces.changes import Change, Revised
from .ingest import Ingest
from .metadata import Metadata
from .moderate import Moderate


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: `fields` as `Change.fields` has them, and perhaps a moderation.

    `metadata` are values of structured fields, added to those that it has. `by_moderator` says that who asks
    may set a rejection aside. With a `batch_id` nobody waits for the verdict: it is announced together with
    that.
    """

    fields: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    moderation: str | None = None
    by_moderator: bool = False
    renewed: bool = False
    notification_url: str | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class Explicit:
    """Changes assets, and has them judged anew by what `ingest` makes of a moderation string."""

    catalog: Catalog
    ingest: Ingest
    moderate: Moderate
    metadata: Metadata

    def apply(self, asset: Asset, wanted: Wanted, *, actor: str) -> Revised:
        """Do what is wanted, in one transaction; a verdict follows within the caller's patience.

        From that transaction on the asset is served only as the new chain says; what a person decided about
        its pixels is what a detector's verdict then says, too. Raises as `Catalog.revise` does, and as
        `Ingest.accept` does of pixels and moderation strings.
        """
        change, ingested = self._prepared(asset, wanted)
        revised = self.catalog.revise(
            asset.cloud,
            asset.asset_id,
            change,
            actor=actor,
            notification_url=wanted.notification_url,
            batch_id=wanted.batch_id,
        )
        if ingested is None:
            return revised
        if wanted.batch_id is not None:
            self.catalog.hand_over(asset.cloud, asset.current.version_id)
            return revised
        return replace(revised, asset=self.moderate.now(revised.asset, ingested))

    def _prepared(self, asset: Asset, wanted: Wanted) -> tuple[Change, Ingested | None]:
        """The change, and the pixels if a detector is to look: what cannot be read is left as it is."""
        fields = dict(wanted.fields)
        if wanted.metadata:
            fields["metadata"] = self.metadata.merged(asset.cloud, asset.metadata, wanted.metadata)
        change = Change(
            fields,
            version_id=asset.current.version_id,
            by_moderator=wanted.by_moderator,
            renewed=wanted.renewed,
        )
        if wanted.moderation is None:
            return change, None
        chain = self.ingest.chain(wanted.moderation)
        change = replace(change, moderations=begin(chain))
        if not self.ingest.is_judged(chain):
            return change, None
        return change, self.ingest.measured(self.moderate.decoded(asset), judged=True)
