"""A place where everything can fail, on either database; the provider's double and its client are shared."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from faultplaces import Crash, Place, detector_of, script
from sqlalchemy import make_url

from rekproxy.backends.rekognition import Circuit, RekognitionDetector
from rekproxy.backends.sql import engine
from rekproxy.interfaces import Imager
from tests.conftest import settings_for
from tests.doubles.rekognition import RekognitionDouble
from tests.promises.houses import House, folder_place

#: How long a write waits for a lock here; in earnest it is 5 s.
LOCK_MS = 300


@pytest.fixture(scope="session")
def clock() -> SimpleNamespace:
    """What durations are measured by; a test may let time pass."""
    return SimpleNamespace(ahead=0.0)


@pytest.fixture(scope="session")
def provider() -> Iterator[RekognitionDouble]:
    """The double, which the environment names to boto3."""
    with RekognitionDouble() as double, pytest.MonkeyPatch.context() as environ:
        for name, value in double.environment.items():
            environ.setenv(name, value)
        environ.delenv("AWS_SESSION_TOKEN", raising=False)
        yield double


@pytest.fixture(scope="session")
def circuit(clock: SimpleNamespace) -> Circuit:
    return Circuit(now=lambda: time.monotonic() + clock.ahead)


@pytest.fixture(scope="session")
def real_detector(provider: RekognitionDouble, circuit: Circuit) -> RekognitionDetector:
    """boto3 itself; a client costs more than many pictures."""
    return detector_of(circuit)


@pytest.fixture(scope="session")
def zygote() -> Iterator[subprocess.Popen[str]]:
    """What processes that are to be killed are forked from."""
    command = [sys.executable, "-m", "tests.faults.crashing"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def crash(zygote: subprocess.Popen[str], tmp_path: Path) -> Crash:
    return Crash(zygote, tmp_path)


@pytest.fixture
def impatient_url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A catalog that waits for locks no longer than tests like to."""
    if database_url.startswith("sqlite"):
        pragmas = (f"PRAGMA busy_timeout = {LOCK_MS}", *engine._PRAGMAS[1:])
        monkeypatch.setattr(engine, "_PRAGMAS", pragmas)
        return database_url
    options = {"options": f"-c lock_timeout={LOCK_MS}ms"}
    url = make_url(database_url).set(drivername="postgresql+psycopg").update_query_dict(options)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def place(
    tmp_path: Path,
    imager: Imager,
    impatient_url: str,
    provider: RekognitionDouble,
    circuit: Circuit,
    real_detector: RekognitionDetector,
    clock: SimpleNamespace,
    crash: Crash,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    settings = settings_for(tmp_path, database_url=impatient_url, provider_rate="0")
    house = House(settings, imager, folder_place(tmp_path / "archive"), real_detector)
    provider.script = script()
    provider.requests.clear()
    circuit.passed()
    yield Place(house, provider, circuit, clock, tmp_path, crash, monkeypatch)
    provider.meanwhile = None
    house.stop()
