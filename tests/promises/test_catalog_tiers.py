"""Derived images and bytes: what is remembered, what makes room, and sums that no scan has to find."""

import pytest
from catalogcases import PERSON, add, note, version
from sqlalchemy import text

from rekproxy.domain.asset import Pin, Status
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.tiers import Held, Made


def held(catalog: Catalog, tier: str, cloud: str | None = "demo") -> tuple[int, int]:
    found = catalog.held(cloud).get(tier, Held(0, 0))
    return found.bytes, found.files


def test_bytes_of_derived_images_are_counted_whoever_forgets_them(catalog: Catalog) -> None:
    cat, dog = add(catalog, chain=None), add(catalog, "dog", chain=None, cloud="studio")
    note(catalog, cat, "derived/a", "w_1")
    note(catalog, cat, "derived/b", "w_2")
    note(catalog, dog, "derived/c", "w_1")
    assert held(catalog, "derived") == (18, 2)
    assert held(catalog, "derived", None) == (27, 3)
    catalog.add_up()
    catalog.add_up()
    assert held(catalog, "derived") == (18, 2)
    catalog.override("demo", cat.asset_id, Status.REJECTED, actor=PERSON)
    assert held(catalog, "derived") == (0, 0)
    catalog.erase("studio", dog.asset_id, actor=PERSON)
    assert held(catalog, "derived", None) == (0, 0)


def test_bytes_of_originals_are_those_that_are_kept_here(catalog: Catalog) -> None:
    cat = add(catalog, chain=None, backup=True)
    pin = Pin("file:///a", 5, mtime_ns=1)
    add(catalog, "pinned", chain=None, bytes_=version(digest="b" * 64, pin=pin))
    assert held(catalog, "original") == (1234, 1)
    add(catalog, chain=None, backup=True, bytes_=version(digest="c" * 64))
    assert held(catalog, "original") == (2468, 2)
    catalog.erase_backups("demo", cat.asset_id, [cat.current.version_id], actor=PERSON)
    assert held(catalog, "original") == (1234, 1)
    catalog.erase("demo", cat.asset_id, actor=PERSON)
    assert held(catalog, "original") == (0, 0)


def test_what_shows_other_revisions_of_the_same_takes_the_place_of_the_file_before(catalog: Catalog) -> None:
    cat, logo = add(catalog, chain=None), add(catalog, "logo", chain=None)
    assert note(catalog, cat, "derived/a", shows=(logo.asset_id,)) == ()
    assert note(catalog, cat, "derived/b", shows=(logo.asset_id,)) == ("derived/a",)
    assert catalog.erase("demo", logo.asset_id, actor=PERSON).derived == ("derived/b",)


def test_many_are_noted_at_once_and_the_least_used_make_room(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rekproxy.backends.sql.derived.MOST", 3)
    cat = add(catalog, chain=None)
    for number in range(3):
        note(catalog, cat, f"derived/{number}", f"w_{number}")
    age(catalog, "derived/1")
    made = [Made(cat.asset_id, cat.revision, f"h_{n}", "jpg", f"derived/h{n}", 9) for n in range(1)]
    assert catalog.note_derived("demo", made) == ("derived/1",)
    assert len(catalog.derived("demo", cat.asset_id)) == 3


def age(catalog: Catalog, key: str) -> None:
    engine = catalog._database.engine
    with engine.begin() as connection:
        connection.execute(text("UPDATE derived SET used_at = 1 WHERE key = :key"), {"key": key})


def test_those_that_rest_go_unless_they_are_used_meanwhile(catalog: Catalog) -> None:
    cat = add(catalog, chain=None)
    for name in ("a", "b", "c"):
        note(catalog, cat, f"derived/{name}", name)
        age(catalog, f"derived/{name}")
    catalog.use_derived({"derived/a": 3, "derived/unknown": 1})
    resting = catalog.resting(10)
    assert [image.key for image in resting] == ["derived/b", "derived/c", "derived/a"]
    catalog.use_derived({"derived/c": 1})
    catalog.forget_derived(resting)
    assert catalog.known_derived(["derived/a", "derived/b", "derived/c"]) == {"derived/c"}


def test_rows_are_listed_between_keys(catalog: Catalog) -> None:
    cat = add(catalog, chain=None)
    for name in ("a", "b", "c"):
        note(catalog, cat, f"derived/{name}/1", name)
    rows = catalog.derived_between("derived/a/1", "derived/bg", 5)
    assert [row.key for row in rows] == ["derived/b/1"]


def test_a_digest_is_referenced_by_pinned_versions_too_until_they_go(catalog: Catalog) -> None:
    pin = Pin("file:///a", 5, mtime_ns=1)
    cat = add(catalog, chain=None, bytes_=version(digest="b" * 64, pin=pin))
    catalog.want_blob("demo", "c" * 64, 5)
    both = {"b" * 64, "c" * 64}
    assert (catalog.referenced(both), catalog.known_blobs(both)) == ({"b" * 64}, {"c" * 64})
    catalog.destroy("demo", cat.asset_id, actor=PERSON)
    assert catalog.referenced(both) == frozenset()


def test_nothing_is_noted_of_another_cloud_s(catalog: Catalog) -> None:
    cat = add(catalog, chain=None)
    made = Made(cat.asset_id, cat.revision, "w_1", "jpg", "derived/a", 9)
    assert catalog.note_derived("studio", [made]) == ("derived/a",)
