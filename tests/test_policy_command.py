"""`rekproxy policy` in this process: what it prints, what it takes, and with which exit code it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rekproxy.app import create_app
from rekproxy.commands.policy import command
from rekproxy.config import Settings
from rekproxy.errors import ConfigurationError, InvalidModerationError, InvalidRequestError, NotFoundError
from tests.conftest import NUDE, upload

ANSWER = {
    "ModerationLabels": [
        {"Name": "Violence", "ParentName": "", "Confidence": 60.5},
        {"Name": "Weapons", "ParentName": "Violence", "Confidence": 60.5},
        {"Name": "Moon\x1b[31m [red]", "ParentName": "", "Confidence": 51},
    ],
    "ModerationModelVersion": "7.0",
}
GOOD = """
name = "shop"
version = 2
description = "For shops."
policy = "aws_rek:violence:0.7"
[[examples]]
why = "A knife on a table."
taxonomy = "7"
labels = ["Violence > Weapons 60"]
status = "approved"
"""


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REKPROXY_POLICIES", "REKPROXY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REKPROXY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(command, arguments, input=given, catch_exceptions=False)


def told(*arguments: str, given: str | None = None) -> str:
    result = run(*arguments, given=given)
    assert result.exit_code == 0, result.output
    return result.output


def test_list_shows_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "marketplace@1  (7 examples)" in told("list")
    (tmp_path / "shop.toml").write_text(GOOD)
    monkeypatch.setenv("REKPROXY_POLICIES", str(tmp_path))
    assert told("list") == "shop@2  (1 examples)\n\n  For shops.\n\n  aws_rek:violence:0.7\n\n"


def test_test_tells_of_every_file(tmp_path: Path) -> None:
    assert told("test").splitlines()[0] == "ok      community@1: 7 examples"
    (tmp_path / "shop.toml").write_text(GOOD)
    (tmp_path / "another.toml").write_text(GOOD.replace("0.7", "0.5").replace("shop", "another"))
    done = run("test", str(tmp_path))
    assert done.exit_code == 1
    wrong, right = done.output.splitlines()
    assert wrong.startswith(f"not ok  {tmp_path / 'another.toml'}: example 1 (A knife on a table.) should be")
    assert wrong.endswith("approved and comes out rejected: Weapons 60 is above its level 0.5")
    assert right == "ok      shop@2: 1 examples"


def test_a_policy_is_shown_by_category() -> None:
    said = told("explain", "aws_rek:tobacco:ignore")
    assert "vocabulary: 6.1" in said
    assert "asks the detector from: 50.0" in said
    assert "    smoking " in said
    assert "default 0.5 (drug_products in 6.1)" in said


@pytest.mark.parametrize("given", [ANSWER, {"moderation_labels": [{"name": "Weapons", "confidence": 60.5}]}])
def test_labels_are_explained_from_a_file_or_a_pipe(tmp_path: Path, given: object) -> None:
    (tmp_path / "a.json").write_text(json.dumps(given))
    said = told("explain", "aws_rek:weapons:ignore", "--labels", str(tmp_path / "a.json"))
    assert said == told("explain", "aws_rek:weapons:ignore", "--labels", "-", given=json.dumps(given))
    assert "not judged: ignored" in said


def test_a_terminal_is_told_nothing_that_it_would_obey() -> None:
    said = told("explain", "aws_rek", "--labels", "-", given=json.dumps(ANSWER))
    assert "Moon?[31m [red]" in said
    assert "\x1b[31m" not in said
    assert "not judged: explained by Weapons" in said
    assert said.startswith("rejected\n")


def test_json_has_every_field() -> None:
    said = json.loads(told("explain", "aws_rek", "--labels", "-", "--json", given=json.dumps(ANSWER)))
    assert [each["name"] for each in said["labels"] if each["offending"]] == ["Weapons", "Moon\x1b[31m [red]"]


def test_nothing_is_made_by_asking(tmp_path: Path) -> None:
    told("explain", "aws_rek")
    assert not any(tmp_path.iterdir())


def test_a_picture_s_verdict_is_told_beside_another_policy_s(house, detector, jpeg, monkeypatch) -> None:
    detector.labels = NUDE
    asset = upload(house, jpeg)
    monkeypatch.setenv("REKPROXY_DATA_DIR", str(house.settings.data_dir))
    said = told("explain", "--asset", asset.asset_id)
    assert told("explain", "--asset", asset.public_id) == said
    assert said.startswith(f"cat ({asset.asset_id})\n\nthen: rejected\npolicy: aws_rek\n")
    said = told("explain", "aws_rek:explicit:ignore", "--asset", asset.asset_id)
    assert "\nnow: approved\npolicy: aws_rek:explicit:ignore\n" in said
    assert "labels from: kept" in said
    said = json.loads(told("explain", "aws_rek", "--asset", asset.asset_id, "--json"))
    assert (said["then"]["outcome"], said["now"]["outcome"]) == ("rejected", "rejected")
    with pytest.raises(NotFoundError):
        run("explain", "--asset", asset.asset_id, "--cloud", "other")


@pytest.mark.parametrize("arguments", [[], ["aws_rek", "--labels", "-", "--asset", "x"]])
def test_what_is_asked_must_be_clear(arguments: list[str]) -> None:
    done = run("explain", *arguments, given="[]")
    assert done.exit_code == 2
    assert "Say " in done.output


@pytest.mark.parametrize(
    ("policy", "given", "error"),
    [
        ("aws_rek:violenc:0.5", "[]", InvalidModerationError),
        ("aws_rek:policy:none", "[]", InvalidModerationError),
        ("aws_rek", "{", InvalidRequestError),
        ("aws_rek", "[5]", InvalidRequestError),
    ],
)
def test_what_is_wrong_is_said_in_words(policy: str, given: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        run("explain", policy, "--labels", "-", given=given)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"policies": "gone"}, "gone holds no policies"),
        (
            {"default_moderation": "aws_rek:policy:datin"},
            "REKPROXY_DEFAULT_MODERATION: .*did you mean dating",
        ),
        ({"moderation_floor": "aws_rek:policy:dating.9"}, "REKPROXY_MODERATION_FLOOR: .*as version 1, not 9"),
    ],
)
def test_nothing_starts_with_policies_that_do_not_hold(
    tmp_path: Path, more: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        create_app(Settings(data_dir=tmp_path, detector="opennsfw", **more))
