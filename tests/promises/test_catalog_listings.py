"""Listings in every order, and deletes of many: each page is led by an index and misses nothing."""

import pytest
from sqlalchemy import text

from rekproxy.backends.sql.address import parse_address
from rekproxy.backends.sql.engine import Database
from rekproxy.domain.asset import EntryStatus
from tests.promises.catalogcases import PERSON, add, note, settle

NAMES = [f"cat{number}" for number in range(7)]


@pytest.fixture
def filled(catalog, database_url):
    """Seven cats, a second apart from 1970 on, and one of another cloud."""
    for name in NAMES:
        odd = int(name[-1]) % 2 == 1
        add(
            catalog,
            name,
            type="private" if odd else "upload",
            tags=("t",),
            context={"mood": "good" if odd else "bad", "x" * 300: "y" * 300},
            folder="pets" if odd else "pets/more",
            uploader="odd" if odd else "even",
        )
    add(catalog, "cat9", cloud="other", tags=("t",), context={"mood": "good"}, folder="pets")
    database = Database(parse_address(database_url))
    with database.write() as tx:
        for name in NAMES:
            at = 1000 * int(name[-1])
            ours = f"cloud = 'demo' AND public_id = '{name}'"
            for table in ("tags", "contexts"):
                of = f"(SELECT asset_id FROM assets WHERE {ours})"
                tx.connection.execute(text(f"UPDATE {table} SET created_at = {at} WHERE asset_id = {of}"))
            tx.connection.execute(
                text(
                    f"UPDATE moderations SET created_at = {at} WHERE version_id ="
                    f" (SELECT version_id FROM assets WHERE {ours})"
                )
            )
            tx.connection.execute(text(f"UPDATE assets SET created_at = {at} WHERE {ours}"))
    database.close()
    return catalog


def walked(listing, limit=2):
    names, after = [], None
    for _ in range(20):
        page = listing(after=after, limit=limit)
        assert len(page.assets) <= limit
        names += [asset.public_id for asset in page.assets]
        after = page.after
        if after is None:
            return names
    raise AssertionError("it never ends")


#: What is asked, and what there is of it, the oldest or the first by name first.
CASES = [
    ({}, NAMES),
    ({"type": "private"}, NAMES[1::2]),
    ({"tag": "t"}, NAMES),
    ({"tag": "t", "uploader": "odd"}, NAMES[1::2]),
    ({"tag": "none"}, []),
    ({"folder": "pets"}, NAMES[1::2]),
    ({"folder": "pets", "type": "upload"}, []),
    ({"context": ("mood", None)}, NAMES),
    ({"context": ("mood", "good")}, NAMES[1::2]),
    ({"context": ("x" * 300, None)}, NAMES),
    ({"context": ("x" * 299, None)}, []),
    ({"context": ("x" * 300, "y" * 300)}, NAMES),
    ({"context": ("x" * 300, "y" * 299)}, []),
    ({"uploader": "even", "type": "private"}, []),
    ({"uploader": "even"}, NAMES[::2]),
    ({"prefix": "cat"}, NAMES),
    ({"prefix": "cat", "type": "upload"}, NAMES[::2]),
    ({"prefix": "cat", "uploader": "odd"}, NAMES[1::2]),
    ({"prefix": "cat3"}, ["cat3"]),
    ({"start_at": 3000}, NAMES[3:]),
    ({"start_at": 3000, "tag": "t"}, NAMES[3:]),
    ({"start_at": 3000, "folder": "pets"}, NAMES[3::2]),
    ({"start_at": 3000, "context": ("mood", "good")}, NAMES[3::2]),
    ({"start_at": 3000, "prefix": "cat"}, NAMES[3:]),
]


def test_a_listing_is_read_both_ways(filled):
    for asked, expected in CASES:
        upward = walked(lambda **more: filled.list_assets("demo", ascending=True, **asked, **more))  # noqa: B023
        assert upward == expected, asked
        if "start_at" not in asked:
            downward = walked(lambda **more: filled.list_assets("demo", **asked, **more))  # noqa: B023
            assert downward == expected[::-1], asked


def test_downward_a_listing_begins_at_a_time(filled):
    for asked in ({}, {"tag": "t"}, {"prefix": "cat"}):
        found = walked(lambda **more: filled.list_assets("demo", start_at=3500, **asked, **more))  # noqa: B023
        assert found == NAMES[3::-1], asked


def test_moderations_are_listed_both_ways(filled):
    def listing(**more):
        return filled.list_moderated("demo", "aws_rek", EntryStatus.PENDING, **more)

    assert walked(lambda **more: listing(ascending=True, start_at=2000, **more)) == NAMES[2:]
    assert walked(lambda **more: listing(start_at=2000, **more)) == NAMES[2::-1]


def test_assets_are_listed_by_id_within_the_cloud(filled):
    ids = [asset.asset_id for asset in filled.list_assets("demo", limit=3).assets]
    foreign = filled.asset("other", "upload", "cat9").asset_id
    page = filled.list_assets("demo", asset_ids=[*ids, foreign, "nobody"], limit=100)
    assert [asset.asset_id for asset in page.assets] == ids


def test_a_folder_is_counted_up_to_a_number(filled):
    assert filled.count_assets("demo", "pets", most=10) == 3
    assert filled.count_assets("demo", "pets", most=2) == 2
    assert filled.count_assets("demo", "pet", most=10) == 0


def test_a_page_looks_a_bounded_stretch_through(filled, monkeypatch):
    monkeypatch.setattr("rekproxy.backends.sql.library.MOST_LOOKED_THROUGH", 3)
    page = filled.list_assets("demo", tag="t", uploader="nobody", limit=1)
    assert page.assets == ()
    assert page.after is not None
    assert walked(lambda **more: filled.list_assets("demo", tag="t", uploader="odd", **more)) == [
        "cat5",
        "cat3",
        "cat1",
    ]


def test_many_are_taken_away_at_once(filled):
    page = filled.list_assets("demo", limit=100).assets
    foreign = filled.asset("other", "upload", "cat9")
    ids = [asset.asset_id for asset in page[:5]]
    gone = filled.destroy_each("demo", [*ids, foreign.asset_id, "nobody"], actor=PERSON)
    assert {asset.asset_id for asset in gone} == set(ids)
    assert filled.destroy_each("demo", ids, actor=PERSON) == ()
    assert len(filled.list_assets("demo", limit=100).assets) == 2
    assert filled.asset("other", "upload", "cat9") == foreign
    assert [line.action for line in filled.audit("demo", ids[0])][-1] == "destroyed"


def test_what_is_kept_as_a_backup_is_taken_away_once(catalog):
    asset = add(catalog, backup=True)
    assert len(catalog.destroy_each("demo", [asset.asset_id], actor=PERSON)) == 1
    assert catalog.destroy_each("demo", [asset.asset_id], actor=PERSON) == ()


def test_derived_images_are_dropped_by_number_and_by_transformation(catalog):
    cat = settle(catalog, add(catalog))
    far = settle(catalog, add(catalog, cloud="other"))
    for asset in (cat, far):
        for number in range(3):
            note(catalog, asset, f"{asset.cloud}/{number}", f"w_{number}")
    assert catalog.derived_counts("demo", [cat.asset_id, far.asset_id]) == {cat.asset_id: 3}
    first, second, _ = catalog.derived("demo", cat.asset_id)
    assert catalog.derived("demo", cat.asset_id, 1, after=first["id"]) == (second,)
    alien = catalog.derived("other", far.asset_id)[0]["id"]
    (dropped,) = catalog.drop_derived("demo", [first["id"], alien, 10**9])
    assert (dropped.id, dropped.asset_id, dropped.key) == (first["id"], cat.asset_id, "demo/0")
    by_text = [("w_1", None), ("w_2", "gif")]
    (dropped,) = catalog.drop_derived_of("demo", [cat.asset_id, far.asset_id], by_text)
    assert dropped.key == "demo/1"
    assert catalog.derived_counts("demo", [cat.asset_id]) == {cat.asset_id: 1}
    assert catalog.derived_counts("other", [far.asset_id]) == {far.asset_id: 3}
