"""The sealed audit, on every database: nothing is reported that was not done, and everything that was."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import pytest
from catalogcases import add, together
from postgresadmin import administrator
from sqlalchemy import create_engine, text

from rekproxy.backends.sql import parse_address, seals
from rekproxy.backends.sql.audit import note
from rekproxy.backends.sql.engine import Database
from rekproxy.domain.sealing import SealingKey
from rekproxy.errors import CatalogUnavailableError
from rekproxy.interfaces import Catalog
from rekproxy.services import audit
from rekproxy.services.audit import Checked, Sealer, Verifier

KEY = SealingKey("a key of the tests")


def seal(catalog: Catalog, key: SealingKey = KEY) -> int:
    return Sealer(catalog, key).run()


def check(catalog: Catalog, anchor: str | None = None, *keys: SealingKey) -> Checked:
    return Verifier(catalog, keys or (KEY,)).check(anchor)


@pytest.fixture
def tamper(database_url: str) -> Callable[[str], None]:
    """Do as whoever owns the database can: triggers stop nobody who may drop them."""

    def run(*statements: str) -> None:
        if database_url.startswith("sqlite"):
            engine = create_engine(database_url)
            drops = [
                f"DROP TRIGGER IF EXISTS {table}_no_{verb}"
                for table in ("audit", "audit_seals")
                for verb in ("update", "delete")
            ]
        else:
            engine, drops = administrator(database_url), []
        with engine.begin() as connection:
            for statement in (*drops, *statements):
                connection.execute(text(statement))
        engine.dispose()

    return run


@pytest.fixture
def sealed(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Twelve lines below three seals; gives their ids, which on PostgreSQL do not begin at 1."""
    monkeypatch.setattr(audit, "BATCH", 4)
    for number in range(12):
        add(catalog, f"cat{number}", chain=None)
    assert seal(catalog) == 12
    return [line.id for line in catalog.lines_between(1, 2**62, 100)]


def test_an_untouched_chain_is_whole(catalog: Catalog, sealed: list[int]) -> None:
    add(catalog, "late")
    found = check(catalog)
    assert (found.breaks, found.seals, found.lines, found.unsealed) == ((), 3, 12, 1)
    assert found.unsealed_since is not None
    assert seal(catalog) == 1
    assert seal(catalog) == 0
    assert check(catalog).unsealed == 0


TAMPERED = {
    "a line changed": ("UPDATE audit SET actor = 'key:9' WHERE id = {6}", ["line {6} is not the one"]),
    "a reason changed": ("UPDATE audit SET detail = '{{}}' WHERE id = {1}", ["line {1} is not the one"]),
    "one removed": ("DELETE FROM audit WHERE id = {6}", ["1 line is missing behind line {5}"]),
    "a batch emptied": (
        "DELETE FROM audit WHERE id BETWEEN {4} AND {7}",
        ["4 lines are missing at the front"],
    ),
    "the first removed": (
        "DELETE FROM audit WHERE id = {0}",
        ["1 line is missing at the front, from line 1 on"],
    ),
    "two swapped": (
        (
            "UPDATE audit SET id = -1 WHERE id = {5}; UPDATE audit SET id = {5} WHERE id = {6};"
            " UPDATE audit SET id = {6} WHERE id = -1"
        ),
        ["line {5} is not the one"],
    ),
    "a seal removed": (
        "DELETE FROM audit_seals WHERE last_id = {7}",
        ["seals are missing behind line {3}: none covers lines"],
    ),
    "the first seal removed": (
        "DELETE FROM audit_seals WHERE last_id = {3}",
        ["seals are missing at the front: none covers lines 1 to {3}"],
    ),
    "a seal changed": (
        "UPDATE audit_seals SET sealed_at = sealed_at + 1 WHERE last_id = {7}",
        ["to {7}: it was altered, or does not follow"],
    ),
    "a seal forged": (
        "UPDATE audit_seals SET mac = 'ab' WHERE last_id = {7}",
        ["to {7}: it was altered", "to {11}: it was altered, or does not follow"],
    ),
}


@pytest.mark.parametrize("done", TAMPERED)
def test_each_change_is_reported_where_it_is(
    done: str, catalog: Catalog, sealed: list[int], tamper: Callable[..., None]
) -> None:
    statements, told = TAMPERED[done]
    tamper(*statements.format(*sealed).split(";"))
    breaks = check(catalog).breaks
    assert len(breaks) == len(told), breaks
    for line, part in zip(breaks, told, strict=True):
        assert part.format(*sealed) in line


def test_a_line_put_in_between_is_reported(
    catalog: Catalog, sealed: list[int], tamper: Callable[..., None]
) -> None:
    tamper(
        f"UPDATE audit SET id = -1 WHERE id = {sealed[11]}",
        f"UPDATE audit_seals SET last_id = last_id + 1 WHERE last_id = {sealed[11]}",
        "INSERT INTO audit (id, at, cloud, asset_id, actor, action, detail)"
        f" VALUES ({sealed[11]}, 1, 'demo', 'x', 'key:9', 'viewed', '{{}}')",
        f"UPDATE audit SET id = {sealed[11] + 1} WHERE id = -1",
    )
    altered, lines = check(catalog).breaks
    assert "it was altered" in altered
    assert f"line {sealed[11]} " in lines


def test_a_wrong_key_proves_nothing(catalog: Catalog, sealed: list[int]) -> None:
    other = SealingKey("another key of tests")
    breaks = check(catalog, None, other).breaks
    assert len(breaks) == 3
    assert all(f"made with the key {KEY.id}, which was not given" in line for line in breaks)


def test_a_chain_goes_on_under_a_new_key(catalog: Catalog, sealed: list[int]) -> None:
    new = SealingKey("a new key of the tests")
    add(catalog, "late")
    seal(catalog, new)
    assert check(catalog, None, new, KEY).breaks == ()
    assert len(check(catalog, None, new).breaks) == 3


def test_an_anchor_shows_a_cut_end(catalog: Catalog, sealed: list[int], tamper: Callable[..., None]) -> None:
    anchor = check(catalog).last_mac
    add(catalog, "late")
    seal(catalog)
    assert check(catalog, anchor).breaks == ()
    cut = f"DELETE FROM audit WHERE id >= {sealed[8]}"
    tamper(cut, f"DELETE FROM audit_seals WHERE last_id >= {sealed[8]}")
    assert check(catalog).breaks == ()
    (told,) = check(catalog, anchor).breaks
    assert "cut at its end" in told


def test_nothing_is_missed_or_reported_while_many_write_and_several_seal(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "BATCH", 7)

    def write(writer: int) -> None:
        for number in range(15):
            add(catalog, f"cat{writer}-{number}", chain=None)

    def sealing() -> None:
        for _ in range(12):
            seal(catalog)

    together(*(lambda writer=writer: write(writer) for writer in range(4)), sealing, sealing)
    seal(catalog)
    found = check(catalog)
    assert (found.breaks, found.lines, found.unsealed) == ((), 60, 0)


def test_a_line_that_is_written_and_not_committed_holds_the_seal_back(
    catalog: Catalog, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL gave it a smaller id than that of a line which was committed before it."""
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time")
    database = Database(parse_address(database_url))
    with ThreadPoolExecutor(1) as pool:
        with database.write() as tx:
            note(tx, "demo", "slow", "viewed", actor="key:1")
            add(catalog, "fast")
            monkeypatch.setattr(seals, "PATIENCE", 0.05)
            with pytest.raises(CatalogUnavailableError):
                seal(catalog)
            monkeypatch.setattr(seals, "PATIENCE", 5.0)
            done = pool.submit(seal, catalog)
            add(catalog, "faster")  # nobody who writes waits for the sealer
        assert done.result() in (2, 3)
    database.close()
    seal(catalog)
    found = check(catalog)
    assert (found.breaks, found.lines) == ((), 3)


def test_lines_are_listed_by_who_and_what_in_both_directions(catalog: Catalog) -> None:
    assets = [add(catalog, f"cat{number}", chain=None) for number in range(3)]
    add(catalog, "cat", cloud="other", chain=None)
    catalog.note("demo", assets[1], actor="key:9", action="viewed")
    ids = [line.id for line in catalog.lines_from("demo", newest_first=False)]
    assert len(ids) == 4
    assert [line.id for line in catalog.lines_from("demo")] == ids[::-1]
    assert [line.id for line in catalog.lines_from("demo", after=ids[2], limit=1)] == [ids[1]]
    assert [line.id for line in catalog.lines_from("demo", after=ids[2], newest_first=False)] == [ids[3]]
    assert [line.id for line in catalog.lines_from("demo", actor="key:9")] == [ids[3]]
    mine = catalog.lines_from("demo", asset_id=assets[1].asset_id, action="uploaded")
    assert [line.id for line in mine] == [ids[1]]


def test_an_export_holds_each_line_and_what_proves_it(catalog: Catalog, sealed: list[int]) -> None:
    add(catalog, "late")
    told = list(audit.export(catalog))
    assert [next(iter(item)) for item in told] == (["line"] * 4 + ["seal"]) * 3 + ["line"]
    assert next(item["seal"]["previous"] for item in told if "seal" in item) == ""
    asset_id = told[5]["line"]["asset_id"]
    mine = list(audit.export(catalog, asset_id=asset_id))
    assert mine == [told[5], told[9]]
    first = next(iter(audit.export(catalog, first=sealed[10])))
    assert first["line"]["id"] == sealed[10]
    assert not list(audit.export(catalog, cloud="other"))
    assert asdict(catalog.lines_between(1, 2**62, 1)[0]) == told[0]["line"]
