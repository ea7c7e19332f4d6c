"""What is written down is what the code does: every setting, every error, every packaged file."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import rekproxy.errors
from rekproxy.cli import COMMANDS
from rekproxy.config import DEFAULT_REASONS, SECRETS, Settings
from rekproxy.config.sources import variable

ROOT = Path(__file__).parents[1]
TEMPLATE = (ROOT / "config" / "rekproxy.toml").read_text(encoding="utf-8")
SETTINGS_PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
FIELDS = {name: field for name, field in Settings.model_fields.items() if name not in ("clouds", "reasons")}


def uncommented(text: str) -> str:
    """The settings file as if each setting in it had been switched on; its comments begin with `# `."""
    return re.sub(r"^#(?! |$)", "", text, flags=re.MULTILINE)


def test_the_settings_file_as_it_is_sets_nothing() -> None:
    assert tomllib.loads(TEMPLATE) == {}


def test_the_settings_file_has_every_setting_and_no_other() -> None:
    assert set(tomllib.loads(uncommented(TEMPLATE))) == set(Settings.model_fields)


@pytest.mark.parametrize("name", FIELDS)
def test_the_settings_file_shows_the_default(name: str) -> None:
    shown, field = tomllib.loads(uncommented(TEMPLATE))[name], FIELDS[name]
    if field.default_factory is None and field.default not in (None, ()):
        assert shown == (list(field.default) if isinstance(field.default, tuple) else _plain(field.default))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def test_file_and_page_show_the_reasons_that_there_are_without_them() -> None:
    shown = tomllib.loads(uncommented(TEMPLATE))["reasons"]
    assert shown == [reason.model_dump() for reason in DEFAULT_REASONS]
    for reason in DEFAULT_REASONS:
        assert f"| `{reason.code}` | {reason.text} | `{reason.key}` |" in SETTINGS_PAGE


@pytest.mark.parametrize("name", FIELDS)
def test_the_settings_file_explains_in_the_words_of_the_code(name: str) -> None:
    comment = re.search(rf"((?:^# .*\n)+)^#{name} = ", TEMPLATE, re.MULTILINE)
    assert comment
    assert " ".join(line[2:] for line in comment[1].splitlines()) == FIELDS[name].description


def test_the_settings_file_is_right_whole_once_its_secrets_are_filled_in() -> None:
    filled = uncommented(TEMPLATE).replace('""', '"00112233445566778899aabbccddeeff"')
    assert Settings.model_validate(tomllib.loads(filled)).clouds[0].name == "second"


def test_no_secret_of_the_settings_file_works_as_it_stands() -> None:
    shown = tomllib.loads(uncommented(TEMPLATE))
    assert [shown[name] for name in sorted(SECRETS - {"database_url"})] == [""] * 7


@pytest.mark.parametrize("name", FIELDS)
def test_the_settings_page_has_every_setting(name: str) -> None:
    secret = " †" if name in SECRETS else ""
    row = re.search(
        rf"^\| `{variable(name)}`{secret} \| `{name}` \| (.+) \| (.+) \|$", SETTINGS_PAGE, re.MULTILINE
    )
    assert row
    assert row[2].startswith(FIELDS[name].description)
    default = FIELDS[name].default
    if isinstance(default, int | float) and not isinstance(default, bool):
        assert float(row[1].strip("`").replace("_", "")) == default
    elif isinstance(default, str):
        assert row[1] == f"`{default}`"


def test_the_settings_page_has_no_setting_that_is_not_there() -> None:
    named = set(re.findall(r"`(REKPROXY_[A-Z_]+)`", SETTINGS_PAGE))
    assert named <= {variable(name) for name in FIELDS} | {"REKPROXY_CONFIG"}


def test_every_error_is_drawn_in_the_tree() -> None:
    drawing = rekproxy.errors.__doc__ or ""
    classes = {name for name, thing in vars(rekproxy.errors).items() if isinstance(thing, type)}
    assert classes == set(re.findall(r"\b(\w+Error)\b", drawing))


def test_every_command_has_its_line() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `rekproxy ([\w-]+)", page, re.MULTILINE) == list(COMMANDS)


def test_the_licence_is_apache() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    digest = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    assert hashlib.sha256(text.encode()).hexdigest() == digest
