"""Who may hide, hold, erase and read the audit, and in what words the others are turned away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import werkzeug.test

from rekproxy.app import mount
from rekproxy.domain.asset import Asset
from rekproxy.interfaces import Imager
from rekproxy.services.uploads import Upload
from tests.conftest import ToldDetector, house_of, settings_for

CLOUD = """
[[clouds]]
name = "press"
keys = [
  { key = "writer", secret = "writer-secret", roles = ["upload", "reporter"] },
  { key = "moderator", secret = "moderator-secret", roles = ["moderator"] },
  { key = "admin", secret = "admin-secret", roles = ["admin"] },
]
"""
Ask = Callable[..., werkzeug.test.TestResponse]


@pytest.fixture
def ask(tmp_path: Path, imager: Imager, detector: ToldDetector, jpeg: bytes) -> Iterator[Ask]:
    """A call about the one picture of the cloud `press`, with one of its keys."""
    config = tmp_path / "rekproxy.toml"
    config.write_text(CLOUD)
    application = house_of(settings_for(tmp_path, config=str(config)), imager, detector)
    asset: Asset = application.ingest.accept("press", Upload(jpeg, public_id="cat"), actor="key:writer").asset
    client = mount(application).test_client()

    def call(key: str, method: str, what: str, **form: str) -> werkzeug.test.TestResponse:
        path = what if what.startswith("/") else f"/resources/{asset.asset_id}/{what}"
        auth = (key, f"{key}-secret")
        return client.open(f"/v1_1/press{path}", method=method, auth=auth, data=form, buffered=True)

    yield call
    application.close()


@pytest.mark.parametrize("what", ["restrict", "legal_hold", "erase", "/audit"])
def test_without_the_role_nothing_is_done(what: str, ask: Ask) -> None:
    method = "GET" if what == "/audit" else "POST"
    assert ask("writer", method, what, reason="privacy").status_code == 403
    allowed = ask("moderator", method, what, reason="privacy").status_code
    assert allowed == (200 if what == "restrict" else 403)


def test_a_moderator_hides_and_lifts_only_what_is_for_moderators(ask: Ask) -> None:
    assert ask("moderator", "POST", "restrict").json["restricted_to"] == "admin"
    refused = ask("moderator", "DELETE", "restrict")
    assert (refused.status_code, refused.json["error"]["message"]) == (
        403,
        "This asset is restricted to the role admin",
    )
    assert ask("moderator", "POST", "restrict", role="moderator").status_code == 403
    assert ask("admin", "POST", "restrict", role="moderator").json["restricted_to"] == "moderator"
    assert ask("moderator", "DELETE", "restrict").json["standing"] == "approved"


def test_the_bytes_of_a_restricted_picture_are_for_its_role_alone(ask: Ask) -> None:
    asset_id = ask("admin", "POST", "restrict").json["asset_id"]
    download = f"/download_backup?asset_id={asset_id}"
    assert ask("moderator", "GET", download).status_code == 403
    assert ask("admin", "GET", download).status_code == 200
    listed = ask("moderator", "GET", f"/resources/{asset_id}").json
    assert (listed["standing"], listed["public_id"]) == ("restricted", "cat")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"role": "everybody"}, "Invalid value for parameter role"),
        ({"reason": "whim"}, "Unknown reason whim"),
        ({"note": "x" * 2001}, "note is too long"),
        ({"note": "a\x07b"}, "Illegal character"),
    ],
)
def test_what_is_not_understood_changes_nothing(form: dict[str, str], words: str, ask: Ask) -> None:
    for what in ("restrict", "erase") if "role" not in form else ("restrict",):
        refused = ask("admin", "POST", what, **form)
        assert (refused.status_code, words in refused.json["error"]["message"]) == (400, True)
    assert ask("admin", "GET", "/audit").json["audit"][0]["action"] == "judged"


def test_an_erasure_asked_for_twice_is_not_found_and_leaves_its_line(ask: Ask) -> None:
    done = ask("admin", "POST", "erase", reason="privacy")
    assert (done.status_code, done.json["public_id"]) == (200, "cat")
    assert done.headers["Cache-Control"] == "no-store"
    assert ask("admin", "POST", "erase").status_code == 404
    lines = ask("admin", "GET", f"/audit?asset_id={done.json['asset_id']}").json["audit"]
    assert (lines[0]["action"], lines[0]["actor"]) == ("erased", "key:admin")
    assert "cloud" not in lines[0]
