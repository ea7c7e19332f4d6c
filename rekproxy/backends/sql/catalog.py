"""The catalog: its parts joined over one database."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from ...domain.asset import Standings
from ...errors import CatalogUnavailableError
from ...interfaces.edge import NO_EDGES, EdgePlan
from . import migrate, schema
from .address import Address
from .assets import Assets
from .audit import Audit
from .backups import Backups
from .blobs import Blobs
from .changes import Changes
from .chunks import Chunks
from .custody import Custody
from .decisions import Decisions
from .deleting import Deleting
from .derived import Derived
from .eager import Eager
from .edge import Purges
from .engine import Database
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
from .people import People
from .presets import Presets
from .renewal import Renewal
from .reports import Reports
from .seals import Seals
from .search import Search
from .standing import PostgresStanding, SqliteStanding, StandingDoor
from .statistics import Statistics
from .throttles import Throttles
from .tiers import Tiers
from .transformations import Transformations
from .triggers import Triggers
from .undoing import Undoing
from .updating import Updating


class SqlCatalog(
    Library,
    Assets,
    Changes,
    Backups,
    Custody,
    Decisions,
    Deleting,
    Undoing,
    Updating,
    Leases,
    Reports,
    Renewal,
    Derived,
    Eager,
    Facts,
    Tiers,
    Transformations,
    Labels,
    Looks,
    MetadataFields,
    Moving,
    Throttles,
    People,
    Presets,
    Triggers,
    Blobs,
    Chunks,
    Fetches,
    Mappings,
    Folders,
    Jobs,
    Purges,
    Audit,
    Seals,
    Search,
    Finding,
    FolderSearch,
    Statistics,
):
    """The catalog on SQLite or PostgreSQL. Safe to share between threads and to carry over a fork."""

    def __init__(
        self,
        address: Address,
        notification_urls: Mapping[str, str] | None = None,
        edges: EdgePlan = NO_EDGES,
    ) -> None:
        self._database = Database(address, notification_urls, edges)
        door = SqliteStanding if address.sqlite_path else PostgresStanding
        self._standing: StandingDoor = door(address)

    @property
    def is_near(self) -> bool:
        """See `Catalog.is_near`."""
        return self._database.address.sqlite_path is not None

    def standing(
        self, cloud: str, names: Sequence[tuple[str, str]], definitions: Sequence[str] = ()
    ) -> Standings:
        """See `Catalog.standing`."""
        return self._standing.read(cloud, names, definitions)

    def migrate(self) -> None:
        """See `Catalog.migrate`. Leaves no connection open, as a server may fork next."""
        try:
            migrate.upgrade(self._database)
            if self._database.reserve:
                self._database.reserve.keep()
        finally:
            self._database.close()

    def ping(self) -> None:
        """See `Catalog.ping`."""
        try:
            with self._database.read() as connection:
                epoch = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == "epoch"))
        except CatalogUnavailableError as error:
            raise CatalogUnavailableError(f"The catalog does not answer: {self._database.advice}") from error
        except ProgrammingError as error:
            raise CatalogUnavailableError("The catalog has no tables: start `rekproxy serve` once") from error
        if epoch is None:
            raise CatalogUnavailableError("The catalog has no epoch: restore a backup of it")

    def close(self) -> None:
        """See `Catalog.close`."""
        self._standing.close()
        self._database.close()
