"""The proof: whatever is done while everybody asks and servers die, nothing is seen that may not be.

`make soak` is its long form: each storm lasts SOAK_SECONDS. SOAK_SEED changes what happens in it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import make_url

from tests.conftest import REQUIRED
from tests.edge.varnish import SECRET, missing, varnish
from tests.serving import free_port
from tests.takedown.ledger import Verdict
from tests.takedown.soak import Weather, blow
from tests.takedown.stage import DEADLINE, Stage, staged

SECONDS = float(os.environ.get("SOAK_SECONDS", "8"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
#: When what a purge has missed is purged again, after the reply about it: see `services/takedown.py`.
SECOND_PURGE = DEADLINE + 5 + 4

House: TypeAlias = Callable[..., Iterator[Stage]]

pytestmark = [
    pytest.mark.timeout(SECONDS * 2 + 180),
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="workers are found by /proc"),
]


@contextmanager
def sqlite(folder: Path, request: pytest.FixtureRequest, **variables: str) -> Iterator[Stage]:
    """One server of three workers over one file."""
    with staged(folder, 1, 3, **variables) as stage:
        yield stage


@contextmanager
def postgres(folder: Path, request: pytest.FixtureRequest, **variables: str) -> Iterator[Stage]:
    """Two servers of two workers over one database."""
    url = make_url(request.getfixturevalue("empty_postgres")).set(drivername="postgresql+psycopg")
    address = url.render_as_string(hide_password=False)
    with staged(folder, 2, 2, REKPROXY_DATABASE_URL=address, **variables) as stage:
        yield stage


@pytest.mark.parametrize("house", [sqlite, postgres])
def test_nothing_is_seen_that_may_not_be(house, tmp_path, request):
    with house(tmp_path, request) as stage:
        hold(blow(stage, Weather(SECONDS, SEED)))


@pytest.mark.parametrize("purged", [True, False], ids=["purged", "left alone"])
def test_nothing_is_seen_through_varnish_either(purged, tmp_path, request):
    """Purged: nothing after the second purge. Left alone: nothing after `takedown_seconds`."""
    if reason := missing():
        assert "varnish" not in REQUIRED, reason
        pytest.skip(reason)
    ports = [free_port() for _ in range(2)]
    urls = ",".join(f"http://127.0.0.1:{port}/" for port in ports)
    edge = {"EDGE": "varnish", "VARNISH_URLS": urls, "VARNISH_SECRET": SECRET}
    variables = edge if purged else {"TAKEDOWN_SECONDS": "2"}
    given = {f"REKPROXY_{name}": value for name, value in variables.items()}
    house = postgres if purged else sqlite
    with house(tmp_path, request, **given) as stage, ExitStack() as stack:
        backends = stage.ports * 2  # of one server, both are in front
        for port, backend in zip(ports, backends, strict=False):
            stack.enter_context(varnish(backend, port))
        lag = SECOND_PURGE if purged else 2
        hold(blow(stage, Weather(SECONDS, SEED, ports=tuple(ports), lag=lag, life=60)))


def hold(verdict: Verdict) -> None:
    """Nothing broke a promise, and there was enough of everything to say so."""
    print(verdict.told, dict(verdict.by_status), verdict.visible, verdict.hidden, verdict.unchanged)
    assert verdict.faults[:5] == [], verdict.told
    assert min(verdict.visible, verdict.hidden) >= 2 * SECONDS
    assert min(verdict.unchanged, verdict.deeds) >= SECONDS / 3
