"""What the catalog must offer about folders, and about the tags that there are."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Folder:
    """A place where people find assets, by its whole path. `created_at` is in milliseconds since 1970."""

    path: str
    external_id: str
    created_at: int

    @property
    def name(self) -> str:
        """The end of its path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class FolderPage:
    """A page of the folders in one; `after` is what the next page starts behind, `None` on the last."""

    folders: tuple[Folder, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class TagPage:
    """A page of tags; `after` is what the next page starts behind, `None` on the last."""

    tags: tuple[str, ...]
    after: str | None = None


class Folders(Protocol):
    """The part of the catalog about folders and tags.

    Each folder that an asset names exists with those that it lies in, from when the asset is written.
    """

    def folder(self, cloud: str, path: str) -> Folder | None:
        """One folder."""

    def list_folders(
        self, cloud: str, parent: str, *, after: str | None = None, limit: int = 10
    ) -> FolderPage:
        """The folders that lie in one itself (`""` is the top), in the order of their names."""

    def count_folders(self, cloud: str, parent: str, *, most: int) -> int:
        """How many lie in one itself, counted up to `most`."""

    def add_folder(self, cloud: str, path: str, *, actor: str) -> Folder:
        """Make a folder, and those that it lies in; one that is there stays as it is."""

    def move_folder(self, cloud: str, path: str, to: str, *, actor: str) -> bool:
        """Give a folder another path, with the folders and assets in it; whether assets are left to follow.

        Those follow by `follow_folder`, which is also a job. Raises `NotFoundError`; `ConflictError` if
        there is a folder of that path, `InvalidRequestError` for one inside the folder itself.
        """

    def follow_folder(self, cloud: str, path: str, to: str) -> bool:
        """Bring a few assets along that a folder left behind; whether more are left."""

    def remove_folder(self, cloud: str, path: str, *, actor: str) -> tuple[str, ...]:
        """Remove a folder with the folders in it; gives their paths.

        Raises `NotFoundError`, and `InvalidRequestError` if any of them has an asset that is not deleted.
        """

    def list_tags(
        self, cloud: str, *, prefix: str = "", after: str | None = None, limit: int = 10
    ) -> TagPage:
        """The tags that assets have, each once, in order; those alone that begin with `prefix`."""
