"""One rekproxy brought over into another, over a socket."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from rekproxy.app import Application, mount
from rekproxy.backends.cloudinary import AdminApi
from rekproxy.cli import group
from rekproxy.domain.asset import Asset, Status
from rekproxy.errors import ErasedError, InvalidRequestError
from rekproxy.interfaces import Imager
from rekproxy.openers import open_source
from rekproxy.services.bringing import Terms
from rekproxy.services.importing import Outcome
from rekproxy.services.migration import Tally
from rekproxy.services.uploads import Upload
from tests.conftest import NUDE, ToldDetector, encode, house_of, photograph, settings_for

SECRET = "a-secret-of-tests"
PICTURES = ("astronaut", "chelsea", "coffee", "rocket")


def picture(name: str) -> bytes:
    return encode(photograph(name).resize((120, 100)), quality=80)


def put(house: Application, name: str, data: bytes, **more: Any) -> Asset:
    return house.ingest.accept("demo", Upload(data, public_id=name, **more), actor="key:1").asset


SETTINGS = {"default_moderation": "none"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, imager: Imager) -> Path:
    """The data of the service that images come from: one of each verdict, and one without."""
    folder, detector = tmp_path_factory.mktemp("there"), ToldDetector()
    house = house_of(settings_for(folder, **SETTINGS), imager, detector)
    put(
        house, "a/shown", picture("astronaut"), moderation="aws_rek", tags=("x", "y"), type="authenticated",
        context={"alt": "A person"}, faces=((10, 10, 20, 20),), filename="holiday.jpg",
    )  # fmt: skip
    put(house, "a/shown", picture("astronaut"), moderation="aws_rek", tags=("x",))
    put(house, "waits", picture("coffee"), moderation="manual")
    put(house, "free", picture("rocket"))
    detector.labels = NUDE
    put(house, "nude", picture("chelsea"), moderation="aws_rek", backup=True)
    house.naming.create("demo", "thumb", "c_fill,h_90,w_90/e_sepia", actor="key:1")
    settings = {"moderation": "aws_rek", "tags": ["p"], "transformation": "c_limit,w_500"}
    house.presets.create("demo", "avatars", False, settings, actor="key:1")
    field = {"external_id": "season", "type": "enum", "label": "Season"}
    values = [{"external_id": "w", "value": "Winter"}]
    house.metadata.create("demo", {**field, "datasource": {"values": values}}, actor="key:1")
    asset_id = at(house, "free").asset_id
    house.catalog.update("demo", asset_id, {"metadata": {"season": "w"}}, None, actor="key:1")
    house.close()
    return folder


@pytest.fixture
def there(filled: Path, tmp_path: Path, imager: Imager) -> Iterator[Application]:
    """That service, for one test."""
    shutil.copytree(filled, tmp_path / "there")
    house = house_of(settings_for(tmp_path / "there", **SETTINGS), imager, ToldDetector())
    yield house
    house.close()


@pytest.fixture
def url(there: Application) -> Iterator[str]:
    """That service behind a socket: its address."""
    server = make_server("127.0.0.1", 0, mount(there), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def here(tmp_path: Path, imager: Imager, detector: ToldDetector) -> Iterator[Application]:
    house = house_of(settings_for(tmp_path / "here"), imager, detector)
    yield house
    house.close()


def source_of(house: Application, url: str, cloud: str = "demo") -> AdminApi:
    address = f"cloudinary://123456789012345:{SECRET}@{cloud}?upload_prefix={url}"
    return open_source(address, house.settings, pause=lambda seconds: None)


def bring(
    here: Application, url: str, verdicts: str = "keep", unmoderated: str = "hold", **more: Any
) -> tuple[dict[str, Outcome], Tally]:
    tally = Tally()
    terms = Terms(verdicts, unmoderated, **more)
    outcomes = [*here.migration.run("demo", source_of(here, url), terms, tally)]
    return {outcome.name: outcome for outcome in outcomes}, tally


def at(house: Application, name: str, type: str = "upload") -> Asset:
    asset = house.catalog.asset("demo", type, name)
    assert asset, name
    return asset


def states(told: dict[str, Outcome]) -> dict[str, str]:
    return {name: f"{outcome.state} {outcome.status}".strip() for name, outcome in told.items()}


def seen(house: Application, *names: str) -> list[int]:
    """What the public gets."""
    client = mount(house).test_client()
    return [client.get(f"/demo/image/upload/{name}", buffered=True).status_code for name in names]


def decide(house: Application, name: str, status: Status, actor: str = "key:9") -> None:
    house.catalog.override("demo", at(house, name).asset_id, status, actor=actor)


def test_verdicts_dates_and_all_that_is_said_of_an_image_come_over(
    here: Application, there: Application, url: str, detector: ToldDetector
):
    told, tally = bring(here, url)
    assert states(told) == {
        "field season": "moved",
        "transformation t_thumb": "moved", "preset avatars": "moved", "upload/a/shown": "moved approved",
        "authenticated/a/shown": "moved approved",
        "upload/waits": "moved pending", "upload/free": "moved pending", "upload/nude": "moved rejected",
    }  # fmt: skip
    assert detector.calls == 0
    was, now = (at(house, "a/shown", "authenticated") for house in (there, here))
    for name in ("asset_id", "public_id", "type", "version", "tags", "context", "folder"):
        assert getattr(now, name) == getattr(was, name)
    assert now.created_at == was.created_at // 1000 * 1000
    assert (now.current.digest, now.current.faces) == (was.current.digest, was.current.faces)
    assert now.current.original_filename == "holiday"
    line = here.catalog.audit("demo", now.asset_id)[0]
    assert line.actor.startswith("import:127.0.0.1:")
    assert (line.action, line.after, line.detail["verdict"]) == ("imported", "approved", "kept")
    assert now.moderations[0].decided_by == line.actor
    assert at(here, "nude").moderations[0].response == at(there, "nude").moderations[0].response
    assert here.catalog.definition("demo", "thumb").text == "c_fill,h_90,w_90/e_sepia"
    presets = [house.catalog.preset("demo", "avatars") for house in (here, there)]
    assert presets[0].settings == presets[1].settings
    was, now = (house.metadata.get("demo", "season") for house in (there, here))
    assert now == replace(was, created_at=now.created_at, updated_at=now.updated_at)
    assert at(here, "free").metadata == {"season": "w"}
    assert tally.there == {
        ("upload", "approved"): 1, ("upload", "pending"): 1, ("upload", "rejected"): 1,
        ("upload", "unmoderated"): 1, ("authenticated", "approved"): 1,
    }  # fmt: skip
    assert tally.here == {
        ("upload", "approved"): 1, ("upload", "pending"): 2, ("upload", "rejected"): 1,
        ("authenticated", "approved"): 1,
    }  # fmt: skip
    assert seen(here, "a/shown", "waits", "free", "nude") == [200, 404, 404, 404]


def test_what_is_here_unchanged_is_passed_over_and_what_changed_is_followed(
    here: Application, there: Application, url: str
):
    bring(here, url)
    asset = at(there, "free")
    decide(there, "waits", Status.APPROVED)
    decide(there, "a/shown", Status.REJECTED)
    there.ingest.accept(
        "demo", Upload(picture("coffee"), public_id="free", moderation="manual"), actor="key:1"
    )
    assert at(there, "free").version > asset.version
    told, tally = bring(here, url)
    assert states(told) == {
        "field season": "known",
        "transformation t_thumb": "known", "preset avatars": "known", "upload/a/shown": "changed rejected",
        "authenticated/a/shown": "known",
        "upload/waits": "changed approved", "upload/free": "moved pending", "upload/nude": "known",
    }  # fmt: skip
    assert seen(here, "a/shown", "waits", "free") == [404, 200, 404]
    assert at(here, "free").current.digest == at(there, "free").current.digest
    assert sum(tally.there.values()) == sum(tally.here.values())
    assert set(states(bring(here, url)[0]).values()) == {"known"}


def test_what_was_decided_uploaded_or_destroyed_here_stays(here: Application, there: Application, url: str):
    put(here, "free", picture("chelsea"), moderation="manual")
    told, _ = bring(here, url)
    assert told["upload/free"].state == "kept"
    decide(here, "a/shown", Status.REJECTED)
    here.catalog.destroy("demo", at(here, "nude").asset_id, actor="key:9")
    here.catalog.override("demo", at(here, "waits").asset_id, Status.REJECTED, actor="key:9")
    decide(there, "waits", Status.APPROVED)
    decide(there, "nude", Status.APPROVED)
    told, tally = bring(here, url, each=True)
    assert states(told)["upload/waits"] == states(told)["upload/a/shown"] == "changed"
    assert told["upload/nude"].reason == "it was destroyed here"
    assert at(here, "free").current.digest != at(there, "free").current.digest
    assert seen(here, "a/shown", "waits", "nude") == [404, 404, 404]
    assert tally.here["upload", "gone"] == 1


def test_judge_asks_the_detector_here_but_takes_back_no_rejection(
    here: Application, there: Application, url: str, detector: ToldDetector
):
    detector.labels = NUDE
    told, _ = bring(here, url, "judge", "judge")
    assert detector.calls == 3  # the same pixels are looked at once
    assert {states(told)[f"upload/{name}"] for name in ("a/shown", "free", "waits", "nude")} == {
        "moved rejected"
    }


def test_unmoderated_images_are_approved_only_where_that_is_said(
    here: Application, there: Application, url: str
):
    bring(here, url, unmoderated="approve")
    entry = at(here, "free").moderations[0]
    assert (entry.kind, entry.status, entry.decided_by[:7]) == ("manual", "approved", "import:")
    assert seen(here, "free") == [200]


def test_what_a_person_rejected_here_is_not_approved_by_a_verdict_of_there(
    here: Application, there: Application, url: str, detector: ToldDetector
):
    put(here, "mine", picture("astronaut"), moderation="manual")
    decide(here, "mine", Status.REJECTED)
    told, _ = bring(here, url)
    assert states(told)["upload/a/shown"] == "moved rejected"


def test_an_approval_of_there_does_not_show_what_a_person_rejected_here_meanwhile(
    here: Application, there: Application, url: str
):
    bring(here, url)
    put(here, "mine", picture("coffee"), moderation="manual")
    decide(here, "mine", Status.REJECTED)
    decide(there, "waits", Status.APPROVED)
    told, _ = bring(here, url)
    assert states(told)["upload/waits"] == "changed"
    assert (at(here, "waits").status, seen(here, "waits")) == (Status.PENDING, [404])
    decide(here, "waits", Status.APPROVED)
    assert seen(here, "waits") == [200]


def test_a_rejection_that_is_taken_back_there_is_taken_back_here(
    here: Application, there: Application, url: str
):
    bring(here, url)
    for status in (Status.REJECTED, Status.APPROVED):
        decide(there, "waits", status)
        told, _ = bring(here, url)
        assert states(told)["upload/waits"] == f"changed {status}"
    assert seen(here, "waits") == [200]


def test_a_rejection_without_a_backup_comes_as_a_record(here: Application, there: Application, url: str):
    there.catalog.retire(there.catalog.clock() + 1000, 10, actor="retention")
    told, tally = bring(here, url)
    assert states(told)["upload/nude"] == "recorded rejected"
    asset = at(here, "nude")
    assert (asset.status, asset.current.erased_at is None) == (Status.REJECTED, False)
    with pytest.raises(ErasedError):
        decide(here, "nude", Status.APPROVED)
    assert tally.here["upload", "rejected"] == 1


def test_what_vanished_there_is_named_and_stays(here: Application, there: Application, url: str):
    bring(here, url)
    there.catalog.destroy("demo", at(there, "free").asset_id, actor="key:9")
    _, tally = bring(here, url)
    assert tally.vanished == ["upload/free"]
    assert at(here, "free")
    put(here, "waits", picture("rocket"), moderation="manual")
    there.catalog.destroy("demo", at(there, "waits").asset_id, actor="key:9")
    told, tally = bring(here, url, destroy=True)
    assert (told["upload/free"].state, tally.vanished) == ("destroyed", ())
    assert here.catalog.asset("demo", "upload", "free") is None
    assert at(here, "waits")


def test_it_goes_on_where_it_was_broken_off(here: Application, there: Application, url: str):
    source, tally, names = source_of(here, url), Tally(), []
    for outcome in here.migration.run("demo", source, Terms("keep", "hold", parallel=1), tally):
        names.append(outcome.name)
        if outcome.name.startswith("upload/"):
            break
    told, _ = bring(here, url)
    assert {name for name, outcome in told.items() if outcome.state == "known"} >= set(names)
    assert {outcome.state for outcome in told.values()} == {"known", "moved"}
    assert len(here.catalog.list_assets("demo", limit=99).assets) == 5


def test_rules_of_access_and_labels_follow(here: Application, there: Application, url: str):
    bring(here, url)
    rule = '[{"access_type":"token"}]'
    fields = {"tags": ("new",), "access_control": rule}
    there.catalog.update("demo", at(there, "a/shown").asset_id, fields, None, actor="key:1")
    told, _ = bring(here, url, each=True)
    assert told["upload/a/shown"].state == "changed"
    now = at(here, "a/shown")
    assert (now.tags, now.access_control) == (("new",), rule)
    assert seen(here, "a/shown") == [401]


def test_nobody_to_judge_is_said_before_anything_is_asked(there: Application, url: str):
    with pytest.raises(InvalidRequestError, match="nobody to judge"):
        bring(there, url, "judge")


# --- as a user runs it -------------------------------------------------------------------------------


def run(folder: Path, *options: str, **environ: str) -> tuple[int, list[str]]:
    known = {
        "REKPROXY_DATA_DIR": str(folder),
        "REKPROXY_DETECTOR": "opennsfw",
        "REKPROXY_MIN_FREE_BYTES": "0",
    }
    result = CliRunner().invoke(group, ["import", *options], env=known | environ)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output.splitlines()


def test_the_command_counts_both_sides(tmp_path: Path, there: Application, url: str):
    address = f"cloudinary://123456789012345:{SECRET}@demo?upload_prefix={url}"
    told = ("--verdicts", "keep", "--unmoderated", "hold")
    code, lines = run(tmp_path / "here", "cloudinary://", *told, CLOUDINARY_URL=address)
    assert code == 0, lines
    assert lines[0] == "3 moved, 2 moved approved, 2 moved pending, 1 moved rejected"
    table = {line[:28].strip(): [int(number) for number in line[28:].split()] for line in lines[2:]}
    assert table == {
        "upload approved": [1, 1], "upload pending": [1, 2], "upload rejected": [1, 1],
        "upload unmoderated": [1, 0], "authenticated approved": [1, 1], "all, without deleted": [5, 5],
    }  # fmt: skip
    assert SECRET not in "\n".join(lines)


def test_verdicts_and_the_unmoderated_must_be_said(tmp_path: Path):
    for said in ((), ("--verdicts", "keep"), ("--unmoderated", "approve")):
        code, lines = run(tmp_path, "cloudinary://k:s@demo", *said)
        assert (code, "nothing is served without a verdict" in " ".join(lines)) == (2, True)
