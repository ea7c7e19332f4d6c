"""What is asked for beforehand waits for an approval, on both databases; facts are kept beside versions."""

from typing import Any

from catalogcases import PERSON, REJECTED, add, new, settle

from rekproxy.domain.asset import Asset, Job, Status
from rekproxy.domain.eager import Batch, Wanted, batch_from
from rekproxy.interfaces import Catalog

HOOK = "https://hook.example/eager"
BATCH = Batch((Wanted("c_scale,w_9", "webp"), Wanted("e_sepia")), "b" * 64, HOOK)
FACTS = {"eager": [{"transformation": "e_sepia", "width": 9}], "batch_id": BATCH.batch_id}


def claim(catalog: Catalog) -> tuple[Job, ...]:
    return catalog.claim(("eager",), lease=60, limit=9)


def told(catalog: Catalog, cloud: str = "demo") -> list[Any]:
    listed = catalog.list_notifications(cloud, limit=100).notifications
    return [each for each in listed if each.type == "eager"]


def want(catalog: Catalog, asset: Asset, batch: Batch = BATCH, cloud: str = "demo") -> bool:
    return catalog.want_eager(cloud, asset.current.version_id, batch, actor=PERSON)


def test_what_comes_with_a_version_is_due_when_it_is_approved(catalog: Catalog) -> None:
    asset = add(catalog, eager=BATCH)
    assert claim(catalog) == ()
    settle(catalog, asset)
    (job,) = claim(catalog)
    assert job.payload["version_id"] == asset.current.version_id
    assert batch_from(job.payload) == BATCH
    assert catalog.end_eager(job, FACTS)
    assert not catalog.end_eager(job, FACTS)
    (said,) = told(catalog)
    assert (said.uri, dict(said.facts), said.actor) == (HOOK, FACTS, PERSON)
    assert said.asset.asset_id == asset.asset_id


def test_what_needs_no_verdict_is_due_at_once(catalog: Catalog) -> None:
    add(catalog, chain=None, eager=BATCH)
    assert len(claim(catalog)) == 1


def test_several_may_wait_for_one_version(catalog: Catalog) -> None:
    asset = add(catalog, eager=BATCH)
    assert want(catalog, asset, Batch((Wanted("a_9"),), "c" * 64))
    settle(catalog, asset)
    assert {job.payload["batch_id"] for job in claim(catalog)} == {"b" * 64, "c" * 64}
    assert want(catalog, asset)
    assert len(claim(catalog)) == 1


def test_a_rejection_leaves_it_waiting_for_a_person(catalog: Catalog) -> None:
    asset = add(catalog, eager=BATCH)
    settle(catalog, asset, REJECTED)
    assert claim(catalog) == ()
    catalog.override(
        "demo", asset.asset_id, Status.APPROVED, actor=PERSON, version_id=asset.current.version_id
    )
    assert len(claim(catalog)) == 1


def test_nothing_is_wanted_of_what_is_overwritten_or_another_clouds(catalog: Catalog) -> None:
    asset = add(catalog, chain=None)
    assert not want(catalog, asset, cloud="studio")
    catalog.add_version("demo", new(chain=None), actor=PERSON)
    assert not want(catalog, asset)
    assert claim(catalog) == ()


def test_without_facts_nobody_is_told(catalog: Catalog) -> None:
    add(catalog, chain=None, eager=BATCH, notification_url=HOOK)
    (job,) = claim(catalog)
    assert catalog.end_eager(job)
    assert told(catalog) == []


def test_without_an_address_of_its_own_whoever_is_told_of_the_asset_is(catalog: Catalog) -> None:
    add(catalog, chain=None, eager=Batch(BATCH.wanted, "b" * 64), notification_url="https://hook.example/all")
    (job,) = claim(catalog)
    catalog.end_eager(job, FACTS)
    assert [each.uri for each in told(catalog)] == ["https://hook.example/all"]


def test_facts_are_kept_beside_those_that_are_known(catalog: Catalog) -> None:
    asset = add(catalog)
    catalog.note_facts("demo", asset.current.version_id, {"phash": "0" * 16})
    catalog.note_facts("demo", asset.current.version_id, {"colors": [["#FFFFFF", 100.0]]})
    catalog.note_facts("studio", asset.current.version_id, {"phash": "f" * 16})
    catalog.note_facts("demo", "0" * 32, {"phash": "f" * 16})
    now = catalog.asset_by_id("demo", asset.asset_id)
    assert now is not None
    assert now.current.facts == {"phash": "0" * 16, "colors": [["#FFFFFF", 100.0]]}
    assert now.revision == asset.revision


def test_facts_go_with_the_bytes(catalog: Catalog) -> None:
    asset = add(catalog, chain=None, backup=True)
    catalog.note_facts("demo", asset.current.version_id, {"exif": {"GPSLatitude": "48 deg"}})
    catalog.add_version("demo", new(chain=None, backup=True, max_versions=1), actor=PERSON)
    catalog.note_facts("demo", asset.current.version_id, {"exif": {"GPSLatitude": "48 deg"}})
    gone = catalog.version("demo", asset.current.version_id)
    assert gone is not None
    assert (gone.erased_at is not None, gone.facts) == (True, {})


def test_a_destroyed_asset_leaves_nothing_to_be_made(catalog: Catalog) -> None:
    asset = add(catalog, chain=None, eager=BATCH)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert claim(catalog) == ()
