"""Explaining stored verdicts: what was kept of each picture is read, judged, and said of every label."""

import json
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from rekproxy.domain.judging import judge
from rekproxy.domain.policies import Resolved
from rekproxy.domain.policy import parse_policy
from rekproxy.domain.taxonomy import SEVEN, fold
from rekproxy.interfaces import Catalog
from rekproxy.services.explain import Explain
from rekproxy.services.sightings import from_text

from .options import Options
from .report import Table, middle, ratio

#: Explanations a second that one core has to give.
WANTED: Final = 20_000
_VERDICTS: Final = 4_000
_PAIRS: Final = (
    *("explicit:0.4", "violence:0.6", "weapons:0.85", "self_harm:0.3"),
    *("drugs_and_tobacco:0.8", "alcohol:ignore", "rude_gestures:0.9", "hate_symbols:0.3"),
)
_POLICIES: Final = {
    "aws_rek": Resolved("aws_rek"),
    "8 pairs": Resolved(":".join(["aws_rek", *_PAIRS])),
}


def measure(options: Options) -> Table:
    """Every verdict once in each round, on one core. Raises `AssertionError` under `WANTED` a second."""
    texts = verdicts(_VERDICTS)
    labels = sum(len(each.detection.labels) for text in texts for each in from_text(text, "7.0"))
    base = _seconds(options.rounds, texts, json.loads)
    cells = [("json.loads of the same", *_figures(base, base))]
    for name, resolved in _POLICIES.items():
        judged = _seconds(options.rounds, texts, _judging(resolved))
        explained = _seconds(options.rounds, texts, _explaining(resolved))
        assert 1 / explained > WANTED, f"{name}: {1 / explained:.0f} a second"
        cells.append((f"judged, {name}", *_figures(judged, base)))
        cells.append((f"explained, {name}", *_figures(explained, base)))
    mix = f"{_VERDICTS:,} verdicts of one copy each, {labels / _VERDICTS:.1f} labels on average"
    notes = (
        f"{mix}: three of five have none, every fourth three to six. Medians; one thread's processor time.",
        f"Explained: every label with level, source and result. At least {WANTED:,} a second.",
    )
    return Table("Stored verdicts explained", ("work", "a second", "µs", "/ json.loads"), tuple(cells), notes)


def verdicts(count: int) -> list[str]:
    """Kept labels as they lie in the catalog, a path of labels each time; the same in every run."""
    draw = random.Random(7)
    paths = sorted(SEVEN.edges)
    names = {fold(name): name for name, _ in paths}
    return [
        json.dumps([_sighting(draw, names, draw.choices((0, 2, 3, 4, 6), (60, 15, 8, 8, 9))[0])])
        for _ in range(count)
    ]


def _sighting(draw: random.Random, names: dict[str, str], count: int) -> dict[str, Any]:
    labels: list[dict[str, Any]] = []
    while len(labels) < count:
        lineage = SEVEN.lineages[draw.choice(sorted(SEVEN.lineages))]
        confidence = round(draw.uniform(20, 100), 4)
        for depth, key in enumerate(reversed(lineage), 1):
            above = names[lineage[len(lineage) - depth + 1]] if depth > 1 else ""
            label = {"confidence": confidence, "name": names[key], "parent_name": above}
            labels.append({**label, "taxonomy_level": depth})
    return {
        "frame": 0,
        "ground": "",
        "taxonomy": "7",
        "content_types": {},
        "request_id": f"{draw.getrandbits(128):032x}",
        "labels": labels[:count],
    }


def _judging(resolved: Resolved) -> Callable[[str], object]:
    rules = (parse_policy(resolved.text),)
    return lambda text: [
        judge(rules, each.detection.labels, taxonomy=each.detection.taxonomy)
        for each in from_text(text, "7.0")
    ]


def _explaining(resolved: Resolved) -> Callable[[str], object]:
    # it asks no catalog for what it is given
    explain = Explain(cast(Catalog, None), policies=cast(Any, None))
    return lambda text: explain.over(resolved, from_text(text, "7.0"), None)


def _seconds(rounds: int, texts: Sequence[str], work: Callable[[str], object]) -> float:
    """Seconds of processor time for one text: the median of the rounds."""
    samples = []
    for _ in range(rounds + 1):
        started = time.thread_time()
        for text in texts:
            work(text)
        samples.append((time.thread_time() - started) / len(texts))
    return middle(samples[1:])


def _figures(seconds: float, base: float) -> tuple[str, str, str]:
    return f"{1 / seconds:,.0f}", f"{seconds * 1e6:.1f}", ratio(seconds, base)
