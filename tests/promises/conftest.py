"""Catalogs to run the promises against: a SQLite file and a real PostgreSQL, each empty for every test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rekproxy.backends.sql import open_catalog
from rekproxy.interfaces import Catalog


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
