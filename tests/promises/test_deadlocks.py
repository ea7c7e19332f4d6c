"""Who waits for whom: nobody in a ring, and a takedown that was in one all the same goes through."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from catalogcases import PERSON, add, note, together
from sqlalchemy import text

from rekproxy.backends.sql import open_catalog, parse_address
from rekproxy.backends.sql.engine import Database, Transaction
from rekproxy.errors import CatalogUnavailableError

ONE = text("SELECT pg_advisory_xact_lock(:name)")


def lock(tx: Transaction, *names: int) -> None:
    for name in names:
        tx.connection.execute(ONE, {"name": name})


def ring(database: Database, takedown: bool) -> str:
    """Two that wait for each other; ours is the one that PostgreSQL ends."""
    both, tries = Barrier(2), []

    def ours() -> str:
        with database.write() as tx:
            tx.connection.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
            lock(tx, 1)
            tries.append(1)
            if len(tries) == 1:
                both.wait(10)
            lock(tx, 2)
            return f"done at try {len(tries)}"

    def theirs() -> None:
        with database.write() as tx:
            tx.connection.execute(text("SET LOCAL deadlock_timeout = '20s'"))
            lock(tx, 2)
            both.wait(10)
            lock(tx, 1)

    done, _ = together(lambda: database.at_any_cost(ours) if takedown else ours(), theirs)
    return str(done)


def test_a_takedown_outlives_a_deadlock(postgres_url: str) -> None:
    database = Database(parse_address(postgres_url))
    assert ring(database, takedown=True) == "done at try 2"
    with pytest.raises(CatalogUnavailableError):
        ring(database, takedown=False)
    database.close()


def test_purges_and_derived_images_never_wait_in_a_ring(postgres_url: str) -> None:
    catalog, database = open_catalog(postgres_url), Database(parse_address(postgres_url))
    older = add(catalog, "older", chain=None)
    while True:
        time.sleep(0.002)  # ages are told apart by milliseconds
        newer = add(catalog, "newer", chain=None)
        if newer.asset_id < older.asset_id:
            break
        catalog.destroy("demo", newer.asset_id, actor=PERSON)
        catalog.destroy("demo", older.asset_id, actor=PERSON)
        older = add(catalog, "older", chain=None)
    with database.write() as tx, ThreadPoolExecutor(2) as pool:
        tx.connection.execute(
            text("SELECT 1 FROM assets WHERE asset_id = :id FOR UPDATE"), {"id": newer.asset_id}
        )
        # both come to wait for what we hold; who then holds what the other one wants next?
        noted = pool.submit(note, catalog, newer, "derived/one", shows=(older.asset_id,))
        waiting(database, 1)
        purged = pool.submit(lambda: list(catalog.renew("demo", actor=PERSON)))
        waiting(database, 2)
        tx.connection.commit()
        assert noted.result(10) == ()
        assert len(purged.result(10)) == 2
    catalog.close()
    database.close()


def test_a_purge_of_what_goes_meanwhile_purges_nothing(postgres_url: str) -> None:
    catalog, database = open_catalog(postgres_url), Database(parse_address(postgres_url))
    gone = add(catalog, chain=None)
    with database.write() as tx, ThreadPoolExecutor(1) as pool:
        for table in ("asset_versions", "assets"):
            tx.connection.execute(text(f"DELETE FROM {table} WHERE asset_id = '{gone.asset_id}'"))
        purged = pool.submit(lambda: list(catalog.renew("demo", actor=PERSON)))
        waiting(database, 1)
        tx.connection.commit()
        assert purged.result(10) == []
    catalog.close()
    database.close()


def waiting(database: Database, count: int) -> None:
    """Wait until so many wait for a lock."""
    stuck = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        with database.read() as connection:
            if connection.scalar(stuck) >= count:
                return
        time.sleep(0.01)
    raise AssertionError(f"not even {count} wait")
