"""What the catalog must offer about changing what is said of assets, and what they are called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..domain.asset import Asset, Moderation


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become different about an asset; what is not named stays.

    `fields` are of `tags`, `context`, `metadata`, `faces` and `custom` (regions), `access_control` (JSON text
    or `None`), `access_mode`, `headers`, `quality_override`, `folder` and `display_name`. `moderations` is a
    new chain for the version `version_id`, in place of what judged it before; only with `by_moderator` where
    the version is rejected, or a person put it off. With `renewed` what is cached of it is made anew.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    moderations: tuple[Moderation, ...] | None = None
    version_id: str | None = None
    by_moderator: bool = False
    renewed: bool = False


@dataclass(frozen=True, slots=True)
class Revised:
    """An asset before and after a change."""

    before: Asset
    asset: Asset


@dataclass(frozen=True, slots=True)
class Renamed:
    """An asset under its old and its new name, and what had the new name before, if anything had."""

    before: Asset
    asset: Asset
    displaced: Asset | None = None


class Changes(Protocol):
    """The part of the catalog about what is said of assets, and what they are called."""

    def revise(
        self,
        cloud: str,
        asset_id: str,
        change: Change,
        *,
        actor: str,
        notification_url: str | None = None,
        batch_id: str | None = None,
    ) -> Revised:
        """Change what is said of one asset; what decides how it is shown gives it a new revision.

        A new chain makes the asset what the chain amounts to, and gets a `moderate` job if a detector is to
        judge it. An open report stays, and what hides the asset goes on hiding it. With `batch_id` it is
        announced once more as an upload. Raises `NotFoundError`, also for one that is deleted;
        `StaleDecisionError` when the chain is for a version that is no longer the current one;
        `ErasedError` when that has no bytes any more; `ForbiddenError` when only a moderator may have it
        judged anew.
        """

    def revise_each(
        self,
        cloud: str,
        type: str,
        public_ids: Sequence[str],
        change: Callable[[Asset], Mapping[str, Any]],
        *,
        actor: str,
        notification_url: str | None = None,
    ) -> tuple[str, ...]:
        """Change each asset of these names to what `change` gives for it, as `Change.fields`.

        100 in a transaction at most. Gives the names that there are, in the order that they were asked in.
        """

    def rename(
        self,
        cloud: str,
        name: tuple[str, str],
        to: tuple[str, str],
        *,
        overwrite: bool,
        actor: str,
        notification_url: str | None = None,
    ) -> Renamed:
        """Give an asset another type and public id, and a new revision: `name` is free at that moment.

        What had the new name goes, with `overwrite`, as `Catalog.destroy` says; if it can be restored, it
        stays as a deleted asset with `~` and its id behind its name. Raises `NotFoundError`;
        `InvalidRequestError` for a name that is taken, for an asset that is restricted, on either side, and
        for one that reports hide.
        """
