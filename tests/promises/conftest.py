"""Catalogs to run the promises against: a SQLite file and a real PostgreSQL, each empty for every test."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgresadmin import administrator, run
from sqlalchemy import Engine

from rekproxy.backends.sql import open_catalog
from rekproxy.backends.sql.schema import metadata
from rekproxy.interfaces import Catalog


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
