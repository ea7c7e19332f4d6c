"""What the catalog must offer to make whatever is cached unreachable."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from ..domain.asset import Asset


class Renewal(Protocol):
    """The part of the catalog that makes everybody forget what is cached."""

    def renew(
        self,
        cloud: str,
        *,
        public_ids: Sequence[str] | None = None,
        prefix: str | None = None,
        tag: str | None = None,
        asset_ids: Sequence[str] | None = None,
        actor: str,
    ) -> Iterator[Asset]:
        """Give every matching asset (all, if nothing is named) a new revision, 200 in a transaction at most,
        so that no cached answer of any process can be found again. Yields each as it was before."""

    def new_epoch(self, *, actor: str) -> str:
        """Draw a new epoch: nothing cached by anyone under the old one is found again."""
