"""Finding pictures: by anything that may be asked, page by page, and nothing of another cloud."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from rekproxy.domain.asset import EntryStatus, Status
from rekproxy.interfaces import Catalog, Verdict
from rekproxy.interfaces.search import Wanted
from tests.promises.catalogcases import PERSON, REJECTED, add, settle, version


def names(catalog: Catalog, limit: int = 48, cloud: str = "demo", **wanted: object) -> list[str]:
    return [asset.public_id for asset in everything(catalog, Wanted(**wanted), limit, cloud)]


def everything(catalog: Catalog, wanted: Wanted, limit: int, cloud: str = "demo") -> Iterator[object]:
    after = None
    for _ in range(100):
        page = catalog.search(cloud, wanted, after=after, limit=limit)
        assert len(page.assets) <= limit
        yield from page.assets
        after = page.after
        if after is None:
            return
    raise AssertionError("there is no end of it")


def saw(*labels: tuple[str, str], status: EntryStatus = EntryStatus.APPROVED) -> Verdict:
    said = [{"name": name, "parent_name": parent, "confidence": 90.0} for name, parent in labels]
    return Verdict(status, {"moderation_labels": []}, {"provider": "double", "explanation": said})


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    """Seven pictures of two people, three of them rejected; one of another cloud."""
    for number in range(7):
        by, tags = f"user-{number % 2}", ("cats",) if number < 4 else ()
        asset = add(catalog, f"walk/{number}", uploader=by, tags=tags)
        settle(catalog, asset, REJECTED if number < 3 else saw())
    add(catalog, "walk/0", cloud="studio", uploader="user-0", tags=("cats",))
    return catalog


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "6543210"),
        ({"standing": "rejected"}, "210"),
        ({"standing": "deleted"}, ""),
        ({"uploader": "user-1"}, "531"),
        ({"uploader": "user-0", "standing": "rejected"}, "20"),
        ({"tag": "cats"}, "3210"),
        ({"tag": "cats", "standing": "approved"}, "3"),
        ({"tag": "dogs"}, ""),
        ({"name": "walk/"}, "0123456"),
        ({"name": "walk/", "tag": "cats", "uploader": "user-1"}, "13"),
        ({"name": "%"}, ""),
    ],
)
def test_pages_hold_what_is_asked_for_once_and_in_order(filled, wanted, found, limit):
    assert names(filled, limit, **wanted) == [f"walk/{number}" for number in found]


def test_another_cloud_is_another_library(filled):
    assert names(filled, cloud="studio", tag="cats") == ["walk/0"]
    assert names(filled, cloud="nobody") == []


def test_names_of_every_type_are_found_and_none_is_skipped(catalog):
    for type in ("upload", "private", "authenticated"):
        add(catalog, "cat", type=type)
    found = [(asset.public_id, asset.type) for asset in everything(catalog, Wanted(name="c"), 1)]
    assert found == [("cat", "upload"), ("cat", "private"), ("cat", "authenticated")]


def test_dates_bound_the_upload(filled):
    times = {asset.public_id: asset.created_at for asset in everything(filled, Wanted(), 48)}
    third = times["walk/3"]
    older = sorted((name for name, time in times.items() if time < third), reverse=True)
    for more in ({}, {"tag": "cats"}, {"name": "walk/"}):
        since = set(names(filled, since=third, **more))
        until = set(names(filled, until=third, **more))
        assert not since & until
        assert since | until == set(names(filled, **more))
    assert set(names(filled, until=third)) == set(older)


def test_labels_are_found_with_their_parents_in_any_spelling(catalog):
    for name, labels in {"one": [("Weapons", "Violence")], "two": [("Blood & Gore", "Violence")]}.items():
        settle(catalog, add(catalog, name), saw(*labels))
    settle(catalog, add(catalog, "clean"), saw())
    assert names(catalog, label="violence") == ["two", "one"]
    assert names(catalog, label="WEAPONS") == ["one"]
    assert names(catalog, label="Violence", name="o") == ["one"]
    assert names(catalog, label="Violence", standing="rejected") == []
    assert names(catalog, label="blood_and_gore") == ["two"]
    assert names(catalog, label="Viol") == []


def test_a_label_is_that_of_the_current_version(catalog):
    first = add(catalog, "cat", backup=True)
    settle(catalog, first, saw(("Weapons", "Violence")))
    settle(catalog, add(catalog, "cat", bytes_=version(digest="e" * 64)), saw(("Drinking", "Alcohol")))
    assert names(catalog, label="weapons") == []
    assert names(catalog, label="alcohol") == ["cat"]
    catalog.restore("demo", first.asset_id, first.current.version_id, actor=PERSON)
    assert names(catalog, label="weapons") == ["cat"]


@pytest.mark.parametrize("away", ["destroy", "erase"])
def test_what_is_gone_is_found_by_nothing(catalog, away):
    asset = add(catalog, "cat", tags=("cats",))
    settle(catalog, asset, saw(("Weapons", "Violence")))
    getattr(catalog, away)("demo", asset.asset_id, actor=PERSON)
    for wanted in ({"label": "weapons"}, {"tag": "cats"}, {"name": "cat"}, {}):
        assert names(catalog, **wanted) == []


def test_a_page_looks_through_a_bounded_stretch(catalog, monkeypatch):
    monkeypatch.setattr("rekproxy.backends.sql.search.MOST_LOOKED_THROUGH", 4)
    monkeypatch.setattr("rekproxy.backends.sql.leading._STEP", 2)
    for number in range(9):
        settle(catalog, add(catalog, f"{number}", tags=("all",)), REJECTED if number == 0 else saw())
    wanted = Wanted(tag="all", standing="rejected")
    page = catalog.search("demo", wanted, limit=1)
    assert page.assets == ()
    assert page.after is not None
    assert [asset.public_id for asset in everything(catalog, wanted, 1)] == ["0"]


def test_what_is_found_is_counted_up_to_a_bound(filled):
    assert filled.found("demo", Wanted(uploader="user-0")) == 4
    assert filled.found("demo", Wanted(uploader="user-0", standing=Status.REJECTED.value)) == 2
    assert filled.found("demo", Wanted(), most=5) == 5


def test_a_person_who_decides_changes_no_label(catalog):
    asset = add(catalog, "cat")
    settle(catalog, asset, saw(("Weapons", "Violence")))
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    assert names(catalog, label="weapons", standing="rejected") == ["cat"]


def test_pages_follow_indexes(filled):
    """No page sorts or reads a table from end to end."""
    if filled._database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what is in its tables; the benchmark weighs it")
    asked: list[str] = []
    event.listen(
        filled._database.engine, "before_cursor_execute", lambda c, cur, s, p, x, m: asked.append((s, p))
    )
    for wanted in (
        {"name": "w"},
        {"tag": "cats"},
        {"label": "x"},
        {"uploader": "user-1"},
        {"standing": "approved"},
        {},
    ):
        asked.clear()
        filled.search("demo", Wanted(**wanted))
        window = asked[0]
        with filled._database.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {window[0]}", window[1]).all()
        steps = " / ".join(str(row[-1]) for row in plan)
        assert not any(f"SCAN {table}" in steps for table in ("assets", "tags", "seen")), steps
