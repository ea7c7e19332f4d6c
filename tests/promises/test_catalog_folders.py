"""Folders are there when something lies in them, move with it, and go when nothing does; tags are listed."""

import pytest

from rekproxy.backends.sql import folders
from rekproxy.errors import ConflictError, InvalidRequestError, NotFoundError
from tests.promises.catalogcases import PERSON, add


def paths(catalog, parent="", **more):
    return [folder.path for folder in catalog.list_folders("demo", parent, **more).folders]


def test_what_an_asset_names_is_there_with_all_above_it(catalog):
    add(catalog, "cat", folder="pets/cats/old")
    add(catalog, "dog", folder="pets/dogs")
    add(catalog, "bird", cloud="other", folder="elsewhere")
    assert paths(catalog) == ["pets"]
    assert paths(catalog, "pets") == ["pets/cats", "pets/dogs"]
    assert paths(catalog, "pets/cats") == ["pets/cats/old"]
    assert catalog.folder("demo", "elsewhere") is None
    asset = add(catalog, "fox")
    catalog.update("demo", asset.asset_id, {"folder": "wild/fox"}, None, actor=PERSON)
    assert paths(catalog) == ["pets", "wild"]


def test_folders_come_in_pages_and_are_counted(catalog):
    for name in ("a", "a-b", "a/x", "ab", "b"):
        catalog.add_folder("demo", name, actor=PERSON)
    first = catalog.list_folders("demo", "", limit=3)
    assert [folder.path for folder in first.folders] == ["a", "a-b", "ab"]
    assert paths(catalog, after=first.after, limit=3) == ["b"]
    assert catalog.list_folders("demo", "", limit=4).after is None
    assert (catalog.count_folders("demo", "", most=10), catalog.count_folders("demo", "", most=2)) == (4, 2)


def test_a_folder_is_made_once(catalog):
    made = catalog.add_folder("demo", "a/b", actor=PERSON)
    assert catalog.add_folder("demo", "a/b", actor=PERSON) == made == catalog.folder("demo", "a/b")
    assert len(bytes.fromhex(made.external_id)) == 16


def test_a_folder_moves_with_all_that_lies_in_it(catalog, monkeypatch):
    monkeypatch.setattr(folders, "CHUNK", 2)
    for number in range(3):
        add(catalog, f"cat{number}", folder="pets/cats")
    for place in ("pets", "petshop", "pet"):
        add(catalog, place, folder=place)
    add(catalog, "far", cloud="other", folder="pets/cats")
    assert catalog.move_folder("demo", "pets", "animals/tame", actor=PERSON)
    assert paths(catalog) == ["animals", "pet", "petshop"]
    assert paths(catalog, "animals/tame") == ["animals/tame/cats"]
    assert not catalog.follow_folder("demo", "pets", "animals/tame")
    found = {asset.public_id: asset.folder for asset in catalog.list_assets("demo", limit=99).assets}
    cats = {f"cat{number}": "animals/tame/cats" for number in range(3)}
    assert found == {**cats, "pets": "animals/tame", "petshop": "petshop", "pet": "pet"}
    assert catalog.asset("other", "upload", "far").folder == "pets/cats"
    (job,) = catalog.claim(["move_folder"], lease=9)
    assert job.payload == {"from": "pets", "to": "animals/tame"}


def test_a_folder_does_not_move_where_it_cannot(catalog):
    for path in ("a/b", "c"):
        catalog.add_folder("demo", path, actor=PERSON)
    for to, error in (("a/b", InvalidRequestError), ("a", InvalidRequestError), ("c", ConflictError)):
        with pytest.raises(error):
            catalog.move_folder("demo", "a", to, actor=PERSON)
    for cloud, path in (("demo", "none"), ("other", "a")):
        with pytest.raises(NotFoundError, match=f"Can't find folder with path {path}"):
            catalog.move_folder(cloud, path, "d", actor=PERSON)
    assert paths(catalog) == ["a", "c"]


def test_a_folder_goes_when_nothing_lies_in_it(catalog):
    asset = add(catalog, "cat", folder="pets/cats", backup=True)
    catalog.add_folder("demo", "pets/dogs", actor=PERSON)
    for path in ("pets", "pets/cats"):
        with pytest.raises(InvalidRequestError):
            catalog.remove_folder("demo", path, actor=PERSON)
    assert catalog.remove_folder("demo", "pets/dogs", actor=PERSON) == ("pets/dogs",)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert catalog.remove_folder("demo", "pets", actor=PERSON) == ("pets", "pets/cats")
    with pytest.raises(NotFoundError):
        catalog.remove_folder("demo", "pets", actor=PERSON)


def test_tags_are_listed_once_each(catalog):
    for number in range(3):
        add(catalog, f"cat{number}", tags=("red", f"r{number}", "Blue", "ä"))
    add(catalog, "far", cloud="other", tags=("green",))
    assert catalog.list_tags("demo", limit=99).tags == ("Blue", "r0", "r1", "r2", "red", "ä")
    first = catalog.list_tags("demo", prefix="r", limit=3)
    assert first.tags == ("r0", "r1", "r2")
    second = catalog.list_tags("demo", prefix="r", after=first.after, limit=3)
    assert (second.tags, second.after) == (("red",), None)
    assert catalog.list_tags("demo", prefix="x").tags == ()
