"""Uploads: what is stored, what is judged, what is refused with nothing stored."""

import dataclasses
import re

import pytest

from rekproxy.domain.asset import EntryStatus, Status
from rekproxy.errors import (
    FileTooLargeError,
    InvalidImageError,
    InvalidModerationError,
    InvalidRequestError,
    ProviderError,
)
from rekproxy.imaging import testcard
from rekproxy.services.uploads import Upload, choose_public_id
from tests.conftest import NUDE, encode, photograph, upload

THROTTLED = ProviderError("slow down", code="ThrottlingException", retryable=True)


def stored(house) -> list[str]:
    return [stored.key for stored in house.originals.storage.list("originals/")]


def test_a_clean_picture_is_approved_and_its_bytes_are_kept(house, jpeg):
    asset = upload(house, jpeg)
    assert (asset.status, asset.current.format, asset.current.width) == (Status.APPROVED, "jpg", 512)
    assert house.originals.read(asset.current) == jpeg


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", InvalidImageError),
        (b"this is a text", InvalidImageError),
        (b"x" * 41_000_000, FileTooLargeError),
        (encode(photograph().resize((79, 200))), InvalidImageError),
    ],
    ids=["empty", "text", "too large", "too small"],
)
def test_what_is_no_picture_of_ours_is_refused_and_not_stored(house, data, error):
    with pytest.raises(error):
        upload(house, data)
    assert not stored(house)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"public_id": "../up"}, InvalidRequestError),
        ({"public_id": "a" * 2000}, InvalidRequestError),
        ({"public_id": "a\x00b"}, InvalidRequestError),
        ({"type": "fetch"}, InvalidRequestError),
        ({"moderation": "aws_rek:violense:0.7"}, InvalidModerationError),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_stored(house, jpeg, asked, error):
    with pytest.raises(error):
        upload(house, jpeg, **asked)
    assert not stored(house)


def test_a_failing_provider_leaves_it_pending_until_a_worker_settles_it(house, jpeg, detector):
    detector.failure = THROTTLED
    asset = upload(house, jpeg)
    assert asset.status is Status.PENDING
    assert asset.moderations[0].detail["failure"] == "ThrottlingException"
    (job,) = due(house)
    with pytest.raises(ProviderError):
        house.moderate.again(job)
    detector.failure = None
    house.moderate.again(job)
    assert house.library.get("demo", "upload", "cat").status is Status.APPROVED


def due(house):
    """The jobs that wait for a detector, as if their grace were over."""
    for id in range(1, 20):
        house.catalog.wake("demo", id)
    return house.catalog.claim(("moderate",), lease=60, limit=10)


def test_a_slow_provider_does_not_hold_the_upload(house, jpeg, detector):
    house.moderate.patience.seconds = 0.2
    detector.gate.clear()
    assert upload(house, jpeg).status is Status.PENDING
    detector.gate.set()
    house.moderate.patience.close()
    assert house.library.get("demo", "upload", "cat").status is Status.APPROVED


def test_a_verdict_for_overwritten_bytes_decides_nothing(house, jpeg, detector):
    house.moderate.patience.seconds = 0.2
    detector.gate.clear()
    upload(house, jpeg)
    detector.labels = NUDE
    upload(house, encode(photograph("coffee")))
    detector.gate.set()
    house.moderate.patience.close()
    assert house.library.get("demo", "upload", "cat").status is Status.REJECTED


def test_a_rejection_by_a_person_follows_the_pixels(house, jpeg, detector):
    asset = upload(house, jpeg)
    house.review.override("demo", asset, Status.REJECTED, actor="key:2")
    again = upload(house, jpeg, "other")
    assert again.status is Status.REJECTED
    assert detector.calls == 1


@pytest.mark.parametrize("default", ["none", "manual"])
def test_a_rejection_by_a_person_holds_where_no_machine_looks(house, jpeg, default):
    asset = upload(house, jpeg)
    house.review.override("demo", asset, Status.REJECTED, actor="key:2")
    ingest = dataclasses.replace(house.ingest, default=default)
    again = ingest.accept("demo", Upload(jpeg, public_id="other"), actor="key:1").asset
    assert again.status is Status.REJECTED


def test_an_approval_by_a_person_survives_a_new_upload_of_the_same_pixels(house, jpeg, detector):
    detector.labels = NUDE
    asset = upload(house, jpeg)
    house.review.override("demo", asset, Status.APPROVED, actor="key:2")
    assert upload(house, jpeg).status is Status.APPROVED
    assert upload(house, jpeg, "other").status is Status.REJECTED


@pytest.mark.parametrize("moderation", [None, "manual", "aws_rek|manual"])
def test_the_test_card_is_rejected_by_every_policy(house, detector, moderation):
    asset = upload(house, testcard.draw(), moderation=moderation)
    assert asset.status is Status.REJECTED
    assert asset.moderations[0].response["moderation_labels"][0]["name"] == "Test Card"
    assert detector.calls == 0


def test_a_chain_goes_on_to_people(house, jpeg):
    asset = upload(house, jpeg, moderation="aws_rek|manual")
    assert [entry.status for entry in asset.moderations] == [EntryStatus.APPROVED, EntryStatus.PENDING]
    assert asset.status is Status.PENDING


def test_without_overwrite_the_first_upload_stays(house, jpeg):
    first = upload(house, jpeg)
    second = upload(house, encode(photograph("coffee")), overwrite=False)
    assert second == first


def test_a_category_that_the_detector_cannot_see_waits_for_a_person(house, jpeg, detector):
    detector.coverage = frozenset({"explicit"})
    assert upload(house, jpeg, moderation="aws_rek:violence:0.6").status is Status.PENDING
    assert upload(house, jpeg, "b", moderation="aws_rek:explicit_nudity:0.6").status is Status.APPROVED


@pytest.mark.parametrize(
    ("filename", "beginning"),
    [
        ("Tom & Jerry.jpg", "Tom _ Jerry"),
        ("50% off.jpg", "50_ off"),
        ("a+b<c>?#.png", "a_b_c___"),
        ("tab\tand\u2028line.jpg", "tab_and_line"),
        ("C:\\photos\\my dog.jpg", "my dog"),
        ("  spaces  .jpg", "spaces"),
        ("q" * 300 + ".jpg", "q" * 200),
        ("Straße.größe.jpg", "Straße.größe"),
    ],
)
@pytest.mark.parametrize("unique", [True, False])
@pytest.mark.parametrize("folder", [None, "f/" + "g" * 40])
def test_any_file_has_a_name_to_be_called_by(filename, beginning, unique, folder):
    wanted = Upload(b"", filename, use_filename=True, unique_filename=unique, folder=folder)
    public_id = choose_public_id(wanted)
    assert public_id.startswith(f"{folder}/{beginning}" if folder else beginning)
    assert len(public_id) <= 255
    assert (re.search("_[a-z0-9]{6}$", public_id) is not None) is unique


@pytest.mark.parametrize("filename", [None, "", "..jpg", "/", " .jpg"])
def test_a_file_without_a_name_gets_one(filename):
    wanted = Upload(b"", filename, use_filename=True, unique_filename=False)
    assert re.fullmatch("[a-z0-9]{20}|[.]jpg", choose_public_id(wanted))
