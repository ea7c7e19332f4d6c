"""What the catalog must offer: the one authority on what exists and what may be shown."""

from collections.abc import Sequence
from typing import Protocol

from ..domain.asset import Standings
from .assets import Assets
from .audit import Audit
from .backups import Backups
from .blobs import Blobs
from .changes import Changes
from .chunks import Chunks
from .custody import Custody
from .decisions import Decisions
from .deleting import Deleting
from .eager import Eager
from .edge import Purges
from .facts import Facts
from .fetches import Fetches
from .finding import Finding
from .folders import Folders
from .foldersearch import FolderSearch
from .jobs import Jobs
from .labels import Labels
from .leases import Leases
from .library import Library
from .looks import Looks
from .mappings import Mappings
from .metadata import MetadataFields
from .moving import Moving
from .notifications import Notifications
from .people import People
from .presets import Presets
from .renewal import Renewal
from .reports import Reports
from .seals import Seals
from .search import Search
from .statistics import Statistics
from .throttles import Throttles
from .tiers import Tiers
from .transformations import Transformations
from .undoing import Undoing
from .updating import Updating


class Catalog(
    Assets,
    Audit,
    Backups,
    Blobs,
    Changes,
    Chunks,
    Custody,
    Decisions,
    Deleting,
    Eager,
    Finding,
    FolderSearch,
    Facts,
    Fetches,
    Folders,
    Jobs,
    Labels,
    Leases,
    Library,
    Looks,
    MetadataFields,
    Moving,
    Mappings,
    Notifications,
    People,
    Presets,
    Purges,
    Renewal,
    Reports,
    Seals,
    Search,
    Statistics,
    Throttles,
    Tiers,
    Transformations,
    Undoing,
    Updating,
    Protocol,
):
    """The one authority on what exists and what may be shown. Every method takes the cloud first.

    Every method raises `CatalogUnavailableError` when the database does not answer. Each write is one
    transaction, gives the asset a new revision where standing, version, name, type or access change, and
    writes its audit line and its jobs in that same transaction.
    """

    @property
    def is_near(self) -> bool:
        """Whether a standing is read on this machine, without waiting for another."""

    def standing(
        self, cloud: str, names: Sequence[tuple[str, str]], definitions: Sequence[str] = ()
    ) -> Standings:
        """Standing of every (type, public_id) that exists, and what transformations of these names stand for,
        in one indexed query on committed data."""

    def migrate(self) -> None:
        """Bring the schema up to date, under a lock."""

    def ping(self) -> None:
        """Raises `CatalogUnavailableError` with what to do, if the catalog does not answer."""

    def close(self) -> None:
        """Let go of all connections."""
