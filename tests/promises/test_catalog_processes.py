"""What a catalog promises across processes: forks, deaths, first starts at once, lost connections."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from catalogcases import PERSON, add
from postgresadmin import administrator, run
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from rekproxy.backends.sql import open_catalog, parse_address
from rekproxy.backends.sql.engine import Database
from rekproxy.backends.sql.schema import REVISION, metadata
from rekproxy.domain.asset import Status
from rekproxy.errors import CatalogUnavailableError
from rekproxy.interfaces import Catalog

TREE = Path(__file__).parents[2]

PROLOGUE = """
import os, sys
sys.path.insert(0, "tests/promises")
from catalogcases import PERSON, add
from rekproxy.backends.sql import open_catalog
from rekproxy.domain.asset import Status
catalog = open_catalog(sys.argv[1])
"""


def start(script: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-c", PROLOGUE + script, *arguments]
    return subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ends_well(processes: Sequence["subprocess.Popen[str]"]) -> list[str]:
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said
    return [out for out, _ in said]


def test_a_commit_of_another_process_is_seen_at_once(database_url: str, catalog: Catalog) -> None:
    asset = add(catalog, chain=None)
    name = [("upload", "cat")]
    assert catalog.standing("demo", name).by_name[name[0]].status is Status.APPROVED
    ends_well(
        [
            start(
                "catalog.override('demo', sys.argv[2], Status.REJECTED, actor=PERSON)",
                database_url,
                asset.asset_id,
            )
        ]
    )
    assert catalog.standing("demo", name).by_name[name[0]].status is Status.REJECTED


FORKS = """
asset = add(catalog, chain=None)
catalog.standing("demo", [("upload", "cat")])
parents = catalog._standing._connection()
child = os.fork()
if child == 0:
    assert catalog._standing._connection() is not parents
    assert catalog.standing("demo", [("upload", "cat")]).by_name
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    catalog.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
(found,) = catalog.standing("demo", [("upload", "cat")]).by_name.values()
assert found.status is Status.REJECTED
assert catalog.override("demo", asset.asset_id, Status.APPROVED, actor=PERSON).changed
catalog.close()
"""


def test_a_fork_gets_connections_of_its_own_and_leaves_its_parents_alone(database_url: str) -> None:
    ends_well([start(FORKS, database_url)])


WRITES = """
for number in range(10_000):
    add(catalog, f"cat{number}")
    print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_it_was_told_is_written(
    database_url: str, catalog: Catalog
) -> None:
    writer = start(WRITES, database_url)
    assert writer.stdout
    told = [int(next(writer.stdout)) for _ in range(20)]
    writer.kill()
    told += [int(line) for line in writer.stdout]
    writer.communicate()
    names = [("upload", f"cat{number}") for number in told]
    assert set(catalog.standing("demo", names).by_name) == set(names)
    add(catalog, "after")
    assert catalog.pending("demo")[0] >= len(told) + 1


def test_first_starts_at_once_make_one_catalog(empty_database_url: str) -> None:
    script = "catalog.migrate(); add(catalog, sys.argv[2]); print(catalog.standing('demo', []).epoch)"
    epochs = ends_well([start(script, empty_database_url, f"cat{number}") for number in range(3)])
    assert len(set(epochs)) == 1
    catalog = open_catalog(empty_database_url)
    catalog.migrate()
    assert len(catalog.list_assets("demo").assets) == 3
    catalog.close()


def test_the_migrations_make_the_tables_that_the_code_uses(empty_database_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    catalog = open_catalog(empty_database_url)
    catalog.migrate()
    catalog.close()
    database = Database(parse_address(empty_database_url))
    with database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == REVISION
        names = {
            index["name"] for table in metadata.tables for index in inspect(connection).get_indexes(table)
        }
    assert {index.name for table in metadata.tables.values() for index in table.indexes} <= names
    database.close()


def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "catalog.db").touch()
    catalog = open_catalog(empty_database_url)
    database = Database(parse_address(empty_database_url))
    with database.write() as tx:
        tx.connection.execute(text("CREATE TABLE jobs (wrong INTEGER)"))
    with pytest.raises((CatalogUnavailableError, DBAPIError)):
        catalog.migrate()
    with database.write() as tx:
        assert inspect(tx.connection).get_table_names() == ["jobs"]
        tx.connection.execute(text("DROP TABLE jobs"))
    catalog.migrate()
    assert add(catalog)
    catalog.close()
    database.close()


def test_a_newer_schema_is_left_as_it_is(empty_database_url: str) -> None:
    catalog = open_catalog(empty_database_url)
    catalog.migrate()
    database = Database(parse_address(empty_database_url))
    with database.write() as tx:
        tx.connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    catalog.migrate()
    assert add(catalog)
    catalog.close()
    database.close()


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_the_audit_can_only_grow(database_url: str, catalog: Catalog, statement: str) -> None:
    asset = add(catalog)
    before = catalog.audit("demo", asset.asset_id)
    database = Database(parse_address(database_url))
    with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
        tx.connection.execute(text(statement))
    database.close()
    assert catalog.audit("demo", asset.asset_id) == before


def test_the_audit_cannot_be_truncated(postgres_url: str) -> None:
    database = Database(parse_address(postgres_url))
    with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
        tx.connection.execute(text("TRUNCATE audit"))
    database.close()


def test_rows_with_children_cannot_go(database_url: str, catalog: Catalog) -> None:
    add(catalog)
    database = Database(parse_address(database_url))
    for table in ("assets", "asset_versions"):
        with pytest.raises(DBAPIError), database.write() as tx:
            tx.connection.execute(text(f"DELETE FROM {table}"))
    database.close()


def test_every_door_comes_back_after_the_server_dropped_its_connections(postgres_url: str) -> None:
    catalog = open_catalog(postgres_url)
    asset = add(catalog, chain=None)
    assert catalog.standing("demo", [("upload", "cat")]).by_name
    engine = administrator(postgres_url)
    run(engine, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    engine.dispose()
    assert catalog.standing("demo", [("upload", "cat")]).by_name
    assert catalog.asset_by_id("demo", asset.asset_id)
    assert catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON).changed
    catalog.close()


def test_a_server_that_is_not_there_is_said_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="extra postgres is not installed")
    catalog = open_catalog(f"postgresql+psycopg://someone:s3cr3t@/catalog?host={tmp_path}")
    for ask in (
        lambda: catalog.standing("demo", []),
        lambda: catalog.asset_by_id("demo", "a"),
        lambda: add(catalog),
        catalog.migrate,
        catalog.ping,
    ):
        with pytest.raises(CatalogUnavailableError) as caught:
            ask()
        error: BaseException | None = caught.value
        while error is not None:
            assert "s3cr3t" not in f"{error} {error!r}"
            error = error.__cause__
    catalog.close()
