"""Versions of an asset: which there are, bring one back, look at one, erase one for good."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from ..domain.asset import Asset, Version
from ..errors import DamagedError, NotFoundError, NotStoredError
from ..interfaces import Catalog
from .review import Review

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes of one version, as they were uploaded, in the format that we found them to have."""

    version_id: str
    data: bytes
    format: str


@dataclass(frozen=True, slots=True)
class Backups:
    """Versions that can be brought back; of each asset `max_versions` are kept."""

    catalog: Catalog
    review: Review
    max_versions: int

    def versions(self, asset: Asset) -> tuple[Version, ...]:
        """The versions of an asset, newest first."""
        return self.catalog.versions(asset.cloud, asset.asset_id)

    def restore(
        self,
        cloud: str,
        asset_id: str,
        version_id: str | None,
        *,
        actor: str,
        notification_url: str | None = None,
    ) -> Asset | None:
        """Bring back a version, or what was deleted, with its verdict; `None` where there is no backup."""
        return self.catalog.restore(
            cloud,
            asset_id,
            version_id,
            actor=actor,
            max_versions=self.max_versions,
            notification_url=notification_url,
        )

    def restore_named(
        self,
        cloud: str,
        type: str,
        public_id: str,
        version_id: str | None,
        *,
        actor: str,
        notification_url: str | None = None,
    ) -> Asset | None:
        """As `restore`, for the asset of a name."""
        asset = self.catalog.asset(cloud, type, public_id)
        if asset is None:
            return None
        return self.restore(cloud, asset.asset_id, version_id, actor=actor, notification_url=notification_url)

    def erase(self, cloud: str, asset_id: str, version_ids: Sequence[str], *, actor: str) -> tuple[str, ...]:
        """Erase versions for good; gives those that had bytes until now.

        Raises `NotFoundError`, `HeldError`, `InvalidRequestError` for the current version.
        """
        return self.catalog.erase_backups(cloud, asset_id, version_ids, actor=actor)

    def download(self, cloud: str, asset: Asset, version_id: str | None, *, actor: str) -> Original:
        """The original of any version, through the restricted door; the current one if none is named.

        Raises `NotFoundError` for a version that is not the asset's, or has no bytes any more.
        """
        version = asset.current if version_id is None else self.catalog.version(cloud, version_id)
        if version is None or version.asset_id != asset.asset_id:
            raise NotFoundError(f"Resource not found - {version_id}")
        try:
            data, format = self.review.open_restricted(cloud, asset, actor=actor, version=version)
        except (NotStoredError, DamagedError) as error:
            _log.error("backup_in_doubt", asset=asset.asset_id, version=version.version_id, error=str(error))
            raise NotFoundError(f"Resource not found - {version.version_id}") from error
        return Original(version.version_id, data, format)
