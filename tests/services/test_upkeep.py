"""Room in derived storage, and rows and files that agree in the end."""

import os
import time
from dataclasses import replace

import pytest
from click.testing import CliRunner

from rekproxy.cli import group
from rekproxy.domain.asset import Pin
from rekproxy.domain.cachekeys import original_key, rendition_key
from rekproxy.services.upkeep import Eviction, Upkeep
from tests.conftest import upload
from tests.services.test_deliver import ask

DAY = 86_400


def make(house, *widths: int) -> None:
    for width in widths:
        house.deliver.open_public(ask(f"/demo/image/upload/w_{width}/cat.jpg"))
        house.notes.flush()
        time.sleep(0.002)


def keys(house, prefix: str = "derived/") -> set[str]:
    return {file.key for file in house.derived.list(prefix)}


def rows(house) -> set[str]:
    return {image.key for image in house.catalog.resting(1000)}


def held(house) -> int:
    return house.catalog.held(None)["derived"].bytes


def swept(upkeep: Upkeep, *, dry_run: bool = False) -> list[str]:
    parts = [f"{number:02x}" for number in range(256)]
    derived = [loose.kind for part in parts for loose in upkeep.sweep(part, dry_run=dry_run)]
    return derived + [one.kind for part in parts for one in upkeep.originals_of(part, dry_run=dry_run)]


def later(house, seconds: float) -> Upkeep:
    return replace(house.upkeep, now=lambda: time.time() + seconds)


def test_room_is_made_by_those_that_were_used_least_recently(house, jpeg):
    upload(house, jpeg)
    make(house, *range(40, 50))
    house.notes.tell_uses()
    oldest = [image.key for image in house.catalog.resting(10)]
    most = held(house) - 1
    assert Eviction(house.catalog, house.derived, most).run() == 2
    assert 0.7 * most < held(house) <= 0.9 * most
    assert keys(house) == rows(house) == set(oldest[2:])
    assert Eviction(house.catalog, house.derived, most).run() == 0


def test_without_a_bound_nothing_goes(house, jpeg):
    upload(house, jpeg)
    make(house, 40)
    assert Eviction(house.catalog, house.derived, 0).run() == 0
    assert len(keys(house)) == 1


def test_what_was_evicted_is_made_anew_and_found_again(house, jpeg):
    upload(house, jpeg)
    make(house, 40)
    assert Eviction(house.catalog, house.derived, 1).run() == 1
    assert (keys(house), rows(house)) == (set(), set())
    house.memory._pictures.clear()
    make(house, 40)
    assert keys(house) == rows(house) != set()


def test_files_without_a_row_and_rows_without_a_file_go_once_they_are_old(house, jpeg):
    upload(house, jpeg)
    make(house, 40, 50, 60)
    one, other, kept = sorted(keys(house))
    house.derived.delete(one)
    house.catalog.forget_derived([image for image in house.catalog.resting(9) if image.key == other])
    assert swept(house.upkeep) == []
    assert sorted(swept(later(house, 2 * 3600), dry_run=True)) == ["derived", "row"]
    assert (keys(house), rows(house)) == ({other, kept}, {one, kept})
    assert sorted(swept(later(house, 2 * 3600))) == ["derived", "row"]
    assert keys(house) == rows(house) == {kept}
    assert swept(later(house, 2 * 3600)) == []


def test_copies_of_originals_go_with_the_last_version_of_a_pinned_one_too(house, jpeg, tmp_path):
    from rekproxy.services.uploads import Upload

    pin = Pin(f"file://{tmp_path}/there.jpg", len(jpeg), mtime_ns=1)
    asset = house.ingest.register("demo", Upload(jpeg, public_id="cat"), pin, actor="import")
    house.derived.put(rendition_key(asset.current.digest, 640, "jpg"), b"copy", durable=False)
    assert swept(later(house, 2 * DAY)) == []
    house.library.destroy("demo", "upload", "cat", actor="key:1")
    assert swept(later(house, 3600)) == []
    assert swept(later(house, 2 * DAY)) == ["rendition"]
    assert keys(house, "renditions/") == set()


def test_an_original_that_nobody_knows_waits_for_a_day(house, jpeg):
    upload(house, jpeg)
    stray = "ab" * 32
    house.originals.storage.put(original_key(stray), b"stray", durable=True)
    for _ in range(2):
        assert swept(house.upkeep) == ["original"]
        assert house.originals.storage.exists(original_key(stray))
    with house.catalog._database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE blobs SET touched_at = 0")
    assert swept(house.upkeep) == ["original"]
    assert not house.originals.storage.exists(original_key(stray))
    assert len(list(house.originals.storage.list("originals/"))) == 1


def test_a_sweep_takes_one_part_at_a_time_and_all_of_them_in_a_day(house, jpeg, monkeypatch):
    parts: list[str] = []
    monkeypatch.setattr(Upkeep, "sweep", lambda self, part, dry_run: parts.append(part) or [])
    for number in range(256):
        replace(house.upkeep, now=lambda number=number: number * DAY / 256 + 1).sweep_next()
    assert sorted(set(parts)) == [f"{number:02x}" for number in range(256)]


@pytest.mark.parametrize("dry", [True, False])
def test_the_command_tells_what_goes(house, jpeg, monkeypatch, dry):
    for name in [name for name in os.environ if name.startswith("REKPROXY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REKPROXY_DATA_DIR", str(house.settings.data_dir))
    monkeypatch.setenv("REKPROXY_API_KEY", "123456789012345")
    monkeypatch.setenv("REKPROXY_API_SECRET", "a-secret-of-tests")
    key = f"derived/{'a' * 32}/1/{'b' * 64}"
    house.derived.put(key, b"stray", durable=False)
    file = house.settings.data_dir / "derived" / key
    os.utime(file, (1, 1))
    said = CliRunner().invoke(group, ["gc", *(["--dry-run"] if dry else [])], catch_exceptions=False).output
    assert f"derived images without a row: 1, 5 bytes {'would go' if dry else 'freed'}" in said
    assert file.exists() is dry
