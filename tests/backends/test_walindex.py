"""The header of the WAL-index changes with every commit of anybody, and with nothing else."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rekproxy.backends.sql import open_catalog
from rekproxy.backends.sql.engine import connect_sqlite
from rekproxy.backends.sql.walindex import WalIndex
from rekproxy.errors import CatalogUnavailableError

WRITE = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1], timeout=0.2); c.execute(sys.argv[2]); c.commit()"
NOTE = "INSERT INTO meta (name, value) VALUES (hex(randomblob(8)), 'x')"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT)")
    connection.commit()
    connection.close()
    return path


def elsewhere(database: Path, statement: str) -> int:
    """Another process writes; its exit status."""
    command = [sys.executable, "-c", WRITE, str(database), statement]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode


def descriptors() -> int:
    """How many this process has open, where that can be told."""
    folder = Path("/dev/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_reading_leaves_it_and_a_commit_of_anybody_changes_it(database: Path) -> None:
    index = WalIndex(database, connect_sqlite)
    first = index.header()
    reader = connect_sqlite(database)
    reader.execute("SELECT * FROM meta").fetchall()
    assert first is not None
    assert index.header() == first
    assert elsewhere(database, NOTE) == 0
    second = index.header()
    reader.execute(NOTE)
    reader.close()
    assert len({first, second, index.header()}) == 3


def test_what_is_rolled_back_is_no_commit(database: Path) -> None:
    index, writer = WalIndex(database, connect_sqlite), connect_sqlite(database)
    before = index.header()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute(NOTE)
    writer.execute("ROLLBACK")
    writer.close()
    assert index.header() == before


def test_a_checkpoint_does_not_hide_the_next_commit(database: Path) -> None:
    index = WalIndex(database, connect_sqlite)
    seen = set()
    for _ in range(5):
        assert elsewhere(database, NOTE) == 0
        seen.add(index.header())
        assert elsewhere(database, "PRAGMA wal_checkpoint(TRUNCATE)") == 0
    assert None not in seen
    assert len(seen) == 5


def test_two_copies_that_differ_are_a_doubt(database: Path) -> None:
    index = WalIndex(database, connect_sqlite)
    with Path(f"{database}-shm").open("r+b") as shared:
        shared.seek(48 + 8)
        number = shared.read(1)
        shared.seek(48 + 8)
        shared.write(bytes([number[0] ^ 1]))
    assert index.header() is None


def test_a_database_without_wal_is_always_in_doubt(tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE meta (name TEXT)")
    connection.close()
    assert WalIndex(path, connect_sqlite).header() is None


def test_letting_go_of_one_releases_no_lock_of_another_connection(database: Path) -> None:
    writer = connect_sqlite(database)
    writer.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        WalIndex(database, connect_sqlite).header()
    assert elsewhere(database, NOTE) != 0, "the write lock was lost"
    writer.execute("COMMIT")
    assert elsewhere(database, NOTE) == 0
    writer.close()


def test_files_that_are_gone_take_no_descriptors(tmp_path: Path) -> None:
    def use(number: int) -> None:
        catalog = open_catalog(f"sqlite:///{tmp_path / str(number)}.db")
        catalog.migrate()
        catalog.standing("demo", [("upload", "cat")])
        catalog.close()

    use(0)
    use(1)
    before = descriptors()
    for number in range(2, 8):
        use(number)
    assert descriptors() <= before


def test_a_catalog_that_was_taken_away_or_replaced_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rekproxy.backends.sql.walindex._LOOK_SECONDS", 0.0)
    path, other = tmp_path / "catalog.db", tmp_path / "other.db"
    for each in (path, other):
        catalog = open_catalog(f"sqlite:///{each}")
        catalog.migrate()
        catalog.close()
    catalog = open_catalog(f"sqlite:///{path}")
    epoch = catalog.standing("demo", []).epoch
    path.rename(tmp_path / "aside.db")
    with pytest.raises(CatalogUnavailableError):
        catalog.standing("demo", [])
    other.rename(path)
    assert catalog.standing("demo", []).epoch != epoch
    catalog.close()
