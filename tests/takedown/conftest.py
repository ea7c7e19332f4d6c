"""Two servers of two workers each over one installation, and pictures to take down."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import make_url

from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble
from tests.serving import Server, serving

#: What a response may take in these tests, in seconds.
DEADLINE = 2


def picture(number: int, side: int = 160) -> bytes:
    """A part of a photograph, another one for each number."""
    left, top = 40 * number % 300, 40 * number // 300 * 40
    return encode(photograph().crop((left, top, left + side, top + side)), quality=90)


@pytest.fixture(scope="session")
def noise() -> bytes:
    """A picture of about 7 MB that takes a while to encode."""
    return encode(Image.effect_noise((2400, 2400), 120).convert("RGB"), quality=97)


@contextmanager
def pair(folder: Path, **variables: str) -> Iterator[tuple[Server, Server]]:
    """Two servers over one folder."""
    with RekognitionDouble() as double:
        given = {**double.environment, "REKPROXY_RESPONSE_DEADLINE": str(DEADLINE), **variables}
        with serving(folder, given) as first, serving(folder, given) as second:
            yield first, second


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Two servers over one SQLite file and one folder."""
    with pair(tmp_path_factory.mktemp("takedown")) as both:
        yield both


@pytest.fixture
def postgres_servers(empty_postgres: str, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two servers over one PostgreSQL and one folder."""
    url = make_url(empty_postgres).set(drivername="postgresql+psycopg")
    with pair(tmp_path, REKPROXY_DATABASE_URL=url.render_as_string(hide_password=False)) as both:
        yield both
