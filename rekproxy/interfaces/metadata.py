"""What the catalog must offer about fields of structured metadata."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ..domain.metadata import Field


class MetadataFields(Protocol):
    """The catalog's part about fields of structured metadata. Each change writes an audit line."""

    def metadata_fields(self, cloud: str) -> tuple[Field, ...]:
        """The fields of a cloud, in their order."""

    def metadata_field(self, cloud: str, external_id: str) -> Field | None:
        """One field."""

    def add_metadata_field(self, cloud: str, field: Field, *, most: int, actor: str) -> Field:
        """Add a field behind the others.

        Raises `InvalidRequestError` for an external id that is or was taken, and for more fields than `most`.
        """

    def change_metadata_field(
        self, cloud: str, external_id: str, change: Callable[[Field], Field], *, actor: str
    ) -> Field | None:
        """Put what `change` makes of a field in its place; `None` if there is none. What it raises changes
        nothing."""

    def order_metadata_fields(self, cloud: str, external_ids: Sequence[str], *, actor: str) -> None:
        """Put fields into an order; those that are not named stand behind them as they did."""

    def drop_metadata_field(self, cloud: str, external_id: str, *, actor: str) -> bool:
        """Delete a field; its external id stays taken. A `forget_metadata` job takes its values away."""

    def forget_metadata(self, cloud: str, external_id: str, *, most: int = 100) -> int:
        """Take the values of a deleted field away from so many pictures; gives of how many."""
