"""One decision about many pictures, and the way back."""

import pytest

from rekproxy.domain.asset import Status
from rekproxy.errors import InvalidRequestError
from rekproxy.services.batch import Batch, Pick
from tests.conftest import encode, photograph, upload


@pytest.fixture
def purged() -> list[str]:
    return []


@pytest.fixture
def batch(house, purged):
    def purge(cloud, assets):
        purged.extend(asset.public_id for asset in assets)

    return Batch(house.catalog, house.review, purge)


@pytest.fixture
def three(house):
    """One that waits, two that are shown; all by one person."""
    made = encode(photograph("coffee"))
    return [
        upload(house, made, "a", moderation="manual", uploader="eve"),
        upload(house, encode(photograph("chelsea")), "b", uploader="eve"),
        upload(house, encode(photograph("rocket")), "c", uploader="eve"),
    ]


def standings(house):
    return {name: house.catalog.asset("demo", "upload", name).standing.value for name in "abc"}


def test_each_is_decided_and_all_is_undone(house, batch, purged, three):
    outcome = batch.decide("demo", map(Pick.of, three), Status.REJECTED, actor="user:ann", reason="spam")
    assert (len(outcome.done), outcome.same, outcome.overtaken) == (3, 0, 0)
    assert standings(house) == dict.fromkeys("abc", "rejected")
    assert sorted(purged) == ["b", "c"]
    undone = batch.undo("demo", map(Pick.of, outcome.done), actor="user:ann")
    assert len(undone.done) == 3
    assert standings(house) == {"a": "pending", "b": "approved", "c": "approved"}


def test_pictures_with_the_same_pixels_are_all_given_back(house, batch, purged):
    made = encode(photograph("coffee"))
    alike = [upload(house, made, name) for name in "abc"]
    outcome = batch.decide("demo", map(Pick.of, alike), Status.REJECTED, actor="user:ann")
    purged.clear()
    undone = batch.undo("demo", map(Pick.of, outcome.done), actor="user:ann")
    assert (len(undone.done), undone.held, undone.overtaken) == (3, 0, 0)
    assert standings(house) == dict.fromkeys("abc", "approved")
    assert sorted(purged) == ["a", "b", "c"]


def test_what_another_person_rejected_is_not_given_back(house, batch):
    made = encode(photograph("coffee"))
    alike = [upload(house, made, name) for name in "ab"]
    other = upload(house, made, "c", moderation="manual")
    outcome = batch.decide("demo", map(Pick.of, alike), Status.REJECTED, actor="user:ann")
    house.review.override("demo", other, Status.REJECTED, actor="user:bob")
    undone = batch.undo("demo", map(Pick.of, outcome.done), actor="user:ann")
    assert (undone.done, undone.held) == ((), 2)
    assert standings(house) == dict.fromkeys("abc", "rejected")


def test_what_changed_meanwhile_is_left_alone(house, batch, three):
    house.review.override("demo", three[0], Status.APPROVED, actor="user:bob")
    house.library.destroy_by_id("demo", three[1].asset_id, actor="user:bob")
    outcome = batch.decide("demo", map(Pick.of, three), Status.REJECTED, actor="user:ann")
    assert (len(outcome.done), outcome.overtaken, outcome.gone) == (1, 1, 1)
    assert house.catalog.asset("demo", "upload", "a").standing is Status.APPROVED
    house.review.override("demo", three[2], Status.APPROVED, actor="user:bob")
    assert batch.undo("demo", map(Pick.of, outcome.done), actor="user:ann").overtaken == 1


def test_a_batch_is_of_one_cloud(house, batch, three):
    outcome = batch.decide("studio", map(Pick.of, three), Status.REJECTED, actor="user:ann")
    assert outcome.gone == 3
    assert standings(house)["b"] == "approved"


def test_all_of_an_uploader_are_found_page_by_page(house, batch, three, monkeypatch):
    monkeypatch.setattr("rekproxy.services.batch.CHUNK", 2)
    first, after = batch.all_of("demo", "eve", Status.REJECTED)
    rest, end = batch.all_of("demo", "eve", Status.REJECTED, after)
    assert [pick.asset_id for pick in (*first, *rest)] == [asset.asset_id for asset in reversed(three)]
    assert (len(first), end) == (2, None)
    assert batch.all_of("demo", "mallory", Status.REJECTED) == ((), None)


def test_an_unknown_reason_decides_nothing(house, batch, three):
    with pytest.raises(InvalidRequestError):
        batch.decide("demo", map(Pick.of, three), Status.REJECTED, actor="user:ann", reason="whim")
    assert standings(house)["b"] == "approved"
