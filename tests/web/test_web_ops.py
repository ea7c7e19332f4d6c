"""What operators ask: health, readiness, numbers."""

import os
import subprocess
import sys
import threading
import time

import pytest
from flask import Flask
from wireclient import Wire, clouds, signed

from rekproxy.errors import CatalogUnavailableError, ProviderError
from rekproxy.interfaces.tiers import Held
from rekproxy.web import errors
from rekproxy.web.auth import Keyring
from rekproxy.web.metrics import Backlog, Metrics
from rekproxy.web.ops import ops_blueprint

IDLE = Backlog(lambda: (0, None), dict, lambda: 0.0)


def client_of(catalog=lambda: None, neighbours=None, metrics=None, backlog=IDLE, admit=lambda _: None):
    app = Flask("ops", static_folder=None)
    errors.register(app)
    app.register_blueprint(ops_blueprint(catalog, neighbours or {}, metrics or Metrics(), backlog, admit))
    return app.test_client()


def away():
    raise CatalogUnavailableError("no route to db.internal")


def test_a_living_process_says_so_whatever_else_is_away():
    assert client_of(catalog=away).get("/healthz").json == {"status": "ok"}


def test_ready_is_who_has_a_catalog():
    assert client_of().get("/readyz").json == {"status": "ok", "catalog": "ok"}
    reply = client_of(catalog=away).get("/readyz")
    assert (reply.status_code, reply.headers["Cache-Control"]) == (503, "no-store")
    assert reply.json == {"status": "unavailable", "catalog": "unavailable"}


def test_neighbours_are_reported_and_change_nothing():
    def failing():
        raise ProviderError("bad key", code="AccessDenied", retryable=False)

    client = client_of(neighbours={"storage": lambda: None, "provider": failing})
    deadline = time.monotonic() + 5
    while "unknown" in (said := client.get("/readyz")).text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert said.status_code == 200
    assert said.json == {"status": "ok", "catalog": "ok", "storage": "ok", "provider": "unavailable"}


def test_a_neighbour_that_hangs_holds_up_nothing_and_is_asked_once():
    asked, hold = [], threading.Event()

    def hanging():
        asked.append(1)
        hold.wait(10)

    client = client_of(neighbours={"storage": hanging})
    try:
        assert [client.get("/readyz").json["storage"] for _ in range(3)] == ["unknown"] * 3
        assert len(asked) <= 1
    finally:
        hold.set()


# metrics


@pytest.mark.parametrize(
    ("token", "header", "status"),
    [
        ("right", "Bearer right", 200),
        ("right", "Bearer wrong", 401),
        ("right", "Bearer", 401),
        ("right", None, 401),
        (None, None, 401),
        (None, "Bearer", 401),
        (None, "Bearer None", 401),
        (None, "Basic YWxsOmFsbC1zZWNyZXQ=", 200),  # all:all-secret
        (None, "Basic ZmFyOmZhci1zZWNyZXQ=", 200),  # far:far-secret, another cloud's admin
        (None, "Basic YWxsOndyb25n", 401),  # all:wrong
        (None, "Basic dXA6dXAtc2VjcmV0", 403),  # up:up-secret, no admin
    ],
)
def test_numbers_are_for_the_holder_of_the_token_and_for_admins(token, header, status):
    keyring = Keyring(clouds())
    client = client_of(admit=lambda request: keyring.operator(token, request.authorization))
    headers = {"Authorization": header} if header else {}
    assert client.get("/metrics", headers=headers).status_code == status


def test_every_number_has_the_name_that_others_rely_on():
    metrics = Metrics()
    metrics.verdict("aws_rek", "rejected", "machine")
    metrics.provider_call("opennsfw", "ok")
    metrics.provider_saved("opennsfw", "joined", 3)
    metrics.unknown_label("opennsfw")
    metrics.rendered(0.2)
    metrics.cache_bytes("memory", 12)
    backlog = Backlog(
        lambda: (3, 1_000),
        lambda: {("moderate", "waiting"): 2},
        lambda: 61.0,
        held=lambda: {"derived": Held(7, 1), "original": Held(5, 2)},
    )
    client = client_of(metrics=metrics, backlog=backlog)
    client.get("/nothing")
    lines = client.get("/metrics").text.splitlines()
    for line in (
        'rekproxy_requests_total{status="404",surface="none",tier="none"} 1.0',
        'rekproxy_verdicts_total{by="machine",kind="aws_rek",status="rejected"} 1.0',
        'rekproxy_provider_calls_total{outcome="ok",provider="opennsfw"} 1.0',
        'rekproxy_provider_calls_saved_total{provider="opennsfw",why="joined"} 3.0',
        'rekproxy_unknown_labels_total{provider="opennsfw"} 1.0',
        "rekproxy_render_seconds_count 1.0",
        'rekproxy_cache_bytes{tier="memory"} 12.0',
        'rekproxy_cache_bytes{tier="derived"} 7.0',
        'rekproxy_cache_bytes{tier="original"} 5.0',
        "rekproxy_pending 3.0",
        "rekproxy_pending_oldest_seconds 60.0",
        'rekproxy_jobs{kind="moderate",state="waiting"} 2.0',
    ):
        assert line in [sorted_labels(each) for each in lines]


def sorted_labels(line):
    name, brace, rest = line.partition("{")
    if not brace:
        return line
    labels, _, value = rest.partition("}")
    return f"{name}{{{','.join(sorted(labels.split(',')))}}}{value}"


def test_requests_are_counted_by_surface(wire: Wire):
    wire.upload({**signed({}), "file": "data:image/png;base64,AAAA"})
    wire.get("ping")
    text = wire.client.get("/metrics", auth=("all", "all-secret")).text
    assert 'rekproxy_requests_total{status="200",surface="upload",tier="none"} 1.0' in text
    assert 'rekproxy_requests_total{status="200",surface="admin",tier="none"} 1.0' in text


def test_numbers_are_told_without_the_catalog_too():
    reply = client_of(backlog=Backlog(away, dict, lambda: 0.0)).get("/metrics")
    assert reply.status_code == 200
    assert "rekproxy_pending" not in reply.text


COUNT_TWICE = """
from rekproxy.web.metrics import Backlog, Metrics
metrics = Metrics()
metrics.verdict("manual", "approved", "person")
metrics.cache_bytes("memory", 5)
print(metrics.scrape(Backlog(lambda: (1, None), lambda: {}, lambda: 0.0)).decode())
"""


def test_several_processes_are_added_up(tmp_path):
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", COUNT_TWICE], env=environ, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    assert 'rekproxy_verdicts_total{by="person",kind="manual",status="approved"} 2.0' in runs[1].stdout
    assert "rekproxy_pending 1.0" in runs[1].stdout
