"""Settings: where they come from, what is refused, and that one message says all of it."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest

from rekproxy import credentials
from rekproxy.config import ROLES, SECRETS, Settings, load
from rekproxy.errors import ConfigurationError


def refusal(**environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load({f"REKPROXY_{name}": value for name, value in environ.items()})
    return str(caught.value).splitlines()


def test_defaults_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load({}, embedded=True)
    assert settings.data_dir == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/catalog.sqlite3"
    assert settings.storage_url == f"{tmp_path}/var/originals"
    assert settings.derived_url == f"{tmp_path}/var/derived"
    assert settings.detector == "opennsfw"
    assert (settings.cloud_name, settings.default_moderation, settings.moderation_floor) == (
        "demo",
        "aws_rek",
        None,
    )
    assert (settings.takedown_seconds, settings.response_deadline, settings.edge_ttl) == (60, 30, 3600)
    assert settings.max_upload_bytes == 40_000_000
    assert settings.surfaces == ("delivery", "upload", "admin", "console")
    assert settings.trusted_proxies == ()


def test_embedded_never_replaces_a_detector_that_was_chosen() -> None:
    assert load({"REKPROXY_DETECTOR": "rekognition"}, embedded=True).detector == "rekognition"


def test_a_detector_must_be_said_where_uploads_are_taken() -> None:
    counted, line = refusal()
    assert counted == "1 setting is wrong:"
    assert line.startswith("  REKPROXY_DETECTOR: must be set where uploads are taken")
    assert line.endswith("set REKPROXY_DETECTOR=rekognition, or say --embedded")
    assert load({"REKPROXY_SURFACES": "delivery"}).detector is None


def test_one_message_names_everything_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "rekproxy.toml"
    file.write_text('max_uplod_bytes = 5\ntakedown_seconds = -1\n[[clouds]]\nname = "x y"\n')
    lines = refusal(
        CONFIG=str(file),
        DATA_DIRR="/data",
        DETECTOR="rekognitio",
        MAX_INPUT_PIXELS="50 MP",
        SURFACES="delivery,uploads",
        TRUSTED_PROXIES="10.0.0.1/8",
        DEFAULT_MODERATION="aws_rek:vilence:0.7",
        DATABASE_URL="postgresql+psycopg://host/db",
        API_KEY="key",
        METRICS_TOKEN_FILE=str(tmp_path / "absent"),
    )
    assert lines[0] == f"{len(lines) - 1} settings are wrong:"
    for start in (
        f"  max_uplod_bytes in {file}: no such setting; did you mean max_upload_bytes",
        f"  takedown_seconds in {file}: must be greater than or equal to 0",
        f"  clouds[0].name in {file}: ",
        "  REKPROXY_DATA_DIRR: no such setting; did you mean REKPROXY_DATA_DIR",
        "  REKPROXY_DETECTOR: no such detector; there are opennsfw, rekognition; did you mean rekognition",
        "  REKPROXY_MAX_INPUT_PIXELS: must be a valid integer",
        "  REKPROXY_SURFACES[1]: must be 'delivery', 'upload', 'admin' or 'console'",
        "  REKPROXY_TRUSTED_PROXIES[0]: 10.0.0.1/8 has host bits set",
        "  REKPROXY_DEFAULT_MODERATION: ",
        "  REKPROXY_METRICS_TOKEN_FILE: ",
        "  REKPROXY_SECRET_KEY: must be set with PostgreSQL",
        "  REKPROXY_API_KEY and REKPROXY_API_SECRET belong together",
    ):
        assert sum(line.startswith(start) for line in lines) == 1, start
    assert len(lines) == 13


def test_a_wrong_setting_is_not_also_called_missing() -> None:
    lines = refusal(DETECTOR="opennsfw", API_KEY="key", API_SECRET="short")
    assert len(lines) == 2
    assert lines[1].startswith("  REKPROXY_API_SECRET: ")


def test_messages_hold_no_secret() -> None:
    text = "\n".join(refusal(DETECTOR="opennsfw", API_KEY="key", API_SECRET="hush", SECRET_KEY="quiet"))
    assert "hush" not in text
    assert "quiet" not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "postgresql://host/db"),
        ("STORAGE_URL", "gs://bucket"),
        ("STORAGE_URL", "s3://"),
        ("DERIVED_URL", "s3://bucket/a?b"),
        ("CLOUD_NAME", "a/b"),
        ("DELIVERY_URL", "images.example.com"),
        ("DELIVERY_URL", "https://images.example.com/?a"),
        ("ALLOWED_PRIVATE_HOSTS", "10.0.0.1"),
        ("EDGE", "varnsh"),
        ("THREADS", "8"),
        ("PARENT_RULE", "lenient"),
        ("DEFAULT_MODERATION", "manual|aws_rek"),
        ("MODERATION_FLOOR", "webpurify"),
        ("OPEN_TRANSFORMATIONS", "yes"),
        ("TESTCARD", "perhaps"),
        ("CLOUDS", "[]"),
    ],
)
def test_refused(name: str, value: str) -> None:
    lines = refusal(DETECTOR="opennsfw", **{name: value})
    assert len(lines) == 2
    assert lines[1].startswith(f"  REKPROXY_{name}")


def test_variables_win_over_the_file_and_an_empty_one_is_not_set(tmp_path: Path) -> None:
    file = tmp_path / "rekproxy.toml"
    file.write_text('detector = "opennsfw"\ncloud_name = "from-file"\ntakedown_seconds = 10\n')
    environ = {
        "REKPROXY_CONFIG": str(file),
        "REKPROXY_CLOUD_NAME": "from-variable",
        "REKPROXY_TAKEDOWN_SECONDS": "",
        "REKPROXY_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
    }
    settings = load(environ)
    assert (settings.cloud_name, settings.takedown_seconds) == ("from-variable", 10)
    assert settings.trusted_proxies == (IPv4Network("10.0.0.0/8"), IPv6Network("::1/128"))


@pytest.mark.parametrize("content", ["detector = ", b"\xff"])
def test_an_unreadable_file_stops_the_start(tmp_path: Path, content: str | bytes) -> None:
    file = tmp_path / "rekproxy.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    assert refusal(CONFIG=str(file), DETECTOR="opennsfw")[1].startswith(
        f"  REKPROXY_CONFIG: {file} cannot be read"
    )


def test_secrets_come_from_files_and_repr_shows_none(tmp_path: Path) -> None:
    for name in ("secret", "signing"):
        (tmp_path / name).write_text(f"{name} that nobody sees\n")
    settings = load(
        {
            "REKPROXY_DETECTOR": "opennsfw",
            "REKPROXY_API_KEY": "key",
            "REKPROXY_API_SECRET_FILE": str(tmp_path / "secret"),
            "REKPROXY_SECRET_KEY_FILE": str(tmp_path / "signing"),
            "REKPROXY_DATABASE_URL": "postgresql+psycopg://user:hidden@host/db",
        }
    )
    assert settings.api_secret == "secret that nobody sees"
    assert settings.secret_key == "signing that nobody sees"
    assert {
        "api_secret",
        "secret_key",
        "database_url",
        "metrics_token",
        "audit_key",
        "token_key",
        "varnish_secret",
        "edge_http_secret",
    } == SECRETS
    assert not any(hidden in repr(settings) for hidden in ("nobody", "hidden"))
    assert "nobody" not in repr(settings.all_clouds)


def test_a_secret_is_given_once(tmp_path: Path) -> None:
    lines = refusal(DETECTOR="opennsfw", METRICS_TOKEN="12345678", METRICS_TOKEN_FILE=str(tmp_path))
    assert lines[1] == "  REKPROXY_METRICS_TOKEN_FILE: REKPROXY_METRICS_TOKEN is set too; keep one of them"


CLOUDS = """
detector = "opennsfw"
[[clouds]]
name = "{name}"
[[clouds.keys]]
key = "{key}"
secret = "12345678"
roles = ["upload", "moderator"]
"""


def test_clouds_of_the_file_stand_beside_the_one_of_the_variables(tmp_path: Path) -> None:
    file = tmp_path / "rekproxy.toml"
    file.write_text(CLOUDS.format(name="second", key="k2"))
    first = {"REKPROXY_API_KEY": "k1", "REKPROXY_API_SECRET": "87654321"}
    clouds = load({"REKPROXY_CONFIG": str(file)} | first).all_clouds
    assert [(cloud.name, [(key.key, key.roles) for key in cloud.keys]) for cloud in clouds] == [
        ("demo", [("k1", frozenset(ROLES))]),
        ("second", [("k2", {"upload", "moderator"})]),
    ]


def test_the_file_gives_the_first_cloud_more_keys(tmp_path: Path) -> None:
    file = tmp_path / "rekproxy.toml"
    file.write_text(CLOUDS.format(name="demo", key="k2"))
    first = {"REKPROXY_API_KEY": "k1", "REKPROXY_API_SECRET": "87654321"}
    (cloud,) = load({"REKPROXY_CONFIG": str(file)} | first).all_clouds
    assert [(key.key, key.roles) for key in cloud.keys] == [
        ("k1", frozenset(ROLES)),
        ("k2", {"upload", "moderator"}),
    ]


def test_what_has_settings_of_its_own_is_not_said_of_the_first_cloud(tmp_path: Path) -> None:
    file = tmp_path / "rekproxy.toml"
    file.write_text('[[clouds]]\nname = "demo"\nnotification_url = "https://app.example.com/"\n')
    assert "demo takes keys alone" in refusal(CONFIG=str(file), API_KEY="k1", API_SECRET="87654321")[1]


def test_clouds_and_keys_are_named_once(tmp_path: Path) -> None:
    file = tmp_path / "rekproxy.toml"
    twice = CLOUDS.format(name="second", key="k2") + '[[clouds]]\nname = "second"\n'
    for text in (CLOUDS.format(name="second", key="k1"), twice):
        file.write_text(text)
        assert "given twice" in refusal(CONFIG=str(file), API_KEY="k1", API_SECRET="87654321")[1]


def test_no_cloud_lies_where_the_console_is() -> None:
    assert "none can be named console" in refusal(CLOUD_NAME="console")[1]
    load({"REKPROXY_CLOUD_NAME": "console", "REKPROXY_SURFACES": "delivery"})


def test_settings_are_frozen() -> None:
    settings = load({}, embedded=True)
    with pytest.raises(ValueError, match="frozen"):
        settings.cloud_name = "other"


def settings_in(folder: Path, **more: object) -> Settings:
    return Settings(data_dir=folder, detector="opennsfw", **more)


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "new" / "data")
    assert credentials.make(settings)
    first = credentials.ensure(settings)
    assert not credentials.make(settings)
    assert credentials.ensure(settings) == first
    assert first.api_key.isdigit()
    assert len(first.api_key) == 15
    assert credentials.path(settings).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700
    assert [file.name for file in (tmp_path / "new" / "data").iterdir()] == ["credentials.json"]


def test_keys_that_are_given_win(tmp_path: Path) -> None:
    given = settings_in(tmp_path, api_key="mine", api_secret="12345678")
    filled = credentials.ensure(given)
    assert (filled.api_key, filled.api_secret) == ("mine", "12345678")
    assert filled.secret_key
    whole = settings_in(
        tmp_path / "none", api_key="mine", api_secret="12345678", secret_key="0123456789abcdef"
    )
    assert credentials.ensure(whole) is whole
    assert not (tmp_path / "none").exists()


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    settings = settings_in(tmp_path)
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: credentials.make(settings), range(64)))
        keys = {filled.api_key for filled in pool.map(lambda _: credentials.ensure(settings), range(64))}
    assert sum(made) == 1
    assert len(keys) == 1


@pytest.mark.parametrize("content", ["", "{}", '{"api_key": "1", "api_secret": "", "secret_key": ""}'])
def test_a_damaged_file_of_keys_is_never_replaced(tmp_path: Path, content: str) -> None:
    settings = settings_in(tmp_path)
    credentials.path(settings).write_text(content)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        credentials.ensure(settings)
    assert credentials.path(settings).read_text() == content
