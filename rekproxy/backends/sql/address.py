"""Where a catalog lies: `sqlite:///PATH` or `postgresql+psycopg://…`, never said aloud with its password."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ...errors import ConfigurationError

#: Never wait for a dead server longer than this; only a primary has the last word on what is approved.
_POSTGRESQL_DEFAULTS = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "target_session_attrs": "read-write",
    "options": "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. `sqlite_path` is `None` for PostgreSQL."""

    url: URL
    sqlite_path: Path | None


def parse_address(database_url: str) -> Address:
    """Raises `ConfigurationError`, which says what is wanted and nothing of what was given."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "database_url is not an address such as sqlite:////path/catalog.db"
        ) from None
    match url.drivername.split("+")[0]:
        case "sqlite":
            return Address(url, _sqlite_path(url))
        case "postgresql" | "postgres":
            query = {**_POSTGRESQL_DEFAULTS, **url.query}
            return Address(url.set(drivername="postgresql+psycopg", query=query), None)
    raise ConfigurationError("database_url must begin with sqlite:/// or postgresql+psycopg://")


def _sqlite_path(url: URL) -> Path:
    if not url.database or url.database == ":memory:" or url.query:
        raise ConfigurationError(
            "database_url must name a file that all processes share: sqlite:////path/catalog.db"
        )
    return Path(url.database).absolute()
