"""Hide, hold, erase: what the public, the stores and the catalog show of it, on every house."""

import hashlib
import io
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from rekproxy.domain.cachekeys import original_key, surrogate_key
from rekproxy.errors import StorageUnavailableError
from rekproxy.interfaces import Imager
from rekproxy.services.custody import Retention
from tests.conftest import NUDE, encode, photograph
from tests.promises.houses import House

SMALL = "w_60/cat.jpg"
#: The dog with the cat on it.
UNDER = "l_cat,w_20/dog.jpg"


def asset_id(house: House, public_id: str = "cat") -> str:
    asset = house.application.catalog.asset("demo", "upload", public_id)
    assert asset
    return asset.asset_id


def ask(house: House, method: str, what: str, status: int = 200, name: str = "cat", **form: str) -> Any:
    reply = house.call(method, f"/resources/{asset_id(house, name)}/{what}", data=form)
    assert reply.status_code == status, reply.text
    return reply.json


def show_everywhere(house: House, cat: bytes, cup: bytes) -> None:
    """The cat as it is, derived, over the dog, each also from memory."""
    house.upload(cat)
    house.upload(cup, "dog")
    assert house.seen(SMALL, UNDER, "cat", SMALL, UNDER, "cat") == [200] * 6
    house.note()


def rows_of(house: House, table: str) -> int:
    engine = create_engine(house.settings.database_url)
    with engine.connect() as connection:
        count = connection.scalar(text(f"SELECT count(*) FROM {table}"))
    engine.dispose()
    return count or 0


def original_of(house: House, data: bytes) -> bool:
    return house.application.originals.storage.exists(original_key(hashlib.sha256(data).hexdigest()))


# --- restrict ----------------------------------------------------------------------------------------


def test_a_restriction_hides_at_once_everywhere_and_lifting_shows_again(
    house: House, cat: bytes, cup: bytes
) -> None:
    show_everywhere(house, cat, cup)
    told = ask(house, "POST", "restrict", reason="privacy", note="A call.")
    assert (told["standing"], told["restricted_to"]) == ("restricted", "admin")
    assert house.seen(SMALL, UNDER, "cat", "dog") == [404, 404, 404, 200]
    assert ask(house, "DELETE", "restrict")["standing"] == "approved"
    assert house.seen(SMALL, UNDER, "cat") == [200, 200, 200]
    assert house.audit("cat")[-2:] == [
        ("key:123456789012345", "restricted", "approved", "restricted"),
        ("key:123456789012345", "unrestricted", "restricted", "approved"),
    ]


def test_neither_a_decision_nor_other_bytes_lift_a_restriction(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat)
    ask(house, "POST", "restrict")
    house.decide("cat", "rejected")
    house.decide("cat", "approved")
    house.upload(cup, "cat")
    assert house.seen("cat", SMALL) == [404, 404]
    assert ask(house, "DELETE", "restrict")["standing"] == "approved"
    assert house.seen("cat") == [200]


def test_a_restriction_outlives_deleting_and_restoring(house: House, cat: bytes) -> None:
    house.upload(cat, backup="true")
    catalog = house.application.catalog
    id = asset_id(house)
    ask(house, "POST", "restrict")
    assert catalog.destroy("demo", id, actor="key:1")
    assert catalog.restore("demo", id, actor="key:1")
    assert house.seen("cat") == [404]
    assert ask(house, "POST", "restrict", role="moderator")["restricted_to"] == "moderator"


def test_only_a_known_role_and_a_known_reason_are_taken(house: House, cat: bytes) -> None:
    house.upload(cat)
    assert (
        "must be one of moderator, admin"
        in ask(house, "POST", "restrict", 400, role="upload")["error"]["message"]
    )
    assert "Unknown reason nudty" in ask(house, "POST", "restrict", 400, reason="nudty")["error"]["message"]
    assert house.call("POST", "/resources/none/restrict").status_code == 404
    assert house.call("POST", f"/resources/{asset_id(house)}/restrict", cloud="studio").status_code == 404
    assert house.seen("cat") == [200]


# --- hold --------------------------------------------------------------------------------------------


def test_nothing_that_is_held_is_erased(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat)
    ask(house, "POST", "legal_hold", 400)
    assert ask(house, "POST", "legal_hold", reason="Case 12")["legal_hold"] == "Case 12"
    assert "Case 12" in ask(house, "POST", "erase", 409)["error"]["message"]
    house.upload(cup, "cat")
    house.work()
    assert original_of(house, cat)
    assert house.application.catalog.destroy("demo", asset_id(house), actor="key:1")
    house.work()
    assert (house.seen("cat"), original_of(house, cat), original_of(house, cup)) == ([404], True, True)
    assert ask(house, "DELETE", "legal_hold")["legal_hold"] is None
    assert ask(house, "POST", "erase")["versions"] == 2
    assert (original_of(house, cat), original_of(house, cup)) == (False, False)


# --- erase -------------------------------------------------------------------------------------------


def test_an_erased_picture_is_gone_from_every_store_and_its_name_is_free(
    house: House, cat: bytes, cup: bytes
) -> None:
    show_everywhere(house, cat, cup)
    house.work()
    id = asset_id(house)
    told = ask(house, "POST", "erase", reason="privacy", note="Asked for.")
    digest = hashlib.sha256(cat).hexdigest()
    assert (told["result"], told["versions"], told["digests"], told["shared"]) == ("erased", 1, [digest], [])
    assert [(store["store"], store["state"]) for store in told["stores"]] == [
        ("memory", "confirmed"),
        ("originals", "confirmed"),
        ("derived", "confirmed"),
    ]
    assert house.seen(SMALL, UNDER, "cat", "dog") == [404, 404, 404, 200]
    assert not original_of(house, cat)
    assert house.stored(f"derived/{id}/") == set()
    assert house.stored("derived/") == house.stored(f"derived/{asset_id(house, 'dog')}/")
    assert [rows_of(house, table) for table in ("assets", "asset_versions", "derived_deps")] == [1, 1, 0]
    line = house.application.catalog.audit("demo", id)[-1]
    assert (line.action, line.before, line.after) == ("erased", "approved", None)
    assert line.detail == {
        "digests": [digest],
        "versions": 1,
        "name": surrogate_key("demo", "upload", "cat"),
        "reason": "privacy",
        "note": "Asked for.",
    }
    assert "cat" not in str([audit.detail for audit in house.application.catalog.audit("demo", id)])
    house.work()
    assert house.upload(cat) == "approved"
    assert house.seen("cat", UNDER) == [200, 200]


def test_renditions_and_older_versions_go_too(house: House, cup: bytes) -> None:
    large = encode(photograph("chelsea").resize((1000, 800)), quality=70)
    house.upload(large, backup="true")
    house.upload(cup, "cat", backup="true")
    assert house.stored("renditions/")
    assert ask(house, "POST", "erase")["versions"] == 2
    assert house.stored("renditions/") == set()
    assert (original_of(house, large), original_of(house, cup)) == (False, False)


def test_bytes_that_another_picture_has_stay_for_it(house: House, cat: bytes) -> None:
    house.upload(cat)
    house.upload(cat, "twin")
    told = ask(house, "POST", "erase")
    assert told["shared"] == [hashlib.sha256(cat).hexdigest()]
    house.work()
    assert house.seen("cat", "twin") == [404, 200]
    assert ask(house, "POST", "erase", name="twin")["shared"] == []
    assert not original_of(house, cat)


def test_bytes_that_an_upload_waits_with_stay_for_it(house: House, cat: bytes) -> None:
    house.upload(cat)
    body = {"public_id": "twin", "async": "true", "file": (io.BytesIO(cat), "cat.jpg")}
    assert house.call("POST", "/image/upload", data=body).json["status"] == "pending"
    assert ask(house, "POST", "erase")["shared"] == [hashlib.sha256(cat).hexdigest()]
    house.work()
    assert house.seen("cat", "twin") == [404, 200]


def test_what_a_person_rejected_stays_rejected_after_it_was_erased(house: House, cat: bytes) -> None:
    house.upload(cat)
    house.decide("cat", "rejected")
    ask(house, "POST", "erase")
    assert house.upload(cat, "again") == "rejected"


def test_a_store_that_does_not_answer_is_left_to_a_job(
    house: House, cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.upload(cat)
    storage = house.application.originals.storage

    def fail(key: str) -> None:
        raise StorageUnavailableError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(type(storage), "delete", lambda self, key: fail(key))
        told = ask(house, "POST", "erase")
    assert {store["store"]: store["state"] for store in told["stores"]}["originals"] == "queued"
    assert house.seen("cat") == [404]
    assert original_of(house, cat)
    house.work()
    assert not original_of(house, cat)


def test_an_erasure_that_was_cut_off_is_finished_by_a_job(house: House, cat: bytes, cup: bytes) -> None:
    show_everywhere(house, cat, cup)
    house.application.catalog.erase("demo", asset_id(house), actor="key:1")
    assert house.seen(SMALL, UNDER, "cat") == [404, 404, 404]
    assert original_of(house, cat)
    house.stop()
    house.start()
    house.work()
    assert not original_of(house, cat)
    assert house.stored("derived/") == set()
    assert house.seen("dog") == [200]


def test_an_upload_of_the_same_bytes_that_was_under_way_is_refused_and_works_again(
    house: House, cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.upload(cat)
    id = asset_id(house)
    keep = type(house.application.originals).keep

    def erased_meanwhile(self: Any, digest: str, data: bytes) -> None:
        keep(self, digest, data)
        house.application.custody.erase("demo", id, actor="key:1")

    body = {"public_id": "twin", "file": (io.BytesIO(cat), "cat.jpg")}
    with monkeypatch.context() as patched:
        patched.setattr(type(house.application.originals), "keep", erased_meanwhile)
        reply = house.call("POST", "/image/upload", data=body)
    assert (reply.status_code, house.seen("twin")) == (503, [404])
    assert house.upload(cat, "twin") == "approved"
    house.work()
    assert house.seen("twin", "w_61/twin.jpg") == [200, 200]


def test_a_picture_that_shows_an_erased_one_is_not_kept(
    house: House, imager: Imager, cat: bytes, cup: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was being made while the other was erased."""
    house.upload(cat)
    house.upload(cup, "dog")
    id = asset_id(house)
    render = type(imager).render

    def erased_meanwhile(self: Any, job: Any) -> Any:
        rendered = render(self, job)
        house.application.custody.erase("demo", id, actor="key:1")
        return rendered

    with monkeypatch.context() as patched:
        patched.setattr(type(imager), "render", erased_meanwhile)
        assert house.seen(UNDER) == [404]
    assert house.stored("derived/") == set()


# --- retention ---------------------------------------------------------------------------------------


def test_rejected_originals_are_erased_when_their_time_has_come(house: House, cat: bytes, cup: bytes) -> None:
    house.detector.labels = NUDE
    for name, data in (("cat", cat), ("dog", cup)):
        assert house.upload(data, name) == "rejected"
    ask(house, "POST", "legal_hold", name="dog", reason="Case 12")
    catalog = house.application.catalog
    Retention(catalog, 30).run()
    assert house.audit("cat")[-1][1] == "judged"
    assert catalog.retire(catalog.clock() + 1, 100, actor="retention") == 1
    assert catalog.retire(catalog.clock() + 1, 100, actor="retention") == 0
    asset = catalog.asset("demo", "upload", "cat")
    assert asset
    assert asset.current.erased_at is not None
    assert house.audit("cat")[-1][:2] == ("retention", "erased")
    assert house.audit("dog")[-1][1] == "held"


# --- the audit, through the wire -----------------------------------------------------------------------


def test_the_audit_is_paged_and_filtered_for_admins(house: House, cat: bytes, cup: bytes) -> None:
    house.upload(cat)
    house.upload(cup, "dog")
    house.decide("cat", "rejected")
    first = house.call("GET", "/audit?max_results=2").json
    assert first["audit"][0]["action"] == "overridden"
    second = house.call("GET", f"/audit?max_results=2&next_cursor={first['next_cursor']}").json
    seen = [line["id"] for line in (*first["audit"], *second["audit"])]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 4
    mine = house.call("GET", f"/audit?asset_id={asset_id(house)}&direction=asc").json["audit"]
    assert [line["action"] for line in mine] == ["uploaded", "judged", "overridden"]
    assert house.call("GET", f"/audit?next_cursor={first['next_cursor']}").status_code == 200
    assert house.call("GET", f"/audit?direction=asc&next_cursor={first['next_cursor']}").status_code == 400
    assert house.call("GET", "/audit?direction=up").status_code == 400
    assert house.call("GET", "/audit", cloud="studio").json["audit"] == []
