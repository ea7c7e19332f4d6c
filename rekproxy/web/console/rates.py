"""What all processes of this machine counted since they started, as an administrator wants to know it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

Samples = Iterable[tuple[str, Mapping[str, str], float]]

#: Tiers that answer without drawing anything.
_HITS: Final = ("memory", "derived")


@dataclass(frozen=True, slots=True)
class Rates:
    """Since the start: pictures served from a cache and all, calls of detectors by outcome, and takedowns
    that an edge confirmed, with the seconds that they took together."""

    hits: int
    served: int
    calls: Mapping[str, int]
    takedowns: int
    takedown_seconds: float

    @property
    def hit_rate(self) -> float | None:
        """Share of pictures that came from a cache; `None` before the first."""
        return self.hits / self.served if self.served else None

    @property
    def takedown_mean(self) -> float | None:
        """Seconds from a decision until an edge confirmed its purge; `None` before the first."""
        return self.takedown_seconds / self.takedowns if self.takedowns else None

    @property
    def failures(self) -> Mapping[str, int]:
        """Calls that failed, by the provider's own word, the most frequent first."""
        failed = Counter({outcome: count for outcome, count in self.calls.items() if outcome != "ok"})
        return dict(failed.most_common())


def rates(samples: Samples) -> Rates:
    """Add up what was counted."""
    tiers: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    takedowns: Counter[str] = Counter()
    for name, labels, value in samples:
        if name == "rekproxy_requests_total" and labels["surface"] == "delivery":
            tiers[labels["tier"]] += round(value)
        elif name == "rekproxy_provider_calls_total":
            calls[labels["outcome"]] += round(value)
        elif name == "rekproxy_takedown_seconds_count":
            takedowns["count"] += round(value)
        elif name == "rekproxy_takedown_seconds_sum":
            takedowns["milliseconds"] += round(1000 * value)
    served = tiers.total() - tiers["none"]
    seconds = takedowns["milliseconds"] / 1000
    return Rates(sum(tiers[tier] for tier in _HITS), served, calls, takedowns["count"], seconds)
