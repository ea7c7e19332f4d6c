"""Listings of the admin API: by kind and status, by uploader, by age, in a small and in a large catalog."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, create_engine, func, select, text

from rekproxy.backends.sql import open_catalog
from rekproxy.backends.sql.schema import metadata
from rekproxy.domain.asset import EntryStatus
from rekproxy.interfaces import AssetPage, Catalog

from .options import Options
from .report import SkippedError, Table, middle, ratio
from .standing import postgres

SIZES: Final = (1_000, 1_000_000)
_CALLS: Final = 60
#: Deep pages that follow each other.
_WALK: Final = 3
#: When the first asset was uploaded; each comes a millisecond after the one before.
BORN: Final = 1_700_000_000_000
_UPLOADERS: Final = 10
#: What a listing at `SIZES[1]` may take, as a multiple of one at `SIZES[0]`.
BOUND: Final = 1.2

#: Assets of every uploader in turn; one in twelve is rejected. Ids are in no order of time, as random ones.
_ID: Final = {
    "sqlite": "printf('%08x%024x', (n * 2654435761) & 4294967295, n)",
    "postgresql": "lpad(to_hex((n * 2654435761) & 4294967295), 8, '0') || lpad(to_hex(n), 24, '0')",
}
_NUMBERS: Final = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers LIMIT {size})",
    "postgresql": "WITH numbers AS (SELECT CAST(generate_series(0, {size} - 1) AS bigint) AS n)",
}
_STATUS: Final = "CASE WHEN n % 12 = 11 THEN 'rejected' ELSE 'approved' END"
_UPLOADER: Final = f"'user-' || (n % {_UPLOADERS})"
_CONTEXT: Final = f"""'{{{{"colour": "colour-' || (n % {_UPLOADERS}) || '"}}}}'"""
_METADATA: Final = f"""'{{{{"kind": "kind-' || (n % {_UPLOADERS}) || '"}}}}'"""
#: PostgreSQL takes a text for JSON where it is told to alone.
_JSON: Final = ("tags", "context", "metadata")
_TABLES: Final = {
    "assets": {
        "asset_id": "{id}",
        "cloud": "'demo'",
        "type": "'upload'",
        "public_id": "'folder/asset-' || n",
        "version_id": "{id}",
        "status": _STATUS,
        "revision": "n + 1",
        "version": "1700000000",
        "access_mode": "'public'",
        "folder": "'folder'",
        "tags": f"""'["tag-' || (n % {_UPLOADERS}) || '"]'""",
        "context": _CONTEXT,
        "metadata": _METADATA,
        "uploader": _UPLOADER,
        "created_at": f"{BORN} + n",
        "updated_at": f"{BORN} + n",
    },
    "asset_versions": {
        "version_id": "{id}",
        "asset_id": "{id}",
        "version": "1700000000",
        "digest": "{id} || {id}",
        "etag": "{id}",
        "pixel_digest": "{id} || {id}",
        "bytes": "896838",
        "width": "1920",
        "height": "1441",
        "format": "'jpg'",
        "frames": "1",
        "has_alpha": "false",
        "renditions": "'[]'",
        "status": _STATUS,
        "created_at": f"{BORN} + n",
    },
    "moderations": {
        "version_id": "{id}",
        "seq": "0",
        "cloud": "'demo'",
        "kind": "'aws_rek'",
        "status": _STATUS,
        "policy": "'aws_rek'",
        "detail": "'{{}}'",
        "uploader": _UPLOADER,
        "created_at": f"{BORN} + n",
    },
    "tags": {
        "cloud": "'demo'",
        "tag": f"'tag-' || (n % {_UPLOADERS})",
        "created_at": f"{BORN} + n",
        "asset_id": "{id}",
    },
    "contexts": {
        "cloud": "'demo'",
        "key": "'colour'",
        "value": f"'colour-' || (n % {_UPLOADERS})",
        "created_at": f"{BORN} + n",
        "asset_id": "{id}",
    },
    "metadata_values": {
        "cloud": "'demo'",
        "external_id": "'kind'",
        "value": f"'kind-' || (n % {_UPLOADERS})",
        "created_at": f"{BORN} + n",
        "asset_id": "{id}",
    },
    "seen": {
        "cloud": "'demo'",
        "label": "CASE WHEN n % 12 = 11 THEN 'violence' ELSE 'alcohol' END",
        "at": f"{BORN} + n",
        "version_id": "{id}",
    },
}


def measure(options: Options) -> Table:
    """The listings of the admin API."""
    return compare("A page of a listing", "listing", LISTINGS, options)


def compare(title: str, what: str, pages: "dict[str, Page]", options: Options) -> Table:
    """The first page and deep ones of ten, in both catalogs in turn."""
    cells: list[tuple[str, ...]] = []
    notes = [
        f"Pages of 10, one thread, {_CALLS * options.rounds} calls in both catalogs by turns, medians.",
        f"Deep pages begin anywhere in the listing; {_WALK} follow each other, as by their cursors.",
        "SQLite by processor time, as it works in our thread; PostgreSQL by wall time, its pages in memory.",
    ]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        databases: dict[str, Callable[[int], str]] = {
            "SQLite": lambda size: f"sqlite:///{Path(name) / f'{size}.sqlite3'}",
            "PostgreSQL": lambda _: stack.enter_context(postgres()),
        }
        for database, start in databases.items():
            try:
                urls = [start(size) for size in SIZES]
            except SkippedError as reason:
                notes.append(f"{database} is not measured: {reason}.")
                continue
            cells += _rows(database, urls, pages, options.rounds)
    sizes = (f"{size:,} assets, µs" for size in SIZES)
    columns = (f"database, {what}", *sizes, "ratio", f"within {BOUND}")
    return Table(title, columns, tuple(cells), tuple(notes))


def _rows(database: str, urls: list[str], pages: "dict[str, Page]", rounds: int) -> Iterator[tuple[str, ...]]:
    catalogs = [open_catalog(url) for url in urls]
    for catalog, url, size in zip(catalogs, urls, SIZES, strict=True):
        catalog.migrate()
        fill(url, size)
    clock = time.thread_time if database == "SQLite" else time.perf_counter
    for name, page in pages.items():
        for where in ("first page", "deep pages"):
            small, large = _weigh(catalogs, page, where == "deep pages", rounds * _CALLS, clock)
            cells = (f"{database}, {name}, {where}", f"{small:.0f}", f"{large:.0f}")
            yield (*cells, ratio(large, small), "yes" if large <= BOUND * small else "no")
    for catalog in catalogs:
        catalog.close()


def _weigh(
    catalogs: list[Catalog], page: "Page", deep: bool, calls: int, clock: Callable[[], float]
) -> list[float]:
    """Microseconds of a page in each catalog, which are asked by turns."""
    spent: list[list[float]] = [[] for _ in catalogs]
    after: list[tuple[int, str] | None] = [None for _ in catalogs]
    for number in range(calls):
        for which, (times, catalog, size) in enumerate(zip(spent, catalogs, SIZES, strict=True)):
            if deep and number % _WALK == 0:
                # between two and four fifths of the listing, so that each page is full
                after[which] = (BORN + size * 2 // 5 + (number * 7919) % (size * 2 // 5), "")
            started = clock()
            found = page(catalog, after[which])
            times.append(clock() - started)
            assert found.after is not None
            after[which] = found.after if deep else None
    return [middle(times) * 1e6 for times in spent]


Page = Callable[[Catalog, tuple[int, str] | None], AssetPage]

LISTINGS: Final[dict[str, Page]] = {
    "approved": lambda catalog, after: catalog.list_moderated(
        "demo", "aws_rek", EntryStatus.APPROVED, after=after
    ),
    "rejected": lambda catalog, after: catalog.list_moderated(
        "demo", "aws_rek", EntryStatus.REJECTED, after=after
    ),
    "approved of one uploader": lambda catalog, after: catalog.list_moderated(
        "demo", "aws_rek", EntryStatus.APPROVED, uploader="user-4", after=after
    ),
    "all": lambda catalog, after: catalog.list_assets("demo", after=after),
    "all of one uploader": lambda catalog, after: catalog.list_assets("demo", uploader="user-4", after=after),
    "all of a type": lambda catalog, after: catalog.list_assets("demo", type="upload", after=after),
    "by tag": lambda catalog, after: catalog.list_assets("demo", tag="tag-4", after=after),
    "by context": lambda catalog, after: catalog.list_assets(
        "demo", context=("colour", "colour-4"), after=after
    ),
    "in a folder": lambda catalog, after: catalog.list_assets("demo", folder="folder", after=after),
    "by the beginning of their names": lambda catalog, after: catalog.list_assets(
        "demo", type="upload", prefix="folder/", after=_named(after)
    ),
}


def _named(after: tuple[int, str] | None) -> tuple[int, str] | None:
    """A place in the order of names, where it is one of time."""
    return (0, f"folder/asset-{after[0] - BORN}") if after and after[0] > BORN else after


def fill(url: str, size: int) -> None:
    """Have the database itself write assets with a version and an entry each: a million in a minute."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # ids come in no order: its indexes are written all over, and should fit into memory meanwhile
            connection.exec_driver_sql("PRAGMA cache_size = -1000000")
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        # built at once from what is there, an index takes a fraction of the time
        indexes = [index for table in _TABLES for index in metadata.tables[table].indexes]
        for index in indexes:
            index.drop(connection)
        for table, columns in _TABLES.items():
            _write(connection, table, columns, size)
        for index in indexes:
            index.create(connection)
    if engine.dialect.name == "postgresql":
        # what a running one does by itself after a while
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
            _warm(connection)
    engine.dispose()


def _warm(connection: Connection) -> None:
    """Read every table and index once: work is compared, and not what lies in memory by chance."""
    connection.exec_driver_sql("SET enable_sort = off")
    for name in _TABLES:
        table = metadata.tables[name]
        connection.exec_driver_sql(f"SELECT count({name}.*) FROM {name}")
        for columns in (table.primary_key.columns, *(index.columns for index in table.indexes)):
            ordered = select(*columns).order_by(*columns).subquery()
            connection.execute(select(func.count()).select_from(ordered))


def _write(connection: Connection, table: str, columns: dict[str, str], size: int) -> None:
    dialect = connection.dialect.name
    cast = dialect == "postgresql"
    written = (
        f"CAST({value} AS json)" if cast and name in _JSON else value for name, value in columns.items()
    )
    values = ", ".join(written).format(id=f"({_ID[dialect]})")
    numbers = _NUMBERS[dialect].format(size=size)
    insert = f"INSERT INTO {table} ({', '.join(columns)})"
    connection.execute(text(f"{numbers} {insert} SELECT {values} FROM numbers"))
