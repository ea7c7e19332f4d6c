"""Storage and catalog that fail: nothing unproven is served, and what only saves time stops nobody."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.test import Client

from rekproxy.app import Application, mount
from rekproxy.backends.filesystem import FolderStorage
from rekproxy.domain.asset import Status
from rekproxy.errors import StorageUnavailableError
from tests.conftest import house_of, settings_for, upload

CAT = "/demo/image/upload/w_90/cat.jpg"


@pytest.fixture
def client(house) -> Client:
    return Client(mount(house))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def forget(house: Application) -> None:
    """Empty the memory, as a restart would."""
    house.memory._pictures.clear()


def test_a_full_disk_stops_what_can_be_made_again_and_nothing_else(tmp_path, imager, detector, jpeg):
    house = house_of(settings_for(tmp_path, min_free_bytes=str(1 << 60)), imager, detector)
    with closing(house.catalog):
        assert upload(house, jpeg).status is Status.APPROVED
        client = Client(mount(house))
        for _ in range(2):
            forget(house)
            assert client.get(CAT).status_code == 200
        assert files(tmp_path / "derived") == []


@pytest.mark.parametrize("missing", ["folder", "permission"])
def test_derived_storage_that_cannot_be_written_stops_nobody(house, client, jpeg, monkeypatch, missing):
    upload(house, jpeg)
    if missing == "folder":
        house.derived.put("a/b", b"x", durable=False)
        shutil.rmtree(house.settings.data_dir / "derived")
    else:
        monkeypatch.setattr(house.derived, "put", refuse)
    for _ in range(2):
        forget(house)
        assert client.get(CAT).status_code == 200


def test_a_disk_that_takes_no_lock_stops_nobody(house, client, jpeg):
    upload(house, jpeg)
    (house.settings.data_dir / "locks").write_bytes(b"no folder")
    assert client.get(CAT).status_code == 200


def refuse(*_: object, **__: object) -> None:
    raise StorageUnavailableError("the file system is read-only")


def test_originals_that_cannot_be_kept_refuse_the_upload(house, client, jpeg, monkeypatch):
    monkeypatch.setattr(FolderStorage, "put", refuse)
    with pytest.raises(StorageUnavailableError):
        upload(house, jpeg)
    assert house.catalog.asset("demo", "upload", "cat") is None
    assert client.get(CAT).status_code == 404


def test_an_original_that_is_missing_is_as_unknown(house, client, jpeg):
    upload(house, jpeg)
    for file in files(house.settings.data_dir / "originals"):
        file.unlink()
    answer = client.get(CAT)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_originals_that_cannot_be_reached_are_no_reason_for_a_404(house, client, jpeg):
    """A disk that is not mounted proves nothing: 503, and nobody keeps the answer."""
    upload(house, jpeg)
    originals = house.settings.data_dir / "originals"
    originals.rename(originals.with_name("elsewhere"))
    assert_unavailable(client)


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, None], ids=["empty", "zeros", "cut"])
def test_a_derived_file_that_is_damaged_is_made_again(house, client, jpeg, damage):
    upload(house, jpeg)
    whole = client.get(CAT).data
    (file,) = files(house.settings.data_dir / "derived")
    sealed = file.read_bytes()
    file.write_bytes(sealed[:-1] if damage is None else damage)
    forget(house)
    assert client.get(CAT).data == whole
    assert file.read_bytes() == sealed


def test_a_catalog_that_is_gone_or_damaged_proves_nothing(house, client, jpeg):
    upload(house, jpeg)
    assert client.get(CAT).status_code == 200
    house.close()
    file = house.settings.data_dir / "catalog.sqlite3"
    for name in ("catalog.sqlite3-wal", "catalog.sqlite3-shm"):
        file.with_name(name).unlink(missing_ok=True)
    file.write_bytes(b"no database at all" * 1000)
    assert_unavailable(client)
    file.unlink()
    assert_unavailable(client)
    assert not file.exists()


def assert_unavailable(client: Client) -> None:
    for path in (CAT, "/demo/image/upload/w_91/cat.jpg", "/demo/image/upload/cat.jpg"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Cache-Control"] == "no-store"
        assert int(answer.headers["Retry-After"]) > 0
