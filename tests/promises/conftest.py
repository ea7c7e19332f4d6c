"""What promises are run against: both databases, empty for every test, and whole houses over them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from rekproxy.backends.sql import open_catalog
from rekproxy.interfaces import Catalog, Imager
from tests.conftest import encode, photograph, settings_for
from tests.doubles.s3 import CREDENTIALS, moto_server
from tests.promises.houses import STUDIO, House, bucket_client, bucket_place, folder_place


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


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket on a server of S3 that boto3 finds."""
    with moto_server() as url, pytest.MonkeyPatch.context() as environ:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_S3": url}.items():
            environ.setenv(name, value)
        name = f"house-{uuid4().hex}"
        bucket_client.cache_clear()
        bucket_client().create_bucket(Bucket=name)
        yield name


@pytest.fixture(params=["embedded", "server"])
def house(request: pytest.FixtureRequest, tmp_path: Path, imager: Imager) -> Iterator[House]:
    """SQLite and folders; or PostgreSQL, with originals and derived images in a bucket."""
    config = tmp_path / "rekproxy.toml"
    config.write_text(STUDIO)
    if request.param == "embedded":
        place = folder_place(tmp_path / "archive")
        given = {"database_url": request.getfixturevalue("sqlite_url")}
    else:
        root = f"{request.getfixturevalue('bucket')}/{uuid4().hex}"
        place = bucket_place(f"s3://{root}/archive")
        database = make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql+psycopg")
        given = {
            "database_url": database.render_as_string(hide_password=False),
            "storage_url": f"s3://{root}/originals",
            "derived_url": f"s3://{root}/derived",
        }
    house = House(settings_for(tmp_path, config=str(config), **given), imager, place)
    yield house
    house.stop()


@pytest.fixture(scope="session")
def cat() -> bytes:
    return encode(photograph("chelsea").resize((200, 150)), quality=85)


@pytest.fixture(scope="session")
def cup() -> bytes:
    return encode(photograph("coffee").resize((120, 160)), quality=85)
