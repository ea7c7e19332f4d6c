"""What people and administrators do: review, the library, custody, reports, imports."""

from dataclasses import dataclass
from functools import cached_property

from werkzeug.security import check_password_hash, generate_password_hash

from ..openers import open_public
from ..services import jobs
from ..services.adopting import Adopting
from ..services.backups import Backups
from ..services.batch import Batch
from ..services.canary import Canary
from ..services.custody import Custody
from ..services.deletetokens import DeleteTokens
from ..services.deleting import Deletion
from ..services.desk import Desk
from ..services.export import Export
from ..services.folders import Folders
from ..services.importing import Importer
from ..services.library import Library
from ..services.migration import Migration
from ..services.naming import Naming
from ..services.people import Hashing, People
from ..services.pictures import Pictures
from ..services.preview import Preview
from ..services.publishing import Publishing
from ..services.reports import Reports
from ..services.review import Review
from ..services.search import Search
from ..services.statistics import Statistics
from ..services.updating import Updating
from .delivery import Delivery


@dataclass(frozen=True)
class Desks(Delivery):
    """Serves those who look after pictures."""

    @cached_property
    def naming(self) -> Naming:
        """Transformations with a name, and what strict mode lets pass."""
        return Naming(self.catalog, self.deletion.derived)

    @cached_property
    def people(self) -> People:
        """Who may sign in to the console."""
        hashing = Hashing(generate_password_hash, check_password_hash)
        return People(self.catalog, hashing, tuple(cloud.name for cloud in self.settings.all_clouds))

    @cached_property
    def review(self) -> Review:
        """What moderators do."""
        return Review(self.catalog, self.originals, self.meter, self.reasons)

    @cached_property
    def desk(self) -> Desk:
        """A moderator's desk."""
        return Desk(self.catalog, self.review, self.explain, self.takedown.now)

    @cached_property
    def statistics(self) -> Statistics:
        """Figures that people steer by."""
        return Statistics(self.catalog)

    @cached_property
    def pictures(self) -> Pictures:
        """Small pictures for people who are signed in."""
        return Pictures(self.catalog, self.review, self.renditions, self.imager)

    @cached_property
    def batch(self) -> Batch:
        """One decision about many pictures."""
        return Batch(self.catalog, self.review, self.takedown.now)

    @cached_property
    def backups(self) -> Backups:
        """Versions that can be brought back."""
        return Backups(self.catalog, self.review, self.settings.max_versions)

    @cached_property
    def preview(self) -> Preview:
        """A look for the owner."""
        secret, seconds = self.settings.secret_key or "", self.settings.preview_seconds
        return Preview(self.catalog, self.review, self.imager, secret, seconds)

    @cached_property
    def reports(self) -> Reports:
        """What people say of pictures that they see."""
        return Reports(self.catalog, self.reasons, self.settings.report_hide_after, self.takedown.now)

    @cached_property
    def library(self) -> Library:
        """Assets as administrators see them."""
        return Library(self.catalog, self.derived, self.takedown.now)

    @cached_property
    def delete_tokens(self) -> DeleteTokens:
        """Lets who uploaded a picture delete it for a while."""
        return DeleteTokens(self.library, self.settings.secret_key or "")

    @cached_property
    def deletion(self) -> Deletion:
        """Takes many assets away."""
        return Deletion(self.catalog, self.derived)

    @cached_property
    def search(self) -> Search:
        """Finds pictures by expressions."""
        return Search(self.catalog)

    @cached_property
    def publishing(self) -> Publishing:
        """Publishes assets."""
        return Publishing(self.catalog)

    @cached_property
    def folders(self) -> Folders:
        """Where people find assets."""
        return Folders(self.catalog)

    @cached_property
    def updating(self) -> Updating:
        """Changes what is said of assets."""
        return Updating(self.catalog, self.reasons, self.meter, self.metadata.merged)

    @cached_property
    def custody(self) -> Custody:
        """Hides, holds and erases."""
        return Custody(self.catalog, self.derived, self.sweep.erase, self.reasons)

    @property
    def sweep(self) -> jobs.Sweep:
        """Frees bytes."""
        return jobs.Sweep(self.catalog, self.originals.storage, self.derived)

    @cached_property
    def importer(self) -> Importer:
        """Registers images where they lie."""
        return Importer(self.catalog, self.ingest)

    @cached_property
    def export(self) -> Export:
        """Writes everything of a cloud."""
        return Export(self.catalog, self.review)

    @cached_property
    def migration(self) -> Migration:
        """Brings over what another service has."""
        adopting = Adopting(self.catalog, self.presets, self.naming, self.metadata)
        return Migration(self.catalog, self.ingest, adopting, self.takedown.now)

    def canary(self, url: str) -> Canary:
        """Tries the edge at a URL. It may be private: who types it may do everything anyway."""
        return Canary(
            ingest=self.ingest,
            review=self.review,
            custody=self.custody,
            purge_edges=self.takedown.now,
            public=open_public(url),
            note=self.catalog.note_takedown,
            cloud=self.settings.cloud_name,
            takedown_seconds=self.settings.takedown_seconds,
        )
