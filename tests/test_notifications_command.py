"""`rekproxy notifications` and the messengers of `rekproxy work`, as people meet them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rekproxy.backends.sql import open_catalog
from rekproxy.cli import group
from rekproxy.config import load
from rekproxy.errors import ConfigurationError, NotFoundError
from rekproxy.interfaces import Catalog
from tests.backends.receiver import receiving

ROOT = Path(__file__).parents[1]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "REKPROXY_DATA_DIR": str(tmp_path),
        "REKPROXY_API_KEY": "123456789012345",
        "REKPROXY_API_SECRET": "a-secret-of-tests",
        "REKPROXY_DETECTOR": "opennsfw",
        "REKPROXY_TRANSFORM_CONCURRENCY": "1",
    }


@pytest.fixture
def catalog(environ: dict[str, str]) -> Iterator[Catalog]:
    opened = open_catalog(load(environ).database_url)
    opened.migrate()
    yield opened
    opened.close()


def announce(catalog: Catalog, *urls: str) -> None:
    for url in urls:
        catalog.announce_error("demo", url, {"error": {"message": "x"}}, actor="key:1")


def kill(catalog: Catalog) -> int:
    [job] = catalog.claim(["notify"], lease=60)
    catalog.end_notification(job, "The server answered 503")
    return int(job.payload["notification"])


def call(environ: dict[str, str], *arguments: str) -> str:
    done = CliRunner(env=environ).invoke(group, ["notifications", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_dead_are_listed_without_their_queries_and_replayed(
    environ: dict[str, str], catalog: Catalog
) -> None:
    announce(catalog, *(f"https://{name}.example/hook?token=secret" for name in "abc"))
    first, second = kill(catalog), kill(catalog)
    assert len(call(environ, "list").splitlines()) == 3
    lines = call(environ, "list", "--dead").splitlines()
    assert [line.split()[:4] for line in lines] == [
        [str(number), "dead", "error", "1"] for number in (second, first)
    ]
    assert lines[1].endswith("https://a.example/hook  The server answered 503")
    assert "secret" not in "".join(lines)
    assert call(environ, "list", "--dead", "--cloud", "other") == ""
    assert call(environ, "replay", str(first)) == "1 replayed\n"
    assert call(environ, "replay", "--all") == "1 replayed\n"
    assert call(environ, "list", "--dead") == ""


def test_what_to_replay_is_said_in_one_way(environ: dict[str, str], catalog: Catalog) -> None:
    for wrong in ([], ["1", "--all"], ["0"], ["x"]):
        done = CliRunner(env=environ).invoke(group, ["notifications", "replay", *wrong])
        assert done.exit_code == 2
    with pytest.raises(NotFoundError):
        CliRunner(env=environ).invoke(group, ["notifications", "replay", "7"], catch_exceptions=False)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "ftp://one.example/", "one.example", "https://a@one.example/", "http://0/"]
)
def test_a_wrong_receiver_stops_the_start(environ: dict[str, str], url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="REKPROXY_NOTIFICATION_URL: "):
        load(environ | {"REKPROXY_NOTIFICATION_URL": f"https://fine.example/ {url}"})
    file = tmp_path / "clouds.toml"
    file.write_text(f'[[clouds]]\nname = "second"\nnotification_url = "{url}"\n')
    with pytest.raises(ConfigurationError, match="notification_url of second: "):
        load(environ | {"REKPROXY_CONFIG": str(file)})


def test_an_allowed_receiver_does_not(environ: dict[str, str]) -> None:
    settings = load(
        environ
        | {
            "REKPROXY_NOTIFICATION_URL": "http://127.0.0.1:9000/a https://fine.example/",
            "REKPROXY_ALLOWED_PRIVATE_HOSTS": "127.0.0.1:9000",
        }
    )
    assert settings.all_clouds[0].notification_url == settings.notification_url


#: `rekproxy work`, killed when a notification has arrived and before that is noted.
_KILLED = """
import os, signal, sys
from rekproxy.backends.sql.notifications import Notifications
Notifications.end_notification = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
from rekproxy.cli import main
sys.argv = ["rekproxy", "work"]
main()
"""


def test_a_killed_worker_has_it_told_once_more_by_the_next(environ: dict[str, str], catalog: Catalog) -> None:
    with receiving() as receiver:
        announce(catalog, receiver.url())
        environ = os.environ | environ | {"REKPROXY_ALLOWED_PRIVATE_HOSTS": f"127.0.0.1:{receiver.port}"}
        short = "import rekproxy.services.jobs as jobs; jobs.LEASE_SECONDS = 1.0\n"
        killed = subprocess.run([sys.executable, "-c", short + _KILLED], env=environ, cwd=ROOT, timeout=60)
        assert killed.returncode == -signal.SIGKILL
        assert len(receiver.came) == 1
        next_one = subprocess.Popen([sys.executable, "-m", "rekproxy", "work"], env=environ, cwd=ROOT)
        try:
            until = time.monotonic() + 30
            while catalog.list_notifications("demo").notifications[0].state != "delivered":
                assert time.monotonic() < until
                time.sleep(0.05)
        finally:
            next_one.send_signal(signal.SIGTERM)
            assert next_one.wait(20) == 0, "the messengers end with the worker"
        first, second = receiver.came
        assert first.body == second.body
        assert first.headers["X-Rekproxy-Event-Id"] == second.headers["X-Rekproxy-Event-Id"]
