"""Versions as the whole house shows them: kept, restored, erased, downloaded, and a look for the owner."""

import hashlib
import io
import re
import time
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import create_engine, text

from rekproxy.domain.cachekeys import original_key
from rekproxy.domain.signature import sign_parameters
from tests.conftest import NUDE, encode, photograph
from tests.promises.houses import KEYS, House

SMALL = "w_60/cat.jpg"


def record(house: House, **asked: str) -> Any:
    return house.call("GET", "/resources/image/upload/cat", query_string=asked).json


def versions(house: House) -> list[dict[str, Any]]:
    """Newest first."""
    return record(house, versions="true")["versions"]


def restore(house: House, **asked: Any) -> Any:
    reply = house.call("POST", "/resources/image/upload/restore", json={"public_ids": ["cat"], **asked})
    assert reply.status_code == 200, reply.text
    return reply.json["cat"]


def delete(house: House) -> Any:
    return house.call("DELETE", "/resources/image/upload", json={"public_ids": ["cat"]}).json


def keeps(house: House, data: bytes) -> bool:
    """Whether the bytes lie in the storage of originals."""
    return house.application.originals.storage.exists(original_key(hashlib.sha256(data).hexdigest()))


def age_blobs(house: House) -> None:
    engine = create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE blobs SET touched_at = touched_at - 90000000"))
    engine.dispose()


def download(house: House, key: str = "demo", **asked: str) -> Any:
    name, secret = KEYS[key]
    asked = {"timestamp": str(int(time.time())), **asked}
    query = {**asked, "api_key": name, "signature": sign_parameters(asked, secret)}
    return house.client.get("/v1_1/demo/download_backup", query_string=query, buffered=True)


# --- deleted and restored ----------------------------------------------------------------------------


def test_what_is_deleted_with_a_backup_is_gone_for_the_public_and_comes_back(
    house: House, cat: bytes
) -> None:
    house.upload(cat, backup="true")
    before = record(house)
    assert house.seen("cat.jpg", SMALL) == [200, 200]
    assert before["backup"] is True
    house.note()
    assert delete(house) == {
        "deleted": {"cat": "deleted"},
        "deleted_counts": {"cat": {"original": 1, "derived": 2}},
        "partial": False,
    }
    unknown, gone = house.get("dog.jpg"), house.get("cat.jpg")
    assert (gone.status_code, {*gone.headers.keys()}) == (404, {*unknown.headers.keys()})
    assert house.seen(SMALL, "cat.jpg") == [404, 404]
    hidden = record(house)
    told = {name: hidden.get(name) for name in ("bytes", "placeholder", "backup", "standing")}
    assert told == {"bytes": 0, "placeholder": True, "backup": True, "standing": "deleted"}
    assert delete(house)["deleted"] == {"cat": "not_found"}
    form = {"public_id": "cat"}
    assert house.call("POST", "/image/destroy", data=form).json == {"result": "not found"}
    house.work()
    assert house.stored() == set()
    assert keeps(house, cat)
    back = restore(house)
    assert (back["bytes"], back["version_id"]) == (before["bytes"], before["version_id"])
    assert back["version"] > before["version"]
    assert house.seen("cat.jpg", SMALL) == [200, 200]


def test_what_never_was_cannot_be_restored(house: House, cat: bytes) -> None:
    assert restore(house) == {"error": "no_backup"}
    house.upload(cat)
    assert restore(house, versions=["0" * 32]) == {"error": "no_backup"}
    delete(house)
    assert restore(house) == {"error": "no_backup"}
    reply = house.call("POST", "/resources/restore", json={"asset_ids": ["0" * 32]})
    assert reply.json == {"0" * 32: {"error": "no_backup"}}
    house.upload(cat, "restore")
    path = "/resources/image/upload/restore"
    assert house.call("POST", path, data={"moderation_status": "rejected"}).json["public_id"] == "restore"
    wrong = house.call("POST", path, json={"public_ids": ["cat"], "versions": ["a", "b"]})
    assert wrong.status_code == 400


def test_an_older_version_comes_back_with_its_verdict(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat, backup="true")
    house.detector.labels = NUDE
    assert house.upload(cup, backup="true") == "rejected"
    now, then = versions(house)
    assert [each["status"] for each in (now, then)] == ["rejected", "approved"]
    assert [each["restorable"] for each in (now, then)] == [True, True]
    assert house.seen("cat.jpg", SMALL) == [404, 404]
    assert restore(house, versions=[then["version_id"]])["standing"] == "approved"
    assert house.get("cat.jpg").status_code == 200
    again = restore(house, versions=[now["version_id"]])
    assert (again["standing"], again["bytes"], again["backup"]) == ("rejected", 0, True)
    assert house.seen("cat.jpg", SMALL) == [404, 404]
    assert restore(house)["standing"] == "rejected"
    assert house.seen("cat.jpg", SMALL) == [404, 404]


def test_a_version_that_a_person_rejected_elsewhere_meanwhile_stays_unseen(
    house: House, cat: bytes, cup: bytes
) -> None:
    house.upload(cat, backup="true")
    house.upload(cup, backup="true")
    house.upload(cat, "elsewhere")
    house.decide("elsewhere", "rejected")
    old = versions(house)[1]["version_id"]
    assert restore(house, versions=[old])["standing"] == "rejected"
    assert house.seen("cat.jpg", SMALL) == [404, 404]


def test_what_is_overwritten_without_a_backup_is_freed_a_day_later(
    house: House, cat: bytes, cup: bytes
) -> None:
    house.upload(cat)
    house.upload(cup)
    assert [each["restorable"] for each in versions(house)] == [True, False]
    assert "backup" not in record(house)
    house.work()
    assert keeps(house, cat)
    house.upload(cat, "again")
    house.upload(cup, "again")
    age_blobs(house)
    house.work()
    assert (keeps(house, cat), keeps(house, cup)) == (False, True)
    assert house.seen("cat.jpg") == [200]


def test_an_upload_brings_a_deleted_name_back(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat, backup="true")
    first = record(house)
    delete(house)
    house.detector.labels = NUDE
    assert house.upload(cup, overwrite="false") == "rejected"
    assert record(house)["asset_id"] == first["asset_id"]
    assert house.seen("cat.jpg") == [404]
    assert restore(house, versions=[first["version_id"]])["standing"] == "approved"
    assert house.seen("cat.jpg") == [200]


def test_backups_are_erased_by_their_ids(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat, backup="true")
    house.upload(cup)
    now, then = (each["version_id"] for each in versions(house))
    path = f"/resources/backup/{record(house)['asset_id']}"
    assert house.call("DELETE", path, json={"version_ids": [now]}).status_code == 400
    assert house.call("DELETE", path, json={"version_ids": [then]}).json["deleted_version_ids"] == [then]
    assert restore(house, versions=[then]) == {"error": "no_backup"}
    asset_id = record(house)["asset_id"]
    assert download(house, asset_id=asset_id, version_id=then).status_code == 404
    age_blobs(house)
    house.work()
    assert not keeps(house, cat)


def test_bytes_of_an_upload_that_died_are_freed(house: House, cat: bytes, cup: bytes) -> None:
    catalog, originals = house.application.catalog, house.application.originals
    house.upload(cup)
    digest = hashlib.sha256(cat).hexdigest()
    catalog.want_blob("demo", digest, len(cat))
    originals.keep(digest, cat)
    house.application.sweep.blobs()
    assert keeps(house, cat)
    age_blobs(house)
    catalog.enqueue("demo", "ingest", {"digest": digest}, delay=60)
    assert not catalog.free_blob("demo", digest, lambda: None)
    house.application.sweep.blobs()
    assert keeps(house, cat)
    (job,) = catalog_jobs(house)
    catalog.finish(job)
    house.application.sweep.blobs()
    assert (keeps(house, cat), keeps(house, cup)) == (False, True)
    assert house.seen("cat.jpg") == [200]


def catalog_jobs(house: House) -> Any:
    engine = create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET run_after = 0"))
    engine.dispose()
    return house.application.catalog.claim(["ingest"], lease=60, limit=9)


# --- the restricted door -----------------------------------------------------------------------------


def test_the_original_of_any_version_is_for_moderators(house: House, cat: bytes, cup: bytes) -> None:
    house.detector.labels = NUDE
    house.upload(cat, backup="true")
    house.upload(cup)
    now, then = (each["version_id"] for each in versions(house))
    asset_id = record(house)["asset_id"]
    reply = download(house, asset_id=asset_id, version_id=then)
    assert (reply.status_code, reply.data) == (200, cat)
    assert reply.headers["Cache-Control"] == "no-store, private"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{then}.jpg"'
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (reply.headers["X-Content-Type-Options"], reply.mimetype) == ("nosniff", "image/jpeg")
    assert download(house, asset_id=asset_id).data == cup
    viewed = [line for line in record(house)["history"] if line["action"] == "viewed"]
    assert [line["version_id"] for line in viewed] == [then, now]
    assert download(house, asset_id="0" * 32).status_code == 404
    house.upload(cat, "other")
    other = house.application.catalog.asset("demo", "upload", "other")
    assert other
    stranger = download(house, asset_id=asset_id, version_id=other.current.version_id)
    assert stranger.status_code == 404
    assert download(house, key="studio", asset_id=asset_id).status_code == 401
    assert house.client.get(f"/v1_1/demo/download_backup?asset_id={asset_id}").status_code == 400


# --- a look for the owner ----------------------------------------------------------------------------


def pending(house: House, data: bytes, seconds: int = 60, **form: str) -> dict[str, Any]:
    """The reply to an upload that waits for a person, where previews are given."""
    house.stop()
    house.settings = house.settings.model_copy(update={"preview_seconds": seconds})
    house.start()
    body = {"public_id": "cat", "moderation": "aws_rek|manual", **form, "file": (io.BytesIO(data), "c.jpg")}
    reply = house.call("POST", "/image/upload", data=body)
    assert reply.status_code == 200, reply.text
    return reply.json


def look(house: House, url: str) -> Any:
    return house.client.get(url, buffered=True)


def test_the_owner_sees_a_small_picture_of_what_is_pending(house: House) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    data = encode(photograph("astronaut").resize((900, 700)), exif=exif)
    reply = pending(house, data)
    assert house.seen("cat.jpg") == [404]
    seen = look(house, reply["preview_url"])
    picture = Image.open(io.BytesIO(seen.data))
    assert (seen.status_code, seen.mimetype, max(picture.size)) == (200, "image/jpeg", 640)
    assert (dict(picture.getexif()), b"where I live" in seen.data) == ({}, False)
    assert seen.headers["Cache-Control"] == "no-store, private"
    assert ("preview", "previewed", None, None) in house.audit("cat")


@pytest.mark.parametrize("status", ["rejected", "approved", "pending again", "deleted", "overwritten"])
def test_a_look_is_over_with_any_decision(house: House, cat: bytes, cup: bytes, status: str) -> None:
    url = pending(house, cat, backup="true")["preview_url"]
    assert look(house, url).status_code == 200
    if status == "deleted":
        delete(house)
    elif status == "overwritten":
        house.upload(cup, moderation="manual")
    else:
        for word in {"pending again": ("rejected", "pending")}.get(status, (status,)):
            house.decide("cat", word)
    never = look(house, re.sub("preview/[0-9a-f]+", "preview/" + "0" * 32, url))
    over = look(house, url)
    assert (over.status_code, over.data) == (never.status_code, never.data)
    assert over.status_code == 404


def test_a_link_is_for_one_version_and_one_hour(house: House, cat: bytes) -> None:
    reply = pending(house, cat, seconds=1)
    url = reply["preview_url"]
    later = str(int(re.search(r"expires=(\d+)", url)[1]) + 3600)  # type: ignore[index]
    for forged in (
        re.sub(r"expires=\d+", f"expires={later}", url),
        url.replace("/demo/", "/studio/"),
        url.replace("/demo/", "/nowhere/"),
        re.sub(r"signature=....", "signature=0000", url),
        url.partition("&signature")[0],
        url + "&expires=1",
    ):
        assert look(house, forged).status_code == 404, forged
    clock = house.application.preview.clock
    object.__setattr__(house.application.preview, "clock", lambda: clock() + 2)
    assert look(house, url).status_code == 404


def test_no_look_is_given_unless_it_is_asked_for(house: House, cat: bytes, cup: bytes) -> None:
    assert "preview_url" not in pending(house, cat, seconds=0)
    assert "preview_url" in pending(house, cat)
    assert "preview_url" not in pending(house, cup, overwrite="false")
    assert "preview_url" not in pending(house, cup, moderation="aws_rek")
