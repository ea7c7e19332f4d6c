"""Folders as administrators use them, and the job that brings assets after a folder that has moved."""

from dataclasses import dataclass
from typing import Final

from ..domain.asset import Job
from ..errors import NotFoundError
from ..interfaces import Catalog
from ..interfaces.folders import Folder, FolderPage

#: Folders that are counted of one: to count is to read them.
MOST_COUNTED: Final = 10_000
#: How often a call itself brings more assets along, before it leaves the rest to the job.
_TIMES: Final = 10


@dataclass(frozen=True, slots=True)
class Folders:
    """Makes, lists, moves and removes folders."""

    catalog: Catalog

    def inside(self, cloud: str, parent: str, *, after: str | None, limit: int) -> tuple[FolderPage, int]:
        """A page of the folders in one, and how many there are, counted up to `MOST_COUNTED`.

        Raises `NotFoundError` for a folder that is not there; the top always is.
        """
        if parent and self.catalog.folder(cloud, parent) is None:
            raise NotFoundError(f"Can't find folder with path {parent}")
        page = self.catalog.list_folders(cloud, parent, after=after, limit=limit)
        return page, self.catalog.count_folders(cloud, parent, most=MOST_COUNTED)

    def create(self, cloud: str, path: str, *, actor: str) -> Folder:
        """Make a folder, as `Catalog.add_folder` says."""
        return self.catalog.add_folder(cloud, path, actor=actor)

    def move(self, cloud: str, path: str, to: str, *, actor: str) -> bool:
        """Move a folder, as `Catalog.move_folder` says; whether assets are still following."""
        left = self.catalog.move_folder(cloud, path, to, actor=actor)
        for _ in range(_TIMES):
            left = left and self.catalog.follow_folder(cloud, path, to)
        return left

    def remove(self, cloud: str, path: str, *, actor: str) -> tuple[str, ...]:
        """Remove a folder, as `Catalog.remove_folder` says."""
        return self.catalog.remove_folder(cloud, path, actor=actor)

    def follow(self, job: Job) -> None:
        """Bring all assets along that a folder left behind."""
        while self.catalog.follow_folder(job.cloud, job.payload["from"], job.payload["to"]):
            pass
