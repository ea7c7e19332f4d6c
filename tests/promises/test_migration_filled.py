"""From the first tables to the second, over a catalog in which every table has rows."""

from typing import Any

import pytest
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    Integer,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from rekproxy.backends.sql import migrate, open_catalog, parse_address
from rekproxy.backends.sql.engine import Database
from rekproxy.backends.sql.schema import metadata
from rekproxy.backends.sql.standing import sqlite_statement
from rekproxy.domain.asset import EntryStatus, Status

#: The names that old and new processes ask for, and what is in the first tables about each.
STANDINGS = {"shown": "approved", "waits": "pending", "refused": "rejected", "later": "approved"}
WHY = "Ärger: \"nackt\" & 'mehr'\nzweite Zeile"


@pytest.fixture
def old(empty_database_url: str) -> Database:
    """A catalog as the first release left it."""
    url = empty_database_url
    opened = open_catalog(url)
    database = Database(parse_address(url))
    if database.address.sqlite_path:
        database.address.sqlite_path.parent.mkdir(parents=True)
        database.address.sqlite_path.touch()
    with database.engine.connect() as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(migrate._SCRIPTS).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)

        def first(current: Any, context: Any) -> Any:
            return scripts._upgrade_revs("0001", current)

        with EnvironmentContext(config, scripts, fn=first) as environment:
            environment.configure(connection=connection, target_metadata=metadata)
            environment.run_migrations()
    fill(database)
    opened.close()
    return database


def fill(database: Database) -> None:
    """Four pictures with all that belongs to them, and a row in every other table."""
    tables = MetaData()
    with database.engine.connect() as connection, connection.begin():
        tables.reflect(connection)
        version_table = tables.tables["alembic_version"]
        assert connection.scalar(select(version_table.c.version_num)) == "0001"
        for name, status in STANDINGS.items():
            given = {
                "asset_id": f"asset-{name}", "version_id": f"version-{name}", "cloud": "demo",
                "type": "upload",
                "public_id": name, "status": status, "uploader": f"by-{name}", "reason": WHY, "digest": name,
                "detail": {"explanation": [{"name": "Blood & Gore", "parent_name": ""}]},
            }  # fmt: skip
            for table in ("assets", "asset_versions", "moderations", "tags"):
                connection.execute(insert(tables.tables[table]), row(tables.tables[table], given))
        given = {
            "asset_id": "asset-shown",
            "version_id": "version-shown",
            "cloud": "demo",
            "dep_id": "asset-waits",
        }
        for table in ("decisions", "labels", "blobs", "derived", "derived_deps", "jobs", "audit"):
            connection.execute(insert(tables.tables[table]), row(tables.tables[table], given))
        rest = [name for name, table in tables.tables.items() if not count(connection, table)]
        rest = [name for name in rest if name != "sequence"]  # SQLite alone draws revisions from it
        assert rest == [], "no table of the first release is empty"


def row(table: Table, given: dict[str, Any]) -> dict[str, Any]:
    """A value in every column, `given` or made up; numbers of rows are the database's to draw."""
    columns = [column for column in table.columns if column.name != "id"]
    return {column.name: given.get(column.name, made_up(column)) for column in columns}


def made_up(column: Any) -> Any:
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, (Integer, BigInteger, Double)):
        return 1
    if str(column.type) == "JSON":
        return {}
    return WHY if column.type.python_type is str and column.name in ("error", "actor") else "x"


def count(connection: Any, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    tables = MetaData()
    with database.engine.connect() as connection:
        tables.reflect(connection)
        return {
            name: [dict(each) for each in connection.execute(select(table)).mappings()]
            for name, table in tables.tables.items()
        }


def shape(database: Database) -> dict[str, Any]:
    """Columns, keys and indexes of every table, and the triggers."""
    seen = inspect(database.engine)
    tables = {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(name)),
            seen.get_pk_constraint(name)["constrained_columns"],
            sorted((k["constrained_columns"], k["referred_table"]) for k in seen.get_foreign_keys(name)),
            sorted((i["name"] or "", i["column_names"], i["unique"]) for i in seen.get_indexes(name)),
        )
        for name in seen.get_table_names()
    }
    column, where = "tgname", "pg_trigger WHERE NOT tgisinternal"
    if database.address.sqlite_path:
        column, where = "name", "sqlite_master WHERE type = 'trigger'"
    with database.engine.connect() as connection:
        tables["triggers"] = sorted(connection.scalars(text(f"SELECT {column} FROM {where}")))
    return tables


def test_a_filled_catalog_keeps_what_it_has_and_gets_the_shape_of_a_fresh_one(
    old: Database, request: pytest.FixtureRequest
) -> None:
    before = everything(old)
    catalog = open_catalog(old.address.url.render_as_string(hide_password=False))
    catalog.migrate()
    after = everything(old)
    for name, rows in before.items():
        if name == "alembic_version":
            continue
        assert len(after[name]) == len(rows)
        moved = {"reason", "note"} if name == "moderations" else set()
        for was in rows:
            kept = said({key: value for key, value in was.items() if key not in moved})
            assert any(kept.items() <= said(now).items() for now in after[name]), (name, kept)
    asset = catalog.asset("demo", "upload", "refused")
    assert asset is not None
    assert (asset.status, asset.uploader) == (Status.REJECTED, "by-refused")
    assert (asset.moderations[0].note, asset.moderations[0].reason) == (WHY, None)
    page = catalog.list_moderated("demo", "x", EntryStatus.PENDING, uploader="by-waits")
    assert [each.public_id for each in page.assets] == ["waits"]
    kind = "sqlite_url" if old.address.sqlite_path else "postgres_url"
    fresh = Database(parse_address(request.getfixturevalue(kind)))
    assert shape(old) == shape(fresh)
    for opened in (catalog, fresh, old):
        opened.close()


def said(row: dict[str, Any]) -> dict[str, str]:
    return {key: repr(value) for key, value in row.items()}


def test_what_was_seen_before_is_found_by_its_label(old: Database) -> None:
    catalog = open_catalog(old.address.url.render_as_string(hide_password=False))
    catalog.migrate()
    with old.engine.connect() as connection:
        seen = connection.execute(select(metadata.tables["seen"].c["label", "version_id"])).all()
    assert {label for label, _ in seen} == {"blood_and_gore"}
    assert {version_id for _, version_id in seen} == {f"version-{name}" for name in STANDINGS}
    catalog.close()
    old.close()


def test_what_the_first_release_asks_shows_nothing_that_is_hidden(old: Database) -> None:
    catalog = open_catalog(old.address.url.render_as_string(hide_password=False))
    catalog.migrate()
    catalog.restrict("demo", "asset-later", "admin", roles={"admin"}, actor="key:1")
    asked = sqlite_statement(len(STANDINGS))
    if not old.address.sqlite_path:
        asked = asked.replace(" INDEXED BY ix_assets_standing", "")
    for number in range(3 * len(STANDINGS)):
        asked = asked.replace("?", f":p{number}", 1)
    names = [part for name in STANDINGS for part in ("demo", "upload", name)]
    with old.engine.connect() as connection:
        rows = connection.execute(text(asked), {f"p{n}": name for n, name in enumerate(names)}).all()
    shown = [row[2] for row in rows if row[5] == "approved"]
    assert shown == ["shown"]
    catalog.close()
    old.close()
