"""The catalog on SQL: SQLite in a file for one machine, PostgreSQL for many."""

from collections.abc import Mapping

from ...interfaces import Catalog
from ...interfaces.edge import NO_EDGES, EdgePlan
from .address import parse_address
from .catalog import SqlCatalog


def open_catalog(
    database_url: str, notification_urls: Mapping[str, str] | None = None, edges: EdgePlan = NO_EDGES
) -> Catalog:
    """A catalog at `sqlite:////path/catalog.db` or `postgresql+psycopg://…`. Opens nothing before first use.

    `notification_urls` is, by cloud, who is told of what happens where nobody else is named; `edges` are
    purged of what changes. Raises `ConfigurationError`, which never repeats the address of the database: it
    may hold a password.
    """
    return SqlCatalog(parse_address(database_url), notification_urls, edges)
