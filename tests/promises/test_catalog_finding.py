"""Finding pictures by expressions: what an index leads to is what a look at every picture would find."""

import pytest
from sqlalchemy import event

from rekproxy.domain.expression import meets
from rekproxy.domain.expressionreader import parse
from rekproxy.domain.searchable import FIELDS, FOLDER_FIELDS, Picture
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.finding import Order
from tests.promises.catalogcases import APPROVED, PERSON, REJECTED, add, settle, version

NOW = 1_800_000_000_000


def read(text):
    return parse(text, FIELDS, now=NOW)


def found(catalog: Catalog, text: str, *orders: Order, limit: int = 50, cloud: str = "demo") -> list[str]:
    """Names of all pages."""
    names, after = [], None
    for _ in range(200):
        page = catalog.find_assets(cloud, read(text), orders, after=after, limit=limit)
        assert len(page.assets) <= limit
        names += [asset.public_id for asset in page.assets]
        after = page.after
        if after is None:
            return names
    raise AssertionError("there is no end of it")


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    """Eight pictures; one of another cloud that has everything they have."""
    for number in range(8):
        asset = add(
            catalog,
            f"walk/{'even' if number % 2 == 0 else 'odd'}-{number}",
            type="private" if number == 5 else "upload",
            tags=("all", f"tag-{number % 3}"),
            context={"n": str(number), "colour": "red" if number < 4 else "light blue"},
            metadata={"sku": f"SKU-{number}", "size": number, "kinds": ["a", "b"] if number % 2 else ["a"]},
            folder="in/deep" if number < 2 else "",
            uploader=f"user-{number % 2}",
            chain="manual" if number == 7 else "aws_rek",
        )
        if number != 7:
            settle(catalog, asset, REJECTED if number < 2 else APPROVED)
    more = {"tags": ("all",), "context": {"n": "1"}, "metadata": {"sku": "SKU-1"}, "folder": "in/deep"}
    add(catalog, "walk/odd-1", cloud="studio", uploader="user-0", **more)
    return catalog


EXPRESSIONS = {
    "": "76543210",
    "tags=all": "76543210",
    "tags:tag-1": "741",
    "tags:tag-*": "76543210",
    "tags=tag-1 OR tags=tag-2": "75421",
    "tags=tag-1 OR context.n=5": "7541",
    "tags:(tag-1 tag-2)": "",
    "tags=nothing": "",
    "-tags=tag-1": "65320",
    "public_id=walk/odd-1": "1",
    "public_id:walk/odd*": "7531",
    "public_id:odd": "7531",
    "public_id:walk/odd* AND tags=tag-0": "3",
    "folder=walk": "76543210",
    "folder=wal": "",
    "filename:odd-3": "3",
    "asset_folder=in/deep": "10",
    "asset_folder:in/*": "10",
    'asset_folder=""': "765432",
    "context.n=4": "4",
    "context.colour:blue": "7654",
    "context.colour=blue": "",
    "context.colour:*": "76543210",
    "context.colour:light*": "7654",
    "metadata.sku=SKU-3": "3",
    "metadata.sku:sku": "76543210",
    "metadata.size>5": "76",
    "metadata.size:[2 TO 3]": "32",
    "metadata.kinds=b": "7531",
    "metadata.kinds:*": "76543210",
    "type:private": "5",
    "type:upload AND tags=tag-2": "2",
    "uploader=user-1": "7531",
    "moderation_status=rejected": "10",
    "moderation_status:pending": "7",
    "moderation_kind=manual": "7",
    "moderation_kind=aws_rek AND moderation_status=approved": "65432",
    "format:JPG width=400": "76543210",
    "width>400": "",
    'aspect_ratio="4:3"': "76543210",
    "bytes:[1k TO 2k] AND pixels<=120000": "76543210",
    "created_at<1w": "76543210",
    "created_at>1d": "",
    "created_at>=2020-01-01 AND tags=tag-0": "630",
    "blue": "7654",
    "status:active": "76543210",
    "status:deleted": "",
    "resource_type:video": "",
}

#: One for each kind of index, and none.
VARIED = (
    "tags:tag-*",
    "tags=tag-1 OR context.n=5",
    "public_id:walk/odd*",
    "public_id:walk/odd* AND tags=tag-0",
    "asset_folder:in/*",
    "metadata.kinds:*",
    "moderation_status=rejected",
    "blue",
)


@pytest.mark.parametrize("limit", [3, 50])
def test_what_expressions_find(filled, limit):
    for text, numbers in EXPRESSIONS.items():
        names = [name.rpartition("-")[2] for name in found(filled, text, limit=limit)]
        assert "".join(names) == numbers, text


def test_every_way_to_a_page_finds_the_same(filled, monkeypatch):
    """Small bounds send each search another way: over other indexes, and over many pages."""
    monkeypatch.setattr("rekproxy.backends.sql.finding.MOST_LOOKED_THROUGH", 4)
    for most in (10_000, 3):
        monkeypatch.setattr("rekproxy.backends.sql.finding.MOST_SORTED", most)
        for text in VARIED:
            numbers = EXPRESSIONS[text]
            for order, expected in (
                (Order(), numbers),
                (Order(descending=False), numbers[::-1]),
                (Order("public_id"), sorted(numbers, key=lambda n: (int(n) % 2, n), reverse=True)),
                (Order("public_id", False), sorted(numbers, key=lambda n: (int(n) % 2, n))),
            ):
                names = [name.rpartition("-")[2] for name in found(filled, text, order, limit=3)]
                assert names == list(expected), (text, order, most)


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize(
    ("orders", "numbers"),
    [
        ((Order("format"), Order("public_id", False)), "02461357"),
        ((Order("filename"),), "75316420"),
        ((Order("bytes", False), Order("created_at")), "76543210"),
        ((Order("type", False), Order("filename")), "57316420"),
        ((Order("uploaded_at"),), "76543210"),
    ],
)
def test_any_order_has_each_once(filled, orders, numbers, limit):
    assert "".join(name[-1] for name in found(filled, "tags=all", *orders, limit=limit)) == numbers


def test_totals_and_tallies_are_of_what_was_looked_through(filled, monkeypatch):
    page = filled.find_assets("demo", read("tags=all"), limit=2, tally=("format", "type"))
    assert (page.total, page.whole) == (8, True)
    assert page.tallies == {"format": {"jpg": 8}, "type": {"upload": 7, "private": 1}}
    again = filled.find_assets("demo", read("tags=all"), after=page.after, limit=2)
    assert (again.total, again.whole) == (8, True)
    monkeypatch.setattr("rekproxy.backends.sql.finding.MOST_LOOKED_THROUGH", 5)
    page = filled.find_assets("demo", read("tags=all"), limit=2)
    assert (page.total, page.whole) == (5, False)


@pytest.mark.parametrize("most_sorted", [1000, 3])
def test_the_total_is_the_same_in_every_order(filled, monkeypatch, most_sorted):
    monkeypatch.setattr("rekproxy.backends.sql.finding.MOST_SORTED", most_sorted)
    for text, numbers in EXPRESSIONS.items():
        for name in ("created_at", "public_id"):
            page = filled.find_assets("demo", read(text), (Order(name),), limit=2)
            assert (page.total, page.whole) == (len(numbers), True), (text, name)


def test_another_cloud_is_another_library(filled):
    for text in EXPRESSIONS:
        assert set(found(filled, text, cloud="studio")) <= {"walk/odd-1"}
        assert found(filled, text, cloud="nobody") == []
    assert found(filled, "metadata.sku=SKU-1", cloud="studio") == ["walk/odd-1"]


def test_what_is_deleted_is_found_where_that_is_asked_for(catalog):
    asset = add(catalog, "cat", tags=("a",), backup=True)
    gone = add(catalog, "dog", tags=("a",))
    for each in (asset, gone):
        catalog.destroy("demo", each.asset_id, actor=PERSON)
    assert found(catalog, "tags=a") == []
    assert found(catalog, "tags=a status=deleted") == ["cat"]
    assert found(catalog, "status:deleted OR status:active") == ["cat"]


def test_what_is_hidden_keeps_its_verdict(catalog):
    asset = add(catalog, "cat")
    settle(catalog, asset, APPROVED)
    catalog.restrict("demo", asset.asset_id, "admin", roles=frozenset({"admin"}), actor=PERSON)
    assert found(catalog, "moderation_status=approved") == ["cat"]


def test_values_of_before_lead_nowhere(catalog):
    add(catalog, "cat", metadata={"sku": "one"}, context={"k": "one"}, tags=("one",))
    fresh = {"metadata": {"sku": "two"}, "context": {"k": "two"}, "tags": ("two",)}
    add(catalog, "cat", bytes_=version(digest="e" * 64), **fresh)
    for field in ("metadata.sku", "context.k", "tags"):
        assert found(catalog, f"{field}=one") == []
        assert found(catalog, f"{field}=two") == ["cat"]


def test_long_values_are_found_whole(catalog):
    long = "x" * 300
    for name, end in (("a", "1"), ("b", "2")):
        add(catalog, name, context={"k": long + end}, metadata={"m": long + end})
    for field in ("context.k", "metadata.m"):
        assert found(catalog, f"{field}={long}1") == ["a"]


def test_names_of_every_type_are_found_once(catalog):
    for type in ("upload", "private", "authenticated"):
        add(catalog, "cat", type=type)
    for limit in (1, 2, 3):
        assert found(catalog, "public_id=cat", limit=limit) == ["cat"] * 3
        for descending in (True, False):
            assert found(catalog, "", Order("public_id", descending), limit=limit) == ["cat"] * 3


def test_folders_are_found_in_any_order_a_page_at_a_time(catalog):
    for path in ("shop/Shoes", "shop/hats", "attic"):
        catalog.add_folder("demo", path, actor=PERSON)
    catalog.add_folder("studio", "shop/other", actor=PERSON)

    def found(text, *orders, limit=2):
        paths, after = [], None
        for _ in range(5):
            asked = parse(text, FOLDER_FIELDS, now=NOW)
            page = catalog.find_folders("demo", asked, orders, after=after, limit=limit)
            paths += [folder.path for folder in page.folders]
            after = page.after
            if after is None:
                return paths
        raise AssertionError("there is no end of it")

    assert found("") == ["attic", "shop", "shop/Shoes", "shop/hats"]
    assert found("path:shop*") == ["shop", "shop/Shoes", "shop/hats"]
    assert found("path=shop/*", Order("name")) == ["shop/hats", "shop/Shoes"]
    assert found("name:shoes") == ["shop/Shoes"]
    assert found("path=attic OR name:hats", Order("path")) == ["shop/hats", "attic"]
    assert found("-path:shop*") == ["attic"]


def test_the_picture_that_is_looked_at_is_the_whole_one(filled):
    """What the catalog reads of a picture answers as one made of all that it knows."""
    page = filled.find_assets("demo", read(""))
    for text, numbers in EXPRESSIONS.items():
        expected = [asset for asset in page.assets if meets(read(text), pictured(asset).values)]
        assert "".join(asset.public_id[-1] for asset in expected) == numbers, text


def pictured(asset):
    current = asset.current
    return Picture(
        asset.asset_id, asset.public_id, asset.type, asset.created_at, current.created_at, asset.updated_at,
        asset.folder, asset.display_name, current.format, asset.tags, asset.context, asset.metadata,
        [entry.kind for entry in asset.moderations], asset.status.value, asset.standing.value, current.bytes,
        current.width, current.height, asset.version, current.etag, asset.uploader, current.frames,
    )  # fmt: skip


def test_pages_follow_indexes(filled):
    """No page reads a table from end to end, and none by age sorts."""
    if filled._database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what is in its tables; the benchmark weighs it")
    asked: list[tuple[str, object]] = []
    event.listen(
        filled._database.engine, "before_cursor_execute", lambda c, cur, s, p, x, m: asked.append((s, p))
    )
    for text in EXPRESSIONS:
        for order in (Order(), Order("bytes")):
            asked.clear()
            filled.find_assets("demo", read(text), (order,))
            windows = asked[:1]
            with filled._database.engine.connect() as connection:
                for statement, parameters in windows:
                    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                    steps = " / ".join(str(row[-1]) for row in plan)
                    tables = ("assets", "tags", "contexts", "metadata_values", "asset_versions")
                    assert not any(f"SCAN {table}" in steps for table in tables), (text, steps)
                    if " OR " not in text and "status" not in text and "*" not in text:
                        assert "B-TREE" not in steps, (text, steps)
