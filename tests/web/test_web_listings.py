"""Listings and deletes on the wire: every parameter, as clients send it, and what is refused."""

import pytest
from wireclient import SECRETS, Wire
from wiredoubles import asset

from rekproxy.services.deleting import Wish


def names(reply):
    return [item["public_id"] for item in reply.json["resources"]]


def test_what_a_cloud_is_and_has(wire: Wire):
    assert wire.get("resources").json == {"resource_types": ["image"]}
    plain = wire.get("config").json
    assert plain == {"cloud_name": "demo", "created_at": "2024-06-25T09:25:44Z"}
    assert wire.get("config?settings=true").json == plain | {"settings": {"folder_mode": "dynamic"}}


@pytest.mark.parametrize(
    ("query", "ascending", "start_at"),
    [
        ("", False, None),
        ("direction=asc", True, None),
        ("direction=1", True, None),
        ("direction=DESC", False, None),
        ("direction=-1", False, None),
        ("prefix=a", True, None),
        ("prefix=a&direction=desc", False, None),
        ("start_at=2024-06-25", False, 1_719_273_600_000),
        ("start_at=2024-06-25%2009:25:44&direction=asc", True, 1_719_307_544_000),
        ("start_at=2024-06-25%2009:25:44%20UTC", False, 1_719_307_544_000),
        ("start_at=2024-06-25T11:25:44.500%2B02:00", False, 1_719_307_544_500),
        ("start_at=2024-06-25T09:25:44Z", False, 1_719_307_544_000),
    ],
)
def test_a_listing_has_an_order_and_a_beginning(wire: Wire, query, ascending, start_at):
    assert wire.get(f"resources/image?{query}").status_code == 200
    (asked,) = wire.library.searches
    assert (asked["ascending"], asked["start_at"]) == (ascending, start_at)


@pytest.mark.parametrize(
    "query",
    [
        "direction=up",
        "start_at=yesterday",
        "start_at=2024-13-01",
        "start_at=2024-06-25T25:00:00",
        "fields=public_id,secret",
        "tags=perhaps",
    ],
)
def test_values_that_nobody_knows_are_refused(wire: Wire, query):
    wire.library.assets = [asset()]
    assert wire.get(f"resources/image?{query}").status_code == 400


def test_a_cursor_is_good_for_its_order_alone(wire: Wire):
    wire.library.assets = [asset(f"a{number}", number) for number in range(3)]
    cursor = wire.get("resources/image?max_results=1").json["next_cursor"]
    for query in ({}, {"direction": "asc"}, {"prefix": "a"}):
        status = wire.get("resources/image", query_string={"next_cursor": cursor, **query}).status_code
        assert status == (400 if query else 200)


def test_context_is_listed_by_key_and_value(wire: Wire):
    wire.get("resources/image/context?key=mood")
    wire.get("resources/image/context?key=mood&value=a%20b&max_results=2")
    assert [each["context"] for each in wire.library.searches] == [("mood", None), ("mood", "a b")]
    assert wire.get("resources/image/context").status_code == 400


def test_folders_are_listed_and_counted(wire: Wire):
    wire.library.assets = [asset("a", 1, folder="pets"), asset("b", 2, folder="pets/more"), asset("c", 3)]
    reply = wire.get("resources/by_asset_folder?asset_folder=pets/")
    assert (names(reply), reply.json["total_count"]) == (["a"], 1)
    assert names(wire.get("resources/by_asset_folder")) == ["c"]


def test_assets_are_listed_by_id(wire: Wire):
    wire.library.assets = [asset("a", 1), asset("b", 2)]
    assert names(wire.get(f"resources/by_asset_ids?asset_ids[]={2:032x}&asset_ids[]={9:032x}")) == ["b"]
    assert wire.get("resources/by_asset_ids").status_code == 400
    many = {"asset_ids[]": [f"{number:032x}" for number in range(101)]}
    assert wire.get("resources/by_asset_ids", query_string=many).status_code == 400


def test_only_the_fields_that_are_wanted_are_told(wire: Wire):
    wire.library.assets = [asset(tags=("b", "a"), folder="pets", metadata={"n": 1})]
    fields = (
        "tags,bytes,pixels,aspect_ratio,filename,asset_folder,folder,metadata,moderation,uploaded_at,status"
    )
    (item,) = wire.get(f"resources/image?fields={fields}").json["resources"]
    assert item == {
        "asset_id": f"{1:032x}",
        "public_id": "holiday/cat",
        "bytes": 896_838,
        "folder": "holiday",
        "asset_folder": "pets",
        "filename": "cat",
        "uploaded_at": "2024-06-25T09:25:44Z",
        "aspect_ratio": 1.33241,
        "pixels": 2_766_720,
        "tags": ["a", "b"],
        "metadata": {"n": 1},
        "moderation": [],
        "status": "active",
    }


def test_derived_images_are_paged(wire: Wire):
    wire.library.assets = [asset("cat", 1), asset("dog", 2)]
    path = "resources/image/upload/cat"
    first = wire.get(f"{path}?max_results=1").json
    second = wire.get(path, query_string={"max_results": 1, "derived_next_cursor": first["next_cursor"]}).json
    told = [page["derived"][0]["transformation"] for page in (first, second)]
    assert told == ["c_scale,w_100", "c_scale,w_101"]
    assert "next_cursor" not in second
    other = wire.get("resources/image/upload/dog", query_string={"derived_next_cursor": first["next_cursor"]})
    assert other.status_code == 400


def test_what_was_found_out_is_told_to_who_asks(wire: Wire):
    facts = {"phash": "0f" * 8, "colors": [["#FFFFFF", 99.0]], "predominant": {"google": [["white", 99.0]]}}
    cat = asset("cat", 1)
    object.__setattr__(cat.current, "facts", facts)
    object.__setattr__(cat.current, "faces", ((1, 2, 3, 4),))
    wire.library.assets = [cat]
    assert "phash" not in wire.get("resources/image/upload/cat").json
    told = wire.get("resources/image/upload/cat?phash=1&colors=true&faces=1&coordinates=1&exif=1").json
    assert {name: told[name] for name in facts} == facts
    assert (told["faces"], told["coordinates"]) == ([[1, 2, 3, 4]], {"faces": [[1, 2, 3, 4]]})
    assert "exif" not in told


# deletes


@pytest.mark.parametrize(
    ("path", "body", "meant"),
    [
        ("resources/image/upload", {"prefix": "a"}, {"type": "upload", "prefix": "a", "ascending": True}),
        ("resources/image/private", {"all": True}, {"type": "private"}),
        ("resources/image/tags/red/blue", {}, {"tag": "red/blue"}),
    ],
)
def test_a_delete_of_many_goes_page_by_page(wire: Wire, path, body, meant):
    wire.library.assets = [asset(f"a{number}", number, tags=("red/blue",)) for number in range(5)]
    gone, cursor = {}, None
    for expected in (2, 2, 1):
        reply = wire.call("DELETE", path, json={**body, "next_cursor": cursor}).json
        assert len(reply["deleted"]) == expected
        assert reply["partial"] == ("next_cursor" in reply)
        gone |= reply["deleted"]
        cursor = reply.get("next_cursor")
    assert (cursor, wire.library.assets) == (None, [])
    assert gone == {f"a{number}": "deleted" for number in range(5)}
    assert {name: wire.deletion.asked[0].get(name) for name in meant} == meant
    assert wire.deletion.asked[0]["actor"] == "key:all"


def test_a_cursor_of_one_delete_is_good_for_no_other(wire: Wire):
    wire.library.assets = [asset(f"a{number}", number) for number in range(5)]
    cursor = wire.call("DELETE", "resources/image/upload", json={"prefix": "a"}).json["next_cursor"]
    for body in ({"prefix": ""}, {"prefix": "b"}, {"all": True}):
        asked = {**body, "next_cursor": cursor}
        assert wire.call("DELETE", "resources/image/upload", json=asked).status_code == 400
    far = wire.client.delete(
        "/v1_1/other/resources/image/upload",
        json={"prefix": "a", "next_cursor": cursor},
        auth=("far", SECRETS["far"]),
    )
    assert far.status_code == 400
    assert len(wire.library.assets) == 3


def test_originals_may_be_kept(wire: Wire):
    wire.library.assets = [asset("a", 1)]
    body = {"public_ids": ["a", "b"], "keep_original": True, "invalidate": True}
    reply = wire.call("DELETE", "resources/image/upload", json=body).json
    assert reply == {
        "deleted": {"a": "deleted", "b": "not_found"},
        "deleted_counts": {"a": {"original": 0, "derived": 3}},
        "partial": False,
    }
    body = {"public_ids": ["a"], "transformations": "w_100,c_scale/jpg|e_sepia/|h_5/"}
    wire.call("DELETE", "resources/image/upload", json=body)
    assert [each["wish"] for each in wire.deletion.asked] == [
        Wish(keep_original=True, renewed=True),
        Wish(transformations=(("c_scale,w_100", "jpg"), ("e_sepia", None), ("c_scale,h_5", None))),
    ]
    assert wire.library.assets


def test_assets_go_by_id(wire: Wire):
    wire.library.assets = [asset("a", 1)]
    reply = wire.call("DELETE", "resources", data={"asset_ids[]": [f"{1:032x}", f"{2:032x}"]}).json
    assert reply["deleted"] == {f"{1:032x}": "deleted", f"{2:032x}": "not_found"}
    assert list(reply["deleted_counts"]) == [f"{1:032x}"]
    assert wire.call("DELETE", "resources").status_code == 400


def test_derived_images_go_by_id(wire: Wire):
    ids = [f"{10:032x}", f"{12:032x}", "f" * 32, "10", "x"]
    reply = wire.call("DELETE", "derived_resources", query_string={"derived_resource_ids[]": ids}).json
    assert reply == {"deleted": {each: "deleted" if each == ids[0] else "not_found" for each in ids}}
    assert wire.call("DELETE", "derived_resources").status_code == 400
