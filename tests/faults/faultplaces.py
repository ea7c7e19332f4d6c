"""A house whose provider, catalog, storage and clock can fail, and what the public sees of it meanwhile."""

import io
import json
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import psycopg
import pytest
from PIL import Image
from sqlalchemy import create_engine, make_url, text

from rekproxy.backends.rekognition import Circuit, RekognitionDetector
from rekproxy.config import Settings
from rekproxy.domain.asset import Asset
from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble, Script
from tests.promises.houses import House

DETECTOR = "detector:rekognition"
#: Nothing is found in the one, and the double finds violence in the other by its colour.
CLEAN = encode(photograph("chelsea").crop((0, 0, 130, 130)))
RED = encode(Image.new("RGB", (120, 120), (250, 10, 10)))
VIOLENCE = [["Violence", "", 91.5, 1], ["Weapons", "Violence", 91.5, 2]]


class Outcome(NamedTuple):
    """What the uploader was told, what the picture is then, and what it is when the fault is over."""

    told: str
    state: str
    ends: str


def script(always: str | None = None, **more: Any) -> Script:
    """Violence in red pictures; before that a fault, every time."""
    return Script(by_colour={"fa0a0a": VIOLENCE}, always=always, **more)


@dataclass(frozen=True)
class Crash:
    """Has another process take a picture as `cat`, and be killed at a step."""

    zygote: subprocess.Popen[str]
    folder: Path

    def __call__(
        self, step: str, settings: Settings, picture: bytes, provider: Mapping[str, str] | None = None
    ) -> None:
        file = self.folder / "picture"
        file.write_bytes(picture)
        given = {"data_dir": str(settings.data_dir), "database_url": settings.database_url}
        asked = {"step": step, "settings": given, "file": str(file), "provider": dict(provider or {})}
        assert self.zygote.stdin
        assert self.zygote.stdout
        self.zygote.stdin.write(json.dumps(asked) + "\n")
        self.zygote.stdin.flush()
        assert int(self.zygote.stdout.readline()) == -signal.SIGKILL


@dataclass
class Place:
    """A house and all that it depends on."""

    house: House
    double: RekognitionDouble
    circuit: Circuit
    clock: SimpleNamespace
    folder: Path
    crash: Crash
    patch: pytest.MonkeyPatch = field(repr=False)

    # -- what callers do ------------------------------------------------------------------------------

    def upload(self, data: bytes = CLEAN, name: str = "cat", **form: str) -> str:
        """Upload over the wire; gives the status, and that of the moderation where there is one."""
        body = {"public_id": name, **form, "file": (io.BytesIO(data), "picture.jpg")}
        reply = self.house.call("POST", "/image/upload", data=body)
        if reply.status_code == 503:
            assert int(reply.headers["Retry-After"]) > 0
        if reply.status_code != 200:
            assert reply.json["error"]["message"]
            return str(reply.status_code)
        (entry,) = reply.json["moderation"]
        return f"200 {entry['status']}"

    def both(self) -> str:
        """Upload a clean and an offending picture, which are told the same."""
        (told,) = {self.upload(CLEAN, "cat"), self.upload(RED, "red")}
        return told

    def asset(self, name: str = "cat") -> Asset | None:
        return self.house.application.catalog.asset("demo", "upload", name)

    def failure(self, name: str = "cat") -> str:
        """Why the machine has not judged yet."""
        asset = self.asset(name)
        assert asset
        return str(asset.moderations[0].detail["failure"])

    def dark(self, *names: str) -> str:
        """None of them was ever approved or is seen, original or derived; gives their one status."""
        for name in names:
            for path in (f"{name}.jpg", f"w_60/{name}.jpg"):
                seen, unknown = self.house.get(path), self.house.get(path.replace(name, "nobody"))
                assert (seen.status_code, seen.data) == (unknown.status_code, unknown.data) == (404, b"")
                assert {*seen.headers.keys()} == {*unknown.headers.keys()}
            if self.asset(name):
                lines = self.house.audit(name)
                assert lines[0][1:] == ("uploaded", None, "pending")
                assert "approved" not in {after for *_, after in lines}
        (status,) = {self.house.standing(name) for name in names}
        return status

    def judged(self) -> str:
        """The clean picture is served, the offending one is not, and nothing waits any more."""
        assert self.house.seen("cat.jpg", "w_60/cat.jpg") == [200, 200]
        assert self.house.audit("cat")[-1] == (DETECTOR, "judged", "pending", "approved")
        assert self.dark("red") == "rejected"
        assert self.house.audit("red")[-1] == (DETECTOR, "judged", "pending", "rejected")
        assert not [key for key in self.house.jobs() if key[0] == "moderate"]
        return "judged"

    # -- what time does -------------------------------------------------------------------------------

    def work(self) -> None:
        """What is due in a day is due now: jobs, and what a process that died had begun."""
        a_day_later(self.house.settings.database_url)
        self.house.work()

    def mend(self) -> None:
        """The provider is well again, and the circuit's pause is over."""
        self.double.script = script()
        self.clock.ahead += 3600

    def execute(self, *statements: str) -> None:
        """Change the catalog behind the house's back."""
        execute(self.house.settings.database_url, *statements)

    def restart(self, detector: Any = None, **changed: Any) -> None:
        """Another process over the same state, with other settings or another detector."""
        self.house.stop()
        self.house.settings = self.house.settings.model_copy(update=changed)
        self.house.detector = detector or self.house.detector
        self.house.start()

    # -- what fails -----------------------------------------------------------------------------------

    @property
    def database(self) -> Any:
        return make_url(self.house.settings.database_url)

    @property
    def on_sqlite(self) -> bool:
        return bool(self.database.drivername.startswith("sqlite"))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody holds the catalog's write lock."""
        if self.on_sqlite:
            file = self.database.database
            somebody = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
            with closing(somebody) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield
                connection.execute("ROLLBACK")
            return
        with closing(psycopg.connect(self._postgres())) as session:
            session.execute(
                "LOCK TABLE assets, asset_versions, blobs, jobs, moderations, labels IN EXCLUSIVE MODE"
            )
            yield
            session.rollback()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """The catalog is not there: its files lie elsewhere, or its server lets nobody in."""
        with self._without_files() if self.on_sqlite else self._nobody_let_in():
            yield

    @contextmanager
    def _without_files(self) -> Iterator[None]:
        file = Path(self.database.database)
        self.house.application.close()
        found = [each for each in file.parent.glob(f"{file.name}*") if each.is_file()]
        for each in found:
            each.rename(each.with_name(f"away-{each.name}"))
        yield
        assert not file.exists(), "a catalog that is gone is never made anew"
        for each in found:
            each.with_name(f"away-{each.name}").rename(each)

    @contextmanager
    def _nobody_let_in(self) -> Iterator[None]:
        name = self.database.database
        with closing(psycopg.connect(self._postgres("template1"), autocommit=True)) as session:
            session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            try:
                yield
            finally:
                session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    def _postgres(self, database: str | None = None) -> str:
        url = self.database.set(drivername="postgresql", database=database or self.database.database)
        text: str = url.difference_update_query(["options"]).render_as_string(hide_password=False)
        return text

    @contextmanager
    def clock_off_by(self, seconds: float) -> Iterator[None]:
        """This process' clock is wrong; the database's is not, and what counts durations goes on."""
        right, off = time.time, timedelta(seconds=seconds)
        with self.patch.context() as patch:
            patch.setattr(time, "time", lambda: right() + seconds)
            patch.setattr(
                "botocore.auth.get_current_datetime",
                lambda remove_tzinfo=True: (datetime.now(UTC) + off).replace(tzinfo=None),
            )
            yield


def execute(database_url: str, *statements: str) -> None:
    """Run statements in a catalog."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def a_day_later(database_url: str) -> None:
    """Every job is due, and what a process that died had begun is free for others."""
    execute(
        database_url,
        "UPDATE looks SET until = 0",
        "UPDATE jobs SET run_after = 0, lease_until = 0 WHERE dead_at IS NULL",
    )


@contextmanager
def small_disk(folder: Path, megabytes: int = 16) -> Iterator[Path]:
    """A file system of its own. Skips the test where none may be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk to be filled")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is; gives the file that does."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return filler


@dataclass(frozen=True)
class Role:
    """Credentials that boto3 asks for anew before they expire, as those of a machine's role."""

    file: Path

    def give(self, key: str, secret: str) -> None:
        soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
        said = {"Version": 1, "AccessKeyId": key, "SecretAccessKey": secret, "Expiration": soon}
        aside = self.file.with_suffix(".new")
        aside.write_text(json.dumps(said))
        aside.rename(self.file)

    def assume(self, patch: pytest.MonkeyPatch) -> None:
        """Let boto3 find nothing but this role."""
        config = self.file.with_suffix(".config")
        config.write_text(f"[default]\ncredential_process = {shutil.which('cat')} {self.file}\n")
        patch.setenv("AWS_CONFIG_FILE", str(config))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name, raising=False)


#: How each fault is brought about; the name is the row's in docs/moderation.md.
FAULTS: dict[str, Callable[[Place], Outcome]] = {}


def fault(name: str) -> Callable[[Callable[[Place], Outcome]], Callable[[Place], Outcome]]:
    """Register what brings about the fault of that row."""

    def register(scenario: Callable[[Place], Outcome]) -> Callable[[Place], Outcome]:
        assert name not in FAULTS, name
        FAULTS[name] = scenario
        return scenario

    return register


def detector_of(circuit: Circuit, read_timeout: float = 20) -> RekognitionDetector:
    """The real one; it waits longer than any test that does not want it to give up."""
    return RekognitionDetector(read_timeout=read_timeout, circuit=circuit)
