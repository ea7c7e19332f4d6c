"""What is made is told in batches, and what the catalog does not remember is not left lying."""

import threading
import time

import pytest

from rekproxy.domain.asset import Status
from rekproxy.errors import CatalogUnavailableError
from rekproxy.services import noting
from tests.conftest import upload
from tests.services.test_deliver import ask, override


def make(house, path: str) -> None:
    house.deliver.open_public(ask(f"/demo/image/upload/{path}"))


def files(house) -> list[str]:
    return [file.key for file in house.derived.list("derived/")]


def test_many_are_told_in_one_write(house, jpeg, monkeypatch):
    asset = upload(house, jpeg)
    note, batches = house.catalog.note_derived, []
    monkeypatch.setattr(
        type(house.catalog),
        "note_derived",
        lambda _, cloud, made: batches.append(len(made)) or note(cloud, made),
    )
    for width in range(40, 50):
        make(house, f"w_{width}/cat.jpg")
    house.notes.flush()
    assert sum(batches) == 10
    assert len(batches) <= 9
    assert len(house.catalog.derived("demo", asset.asset_id)) == 10


def test_it_is_told_without_being_asked(house, jpeg):
    asset = upload(house, jpeg)
    make(house, "w_40/cat.jpg")
    until = time.monotonic() + 10
    while not house.catalog.derived("demo", asset.asset_id):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("path", ["w_40/cat.jpg", "w_40,l_cat/dog.jpg"])
def test_a_file_is_removed_if_what_it_shows_is_erased_before_it_is_told(house, jpeg, path, monkeypatch):
    monkeypatch.setattr(noting, "GATHER_SECONDS", 30.0)
    cat, _ = upload(house, jpeg), upload(house, jpeg, "dog")
    make(house, path)
    house.custody.erase("demo", cat.asset_id, actor="key:1")
    house.notes.flush()
    assert files(house) == []


def test_a_file_of_a_revision_that_is_gone_is_removed(house, jpeg, monkeypatch):
    monkeypatch.setattr(noting, "GATHER_SECONDS", 30.0)
    upload(house, jpeg)
    make(house, "w_40/cat.jpg")
    override(house, "cat", Status.REJECTED)
    house.notes.flush()
    assert files(house) == []


def test_what_a_silent_catalog_does_not_hear_waits(house, jpeg, monkeypatch):
    monkeypatch.setattr(noting, "GATHER_SECONDS", 30.0)
    asset = upload(house, jpeg)
    make(house, "w_40/cat.jpg")

    def silent(*_):
        raise CatalogUnavailableError("The catalog does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(type(house.catalog), "note_derived", silent)
        with pytest.raises(CatalogUnavailableError):
            house.notes.flush()
    house.notes.flush()
    assert len(house.catalog.derived("demo", asset.asset_id)) == 1


def test_files_beyond_what_may_wait_are_removed(house, jpeg, monkeypatch):
    monkeypatch.setattr(noting, "GATHER_SECONDS", 30.0)
    monkeypatch.setattr(noting, "MOST_WAITING", 1)
    upload(house, jpeg)
    make(house, "w_40/cat.jpg")
    make(house, "w_50/cat.jpg")
    assert len(files(house)) == 1


def test_uses_are_counted_from_every_tier(house, jpeg):
    upload(house, jpeg)
    for _ in range(3):
        make(house, "w_40/cat.jpg")
    house.memory._pictures.clear()
    make(house, "w_40/cat.jpg")
    make(house, "w_40/cat.jpg")
    house.notes.flush()
    house.notes.tell_uses()
    with house.catalog._database.engine.begin() as connection:
        # one when it was made, one from derived storage, one from memory: two uses went with the memory
        assert connection.exec_driver_sql("SELECT uses FROM derived").scalar() == 3


def test_flushing_from_several_threads_tells_each_once(house, jpeg):
    asset = upload(house, jpeg)
    for width in range(40, 45):
        make(house, f"w_{width}/cat.jpg")
    threads = [threading.Thread(target=house.notes.flush) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(house.catalog.derived("demo", asset.asset_id)) == 5
