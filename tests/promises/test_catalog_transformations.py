"""Named transformations and named regions in the catalog: what every database promises of them."""

from dataclasses import replace

import pytest
from catalogcases import PERSON, add, note, version

from rekproxy.domain.naming import Definition
from rekproxy.errors import ConflictError
from rekproxy.interfaces import Catalog

THUMB = Definition("thumb", "c_fill,h_9,w_9", allowed=True)


def test_a_name_from_its_making_to_its_end(catalog: Catalog):
    made = catalog.define("demo", THUMB, actor=PERSON)
    assert catalog.definition("demo", "thumb") == made
    assert (made.text, made.allowed, made.named) == (THUMB.text, True, True)
    with pytest.raises(ConflictError, match="thumb already exists"):
        catalog.define("demo", THUMB, actor=PERSON)
    changed = catalog.redefine("demo", "thumb", text="c_fit,w_9", allowed=None, actor=PERSON)
    assert (changed.text, changed.allowed) == ("c_fit,w_9", True)
    assert changed.revision > made.revision
    assert catalog.redefine("demo", "thumb", text=None, allowed=False, actor=PERSON).text == "c_fit,w_9"
    assert catalog.drop_definition("demo", "thumb", actor=PERSON) is not None
    assert catalog.drop_definition("demo", "thumb", actor=PERSON) is None
    assert catalog.redefine("demo", "thumb", text=None, allowed=True, actor=PERSON) is None
    lines = [line.action for line in catalog.audit("demo", "transformation:thumb")]
    assert lines.count("transformation_updated") == 2


def test_no_cloud_sees_what_another_defines(catalog: Catalog):
    catalog.define("demo", THUMB, actor=PERSON)
    assert catalog.definition("studio", "thumb") is None
    assert catalog.standing("studio", [], ["thumb"]).definitions == {}
    assert catalog.drop_definition("studio", "thumb", actor=PERSON) is None
    catalog.define("studio", replace(THUMB, text="c_fit,w_1"), actor=PERSON)
    assert catalog.definition("demo", "thumb").text == THUMB.text


def test_they_are_listed_by_name_in_pages(catalog: Catalog):
    for name in ("b", "a", "c"):
        catalog.define("demo", replace(THUMB, name=name), actor=PERSON)
    catalog.define("demo", Definition("c_fit,w_5", "c_fit,w_5", allowed=True, named=False), actor=PERSON)
    page = catalog.list_definitions("demo", named=True, limit=2)
    assert [each.name for each in page.definitions] == ["a", "b"]
    assert [e.name for e in catalog.list_definitions("demo", named=True, after=page.after).definitions] == [
        "c"
    ]
    assert [e.name for e in catalog.list_definitions("demo", named=False).definitions] == ["c_fit,w_5"]


def test_one_query_tells_standings_and_meanings_together(catalog: Catalog):
    asset = add(catalog, "cat")
    catalog.define("demo", THUMB, actor=PERSON)
    catalog.define("demo", replace(THUMB, name="strict", allowed=False), actor=PERSON)
    told = catalog.standing("demo", [("upload", "cat"), ("upload", "no")], ["thumb", "strict", "none"])
    assert told.by_name["upload", "cat"].asset_id == asset.asset_id
    assert told.definitions == {"thumb": (THUMB.text, True), "strict": (THUMB.text, False)}
    catalog.redefine("demo", "thumb", text="c_fit,w_9", allowed=False, actor=PERSON)
    assert catalog.standing("demo", [], ["thumb"]).definitions == {"thumb": ("c_fit,w_9", False)}


def test_regions_are_kept_with_their_version(catalog: Catalog):
    regions = {"faces": ((1, 2, 3, 4), (5, 6, 7, 8)), "custom": ((0, 0, 9, 9),)}
    add(catalog, "cat", bytes_=replace(version(), **regions))
    kept = catalog.asset("demo", "upload", "cat").current
    assert (kept.faces, kept.custom) == (regions["faces"], regions["custom"])
    add(catalog, "dog")
    assert catalog.asset("demo", "upload", "dog").current.faces == ()


def test_what_is_used_is_found_by_what_it_made(catalog: Catalog):
    """Of assets as they are now, and of one cloud; each text once, however many images there are of it."""
    cat, dog = add(catalog, chain=None), add(catalog, "dog", chain=None)
    other = add(catalog, cloud="other", chain=None)
    for number, (asset, text) in enumerate(
        [(cat, "w_1"), (cat, "w_2"), (dog, "w_2"), (other, "w_3"), (cat, "")]
    ):
        assert note(catalog, asset, f"derived/{number}", text) == ()
    first, second = catalog.used_transformations("demo")
    assert {first.text, second.text} == {"w_1", "w_2"}
    assert catalog.used_transformations("demo", limit=1) == (first,)
    assert catalog.used_transformations("demo", after=first.place) == (second,)
    assert [used.text for used in catalog.used_transformations("other")] == ["w_3"]
    made = catalog.made_by("demo", "w_2")
    assert {(image.public_id, image.type, image.format, image.bytes) for image in made} == {
        ("cat", "upload", "jpg", 9),
        ("dog", "upload", "jpg", 9),
    }
    assert catalog.made_by("demo", "w_2", limit=1) == made[:1]
    assert catalog.made_by("demo", "w_2", after=made[0].id) == made[1:]
    assert catalog.made_by("other", "w_2") == catalog.made_by("demo", "w_3") == ()
    catalog.destroy("demo", cat.asset_id, actor=PERSON)
    assert [used.text for used in catalog.used_transformations("demo")] == ["w_2"]
    assert [image.public_id for image in catalog.made_by("demo", "w_2")] == ["dog"]
