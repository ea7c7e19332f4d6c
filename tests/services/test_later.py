"""Uploads that are answered at once: one image however often the job runs, and a word when there is none."""

import re
from dataclasses import replace

import pytest

from rekproxy.domain.asset import Status
from rekproxy.domain.preset import Limits
from rekproxy.errors import (
    ConflictError,
    FileTooLargeError,
    ImagerError,
    InvalidImageError,
    InvalidModerationError,
    InvalidRequestError,
    StorageUnavailableError,
)
from rekproxy.services.uploads import Upload
from tests.conftest import NUDE

HOOK = "https://hook.example/late"


def put_off(house, data, public_id="cat", **more):
    asked = Upload(data, public_id=public_id, notification_url=HOOK, **more)
    return house.later.accept("demo", asked, actor="preset:shop")


def claim(house):
    (job,) = house.catalog.claim(("ingest",), lease=120)
    return job


def found(house, public_id="cat"):
    return house.catalog.asset("demo", "upload", public_id)


def told(house) -> list[tuple[str, dict]]:
    """What waits to be told, oldest first."""
    page = house.catalog.list_notifications("demo", limit=100)
    return [(each.type, dict(each.facts)) for each in page.notifications[::-1]]


def ingest_jobs(house) -> int:
    return sum(count for (kind, _), count in house.catalog.job_counts().items() if kind == "ingest")


def test_it_becomes_what_it_would_have_been_at_once(house, jpeg):
    deferred = put_off(
        house, jpeg, folder="pets", tags=("b", "a"), context={"k": "v"}, backup=True, format="png",
        uploader="preset:shop", unsigned=True, overwrite=False, limits=Limits(max_width=600),
    )  # fmt: skip
    assert (deferred.type, deferred.public_id) == ("upload", "pets/cat")
    assert re.fullmatch("[0-9a-f]{64}", deferred.batch_id)
    assert found(house, "pets/cat") is None
    assert house.worker().run_once()
    asset = found(house, "pets/cat")
    assert (asset.status, asset.current.format, asset.backup) == (Status.APPROVED, "png", True)
    assert (asset.tags, asset.context, asset.uploader) == (("a", "b"), {"k": "v"}, "preset:shop")
    assert house.catalog.audit("demo", asset.asset_id)[0].actor == "preset:shop"
    assert ingest_jobs(house) == 0
    ((_, facts),) = [each for each in told(house) if each[0] == "upload"]
    assert facts["batch_id"] == deferred.batch_id


def test_what_the_detector_rejects_is_rejected(house, jpeg, detector):
    detector.labels = NUDE
    put_off(house, jpeg)
    house.worker().run_once()
    assert found(house).status is Status.REJECTED


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"data": b""}, InvalidImageError),
        ({"data": b"<svg/>"}, InvalidImageError),
        ({"data": b"\xff\xd8\xff" + b"x" * 41_000_000}, FileTooLargeError),
        ({"limits": Limits(max_bytes=10)}, FileTooLargeError),
        ({"public_id": "a?b"}, InvalidRequestError),
        ({"moderation": "aws_rek:violense:1"}, InvalidModerationError),
        ({"type": "fetch"}, InvalidRequestError),
    ],
)
def test_what_can_be_said_at_once_is(house, jpeg, asked, error):
    with pytest.raises(error):
        put_off(house, asked.pop("data", jpeg), **asked)
    assert ingest_jobs(house) == 0
    assert not list(house.originals.storage.list("originals/"))


def test_what_does_not_decode_never_becomes_an_image_and_is_told(house, jpeg):
    deferred = put_off(house, jpeg[:500])
    assert house.worker().run_once()
    assert found(house) is None
    assert ingest_jobs(house) == 0
    ((event, facts),) = told(house)
    assert event == "error"
    assert facts == {
        "error": {"message": "Invalid image file"},
        "resource_type": "image",
        "type": "upload",
        "public_id": "cat",
        "batch_id": deferred.batch_id,
    }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"limits": Limits(max_width=100)}, "Image width must be at most 100 pixels"),
        ({"allowed_formats": ("png",)}, "Image file format jpg not allowed"),
        ({"transformation": "w_79"}, "at least 80 pixels"),
    ],
)
def test_limits_that_need_pixels_are_told_later(house, jpeg, asked, words):
    put_off(house, jpeg, **asked)
    house.worker().run_once()
    assert found(house) is None
    ((_, facts),) = told(house)
    assert words in facts["error"]["message"]


def test_a_name_that_was_taken_meanwhile_is_told(house, jpeg):
    put_off(house, jpeg, overwrite=False)
    put_off(house, jpeg, overwrite=False)
    worker = house.worker()
    while ingest_jobs(house):
        worker.run_once()
    assert [event for event, _ in told(house)] == ["upload", "moderation", "error"]
    assert told(house)[-1][1]["error"]["message"] == "cat already exists"
    assert len(house.catalog.audit("demo", found(house).asset_id)) == 2


def test_a_job_that_two_workers_run_makes_one_image(house, jpeg):
    put_off(house, jpeg)
    late = claim(house)
    house.catalog.retry(late, "its lease ran out", delay=0)
    house.later.run(claim(house))
    asset = found(house)
    with pytest.raises(ConflictError, match="Another worker"):
        house.later.run(late)
    assert found(house) == asset
    house.catalog.destroy("demo", asset.asset_id, actor="key:1")
    with pytest.raises(ConflictError):
        house.later.run(late)
    assert found(house) is None


def test_who_lost_the_job_tells_nothing(house, jpeg):
    put_off(house, jpeg, overwrite=False)
    late = claim(house)
    house.catalog.retry(late, "its lease ran out", delay=0)
    house.later.run(claim(house))
    house.later.run(late)
    assert "error" not in [event for event, _ in told(house)]


def test_killed_before_the_registration_it_runs_again(house, jpeg, monkeypatch):
    put_off(house, jpeg)
    with monkeypatch.context() as broken:
        broken.setattr(house.catalog, "add_version", _killed)
        with pytest.raises(KeyboardInterrupt):
            house.later.run(claim(house))
    assert found(house) is None
    assert house.catalog.claim(("ingest",), lease=120) == ()
    _let_leases_end(house)
    assert house.worker().run_once()
    assert found(house).status is Status.APPROVED


def test_killed_after_the_registration_it_is_judged_by_its_own_job(house, jpeg, monkeypatch):
    put_off(house, jpeg)
    with monkeypatch.context() as broken:
        broken.setattr("rekproxy.services.moderate.Moderate.now", _killed)
        with pytest.raises(KeyboardInterrupt):
            house.later.run(claim(house))
    assert found(house).status is Status.PENDING
    assert ingest_jobs(house) == 0
    _let_leases_end(house)
    while house.worker().run_once():
        pass
    assert found(house).status is Status.APPROVED


def test_a_storage_that_is_away_is_asked_again(house, jpeg, monkeypatch):
    put_off(house, jpeg)
    with monkeypatch.context() as broken:
        broken.setattr(house.originals.storage, "get", _away)
        assert house.worker().run_once()
    assert (found(house), ingest_jobs(house), told(house)) == (None, 1, [])
    _let_leases_end(house)
    house.worker().run_once()
    assert found(house).status is Status.APPROVED


def test_what_kills_imagers_is_given_up(house, jpeg, monkeypatch):
    put_off(house, jpeg)
    monkeypatch.setattr("rekproxy.services.incoming.Incoming.take", _overrun)
    for _ in range(3):
        assert [event for event, _ in told(house)] == []
        _let_leases_end(house)
        house.worker().run_once()
    assert [event for event, _ in told(house)] == ["error"]
    assert ingest_jobs(house) == 0


def test_bytes_that_were_lost_are_told(house, jpeg):
    put_off(house, jpeg)
    for stored in list(house.originals.storage.list("originals/")):
        house.originals.storage.delete(stored.key)
    house.worker().run_once()
    ((_, facts),) = told(house)
    assert facts["error"]["message"] == "The uploaded file was lost"


def test_a_moderation_that_was_taken_away_meanwhile_is_told(house, jpeg):
    put_off(house, jpeg, moderation="aws_rek:policy:marketplace")
    emptied = replace(house.ingest, policies=type(house.ingest.policies)())
    replace(house.later, ingest=emptied).run(claim(house))
    assert found(house) is None
    assert [event for event, _ in told(house)] == ["error"]


def _killed(*args, **named):
    raise KeyboardInterrupt


def _away(*args, **named):
    raise StorageUnavailableError("away")


def _overrun(*args, **named):
    raise ImagerError("overrun")


def _let_leases_end(house) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET run_after = 0, lease_until = 0"))
    engine.dispose()
