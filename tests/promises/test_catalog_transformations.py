"""Named transformations and named regions in the catalog: what every database promises of them."""

from dataclasses import replace

import pytest
from catalogcases import PERSON, add, version

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
