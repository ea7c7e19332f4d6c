"""Brings a database to the newest schema, one process at a time; Alembic is loaded only for work."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from ...errors import CatalogUnavailableError
from .engine import Database, answering
from .schema import REVISION, metadata

#: Number of PostgreSQL's advisory lock: "rekproxy" in ASCII.
_LOCK = int.from_bytes(b"rekproxy")

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Run every migration that is missing, in one transaction. A newer schema than ours is left as it is."""
    if database.address.sqlite_path:
        with _file_lock(database.address.sqlite_path):
            _upgrade_sqlite(database)
    else:
        with answering(), database.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _run_missing(connection)


@contextmanager
def _file_lock(database: Path) -> Iterator[None]:
    """Let one process at a time create and migrate a file, and nobody else read a catalog made by it."""
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise CatalogUnavailableError(f"The catalog cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _upgrade_sqlite(database: Database) -> None:
    with answering(), database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        # batch mode rebuilds tables, and would take the rows of children with the old one
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _run_missing(connection)
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise CatalogUnavailableError(
                    "A migration would leave rows without their parents; nothing was changed"
                )
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _run_missing(connection: Connection) -> None:
    if _current(connection) >= REVISION:
        return
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)

    def missing(current: Any, context: Any) -> Any:
        return scripts._upgrade_revs("head", current)

    with EnvironmentContext(config, scripts, fn=missing) as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        environment.run_migrations()


def _current(connection: Connection) -> str:
    """The newest migration that was run here; they are numbered, so that text compares them."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""
