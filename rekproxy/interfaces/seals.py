"""What the catalog must offer about the sealed batches of the audit."""

from collections.abc import Sequence
from typing import Protocol

from ..domain.sealing import Seal
from .audit import AuditLine


class Seals(Protocol):
    """The catalog's part about the sealed batches of the audit."""

    def settled_line(self) -> int:
        """The id of a line at or below which no line can come any more: every write up to it has ended.

        0 without lines. Raises `CatalogUnavailableError` when a write does not end in time.
        """

    def lines_between(self, first: int, last: int, limit: int) -> tuple[AuditLine, ...]:
        """At most `limit` lines of all clouds with ids from `first` to `last`, in the order of their ids."""

    def lines_from(
        self,
        cloud: str,
        *,
        asset_id: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        after: int | None = None,
        newest_first: bool = True,
        limit: int = 50,
    ) -> tuple[AuditLine, ...]:
        """Lines of a cloud that match all that is given, behind the line `after`, in the order of ids."""

    def unsealed(self) -> tuple[int, int | None]:
        """How many lines no seal covers yet, and since when the oldest (milliseconds)."""

    def seals_after(self, last_id: int, limit: int) -> Sequence[Seal]:
        """At most `limit` seals whose `last_id` is above the given one, in order."""

    def last_seal(self) -> Seal | None:
        """The newest seal."""

    def add_seal(self, seal: Seal) -> bool:
        """Append a seal; false, and nothing is written, if another one begins at its first line already."""

    def clock(self) -> int:
        """The database's clock, in milliseconds since 1970."""
