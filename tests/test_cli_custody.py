"""`rekproxy erase`, `hold`, `restrict` and `audit`, from the shell's side."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rekproxy.app import Application, build
from rekproxy.cli import group
from rekproxy.domain.asset import Hidden
from rekproxy.errors import ConfigurationError, HeldError, InvalidRequestError, NotFoundError
from tests.conftest import upload

Run = Callable[..., Result]


@pytest.fixture
def run(house: Application, jpeg: bytes, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A shell on the machine of a house with one picture, `cat`."""
    upload(house, jpeg)
    for name in [name for name in os.environ if name.startswith("REKPROXY_")]:
        monkeypatch.delenv(name)
    for name in ("data_dir", "database_url", "storage_url", "derived_url", "secret_key"):
        monkeypatch.setenv(f"REKPROXY_{name.upper()}", str(getattr(house.settings, name)))

    def call(*words: str, type: str = "") -> Result:
        done = CliRunner().invoke(group, words, input=type)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return call


def test_erase_asks_first_and_tells_what_it_did(run: Run, house: Application) -> None:
    asset = house.catalog.asset("demo", "upload", "cat")
    assert asset
    asked = run("erase", "cat", type="n\n")
    assert asked.exit_code == 1
    assert f"cat (upload, {asset.asset_id}), {asset.current.bytes} bytes" in asked.output
    assert house.catalog.asset("demo", "upload", "cat")
    done = run("erase", asset.asset_id, "--reason", "privacy", type="y\n")
    assert done.output.endswith(
        "versions erased: 1\n  memory: confirmed\n  originals: confirmed\n  derived: confirmed\n"
    )
    assert house.catalog.asset("demo", "upload", "cat") is None
    assert house.catalog.audit("demo", asset.asset_id)[-1].actor == "cli"
    with pytest.raises(NotFoundError):
        run("erase", "cat", "--yes")


def test_a_wrong_reason_erases_nothing(run: Run, house: Application) -> None:
    with pytest.raises(InvalidRequestError, match="Unknown reason"):
        run("erase", "cat", "--yes", "--reason", "whim")
    assert house.catalog.asset("demo", "upload", "cat")


def test_what_two_types_have_must_be_named_by_its_id(run: Run, house: Application, jpeg: bytes) -> None:
    upload(house, jpeg, type="private")
    with pytest.raises(
        InvalidRequestError, match=r"Name one by its id: \w{32} \(upload\), \w{32} \(private\)"
    ):
        run("erase", "cat", "--yes")


def test_hold_keeps_and_release_lets_go(run: Run) -> None:
    assert run("hold", "cat", "--reason", "Case 12").output == "cat: approved\n  legal hold: Case 12\n"
    with pytest.raises(HeldError, match="Case 12"):
        run("erase", "cat", "--yes")
    with pytest.raises(InvalidRequestError, match="reason"):
        run("hold", "cat")
    assert run("hold", "cat", "--release").output == "cat: approved\n"


def test_restrict_hides_and_lift_shows(run: Run, house: Application) -> None:
    assert run("restrict", "cat").output == "cat: restricted\n  restricted to: admin\n"
    hidden = house.catalog.asset("demo", "upload", "cat")
    assert hidden
    assert hidden.standing is Hidden.RESTRICTED
    assert run("restrict", "cat", "--lift").output == "cat: approved\n"


def test_the_audit_is_sealed_checked_and_given_out(run: Run, tmp_path: Path) -> None:
    assert "2 lines are not sealed yet, since 2" in run("audit", "verify").output
    assert run("audit", "seal").output == "2 lines sealed\n"
    checked = run("audit", "verify")
    assert checked.output.startswith("2 lines below 1 seals: whole\nlast seal: ")
    kept = tmp_path / "tonight.txt"
    kept.write_text(checked.output)
    assert run("audit", "verify", "--anchor", str(kept)).exit_code == 0
    assert run("audit", "verify", "--anchor", "ab" * 32).exit_code == 1
    with pytest.raises(ConfigurationError, match="--anchor"):
        run("audit", "verify", "--anchor", "ab")
    items = [json.loads(line) for line in run("audit", "export", "--cloud", "demo").output.splitlines()]
    assert [next(iter(item)) for item in items] == ["line", "line", "seal"]


def test_another_key_breaks_the_check_until_the_old_one_is_given(
    run: Run, house: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("audit", "seal")
    old = tmp_path / "old.key"
    old.write_text(build(house.settings).settings.secret_key or "")
    monkeypatch.setenv("REKPROXY_AUDIT_KEY", "a key that came later")
    broken = run("audit", "verify")
    assert (broken.exit_code, "which was not given" in broken.output) == (1, True)
    assert run("audit", "verify", "--old-key-file", str(old)).exit_code == 0


def test_what_a_command_hides_or_erases_is_purged_from_the_edges(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"EDGE": "varnish", "VARNISH_URLS": "http://127.0.0.1:9/", "VARNISH_SECRET": "a-secret-of-tests"}
    for name, value in told.items():
        monkeypatch.setenv(f"REKPROXY_{name}", value)
    assert run("restrict", "cat").output.endswith("  varnish: queued\n")  # nobody listens there
    assert run("restrict", "cat", "--lift").output.endswith("  varnish: queued\n")
    assert "  varnish: queued\n" in run("erase", "cat", "--yes").output
