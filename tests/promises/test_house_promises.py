"""What the whole house promises, through its own wire, on SQLite and folders and on PostgreSQL and S3."""

import os
import threading
from pathlib import Path

import pytest

from rekproxy.errors import ProviderError
from rekproxy.interfaces import Imager
from tests.conftest import NUDE, encode, photograph, settings_for
from tests.promises.houses import House, folder_place

SMALL = "w_60/cat.jpg"
THROTTLED = ProviderError("slow down", code="ThrottlingException", retryable=True)


def size_of(house: House, name: str) -> str:
    """`width=…,height=…` of what the public gets."""
    return house.get(name).headers["Server-Timing"].partition('desc="')[2].partition(",bytes")[0]


# --- verdicts ----------------------------------------------------------------------------------------


def test_an_approved_upload_is_served(house: House, cat: bytes) -> None:
    assert house.upload(cat) == "approved"
    assert house.tier(SMALL) == "original"
    assert house.tier(SMALL) == "memory"
    assert house.seen("cat", "cat.jpg", "cat.png", SMALL, "dog.jpg") == [200, 200, 200, 200, 404]
    assert house.audit("cat") == [
        ("key:123456789012345", "uploaded", None, "pending"),
        ("detector:told", "judged", "pending", "approved"),
    ]


def test_a_rejected_upload_is_like_one_that_never_was(house: House, cat: bytes) -> None:
    house.detector.labels = NUDE
    assert house.upload(cat) == "rejected"
    unknown, rejected = house.get("dog.jpg"), house.get("cat.jpg")
    assert (rejected.status_code, rejected.data) == (unknown.status_code, unknown.data) == (404, b"")
    assert {*rejected.headers.keys()} == {*unknown.headers.keys()}
    assert house.audit("cat")[-1] == ("detector:told", "judged", "pending", "rejected")
    page = house.call("GET", "/resources/image/moderations/aws_rek/rejected").json
    assert [item["public_id"] for item in page["resources"]] == ["cat"]


@pytest.mark.parametrize("retryable", [True, False])
def test_a_provider_that_fails_leaves_it_to_a_job(house: House, cat: bytes, retryable: bool) -> None:
    house.detector.failure = ProviderError("no", code="Some", retryable=retryable)
    assert house.upload(cat) == "pending"
    house.work()
    assert house.seen("cat.jpg", SMALL) == [404, 404]
    assert house.jobs() == {("moderate", "waiting"): 1}
    house.detector.failure = None
    house.work()
    assert house.seen("cat.jpg", SMALL) == [200, 200]
    assert house.jobs() == {}
    assert house.audit("cat")[-1][1:] == ("judged", "pending", "approved")


def test_nothing_is_served_before_it_is_judged(house: House, cat: bytes) -> None:
    house.detector.gate.clear()
    uploading = threading.Thread(target=house.upload, args=(cat,))
    uploading.start()
    while house.detector.calls == 0:
        assert house.seen("cat.jpg", SMALL) == [404, 404]
    assert house.standing("cat") == "pending"
    assert house.seen("cat.jpg", SMALL) == [404, 404]
    house.detector.gate.set()
    uploading.join()
    assert house.seen("cat.jpg", SMALL) == [200, 200]


def test_a_person_decides_both_ways_and_no_cache_disagrees(house: House, cat: bytes) -> None:
    house.upload(cat)
    for before, after, expected in (
        ("approved", "rejected", 404),
        ("rejected", "approved", 200),
        ("approved", "pending", 404),
        ("pending", "approved", 200),
    ):
        house.decide("cat", after)
        assert house.seen("cat.jpg", SMALL, "cat.jpg", SMALL) == [expected] * 4
        assert house.audit("cat")[-1] == ("key:123456789012345", "overridden", before, after)
    assert house.get("cat.jpg", **{"If-None-Match": "*"}).status_code == 304
    etag = house.get("cat.jpg").headers["ETag"]
    house.decide("cat", "rejected")
    for condition in ({"If-None-Match": etag}, {"If-None-Match": "*"}, {"Range": "bytes=0-9"}):
        assert house.get("cat.jpg", **condition).status_code == 404


def test_a_decision_sticks_to_what_was_decided(house: House, cat: bytes) -> None:
    house.upload(cat)
    house.decide("cat", "rejected")
    assert house.upload(cat, "same pixels") == "rejected"
    assert house.upload(cat, "cat") == "rejected"
    assert house.upload(cat, "theirs", cloud="studio") == "approved"


def test_an_overlay_that_is_taken_down_takes_its_pictures_along(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat, "cat")
    house.upload(cup, "logos/cup")
    covered = ["l_logos:cup,w_30/cat.jpg", "w_90/l_logos:cup,w_30/cat.jpg"]
    assert house.seen(*covered, "cat.jpg") == [200, 200, 200]
    house.decide("logos/cup", "rejected")
    assert house.seen(*covered, "cat.jpg", SMALL) == [404, 404, 200, 200]
    house.decide("logos/cup", "approved")
    assert house.seen(*covered) == [200, 200]
    house.call("DELETE", "/resources/image/upload?public_ids[]=logos/cup")
    assert house.seen(*covered, "cat.jpg") == [404, 404, 200]


# --- bytes -------------------------------------------------------------------------------------------


def test_what_is_destroyed_is_gone_and_its_name_free(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat)
    assert house.seen("cat.jpg", SMALL) == [200, 200]
    assert house.call("POST", "/image/destroy", data={"public_id": "cat"}).json == {"result": "ok"}
    assert house.seen("cat.jpg", SMALL) == [404, 404]
    assert house.call("GET", "/resources/image/upload/cat").status_code == 404
    house.work()
    assert house.stored() == set()
    house.upload(cup)
    assert size_of(house, "cat.jpg") == "width=120,height=160"


def test_an_overwrite_shows_the_new_bytes_only(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat)
    old = {name: house.get(name).data for name in ("cat.jpg", SMALL)}
    house.upload(cup)
    assert size_of(house, "cat.jpg") == "width=120,height=160"
    assert size_of(house, SMALL) == "width=60,height=80"
    for name, data in old.items():
        assert house.get(name).data != data
    house.detector.labels = NUDE
    assert house.upload(encode(photograph("rocket").resize((200, 150)))) == "rejected"
    assert house.seen("cat.jpg", SMALL) == [404, 404]


@pytest.mark.parametrize(
    ("asked", "purged"),
    [
        ({"public_ids[]": "pets/cat"}, {"pets/cat"}),
        ({"prefix": "pets/"}, {"pets/cat", "pets/cup"}),
        ({"tag": "a tag"}, {"pets/cup", "other"}),
        ({"all": "true"}, {"pets/cat", "pets/cup", "other"}),
    ],
)
def test_a_purge_makes_anew_what_it_names_and_nothing_else(
    house: House, cat: bytes, cup: bytes, asked: dict[str, str], purged: set[str]
) -> None:
    names = {"pets/cat": cat, "pets/cup": cup, "other": cat}
    for public_id, data in names.items():
        house.upload(data, public_id, tags="" if public_id == "pets/cat" else "a tag")
        assert house.tier(f"w_60/{public_id}.jpg") == "original"
    house.upload(cat, "pets/cat", cloud="studio")
    assert house.seen("w_60/pets/cat.jpg", cloud="studio") == [200]
    before = house.stored()
    reply = house.purge(**asked)
    assert {*reply["public_ids"]} == purged
    assert {tier["state"] for tier in reply["tiers"]} == {"confirmed"}
    assert len(before - house.stored()) == len(purged)
    for public_id in names:
        tier = house.tier(f"w_60/{public_id}.jpg")
        assert tier == ("original" if public_id in purged else "memory")
    assert house.call("POST", "/cache/purge", data={}).status_code == 400


def test_a_purge_brings_nothing_back(house: House, cat: bytes) -> None:
    house.upload(cat)
    house.decide("cat", "rejected")
    house.purge(all="true")
    house.work()
    assert house.seen("cat.jpg", SMALL) == [404, 404]


# --- clouds ------------------------------------------------------------------------------------------


def test_clouds_never_mix(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat)
    house.upload(cup, cloud="studio")
    sizes = [house.get(SMALL, cloud=cloud).headers["Server-Timing"] for cloud in ("demo", "studio")]
    assert ["height=45" in sizes[0], "height=80" in sizes[1]] == [True, True]
    house.decide("cat", "rejected")
    assert (house.seen(SMALL), house.seen(SMALL, cloud="studio")) == ([404], [200])
    house.upload(cup, "only here", cloud="studio")
    assert house.seen("only here.jpg", "l_only here/cat.jpg") == [404, 404]
    house.purge(all="true")
    assert house.get(SMALL, cloud="studio").headers["Server-Timing"].startswith("rekproxy;desc=memory")
    assert house.seen("cat.jpg", cloud="nowhere") == [404]


CALLS: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("POST", "/image/upload", {"public_id": "x"}),
    ("POST", "/image/destroy", {"public_id": "cat"}),
    ("GET", "/resources/image", None),
    ("GET", "/resources/image/upload/cat", None),
    ("POST", "/resources/image/upload/cat", {"moderation_status": "rejected"}),
    ("DELETE", "/resources/image/upload?public_ids[]=cat", None),
    ("POST", "/cache/purge", {"all": "true"}),
)


def test_a_key_opens_one_cloud(house: House, cat: bytes) -> None:
    house.upload(cat)
    before = house.audit("cat")
    for method, path, form in CALLS:
        refused = house.call(method, path, cloud="demo", key="studio", data=form)
        nowhere = house.call(method, path, cloud="nowhere", key="studio", data=form)
        assert refused.status_code == 401, path
        assert (refused.status_code, refused.json) == (nowhere.status_code, nowhere.json)
    assert house.audit("cat") == before


def test_a_cursor_opens_one_cloud(house: House, cat: bytes) -> None:
    for cloud in ("demo", "studio"):
        for name in "ab":
            house.upload(cat, name, cloud=cloud)
    cursor = house.call("GET", "/resources/image?max_results=1").json["next_cursor"]
    path = f"/resources/image?max_results=1&next_cursor={cursor}"
    assert [item["public_id"] for item in house.call("GET", path).json["resources"]] == ["a"]
    assert house.call("GET", path, cloud="studio").status_code == 400


# --- import in place ---------------------------------------------------------------------------------


def states(house: House, **asked: object) -> dict[str, str]:
    return {each.name: f"{each.state} {each.status}".strip() for each in house.bring_in(**asked)}


def test_what_is_imported_is_served_where_it_lies(house: House, cat: bytes, cup: bytes) -> None:
    house.place.put("cat.jpg", cat)
    assert house.seen("cat.jpg") == [404]
    house.place.put("text.jpg", b"no picture at all")
    assert states(house) == {"cat.jpg": "registered approved", "text.jpg": "refused"}
    assert house.seen("cat.jpg", SMALL) == [200, 200]
    assert [*house.application.originals.storage.list("originals/")] == []
    house.place.put("dog.jpg", cup)
    assert states(house) == {"cat.jpg": "known", "dog.jpg": "registered approved", "text.jpg": "refused"}
    assert house.audit("cat")[0] == ("import", "imported", None, "pending")


def test_an_import_that_is_rejected_or_in_doubt_is_not_served(house: House, cat: bytes, cup: bytes) -> None:
    house.place.put("cat.jpg", cat)
    house.detector.labels = NUDE
    assert states(house) == {"cat.jpg": "registered rejected"}
    house.place.put("dog.jpg", cup)
    house.detector.failure = THROTTLED
    assert states(house, prefix="later/") == {"cat.jpg": "known", "dog.jpg": "registered pending"}
    assert house.seen("cat.jpg", "later/dog.jpg") == [404, 404]
    house.detector.failure, house.detector.labels = None, ()
    house.work()
    assert house.seen("cat.jpg", "later/dog.jpg") == [404, 200]


def test_a_changed_file_is_not_served_until_it_is_judged_anew(house: House, cat: bytes, cup: bytes) -> None:
    house.place.put("cat.jpg", cat)
    house.bring_in()
    assert house.seen("cat.jpg") == [200]
    house.place.put("cat.jpg", cup)
    assert house.seen("w_50/cat.jpg", "w_50/cat.jpg") == [404, 404]
    assert house.jobs()["reimport", "waiting"] == 1
    house.detector.labels = NUDE
    house.work()
    assert house.standing("cat") == "rejected"
    assert house.seen("w_50/cat.jpg", "cat.jpg") == [404, 404]
    house.decide("cat", "approved")
    assert size_of(house, "cat.jpg") == "width=120,height=160"


def test_a_changed_file_is_judged_by_what_it_was_imported_with(house: House, cat: bytes, cup: bytes) -> None:
    house.place.put("cat.jpg", cat)
    assert states(house, moderation="aws_rek|manual") == {"cat.jpg": "registered pending"}
    house.decide("cat", "approved")
    assert house.seen("cat.jpg") == [200]
    house.place.put("cat.jpg", cup)
    assert house.seen("w_50/cat.jpg") == [404]
    house.work()
    assert house.standing("cat") == "pending"
    assert house.seen("w_50/cat.jpg", "cat.jpg") == [404, 404]
    assert states(house, moderation="aws_rek|manual") == {"cat.jpg": "known"}


def test_a_file_that_is_gone_is_gone(house: House, cat: bytes) -> None:
    house.place.put("cat.jpg", cat)
    house.bring_in()
    house.place.remove("cat.jpg")
    assert house.seen("w_50/cat.jpg") == [404]
    house.work()
    assert house.standing("cat") == "approved"
    house.place.put("cat.jpg", cat)
    house.work()
    assert house.seen("w_50/cat.jpg") == [200]
    assert house.jobs() == {}


def test_a_changed_overlay_is_judged_anew_and_its_base_is_not(house: House, cat: bytes, cup: bytes) -> None:
    house.place.put("cat.jpg", cat)
    house.place.put("logo.jpg", cup)
    house.bring_in()
    before = house.audit("cat")
    house.place.put("logo.jpg", cat)
    assert house.seen("l_logo,w_30/cat.jpg") == [404]
    house.work()
    assert house.seen("l_logo,w_30/cat.jpg", "cat.jpg") == [200, 200]
    assert house.audit("cat") == before
    assert [line[1] for line in house.audit("logo")] == ["imported", "judged"] * 2


def test_bytes_that_changed_behind_an_unchanged_date_are_not_served(
    tmp_path: Path, imager: Imager, sqlite_url: str, cat: bytes
) -> None:
    house = House(settings_for(tmp_path, database_url=sqlite_url), imager, folder_place(tmp_path / "archive"))
    file = tmp_path / "archive" / "cat.jpg"
    file.write_bytes(cat)
    house.bring_in()
    status = file.stat()
    file.write_bytes(cat[:-1] + b"x")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert house.seen("cat.jpg", SMALL) == [404, 404]
    house.stop()


# --- restarts ----------------------------------------------------------------------------------------


def test_a_new_start_finds_everything_as_it_was(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat)
    house.upload(cup, "rejected")
    house.decide("rejected", "rejected")
    house.detector.failure = THROTTLED
    house.upload(encode(photograph("rocket").resize((200, 150))), "pending")
    house.place.put("pinned.jpg", cup)
    house.detector.failure = None
    house.bring_in()
    house.decide("pinned", "approved")
    names = ["cat.jpg", SMALL, "pinned.jpg", "rejected.jpg", "pending.jpg"]
    answers = [house.get(name).data for name in names]
    log = house.audit("rejected")
    house.stop()
    house.start()
    assert house.tier(SMALL) == "derived"
    assert [house.get(name).data for name in names] == answers
    assert house.seen(*names) == [200, 200, 200, 404, 404]
    assert house.audit("rejected") == log
    assert {each.name: each.state for each in house.bring_in()} == {"pinned.jpg": "known"}
    house.work()
    assert house.seen("pending.jpg", "rejected.jpg") == [200, 404]


def test_a_restored_catalog_finds_nothing_cached(house: House, cat: bytes) -> None:
    house.upload(cat)
    assert [house.tier(SMALL), house.tier(SMALL)] == ["original", "memory"]
    house.application.catalog.new_epoch(actor="doctor")
    assert house.tier(SMALL) == "original"
    assert house.tier(SMALL) == "memory"
