"""What was sent is told in sums: each once, whatever the catalog answers meanwhile."""

import threading

import pytest

from rekproxy.errors import CatalogUnavailableError
from rekproxy.services.traffic import BYTES, REQUESTS, Traffic


def used(house, cloud: str = "demo") -> tuple[int, int]:
    told = house.catalog.used(cloud)
    return told.get(REQUESTS, 0), told.get(BYTES, 0)


def test_sums_are_told_by_cloud(house):
    traffic = Traffic(house.catalog)
    traffic.sent("demo", 70)
    traffic.sent("demo", 0)
    traffic.sent("studio", 5)
    assert used(house) == (0, 0)
    traffic.tell()
    traffic.tell()
    assert (used(house), used(house, "studio")) == ((2, 70), (1, 5))


def test_what_the_catalog_did_not_take_is_told_later(house, monkeypatch):
    traffic = Traffic(house.catalog)
    traffic.sent("demo", 70)
    use, calls = house.catalog.use, []

    def second_fails(*given):
        calls.append(given)
        if len(calls) == 2:
            raise CatalogUnavailableError("gone")
        return use(*given)

    monkeypatch.setattr(type(house.catalog), "use", lambda _, *given: second_fails(*given))
    with pytest.raises(CatalogUnavailableError):
        traffic.tell()
    traffic.sent("demo", 30)
    traffic.tell()
    assert used(house) == (2, 100)


def test_threads_lose_nothing(house):
    traffic = Traffic(house.catalog)
    threads = [
        threading.Thread(target=lambda: [traffic.sent("demo", 3) for _ in range(5_000)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    traffic.tell()
    for thread in threads:
        thread.join()
    traffic.tell()
    assert used(house) == (20_000, 60_000)


def test_a_process_tells_what_it_has_left_when_it_ends(house):
    house.traffic.sent("demo", 70)
    house.notes.tell_last()
    assert used(house) == (1, 70)
