"""The library: what is found, what is destroyed, and what a purge frees and says of it."""

import pytest

from rekproxy.domain.asset import EntryStatus, Status
from rekproxy.domain.url import parse_delivery_path
from rekproxy.errors import NotFoundError, StorageUnavailableError
from rekproxy.services.deliver import Asked
from rekproxy.services.library import Library
from tests.conftest import upload


def open_small(house, public_id: str) -> str:
    """Have a derived image made, or found; gives its tier."""
    path = parse_delivery_path(f"/demo/image/upload/w_50/{public_id}.jpg")
    tier = house.deliver.open_public(Asked(path, "demo")).picture.tier
    house.notes.flush()
    return tier


def derived_files(house) -> int:
    return sum(1 for _ in house.derived.list("derived/"))


def tiers(purged) -> dict[str, str]:
    return {tier["tier"]: tier["state"] for tier in purged.tiers}


def test_one_asset_is_found_by_name_and_by_id(house, jpeg):
    asset = upload(house, jpeg, type="private")
    assert house.library.get("demo", "private", "cat") == house.library.get_by_id("demo", asset.asset_id)
    for look in (
        lambda: house.library.get("demo", "upload", "cat"),
        lambda: house.library.get("other", "private", "cat"),
        lambda: house.library.get_by_id("other", asset.asset_id),
    ):
        with pytest.raises(NotFoundError, match="Resource not found - "):
            look()


def test_pages_lead_through_everything_once(house, jpeg):
    for name in "abcde":
        upload(house, jpeg, name, moderation="manual")
    for turn in (
        lambda after: house.library.find("demo", after=after, limit=2),
        lambda after: house.library.moderated("demo", "manual", EntryStatus.PENDING, after=after, limit=2),
    ):
        seen, after = [], None
        while True:
            page = turn(after)
            seen.append([asset.public_id for asset in page.assets])
            after = page.after
            if after is None:
                break
        assert seen == [["e", "d"], ["c", "b"], ["a"]]


def test_derived_images_are_those_of_the_current_revision(house, jpeg):
    asset = upload(house, jpeg)
    open_small(house, "cat")
    (derived,) = house.library.derived("demo", asset)
    assert (derived["transformation"], derived["format"]) == ("c_scale,w_50", "jpg")
    house.library.purge("demo", actor="key:1")
    assert house.library.derived("demo", asset) == ()


def test_what_is_destroyed_is_destroyed_once(house, jpeg):
    upload(house, jpeg)
    assert not house.library.destroy("other", "upload", "cat", actor="key:1")
    assert not house.library.destroy("demo", "private", "cat", actor="key:1")
    open_small(house, "cat")
    gone, again = (house.library.destroy("demo", "upload", "cat", actor="key:1") for _ in range(2))
    assert (gone.asset.public_id, gone.derived, again) == ("cat", 1, None)


def test_a_purge_frees_what_it_names_and_says_how_much(house, jpeg):
    for name in ("a", "b"):
        upload(house, jpeg, name)
        open_small(house, name)
    size = next(stored.size for stored in house.derived.list("derived/"))
    purged = house.library.purge("demo", public_ids=["a", "none"], actor="key:1")
    assert (purged.count, purged.public_ids) == (1, ("a",))
    assert purged.tiers[1] == {"tier": "derived", "state": "confirmed", "files": 1, "bytes": size}
    assert derived_files(house) == 1
    assert (open_small(house, "a"), open_small(house, "b")) == ("original", "memory")


def test_a_purge_keeps_what_was_made_after_it(house, jpeg, monkeypatch):
    """Between the new revision and the freeing, somebody asks: what is made then is of the new revision."""
    upload(house, jpeg)
    open_small(house, "cat")
    renew = house.catalog.renew

    def ask_meanwhile(*given, **named):
        for asset in renew(*given, **named):
            assert open_small(house, "cat") == "original"
            yield asset

    monkeypatch.setattr(house.catalog, "renew", ask_meanwhile)
    assert house.library.purge("demo", actor="key:1").tiers[1]["files"] == 1
    house.memory._pictures.clear()
    assert open_small(house, "cat") == "derived"


def test_a_storage_that_fails_leaves_the_freeing_to_jobs_and_hides_all_the_same(house, jpeg, monkeypatch):
    upload(house, jpeg)
    open_small(house, "cat")

    def fail(prefix):
        raise StorageUnavailableError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(house.derived, "delete_prefix", fail, raising=False)
        purged = house.library.purge("demo", actor="key:1")
    assert tiers(purged) == {"memory": "confirmed", "derived": "queued"}
    assert derived_files(house) == 1
    assert open_small(house, "cat") == "original"
    while house.worker().run_once():
        pass
    assert derived_files(house) == 1


def test_a_purge_of_many_leaves_the_rest_to_jobs(jpeg):
    """More than a hundred: the first are freed at once, and the reply says that the others wait."""

    class Many:
        def renew(self, cloud, **asked):
            return (Plain(f"n{number}") for number in range(101))

    class Plain:
        asset_id, revision = "0" * 32, 1

        def __init__(self, public_id):
            self.public_id = public_id

    class Counting:
        freed = 0

        def delete_prefix(self, prefix):
            self.freed += 1
            return 2, 20

    storage = Counting()
    purged = Library(Many(), storage).purge("demo", actor="key:1")
    assert (purged.count, len(purged.public_ids), storage.freed) == (101, 100, 100)
    assert purged.tiers[1] == {"tier": "derived", "state": "queued", "files": 200, "bytes": 2000}
    assert tiers(purged)["memory"] == "confirmed"


def test_a_purge_changes_no_status(house, jpeg):
    asset = upload(house, jpeg)
    house.review.override("demo", asset, Status.REJECTED, actor="key:2")
    house.library.purge("demo", actor="key:1")
    assert house.library.get("demo", "upload", "cat").status is Status.REJECTED
