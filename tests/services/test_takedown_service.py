"""Purges by the call itself and by jobs, and the life that edges are given meanwhile."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from rekproxy.backends.sql import open_catalog
from rekproxy.domain.asset import Asset, Status
from rekproxy.domain.cachekeys import purge_keys
from rekproxy.errors import CatalogUnavailableError, EdgeError
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.edge import CONFIRM, FIRST, EdgePlan, Receipt
from rekproxy.services.jobs import Worker
from rekproxy.services.takedown import EdgeLife, Takedown
from rekproxy.web.caching import CachePolicy, EdgePolicy
from rekproxy.web.metrics import Metrics
from tests.promises.catalogcases import PERSON, add, settle


@dataclass
class ToldEdge:
    """Does as it is told: purges, accepts, fails, or does not come back until it is let go."""

    accepts: bool = False
    fails: bool = False
    ended: bool = False
    go: threading.Event = field(default_factory=threading.Event)
    purged: list[Sequence[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.go.set()

    def purge(self, keys: Sequence[str]) -> Receipt:
        assert self.go.wait(10)
        if self.fails:
            raise EdgeError("it does not answer")
        self.purged.append(keys)
        return Receipt("cdn", len(keys), not self.accepts, ("I1",) if self.accepts else ())

    def confirmed(self, id: str) -> bool:
        return self.ended


@pytest.fixture
def catalog(sqlite_url: str) -> Iterator[Catalog]:
    opened = open_catalog(sqlite_url, edges=EdgePlan(("cdn",), 3600))
    yield opened
    opened.close()


@pytest.fixture
def cat(catalog: Catalog) -> Asset:
    """An asset that was shown, and has just been rejected; its approval's purge is the same job."""
    asset = settle(catalog, add(catalog))
    assert asset
    return catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON).asset


def waiting(catalog: Catalog, kind: str = FIRST) -> int:
    return catalog.job_counts().get((kind, "waiting"), 0)


def test_a_purge_by_the_call_itself_ends_its_job(catalog: Catalog, cat: Asset) -> None:
    edge = ToldEdge()
    (told,) = Takedown(catalog, {"cdn": edge}, Metrics()).now("demo", [cat])
    assert (told["tier"], told["state"]) == ("cdn", "confirmed")
    assert edge.purged == [[*purge_keys(cat)]]
    for _ in range(100):
        if not catalog.job_counts().get((FIRST, "leased")):
            break
        time.sleep(0.02)
    assert waiting(catalog) == 0


def test_a_purge_that_fails_is_left_to_the_job_which_goes_on(catalog: Catalog, cat: Asset) -> None:
    edge = ToldEdge(fails=True)
    takedown = Takedown(catalog, {"cdn": edge}, Metrics())
    assert takedown.now("demo", [cat]) == ({"tier": "cdn", "state": "queued"},)
    assert waiting(catalog) == 1
    edge.fails = False
    worker = Worker(catalog, takedown.handlers())
    until = time.monotonic() + 10
    while not edge.purged and time.monotonic() < until:
        worker.run_once()
        time.sleep(0.05)
    assert edge.purged == [[*purge_keys(cat)]]
    assert waiting(catalog) == 0


def test_a_slow_edge_keeps_nobody_waiting_for_long(catalog: Catalog, cat: Asset) -> None:
    edge = ToldEdge()
    edge.go.clear()
    began = time.monotonic()
    told = Takedown(catalog, {"cdn": edge}, Metrics(), patience=0.2).now("demo", [cat])
    assert told == ({"tier": "cdn", "state": "queued"},)
    assert time.monotonic() - began < 2
    edge.go.set()


def test_what_is_accepted_is_asked_for_until_it_is_confirmed(catalog: Catalog, cat: Asset) -> None:
    edge, meter = ToldEdge(accepts=True), Metrics()
    takedown = Takedown(catalog, {"cdn": edge}, meter)
    (job,) = catalog.claim((FIRST,), lease=60)
    takedown.purge(job)
    catalog.finish(job)
    assert waiting(catalog, CONFIRM) == 1
    catalog.enqueue("demo", CONFIRM, {"edge": "cdn", "ids": ["I1"], "at": 0})
    (asked,) = catalog.claim((CONFIRM,), lease=60)
    takedown.confirm(asked)
    assert not catalog.finish(asked)  # it was given back, to be asked again
    edge.ended = True
    catalog.enqueue("demo", CONFIRM, {"edge": "cdn", "ids": ["I1"], "at": 0})
    (asked,) = catalog.claim((CONFIRM,), lease=60)
    takedown.confirm(asked)
    assert catalog.finish(asked)


def test_without_edges_nothing_is_said(catalog: Catalog, cat: Asset) -> None:
    assert Takedown(catalog, {}, Metrics()).now("demo", [cat]) == ()


@pytest.mark.parametrize(("late", "life"), [(None, 3600), (-20.0, 3600), (59.0, 3600), (61.0, 60)])
def test_the_life_of_an_edge_is_short_while_a_purge_is_late(late: float | None, life: int) -> None:
    assert EdgeLife(lambda: late, 3600, 60)() == life


def test_where_nothing_is_known_of_the_purges_life_is_short() -> None:
    def unknown() -> float | None:
        raise CatalogUnavailableError("gone")

    assert EdgeLife(unknown, 3600, 60)() == 60


def test_the_catalog_is_not_asked_for_each_request() -> None:
    asked: list[int] = []
    life = EdgeLife(lambda: asked.append(1), 3600, 60)  # type: ignore[func-returns-value]
    for _ in range(1000):
        life()
    assert len(asked) <= 2


@pytest.mark.parametrize(
    ("kinds", "names"),
    [
        (("varnish",), {"Surrogate-Control"}),
        (("http",), {"CDN-Cache-Control", "Surrogate-Control"}),
        (("cloudfront",), set()),
        (("varnish", "cloudfront"), {"Surrogate-Control"}),
    ],
)
def test_only_an_edge_that_is_purged_is_told_of_a_longer_life(
    kinds: tuple[str, ...], names: set[str]
) -> None:
    policy = CachePolicy(60, EdgePolicy(kinds, lambda: 3600, 60))
    missing = dict(policy.refusal(None, "no", missing=True))
    assert missing["Cache-Control"] == "no-store"
    edge = EdgePolicy(kinds, lambda: 3600, 60)
    assert dict(edge.headers(3600)) == dict.fromkeys(names, "max-age=3600")
    assert dict(edge.missing()) == dict.fromkeys(names, "max-age=10")
    assert EdgePolicy(kinds, lambda: 60, 60).missing() == []
