"""The catalog on SQL: SQLite in a file for one machine, PostgreSQL for many."""

from ...interfaces import Catalog
from .address import parse_address
from .catalog import SqlCatalog


def open_catalog(database_url: str) -> Catalog:
    """A catalog at `sqlite:////path/catalog.db` or `postgresql+psycopg://…`. Opens nothing before first use.

    Raises `ConfigurationError`, which never repeats the address: it may hold a password.
    """
    return SqlCatalog(parse_address(database_url))
