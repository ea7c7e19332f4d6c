"""Keys come and go while a process runs; a file that is wrong changes nothing."""

import os

import pytest
from structlog.testing import capture_logs

from rekproxy.config.keysfile import KeysFile
from tests.conftest import settings_for

OLD = """
[[clouds]]
name = "second"
keys = [{ key = "old", secret = "old-secret", roles = ["admin"] }]
"""
BOTH = OLD.replace("}]", '}, { key = "new", secret = "new-secret", roles = ["upload"] }]')


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "keys.toml"
    path.write_text(OLD)
    return KeysFile(path, settings_for(tmp_path))


def rewrite(file, text):
    file.path.write_text(text)
    later = file.path.stat().st_mtime_ns + 1_000_000
    os.utime(file.path, ns=(later, later))


def keys_of(clouds):
    return {key.key for cloud in clouds for key in cloud.keys if cloud.name == "second"}


def test_a_change_is_told_once(file):
    assert file.changed() is None
    rewrite(file, BOTH)
    clouds = file.changed()
    assert keys_of(clouds) == {"old", "new"}
    assert next(cloud.name for cloud in clouds) == "demo"
    assert file.changed() is None


@pytest.mark.parametrize("text", ["[[", OLD.replace("admin", "king"), OLD + OLD, OLD.replace("old-", "")])
def test_a_file_that_is_wrong_changes_nothing_and_tells_no_secret(file, text):
    rewrite(file, text)
    with capture_logs() as logs:
        assert file.changed() is None
    (said,) = logs
    assert said["event"] == "keys_not_read"
    assert "secret" not in str(said).replace("clouds.0.keys.0.secret", "")
    rewrite(file, BOTH)
    assert file.changed() is not None


def test_a_file_that_is_gone_changes_nothing(file):
    file.path.unlink()
    assert file.changed() is None
