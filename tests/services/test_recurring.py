"""Recurring jobs: planned once, planned anew by each run, also by one that failed."""

import threading
from typing import Any

import pytest

from rekproxy.app import Application
from rekproxy.errors import CatalogUnavailableError
from rekproxy.services.jobs import Worker
from rekproxy.services.recurring import Recurring


def waiting(house: Application) -> dict[Any, int]:
    return dict(house.catalog.job_counts())


def test_many_starts_plan_one_run_and_a_run_plans_the_next(house: Application) -> None:
    done: list[str] = []
    recurring = Recurring(house.catalog, {"tidy": (3600, lambda: done.append("tidied"))})
    for _ in range(3):
        recurring.plan(threading.Event())
    worker = Worker(house.catalog, recurring.handlers())
    assert worker.run_once()
    assert not worker.run_once()
    assert done == ["tidied"]
    assert waiting(house) == {("tidy", "waiting"): 1}
    recurring.plan(threading.Event())
    assert worker.run_once()
    assert waiting(house) == {("tidy", "waiting"): 1}


def test_a_run_that_fails_does_not_end_them(house: Application) -> None:
    def fail() -> None:
        raise OSError("the disk")

    recurring = Recurring(house.catalog, {"tidy": (3600, fail)})
    recurring.plan(threading.Event())
    worker = Worker(house.catalog, recurring.handlers())
    for _ in range(4):
        recurring.plan(threading.Event())
        worker.run_once()
    assert waiting(house) == {("tidy", "waiting"): 2}


def test_a_start_waits_for_the_catalog(monkeypatch: pytest.MonkeyPatch, house: Application) -> None:
    failures = [CatalogUnavailableError("gone"), CatalogUnavailableError("gone")]
    enqueue = house.catalog.enqueue

    def sometimes(*arguments: Any, **more: Any) -> None:
        if failures:
            raise failures.pop()
        enqueue(*arguments, **more)

    monkeypatch.setattr(house.catalog, "enqueue", sometimes)
    Recurring(house.catalog, {"tidy": (1, lambda: None)}).plan(threading.Event(), idle=0.01)
    assert waiting(house) == {("tidy", "waiting"): 1}


def test_the_house_seals_its_audit_by_itself(house: Application) -> None:
    house.catalog.new_epoch(actor="cli")
    house.recurring.plan(threading.Event())
    worker = house.worker()
    while worker.run_once():
        pass
    assert house.catalog.unsealed() == (0, None)
    seal = house.catalog.last_seal()
    assert seal
    assert seal.key_id == house.audit_key.id
