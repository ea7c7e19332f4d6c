"""What is counted, and under which names. Several worker processes are added up where
`PROMETHEUS_MULTIPROC_DIR` names a folder that they share."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ..errors import UnavailableError
from ..interfaces.edge import Measured
from ..interfaces.tiers import Held

#: Seconds: from a rendition in memory to the limit of one image.
_RENDER_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
#: Seconds: from a purge inside the call itself to one that an edge's failure has put off.
_TAKEDOWN_BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
_log = structlog.get_logger("rekproxy.web")


class Metrics:
    """The metrics of one application; its methods are what the other layers are given to call."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._requests = Counter(
            "rekproxy_requests", "Requests answered.", ("surface", "status", "tier"), registry=registry
        )
        # looking labels up costs more than counting
        self._of_request: dict[tuple[str, int, str], Counter] = {}
        self._verdicts = Counter(
            "rekproxy_verdicts", "Moderation entries decided.", ("kind", "status", "by"), registry=registry
        )
        self._provider_calls = Counter(
            "rekproxy_provider_calls", "Calls of a detector.", ("provider", "outcome"), registry=registry
        )
        self._saved = Counter(
            "rekproxy_provider_calls_saved",
            "Calls of a detector that were not needed.",
            ("provider", "why"),
            registry=registry,
        )
        self._unknown_labels = Counter(
            "rekproxy_unknown_labels", "Labels that no taxonomy knows.", ("provider",), registry=registry
        )
        self._notifications = Counter(
            "rekproxy_notifications", "Attempts to tell of an event.", ("type", "outcome"), registry=registry
        )
        self._edge_purges = Counter(
            "rekproxy_edge_purges", "Purges of an edge cache.", ("edge", "outcome"), registry=registry
        )
        self._takedown = Histogram(
            "rekproxy_takedown_seconds",
            "Time from a decision until an edge confirmed its purge.",
            buckets=_TAKEDOWN_BUCKETS,
            registry=registry,
        )
        self._render = Histogram(
            "rekproxy_render_seconds", "Time to make one image.", buckets=_RENDER_BUCKETS, registry=registry
        )
        self._cache_bytes = Gauge(
            "rekproxy_cache_bytes",
            "Bytes held by a cache.",
            ("tier",),
            registry=registry,
            multiprocess_mode="livesum",
        )

    def request(self, surface: str, status: int, tier: str) -> None:
        """Count an answered request; `tier` is what answered it (`memory`, `derived`, `render`, `none`)."""
        counted = surface, status, tier
        counter = self._of_request.get(counted)
        if counter is None:
            counter = self._of_request[counted] = self._requests.labels(surface, str(status), tier)
        counter.inc()

    def verdict(self, kind: str, status: str, by: str) -> None:
        """Count a decided moderation entry; `by` is `machine` or `person`."""
        self._verdicts.labels(kind, status, by).inc()

    def provider_call(self, provider: str, outcome: str) -> None:
        """Count a call of a detector; `outcome` is `ok` or the provider's own word for the failure."""
        self._provider_calls.labels(provider, outcome).inc()

    def provider_saved(self, provider: str, why: str, calls: int) -> None:
        """Count calls of a detector that were not needed; `why` is `reused` or `joined`."""
        self._saved.labels(provider, why).inc(calls)

    def unknown_label(self, provider: str) -> None:
        """Count a label that no taxonomy knows."""
        self._unknown_labels.labels(provider).inc()

    def notification(self, type: str, outcome: str) -> None:
        """Count an attempt to tell somebody of an event: `delivered`, `failed` (to come again) or `dead`."""
        self._notifications.labels(type, outcome).inc()

    def purged(self, edge: str, outcome: str) -> None:
        """Count a purge of an edge: `confirmed`, `accepted` (and confirmed later) or `failed`."""
        self._edge_purges.labels(edge, outcome).inc()

    def taken_down(self, seconds: float) -> None:
        """Note how long it took from a decision until an edge had confirmed its purge."""
        self._takedown.observe(seconds)

    def rendered(self, seconds: float) -> None:
        """Note how long one image took."""
        self._render.observe(seconds)

    def cache_bytes(self, tier: str, size: int) -> None:
        """Note how many bytes this process holds in a cache."""
        self._cache_bytes.labels(tier).set(size)

    def scrape(self, backlog: "Backlog") -> bytes:
        """Everything, in Prometheus' text format."""
        registry = self._of_all()
        asked_now = CollectorRegistry()
        asked_now.register(backlog)
        counted = CollectorRegistry()
        counted.register(_Tiers(registry, backlog.held))
        return generate_latest(counted) + generate_latest(asked_now)

    def samples(self) -> Iterator[tuple[str, Mapping[str, str], float]]:
        """What all processes counted since they started: name, labels and value of each sample."""
        for family in self._of_all().collect():
            for sample in family.samples:
                yield sample.name, sample.labels, sample.value

    def _of_all(self) -> CollectorRegistry:
        """What this process counted, or all that share a folder."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry


@dataclass(frozen=True, slots=True)
class _Tiers(Collector):
    """What was counted, and among the bytes of caches those of the tiers that all processes share."""

    counted: CollectorRegistry
    held: Callable[[], Mapping[str, Held]]

    def describe(self) -> list[Metric]:
        """No names: they are those of the registry."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics; see the class."""
        for family in self.counted.collect():
            if family.name == "rekproxy_cache_bytes":
                for tier, held in sorted(self._shared().items()):
                    family.add_sample(family.name, {"tier": tier}, held.bytes)
            yield family

    def _shared(self) -> Mapping[str, Held]:
        try:
            return self.held()
        except UnavailableError as error:
            _log.warning("metrics lack the tiers", reason=str(error))
            return {}


@dataclass(frozen=True, slots=True)
class Backlog(Collector):
    """What waits, read from the catalog at each scrape: every process would answer the same.

    `pending` gives the number of pending assets and since when the oldest waits (milliseconds), `jobs` the
    number of jobs by (kind, state), `unsealed` the number of lines of the audit that no seal covers yet, and
    since when, `held` what the tiers hold that all processes share, `taken_down` the takedown that was tried
    last. While the catalog does not answer these metrics are absent.
    """

    pending: Callable[[], tuple[int, int | None]]
    jobs: Callable[[], Mapping[tuple[str, str], int]]
    now: Callable[[], float]
    unsealed: Callable[[], tuple[int, int | None]] = lambda: (0, None)
    held: Callable[[], Mapping[str, Held]] = dict
    taken_down: Callable[[], Measured | None] = lambda: None

    def describe(self) -> list[Metric]:
        """No names: registering must not ask the catalog."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics; see the class."""
        try:
            count, oldest = self.pending()
            jobs = self.jobs()
            lines, written = self.unsealed()
            tried = self.taken_down()
        except UnavailableError as error:
            _log.warning("metrics lack the backlog", reason=str(error))
            return
        yield GaugeMetricFamily("rekproxy_pending", "Assets that wait for a verdict.", value=count)
        yield GaugeMetricFamily(
            "rekproxy_pending_oldest_seconds", "Age of the oldest of them.", value=self._age(oldest)
        )
        yield GaugeMetricFamily("rekproxy_audit_unsealed", "Lines of the audit without a seal.", value=lines)
        yield GaugeMetricFamily(
            "rekproxy_audit_unsealed_oldest_seconds", "Age of the oldest of them.", value=self._age(written)
        )
        family = GaugeMetricFamily("rekproxy_jobs", "Jobs by state.", labels=("kind", "state"))
        for labels, number in sorted(jobs.items()):
            family.add_metric(labels, number)
        yield family
        if tried is not None:
            yield GaugeMetricFamily(
                "rekproxy_takedown_check_seconds", "Time that the last tried takedown took.", tried.seconds
            )
            yield GaugeMetricFamily(
                "rekproxy_takedown_check_age_seconds", "Time since then.", self._age(tried.at)
            )

    def _age(self, since: int | None) -> float:
        return 0.0 if since is None else max(0.0, self.now() - since / 1000)
