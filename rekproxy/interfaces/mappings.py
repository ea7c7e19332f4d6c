"""What the catalog must offer about folders whose pictures are fetched from elsewhere."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class UploadMapping:
    """A folder, and what the URLs begin with that its pictures are fetched from."""

    folder: str
    template: str


@dataclass(frozen=True, slots=True)
class MappingPage:
    """A page of mappings; `after` is the folder that the next page starts behind, `None` on the last."""

    mappings: tuple[UploadMapping, ...]
    after: str | None = None


class Mappings(Protocol):
    """The catalog's part about upload mappings. Each change writes an audit line."""

    def create_mapping(self, cloud: str, mapping: UploadMapping, *, actor: str) -> None:
        """Map a folder. Raises `ConflictError` for one that is mapped already."""

    def mapping(self, cloud: str, folder: str) -> UploadMapping | None:
        """How a folder is mapped."""

    def list_mappings(self, cloud: str, *, after: str | None = None, limit: int = 10) -> MappingPage:
        """Mappings by folder."""

    def update_mapping(self, cloud: str, mapping: UploadMapping, *, actor: str) -> bool:
        """Map a folder elsewhere; false if it is not mapped."""

    def drop_mapping(self, cloud: str, folder: str, *, actor: str) -> bool:
        """Map a folder no more; false if it was not."""
