"""Rates by address would fill the catalog; those that have rested are forgotten, and nobody gains by it."""

from sqlalchemy import create_engine, text

from rekproxy.interfaces import Catalog


def turn(catalog: Catalog, name: str) -> bool:
    return catalog.take_turn(name, 1, rate=0.001, burst=1, patience=0) >= 0


def test_only_rates_that_have_rested_are_forgotten(catalog: Catalog, database_url: str):
    assert turn(catalog, "tired")
    assert turn(catalog, "rested")
    catalog.slow_down("lowered", rate=1)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE throttles SET next_at = next_at - 5000000000 WHERE name = 'rested'"))
    assert catalog.forget_turns() == 1
    assert catalog.forget_turns() == 0
    with engine.begin() as connection:
        names = connection.scalars(text("SELECT name FROM throttles ORDER BY name")).all()
    engine.dispose()
    assert names == ["lowered", "tired"]
    assert not turn(catalog, "tired")
    assert turn(catalog, "rested")
