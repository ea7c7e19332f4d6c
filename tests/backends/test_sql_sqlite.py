"""What is particular to the catalog in a SQLite file: its settings, its index, its errors, its statements."""

import fcntl
import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from rekproxy.backends.sql import open_catalog
from rekproxy.backends.sql.address import parse_address
from rekproxy.backends.sql.engine import Database
from rekproxy.backends.sql.standing import sqlite_statement
from rekproxy.domain.asset import EntryStatus, Version
from rekproxy.domain.chain import parse_chain
from rekproxy.domain.moderation import begin
from rekproxy.errors import CatalogUnavailableError, ConfigurationError
from rekproxy.interfaces import Catalog, NewVersion


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "catalog.db"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    opened = open_catalog(f"sqlite:///{path}")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def database(catalog: Catalog, path: Path) -> Iterator[Database]:
    opened = Database(parse_address(f"sqlite:///{path}"))
    yield opened
    opened.close()


def add(catalog: Catalog, name: str) -> None:
    version = Version(f"v-{name}", "", "d", "e", "p", 1, 2, 3, "jpg")
    chain = begin(parse_chain("aws_rek|manual"))
    catalog.add_version("demo", NewVersion("upload", name, version, chain, tags=("t",)), actor="key:1")


def test_the_file_is_durable_strict_and_ours_alone(database: Database, path: Path) -> None:
    with database.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_a_standing_never_touches_the_table(database: Database, count: int) -> None:
    with database.read() as connection:
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {sqlite_statement(count)}", ("demo", "upload", "cat") * count
        )
        steps = [row[3] for row in plan if "assets" in row[3]]
    assert len(steps) == count
    assert all(
        "USING COVERING INDEX ix_assets_standing (cloud=? AND type=? AND public_id=?)" in step
        for step in steps
    )


def test_a_standing_keeps_no_snapshot_open(catalog: Catalog, path: Path) -> None:
    add(catalog, "cat")
    catalog.standing("demo", [("upload", "cat")])
    with sqlite3.connect(path) as other:
        busy, _, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    other.close()
    assert busy == 0


def test_every_thread_has_a_standing_connection_and_gives_it_back(catalog: Catalog) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    if not Path("/proc/self/fd").exists():
        pytest.skip("open files are only listed on Linux")
    catalog.standing("demo", [])
    before = open_files()
    for _ in range(20):
        thread = threading.Thread(target=lambda: catalog.standing("demo", []))
        thread.start()
        thread.join()
    assert open_files() <= before + 2


def test_a_page_is_one_statement_however_long(catalog: Catalog) -> None:
    for number in range(9):
        add(catalog, f"cat{number}")
    statements: list[str] = []
    engine = catalog._database.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    assert len(catalog.list_assets("demo", limit=9).assets) == 9
    assert len(catalog.list_moderated("demo", "manual", EntryStatus.QUEUED, limit=9).assets) == 9
    assert len(catalog.list_assets("demo", tag="t", limit=9).assets) == 9
    assert len(statements) == 3
    none = re.compile(r"OFFSET (?:\?|0)(?![0-9])")
    assert not any("OFFSET" in none.sub("", statement) for statement in statements)


@pytest.mark.parametrize(
    ("listing", "index"),
    [
        (lambda catalog: catalog.list_assets("demo", after=(9, "x")), "ix_assets_newest"),
        (
            lambda catalog: catalog.list_assets("demo", type="upload", after=(9, "x")),
            "ix_assets_newest_of_type",
        ),
        (lambda catalog: catalog.list_assets("demo", tag="t", after=(9, "x")), "sqlite_autoindex_tags_1"),
        (lambda catalog: catalog.list_assets("demo", start_at=9, ascending=True), "ix_assets_newest"),
        (lambda catalog: catalog.list_assets("demo", folder="f", after=(9, "x")), "ix_assets_folder"),
        (lambda catalog: catalog.list_assets("demo", uploader="u", after=(9, "x")), "ix_assets_uploader"),
        (lambda catalog: catalog.list_assets("demo", context=("k", None), after=(9, "x")), "ix_contexts_key"),
        (
            lambda catalog: catalog.list_assets("demo", context=("k", "v"), after=(9, "x")),
            "ix_contexts_value",
        ),
        (
            lambda catalog: catalog.list_moderated("demo", "manual", EntryStatus.QUEUED, after=(9, "x")),
            "ix_moderations_listing",
        ),
    ],
)
def test_a_page_is_found_by_its_index_and_not_sorted(catalog: Catalog, listing, index: str) -> None:  # type: ignore[no-untyped-def]
    seen = []
    engine = catalog._database.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2:4]))
    listing(catalog)
    ((statement, parameters),) = seen
    with catalog._database.read() as connection:  # type: ignore[attr-defined]
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any(f"{index} (" in step for step in plan), plan
    whole = [step for step in plan if "AUTOMATIC" in step or (step.startswith("SCAN") and "page" not in step)]
    assert not whole, plan
    before_page_ends = plan[: next(i for i, step in enumerate(plan) if "page" in step and "SCAN" in step)]
    assert not any("TEMP B-TREE" in step for step in before_page_ends), plan


def test_a_file_that_is_gone_or_damaged_is_unavailable_and_never_made_anew(tmp_path: Path) -> None:
    gone = tmp_path / "gone.db"
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"This is no database at all. " * 100)
    for path in (gone, damaged):
        catalog = open_catalog(f"sqlite:///{path}")
        for ask in (
            lambda catalog=catalog: catalog.standing("demo", []),
            lambda catalog=catalog: catalog.asset_by_id("demo", "a"),
            lambda catalog=catalog: catalog.enqueue("demo", "work", {}),
            catalog.ping,
        ):
            with pytest.raises(CatalogUnavailableError) as caught:
                ask()
            assert caught.value.__cause__ is not None
        catalog.close()
    assert not gone.exists()


def test_a_catalog_without_tables_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    catalog = open_catalog(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(CatalogUnavailableError):
        catalog.ping()
    with pytest.raises(CatalogUnavailableError):
        catalog.standing("demo", [])
    catalog.close()


def test_a_mistake_of_ours_is_not_called_an_outage(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as tx:
        tx.connection.execute(text("INSERT INTO meta (name, value) VALUES ('epoch', 'x')"))
    with pytest.raises(DBAPIError), database.read() as connection:
        connection.exec_driver_sql("SELECT ?", ("one", "two"))


def test_what_fails_in_the_middle_is_not_written(catalog: Catalog, database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as tx:
            tx.connection.execute(text("INSERT INTO meta (name, value) VALUES ('half', 'done')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM meta")) == 1


def test_a_second_start_waits_as_long_as_the_first_migrates(catalog: Catalog, path: Path) -> None:
    with path.with_name("catalog.db.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = threading.Thread(target=catalog.migrate)
        second.start()
        second.join(0.2)
        assert second.is_alive()
    second.join(10)
    assert not second.is_alive()


def test_nothing_is_opened_before_first_use(tmp_path: Path) -> None:
    open_catalog(f"sqlite:///{tmp_path}/new.db").close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "catalog.db",
        "mysql://u:s3cr3t@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=ro",
        "//[",
    ],
)
def test_an_address_of_no_catalog_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_catalog(address)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None
