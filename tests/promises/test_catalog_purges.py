"""Purges that edges are owed: written with what causes them, once, and claimed by who can do them."""

from collections.abc import Callable, Iterator

import pytest

from rekproxy.backends.sql import open_catalog
from rekproxy.domain.asset import Asset, Status
from rekproxy.domain.cachekeys import definition_key, purge_keys
from rekproxy.domain.naming import Definition
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.edge import AGAIN, FIRST, EdgePlan
from rekproxy.interfaces.reports import Report
from tests.promises.catalogcases import PERSON, REJECTED, add, settle

ROLES = ("admin", "moderator")


@pytest.fixture
def edged(database_url: str) -> Iterator[Catalog]:
    """A catalog with two edges, whose second purge comes an hour later."""
    opened = open_catalog(database_url, edges=EdgePlan(("varnish", "cdn"), 3600))
    yield opened
    opened.close()


def owed(catalog: Catalog) -> tuple[int, int]:
    counts = catalog.job_counts()
    return counts.get((FIRST, "waiting"), 0), counts.get((AGAIN, "waiting"), 0)


def shown(catalog: Catalog, name: str = "cat") -> Asset:
    """An approved asset, after whose approval every purge was made."""
    asset = settle(catalog, add(catalog, name))
    assert asset
    for edge in ("varnish", "cdn"):
        for job in catalog.claim_purges("demo", edge, [asset.asset_id], lease=60):
            catalog.finish(job)
    assert owed(catalog) == (0, 0)
    return asset


CHANGES: dict[str, Callable[[Catalog, Asset], object]] = {
    "override": lambda catalog, cat: catalog.override("demo", cat.asset_id, Status.REJECTED, actor=PERSON),
    "overwrite": lambda catalog, cat: add(catalog, overwrite=True),
    "destroy": lambda catalog, cat: catalog.destroy("demo", cat.asset_id, actor=PERSON),
    "restrict": lambda catalog, cat: catalog.restrict(
        "demo", cat.asset_id, "admin", roles=ROLES, actor=PERSON, reason=None, note=None
    ),
    "erase": lambda catalog, cat: catalog.erase("demo", cat.asset_id, actor=PERSON, reason=None, note=None),
    "report": lambda catalog, cat: catalog.report(
        "demo", cat.asset_id, Report("one", None, None), hide_after=1, actor=PERSON
    ),
    "purge": lambda catalog, cat: list(catalog.renew("demo", public_ids=["cat"], actor=PERSON)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_ends_a_picture_is_followed_by_two_purges_of_every_edge(edged: Catalog, change: str) -> None:
    cat = shown(edged)
    CHANGES[change](edged, cat)
    assert owed(edged) == (2, 2)
    (job,) = edged.claim_purges("demo", "varnish", [cat.asset_id], lease=60)
    assert (job.kind, job.payload["edge"], job.payload["keys"]) == (FIRST, "varnish", [*purge_keys(cat)])
    assert edged.claim_purges("demo", "varnish", [cat.asset_id], lease=60) == ()
    assert edged.claim((AGAIN,), lease=60) == ()  # not yet


def test_bringing_back_another_version_is_followed_by_two_purges_of_every_edge(edged: Catalog) -> None:
    first = settle(edged, add(edged, backup=True))
    assert first
    settle(edged, add(edged, overwrite=True, backup=True))
    for job in edged.claim((FIRST,), lease=60):
        edged.finish(job)
    restored = edged.restore("demo", first.asset_id, first.current.version_id, actor=PERSON)
    assert restored is not None
    assert (restored.standing, owed(edged)) == (Status.APPROVED, (2, 2))


def test_an_approval_is_followed_by_one_purge_and_what_was_never_shown_by_none(edged: Catalog) -> None:
    cat, dog = add(edged), add(edged, "dog")
    settle(edged, dog, REJECTED)
    edged.destroy("demo", dog.asset_id, actor=PERSON)
    assert owed(edged) == (0, 0)
    settle(edged, cat)
    assert owed(edged) == (2, 0)


def test_changes_of_one_asset_share_the_purges_that_still_wait(edged: Catalog) -> None:
    cat = shown(edged)
    for status in (Status.REJECTED, Status.APPROVED, Status.REJECTED):
        edged.override("demo", cat.asset_id, status, actor=PERSON)
    assert owed(edged) == (2, 2)


def test_a_change_during_a_purge_has_a_purge_of_its_own(edged: Catalog) -> None:
    cat = shown(edged)
    edged.override("demo", cat.asset_id, Status.REJECTED, actor=PERSON)
    held = edged.claim_purges("demo", "varnish", [cat.asset_id], lease=60)
    edged.override("demo", cat.asset_id, Status.APPROVED, actor=PERSON)
    assert edged.finish(held[0])
    assert len(edged.claim_purges("demo", "varnish", [cat.asset_id], lease=60)) == 1


def test_many_assets_share_jobs(edged: Catalog) -> None:
    cats = [add(edged, f"cat{number}") for number in range(60)]
    assert len(list(edged.renew("demo", actor=PERSON))) == 60
    assert owed(edged) == (4, 4)
    jobs = edged.claim_purges("demo", "cdn", [cat.asset_id for cat in cats], lease=60)
    assert sorted(key for job in jobs for key in job.payload["keys"]) == sorted(
        key for cat in cats for key in purge_keys(cat)
    )


def test_no_cloud_claims_the_purges_of_another(edged: Catalog) -> None:
    cat = shown(edged)
    edged.destroy("demo", cat.asset_id, actor=PERSON)
    assert edged.claim_purges("studio", "varnish", [cat.asset_id], lease=60) == ()


def test_the_age_of_the_oldest_purge_forgives_the_second_its_delay(edged: Catalog) -> None:
    cat = shown(edged)
    assert edged.oldest_purge() is None
    edged.override("demo", cat.asset_id, Status.REJECTED, actor=PERSON)
    late = edged.oldest_purge()
    assert late is not None
    assert 0 <= late < 60
    for edge in ("varnish", "cdn"):
        for job in edged.claim_purges("demo", edge, [cat.asset_id], lease=60):
            edged.finish(job)
    late = edged.oldest_purge()
    assert late is not None
    assert late < -3000


def test_the_takedown_that_was_tried_last_is_remembered(catalog: Catalog) -> None:
    assert catalog.last_takedown() is None
    before = catalog.clock()
    for seconds in (61.5, 0.25):
        catalog.note_takedown(seconds)
    last = catalog.last_takedown()
    assert last
    assert last.seconds == 0.25
    assert before <= last.at <= catalog.clock()


def test_without_an_edge_nothing_is_owed(catalog: Catalog) -> None:
    cat = settle(catalog, add(catalog))
    assert cat
    catalog.destroy("demo", cat.asset_id, actor=PERSON)
    assert owed(catalog) == (0, 0)
    assert catalog.oldest_purge() is None


@pytest.mark.parametrize("change", ["redefine", "drop"])
def test_another_meaning_of_a_name_is_followed_by_two_purges_of_every_edge(
    edged: Catalog, change: str
) -> None:
    edged.define("demo", Definition("thumb", "c_fit,w_9", True), actor=PERSON)
    assert owed(edged) == (0, 0)
    if change == "drop":
        edged.drop_definition("demo", "thumb", actor=PERSON)
    else:
        edged.redefine("demo", "thumb", text="c_fit,w_8", allowed=None, actor=PERSON)
    jobs = edged.claim((FIRST,), lease=60, limit=9)
    assert [job.payload["keys"] for job in jobs] == [[definition_key("demo", "thumb")]] * 2
    assert {job.payload["edge"] for job in jobs} == {"varnish", "cdn"}
    assert edged.job_counts()[AGAIN, "waiting"] == 2
