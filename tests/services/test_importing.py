"""Imports in place: as a user runs them, over real photographs, and each rule by itself."""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import boto3
import pytest

from rekproxy.app import Application
from rekproxy.backends.sql import open_catalog
from rekproxy.domain.asset import Job, Pin, Status
from rekproxy.errors import DamagedError, ImagerError, NotStoredError, RekproxyError
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.reports import Report
from rekproxy.services.importing import Importer, Importing, Outcome, Reimport
from tests.conftest import encode, photograph, upload
from tests.doubles.rekognition import RekognitionDouble
from tests.doubles.s3 import CREDENTIALS, moto_server
from tests.serving import environment, running, serving, wait_until

# --- as a user runs it -------------------------------------------------------------------------------

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")


@pytest.fixture(scope="session")
def photographs() -> Mapping[str, bytes]:
    return {name: encode(photograph(name).resize((240, 200)), quality=85) for name in PHOTOGRAPHS}


@pytest.fixture
def archive(tmp_path: Path, photographs: Mapping[str, bytes]) -> Path:
    """Four photographs in two folders, and what people keep beside them."""
    root = tmp_path / "archive"
    (root / "2024" / "Ferien am Meer").mkdir(parents=True)
    for number, (name, data) in enumerate(photographs.items()):
        folder = root / "2024" / "Ferien am Meer" if number % 2 else root
        (folder / f"{name}.jpg").write_bytes(data)
    (root / "letter.jpg").write_text("This is a text.")
    (root / "tiny.png").write_bytes(encode(photograph().resize((40, 40)), "PNG"))
    (root / "notes.txt").write_text("what is where")
    (root / ".hidden.jpg").write_bytes(b"")
    return root


def run(tmp_path: Path, double: RekognitionDouble, *command: str) -> list[str]:
    """`rekproxy import` to its end; the lines it prints."""
    with running(tmp_path / "var", double.environment, "import", *command) as process:
        assert process.popen.wait(60) == 0, process.said
        return process.said.splitlines()


def opened(tmp_path: Path) -> Catalog:
    return open_catalog(f"sqlite:///{tmp_path / 'var' / 'catalog.sqlite3'}")


def test_a_folder_is_imported_reported_and_served(tmp_path: Path, archive: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in archive.rglob("*")}
    with RekognitionDouble() as double:
        lines = run(tmp_path, double, str(archive), "--prefix", "old/")
        assert [line.split(":")[:2] for line in lines[:3]] == [
            ["refused", " letter.jpg"], ["refused", " notes.txt"], ["refused", " tiny.png"],
        ]  # fmt: skip
        assert "not an image by its name" in lines[1]
        assert "80 pixels" in lines[2]
        assert lines[3:] == ["3 refused, 4 registered approved"]
        assert len(double.requests) == 4
        assert run(tmp_path, double, str(archive), "--prefix", "old/")[3:] == ["4 known, 3 refused"]
        assert len(double.requests) == 4
        with serving(tmp_path / "var", double.environment, workers=1) as server:
            base = "/demo/image/upload"
            assert server.get(f"{base}/w_100/old/coffee.jpg").status == 200
            assert server.get(f"{base}/old/2024/Ferien%20am%20Meer/chelsea.jpg").status == 200
            assert server.get(f"{base}/old/tiny.png").status == server.get(f"{base}/coffee").status == 404
    assert {path: path.stat().st_mtime_ns for path in archive.rglob("*")} == before
    assert not (tmp_path / "var" / "originals" / "originals").exists()


def test_an_import_that_is_killed_goes_on_where_it_was(tmp_path: Path, archive: Path) -> None:
    with RekognitionDouble() as double:
        double.script.faults = [None, None, "hang:60"]  # type: ignore[list-item]
        with running(tmp_path / "var", double.environment, "import", str(archive)) as process:
            wait_until(lambda: len(double.requests) == 3, 60, lambda: process.said)
            process.kill()
        again = run(tmp_path, double, str(archive))
        assert again[-1] == "3 known, 3 refused, 1 registered approved"
    catalog = opened(tmp_path)
    assert len(catalog.list_assets("demo", limit=99).assets) == 4
    assert catalog.pending("demo")[0] == catalog.job_counts()["moderate", "waiting"] == 1
    catalog.close()


def test_a_bucket_is_imported(tmp_path: Path, photographs: Mapping[str, bytes]) -> None:
    with moto_server() as url, RekognitionDouble() as double:
        client = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        client.create_bucket(Bucket="archive")
        for name, data in photographs.items():
            client.put_object(Bucket="archive", Key=f"some/where/{name}.jpg", Body=data)
        client.put_object(Bucket="archive", Key="elsewhere.jpg", Body=b"not asked for")
        variables = {**double.environment, **CREDENTIALS, "AWS_ENDPOINT_URL_S3": url}
        with running(tmp_path / "var", variables, "import", "s3://archive/some/where") as process:
            assert process.popen.wait(60) == 0, process.said
            assert process.said == "4 registered approved\n"
        client.close()
    catalog = opened(tmp_path)
    asset = catalog.asset("demo", "upload", "rocket")
    assert asset
    assert asset.current.pin
    assert asset.current.pin.uri == "s3://archive/some/where/rocket.jpg"
    catalog.close()


def test_on_a_terminal_it_shows_how_far_it_is(tmp_path: Path, archive: Path) -> None:
    terminal, ours = pty.openpty()
    with RekognitionDouble() as double:
        command = [sys.executable, "-m", "rekproxy", "import", str(archive), "--rate", "8/s"]
        variables = environment(tmp_path / "var", {**double.environment, "TERM": "xterm"})
        with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=ours) as process:
            os.close(ours)
            shown = b"".join(_read_all(terminal))
    assert process.returncode == 0
    assert re.search(rb"[1-7]/7.*\.jpg", shown)


def _read_all(terminal: int) -> Iterator[bytes]:
    """All that is written, until nobody holds the other end."""
    with suppress(OSError):
        while data := os.read(terminal, 4096):
            yield data
    os.close(terminal)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{archive}", "--rate", "fast"), "is no rate; 5/s, 30/m and 1000/h are"),
        (("{archive}/none",), "is no folder"),
        (("{archive}", "--moderation", "aws_rek:violense:0.5"), "violence"),
        (("{archive}", "--moderation", "aws_rek:policy:datin"), "dating"),
    ],
)
def test_what_cannot_be_meant_is_told(
    tmp_path: Path, archive: Path, arguments: tuple[str, ...], words: str
) -> None:
    given = [argument.format(archive=archive) for argument in arguments]
    with (
        RekognitionDouble() as double,
        running(tmp_path / "var", double.environment, "import", *given) as process,
    ):
        process.popen.wait(60)
        assert words in process.said
        assert "Traceback" not in process.said
        assert double.requests == []


# --- each rule by itself -----------------------------------------------------------------------------


@dataclass
class Shelf:
    """A `PinnedOrigin` of what a test puts on it. `lost` are names that vanish after they were listed."""

    files: dict[str, bytes] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def walk(self) -> Iterator[tuple[str, Pin]]:
        yield from [(name, self.pin(name)) for name in sorted(self.files)]

    def pin(self, uri: str) -> Pin:
        name = uri.removeprefix("file:///")
        if name not in self.files:
            raise NotStoredError(f"{uri} is not stored")
        return Pin(f"file:///{name}", len(self.files[name]), mtime_ns=hash(self.files[name]))

    def read(self, pin: Pin) -> bytes:
        name = pin.uri.removeprefix("file:///")
        if name in self.lost:
            raise NotStoredError(f"{pin.uri} is not stored")
        if self.pin(pin.uri) != pin:
            raise DamagedError(f"{pin.uri} is no longer what was judged")
        return self.files[name]


@pytest.fixture
def shelf(house: Application, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A shelf from which the house serves."""
    shelf = Shelf()
    house.__dict__["originals"] = replace(house.originals, read_pin=shelf.read)
    return shelf


def bring_in(house: Application, shelf: Shelf, **asked: object) -> list[Outcome]:
    importer = Importer(house.catalog, house.ingest)
    return [*importer.run("demo", shelf, Importing(**asked), actor="import")]  # type: ignore[arg-type]


def ids(house: Application) -> set[str]:
    return {asset.public_id for asset in house.library.find("demo", limit=99).assets}


def test_names_become_public_ids(house: Application, shelf: Shelf, jpeg: bytes) -> None:
    names = ["a.JPG", "b/c d.jpeg", "b.c.jpe", "größe.tiff", "no suffix", "x.svg", "d?.jpg", "v1/e.jpg"]
    shelf.files = dict.fromkeys(names, jpeg)
    refused = {each.name for each in bring_in(house, shelf, prefix="p/") if each.state == "refused"}
    assert refused == {"no suffix", "x.svg", "d?.jpg", "v1/e.jpg"}
    assert ids(house) == {"p/a", "p/b/c d", "p/b.c", "p/größe"}


def test_a_name_that_is_taken_is_left_to_who_has_it(house: Application, shelf: Shelf, jpeg: bytes) -> None:
    upload(house, jpeg, "cat")
    shelf.files = {"cat.jpg": jpeg, "dog.jpg": jpeg, "dog.png": jpeg}
    told = bring_in(house, shelf)
    assert [each.state for each in told] == ["refused", "registered", "refused"]
    assert "taken by another image" in told[0].reason
    assert house.library.get("demo", "upload", "cat").current.pin is None
    assert house.library.get("demo", "upload", "dog").current.pin.uri == "file:///dog.jpg"


def test_what_is_known_is_not_decoded_again(
    house: Application, shelf: Shelf, jpeg: bytes, monkeypatch
) -> None:
    shelf.files = {"cat.jpg": jpeg}
    bring_in(house, shelf)
    monkeypatch.setattr(house.imager, "ingest", None)
    monkeypatch.setattr(shelf, "read", None)
    assert [each.state for each in bring_in(house, shelf)] == ["known"]


def test_one_bad_file_stops_nothing(house: Application, shelf: Shelf, jpeg: bytes, monkeypatch) -> None:
    shelf.files = {"a.jpg": b"bomb", "b.jpg": b"", "c.jpg": jpeg + b" ", "d.jpg": jpeg}
    shelf.lost = {"c.jpg"}
    ingest = house.imager.ingest

    def overrun(data, limits):
        if data == b"bomb":
            raise ImagerError("killed after 20 s")
        return ingest(data, limits)

    monkeypatch.setattr(house.imager, "ingest", overrun)
    told = bring_in(house, shelf)
    assert [each.state for each in told] == ["refused", "refused", "refused", "registered"]
    assert [each.reason for each in told[:2]] == ["killed after 20 s", "Empty file"]


def test_a_rate_counts_what_is_judged_and_not_what_is_known(
    house: Application, shelf: Shelf, jpeg: bytes, monkeypatch
) -> None:
    clock, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        clock[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    importer = Importer(house.catalog, house.ingest, sleep)
    shelf.files = {f"{name}.jpg": jpeg for name in "abc"}
    for _ in range(2):
        list(importer.run("demo", shelf, Importing(rate=4.0), actor="import"))
    assert slept == [0.25, 0.25, 0.25]


def judge_anew(house: Application, shelf: Shelf, public_id: str = "cat") -> None:
    asset = house.library.get("demo", "upload", public_id)
    payload = {"asset_id": asset.asset_id, "version_id": asset.current.version_id}
    job = Job(1, "reimport", "demo", payload, 1, "lease")
    Reimport(house.catalog, house.ingest, shelf.read, shelf.pin).again(job)


def test_a_reimport_registers_what_lies_there_now(house: Application, shelf: Shelf, jpeg: bytes) -> None:
    shelf.files = {"cat.jpg": jpeg}
    bring_in(house, shelf, moderation="aws_rek:violence:0.7|manual")
    shelf.files = {"cat.jpg": encode(photograph("coffee"))}
    judge_anew(house, shelf)
    asset = house.library.get("demo", "upload", "cat")
    assert (asset.current.width, asset.status) == (600, Status.PENDING)
    assert [entry.policy for entry in asset.moderations] == ["aws_rek:violence:0.7", "manual"]
    assert house.catalog.pinned("demo", "file:///cat.jpg") == shelf.pin("cat.jpg")


def test_a_reimport_asks_nothing_of_reports(house: Application, shelf: Shelf, jpeg: bytes) -> None:
    shelf.files = {"cat.jpg": jpeg}
    bring_in(house, shelf)
    house.reports.accept("demo", Report("ann"), actor="key:1", public_id="cat")
    shelf.files = {"cat.jpg": encode(photograph("coffee"))}
    judge_anew(house, shelf)
    asset = house.library.get("demo", "upload", "cat")
    assert (asset.status, [entry.kind for entry in asset.moderations]) == (Status.APPROVED, ["aws_rek"])


def test_a_reimport_keeps_what_is_said_of_a_picture(house: Application, shelf: Shelf, jpeg: bytes) -> None:
    shelf.files = {"pets/my.cat.jpg": jpeg}
    bring_in(house, shelf)
    was = house.library.get("demo", "upload", "pets/my.cat")
    fields = {
        "tags": ("x",), "context": {"alt": "A cat"}, "metadata": {"src": "agency"}, "folder": "legal",
        "display_name": "The Cat", "access_control": '[{"access_type":"token"}]',
        "access_mode": "authenticated", "headers": {"X-Robots-Tag": "noindex"}, "quality_override": "80",
    }  # fmt: skip
    for folder, picture in (("legal", "coffee"), ("", "rocket"), ("again", "chelsea")):
        house.catalog.update("demo", was.asset_id, {**fields, "folder": folder}, None, actor="key:1")
        shelf.files = {"pets/my.cat.jpg": encode(photograph(picture))}
        if folder == "again":
            assert [each.state for each in bring_in(house, shelf)] == ["registered"]
        else:
            judge_anew(house, shelf, "pets/my.cat")
        now = house.library.get("demo", "upload", "pets/my.cat")
        assert now.current.version_id != was.current.version_id
        assert {name: getattr(now, name) for name in fields} == {**fields, "folder": folder}
        assert now.current.original_filename == was.current.original_filename == "my.cat"


def test_a_reimport_of_what_is_no_longer_current_does_nothing(
    house: Application, shelf: Shelf, jpeg: bytes
) -> None:
    shelf.files = {"cat.jpg": jpeg}
    bring_in(house, shelf)
    stale = house.library.get("demo", "upload", "cat")
    upload(house, jpeg, "cat")
    reimport = Reimport(house.catalog, house.ingest, shelf.read, shelf.pin)
    for asset_id in (stale.asset_id, "f" * 32):
        payload = {"asset_id": asset_id, "version_id": stale.current.version_id}
        reimport.again(Job(1, "reimport", "demo", payload, 1, "lease"))
    assert house.library.get("demo", "upload", "cat").current.pin is None


def test_a_reimport_of_what_is_gone_or_never_lay_there_fails_visibly(
    house: Application, shelf: Shelf, jpeg: bytes
) -> None:
    shelf.files = {"cat.jpg": jpeg}
    bring_in(house, shelf)
    shelf.files = {}
    with pytest.raises(NotStoredError):
        judge_anew(house, shelf)
    upload(house, jpeg, "dog")
    with pytest.raises(RekproxyError, match="not pinned"):
        judge_anew(house, shelf, "dog")
