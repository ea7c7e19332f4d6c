"""Smaller copies of large originals: one that is missing or damaged is made once, and stored again."""

import pytest
from PIL import Image

from rekproxy.domain.renditions import planned
from rekproxy.errors import StorageUnavailableError
from tests.conftest import encode, photograph, upload
from tests.services.test_deliver import ask

PATH = "/demo/image/upload/w_100/cat.jpg"


@pytest.fixture(scope="module")
def large() -> bytes:
    return encode(photograph().resize((1700, 1700), Image.Resampling.BICUBIC), quality=80)


def files(house):
    return sorted(file for file in (house.settings.data_dir / "derived" / "renditions").rglob("*.jpg"))


def tier(house, path: str = PATH) -> str:
    return house.deliver.open_public(ask(path)).picture.tier


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_what_is_missing_is_made_once_and_stored(house, large, harm, monkeypatch):
    upload(house, large)
    before = {file.name: file.read_bytes() for file in files(house)}
    assert set(before) == {"1280.jpg", "640.jpg"}
    for file in files(house):
        file.unlink() if harm == "missing" else file.write_bytes(b"broken")
    ingest, passes = house.imager.ingest, []
    monkeypatch.setattr(house.imager, "ingest", lambda *args: passes.append(1) or ingest(*args))
    assert [tier(house), tier(house, "/demo/image/upload/w_101/cat.jpg")] == ["rendition", "rendition"]
    assert {file.name: file.read_bytes() for file in files(house)} == before
    assert passes == [1]


def test_a_version_that_knows_of_no_copies_gets_them_at_first_need(house, large):
    from sqlalchemy import text

    upload(house, large)
    with house.catalog._database.engine.begin() as connection:
        connection.execute(text("UPDATE asset_versions SET renditions = '[]'"))
    for file in files(house):
        file.unlink()
    assert tier(house) == "rendition"
    assert len(files(house)) == 2


def test_where_no_copy_can_be_stored_the_picture_is_made_all_the_same(house, large, monkeypatch):
    upload(house, large)
    for file in files(house):
        file.unlink()

    def refuse(*args, **options):
        raise StorageUnavailableError("full")

    monkeypatch.setattr(house.derived, "put", refuse)
    assert tier(house) == "rendition"
    assert tier(house, "/demo/image/upload/w_101/cat.jpg") == "original"


def test_copies_are_planned_as_they_are_made(house, large):
    assert upload(house, large).current.renditions == planned((1700, 1700), frames=1, has_alpha=False)
    assert planned((5000, 10), frames=2, has_alpha=False) == ()
