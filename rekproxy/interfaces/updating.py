"""What the catalog must offer about an update: what is said of an asset, and a decision, in one step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..domain.asset import Asset, Status


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides about an asset as it was looked at; see `Catalog.override`."""

    status: Status
    reason: str | None = None
    note: str | None = None
    version_id: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Updated:
    """An asset before and after an update; `decided` is whether a decision changed anything of it."""

    before: Asset
    asset: Asset
    decided: bool


class Updating(Protocol):
    """The part of the catalog about updates."""

    def update(
        self,
        cloud: str,
        asset_id: str,
        fields: Mapping[str, Any],
        decision: Decision | None,
        *,
        actor: str,
        notification_url: str | None = None,
    ) -> Updated:
        """Change `fields` (as in `Change`) of an asset and decide about it, both or nothing.

        Raises what `Catalog.override` and `Catalog.revise` raise. With `notification_url` those that it names
        are told.
        """
