"""Names of metrics are a contract: code, page, dashboard and alerts say the same ones."""

import json
import re
from pathlib import Path

import pytest
import yaml

from rekproxy.interfaces.edge import Measured
from rekproxy.web.metrics import Backlog, Metrics

ROOT = Path(__file__).parents[1]
NAME = re.compile(r"\brekproxy_[a-z_]+")
BACKLOG = Backlog(
    lambda: (0, None),
    lambda: {("moderate", "dead"): 1},
    lambda: 0.0,
    taken_down=lambda: Measured(1.0, 0),
)


def told() -> dict[str, set[str]]:
    """Names with the labels that a series of each can have, as the code gives them."""
    metrics = Metrics()
    metrics.request("delivery", 200, "memory")
    metrics.verdict("aws_rek", "approved", "machine")
    metrics.provider_call("rekognition", "ok")
    metrics.provider_saved("rekognition", "reused", 1)
    metrics.unknown_label("rekognition")
    metrics.notification("upload", "delivered")
    metrics.purged("varnish", "confirmed")
    metrics.taken_down(0.1)
    metrics.rendered(0.1)
    metrics.cache_bytes("memory", 1)
    found: dict[str, set[str]] = {}
    for line in metrics.scrape(BACKLOG).decode().splitlines():
        if match := re.match(r"(rekproxy_\w+?)(_bucket|_count|_sum|_created)?(?:\{(.*)\})? ", line):
            name = match[1] if match[2] in ("_bucket", "_count", "_sum") else match[1] + (match[2] or "")
            found.setdefault(name, set()).update(re.findall(r"(\w+)=", match[3] or ""))
    return {name: labels - {"le"} for name, labels in found.items() if not name.endswith("_created")}


TOLD = told()


def plain(name: str) -> str:
    return re.sub(r"_(bucket|count|sum)$", "", name)


def test_the_page_names_every_metric_with_its_labels() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(rekproxy_\w+)` \| (.*?) \|", page, re.MULTILINE)
    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows} == TOLD


def test_no_label_is_an_id() -> None:
    assert set().union(*TOLD.values()) <= {
        "surface", "status", "tier", "kind", "by", "provider", "outcome", "why", "type", "edge", "state",
    }  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_the_dashboard_shows_every_metric_and_no_other(name: str) -> None:
    board = json.loads((ROOT / "config" / "grafana.json").read_text(encoding="utf-8"))
    shown = {
        plain(each)
        for panel in board["panels"]
        for target in panel["targets"]
        for each in NAME.findall(target["expr"])
    }
    assert name in shown or name == "rekproxy_audit_unsealed"
    assert shown <= set(TOLD)


def test_alerts_ask_for_metrics_and_labels_that_there_are() -> None:
    rules = yaml.safe_load((ROOT / "config" / "alerts.yaml").read_text(encoding="utf-8"))
    (group,) = rules["groups"]
    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])
    for rule in group["rules"]:
        names = {plain(name) for name in NAME.findall(rule["expr"])}
        assert names
        assert names <= set(TOLD)
        labels = set().union(*(TOLD[name] for name in names)) | {"instance", "job", "le"}
        assert set(re.findall(r"(\w+)(?:=~|!=|=)\"", rule["expr"])) <= labels
        assert set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))) <= labels


def test_dashboard_panels_do_not_overlap() -> None:
    board = json.loads((ROOT / "config" / "grafana.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in board["panels"]):
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        taken |= cells
