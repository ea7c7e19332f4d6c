"""What the catalog must offer about versions that can be brought back."""

from collections.abc import Sequence
from typing import Protocol

from ..domain.asset import Asset, Version


class Backups(Protocol):
    """The catalog's part about versions that can be brought back."""

    def versions(self, cloud: str, asset_id: str, limit: int = 500) -> tuple[Version, ...]:
        """Versions of an asset, newest first; where there are more, those come that can be restored."""

    def restore(
        self,
        cloud: str,
        asset_id: str,
        version_id: str | None = None,
        *,
        actor: str,
        max_versions: int = 20,
        notification_url: str | None = None,
    ) -> Asset | None:
        """Make a version current again, or what was current when the asset was deleted.

        With it come its verdict and its moderations; but pixels that a person rejected meanwhile are
        rejected. A restriction stays. What was current stays restorable. Of restorable versions
        `max_versions` are kept, the current one among them, and all under a legal hold. `None`, and nothing
        is done, where there is no such version of this asset, or its bytes are gone. The version that is
        shown already is given as it is.
        """

    def erase_backups(
        self, cloud: str, asset_id: str, version_ids: Sequence[str], *, actor: str
    ) -> tuple[str, ...]:
        """Erase versions for good; gives the ids of those that had bytes and have none now.

        Raises `NotFoundError`, `HeldError` under a legal hold, `InvalidRequestError` for the current version.
        """

    def loose_blobs(self, after: str, limit: int = 1000) -> tuple[tuple[str, ...], str | None]:
        """Of the next `limit` blobs behind the digest `after`, those that nobody wanted for a day and no
        version of any cloud has; and where to go on, `None` at the end."""
