"""A late upload's job ends with what it does, and with nothing else: on every database."""

import pytest
from catalogcases import PERSON, add, new

from rekproxy.domain.asset import Job
from rekproxy.errors import ConflictError
from rekproxy.interfaces import Catalog


def leased(catalog: Catalog) -> Job:
    catalog.enqueue("demo", "ingest", {})
    (job,) = catalog.claim(("ingest",), lease=60)
    return job


def waiting(catalog: Catalog) -> int:
    return sum(count for (kind, _), count in catalog.job_counts().items() if kind == "ingest")


def test_the_job_ends_with_the_registration(catalog: Catalog):
    job = leased(catalog)
    asset, written = catalog.add_version("demo", new("cat"), actor=PERSON, lease=job)
    assert written
    assert catalog.asset("demo", "upload", "cat") == asset
    assert waiting(catalog) == 0


def test_who_lost_the_job_registers_nothing(catalog: Catalog):
    job = leased(catalog)
    catalog.retry(job, "its lease ran out", delay=60)
    with pytest.raises(ConflictError):
        catalog.add_version("demo", new("cat"), actor=PERSON, lease=job)
    assert catalog.asset("demo", "upload", "cat") is None
    assert waiting(catalog) == 1


def test_a_name_that_is_taken_ends_the_job_too(catalog: Catalog):
    before = add(catalog)
    job = leased(catalog)
    found = catalog.add_version("demo", new("cat", overwrite=False), actor=PERSON, lease=job)
    assert found == (before, False)
    assert waiting(catalog) == 0


def test_an_error_is_announced_by_who_holds_the_job(catalog: Catalog):
    job = leased(catalog)
    for _ in range(2):
        catalog.announce_error("demo", "https://a.example", {"error": "x"}, actor=PERSON, lease=job)
    assert len(catalog.list_notifications("demo").notifications) == 1
    assert waiting(catalog) == 0
