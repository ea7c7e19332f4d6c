"""A full disk: uploads wait, derived images are not kept, and a takedown still commits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from faultplaces import fill, small_disk

from rekproxy.app import Application
from rekproxy.backends.sql import reserve
from rekproxy.domain.asset import Status
from rekproxy.domain.url import parse_delivery_path
from rekproxy.errors import NotFoundError, UnavailableError
from rekproxy.interfaces import Imager
from rekproxy.services.deliver import Asked
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for, upload

#: What is kept back outside of tests.
SIZE = 8 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch, small_disk(tmp_path / "disk", megabytes=40) as disk:
        patch.setattr(reserve, "SIZE", SIZE)
        yield disk


@pytest.fixture
def house(disk: Path, imager: Imager, detector: ToldDetector) -> Iterator[Application]:
    application = house_of(settings_for(disk), imager, detector)
    yield application
    application.close()


def ask(house: Application, name: str) -> bytes:
    path = parse_delivery_path(f"/demo/image/upload/w_99/{name}.jpg")
    assert path
    return house.deliver.open_public(Asked(path, "demo")).picture.body


def test_a_takedown_commits_on_a_full_disk(house: Application, disk: Path) -> None:
    assets = [
        upload(house, encode(photograph().resize((200 + number, 200))), f"p{number}") for number in range(6)
    ]
    assert (disk / "catalog.sqlite3.reserve").stat().st_size == SIZE
    fill(disk)
    with pytest.raises(UnavailableError):
        upload(house, encode(photograph("coffee")), "one too many")
    assert ask(house, "p0"), "made, though it cannot be kept"
    for asset in assets[:3]:
        house.review.override("demo", asset, Status.REJECTED, actor="key:1")
    assert house.library.destroy("demo", "upload", "p3", actor="key:1")
    for number in range(4):
        with pytest.raises(NotFoundError):
            ask(house, f"p{number}")
    assert ask(house, "p4")


def test_the_room_is_set_aside_again_once_there_is_some(house: Application, disk: Path) -> None:
    room = disk / "catalog.sqlite3.reserve"
    fill(disk)
    room.unlink()
    house.catalog.migrate()
    assert not room.exists()
    (disk / "filler").unlink()
    house.catalog.migrate()
    assert room.stat().st_size == SIZE
