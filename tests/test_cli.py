"""The command line as people meet it: real processes, in empty folders."""

import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from rekproxy import credentials
from rekproxy.announcement import Addresses, announce, is_loopback
from rekproxy.config import Settings

ROOT = Path(__file__).parents[1]
REKPROXY = (sys.executable, "-m", "rekproxy")
SETTINGS = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "REKPROXY_TRANSFORM_CONCURRENCY": "1"}


def run(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [*REKPROXY, *arguments]
    return subprocess.run(
        command, cwd=cwd, env=SETTINGS | environ, capture_output=True, text=True, timeout=60
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- what every command has --------------------------------------------------------------------------


def test_version_is_told_without_loading_the_application() -> None:
    script = "import sys; from rekproxy.cli import group; group(['--version'], standalone_mode=False);"
    script += "print(sorted({'flask', 'sqlalchemy', 'PIL', 'boto3', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=SETTINGS, capture_output=True, text=True, timeout=60
    )
    assert re.fullmatch(r"rekproxy, version \d+\.\d+\.\d+\n\[\]\n", done.stdout)


def test_help_names_every_command(tmp_path: Path) -> None:
    from rekproxy.cli import COMMANDS

    text = run("--help", cwd=tmp_path).stdout
    assert re.findall(r"^  ([\w-]+)  ", text.partition("Commands:")[2], re.MULTILINE) == list(COMMANDS)


def test_wrong_settings_are_told_in_words(tmp_path: Path) -> None:
    done = run("serve", cwd=tmp_path, REKPROXY_SURFACE="delivery")
    assert done.returncode == 1
    assert done.stderr.startswith("rekproxy: 2 settings are wrong:\n  REKPROXY_SURFACE: no such setting")
    assert "Traceback" not in done.stderr
    assert not any(tmp_path.iterdir())


# --- single commands ---------------------------------------------------------------------------------


def test_init_writes_the_settings_file_once(tmp_path: Path) -> None:
    assert run("init", "house", cwd=tmp_path).returncode == 0
    written = tmp_path / "house" / "rekproxy.toml"
    assert written.read_text() == (ROOT / "config" / "rekproxy.toml").read_text()
    written.write_text("mine = 1")
    assert "is there already" in run("init", "house", cwd=tmp_path).stderr
    assert written.read_text() == "mine = 1"


def test_testcard_is_a_png_and_never_goes_to_a_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [*REKPROXY, "testcard"], env=SETTINGS, stdout=subprocess.PIPE, timeout=60, cwd=tmp_path
    )
    assert done.stdout.startswith(b"\x89PNG\r\n")
    terminal, ours = pty.openpty()
    refused = subprocess.run(
        [*REKPROXY, "testcard"], env=SETTINGS, stdout=ours, stderr=subprocess.PIPE, timeout=60
    )
    os.close(ours)
    os.close(terminal)
    assert b"rekproxy testcard > card.png" in refused.stderr


def test_credentials_are_lines_for_a_shell(tmp_path: Path) -> None:
    credentials.ensure(Settings(data_dir=tmp_path / "var"))
    lines = run("credentials", "show", "--port", "8123", cwd=tmp_path).stdout
    script = f'{lines}\nprintf "%s\\n" "$CLOUDINARY_URL" "$KEY:$SECRET"'
    url, login = subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout.splitlines()
    assert url == f"cloudinary://{login}@demo?upload_prefix=http://127.0.0.1:8123&cname=127.0.0.1:8123"
    assert run("credentials", "show", "--port", "8123", cwd=tmp_path).stdout == lines


def test_showing_credentials_makes_none(tmp_path: Path) -> None:
    done = run("credentials", "show", cwd=tmp_path)
    assert done.returncode == 1
    assert "There are no keys in" in done.stderr
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [[], ["photo", "--all"], ["--prefix", "a", "--tag", "b"]])
def test_purge_wants_one_way_of_saying_what(tmp_path: Path, arguments: list[str]) -> None:
    done = run("purge", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "in one way" in done.stderr


def test_doctor_says_what_works_and_what_does_not(tmp_path: Path) -> None:
    done = run("doctor", "--embedded", cwd=tmp_path)
    lines = [re.split(r"  +", line, maxsplit=1) for line in done.stdout.splitlines()]
    assert [(state, text.partition(":")[0]) for state, text in lines] == [
        ("ok", part)
        for part in (
            "settings",
            "catalog",
            "originals",
            "derived images",
            "detector",
            "provider calls",
            "codecs",
        )
    ]
    assert done.returncode == 0
    (tmp_path / "a-file").touch()
    broken = run("doctor", "--embedded", cwd=tmp_path, REKPROXY_DERIVED_URL=str(tmp_path / "a-file"))
    assert broken.returncode == 1
    assert re.findall(r"^not ok  ([\w ]+):", broken.stdout, re.MULTILINE)[0] == "derived images"


def test_import_registers_goes_on_and_reports(tmp_path: Path, jpeg: bytes) -> None:
    pictures = tmp_path / "pictures" / "cats"
    pictures.mkdir(parents=True)
    (pictures / "tom.jpg").write_bytes(jpeg)
    (pictures / "broken.jpg").write_bytes(jpeg[:100])
    first = run("import", "--embedded", "pictures", "--prefix", "archive/", cwd=tmp_path)
    assert first.returncode == 0
    assert re.search(r"^refused: cats/broken.jpg: .+$", first.stdout, re.MULTILINE)
    assert first.stdout.splitlines()[-1] == "1 refused, 1 registered approved"
    assert run("import", "--embedded", "pictures", "--prefix", "archive/", cwd=tmp_path).stdout.splitlines()[
        -1
    ] == ("1 known, 1 refused")


def test_work_leaves_when_told(tmp_path: Path) -> None:
    run("doctor", "--embedded", cwd=tmp_path)
    worker = subprocess.Popen([*REKPROXY, "work", "--embedded"], env=SETTINGS, cwd=tmp_path)
    time.sleep(2)
    assert worker.poll() is None
    worker.terminate()
    assert worker.wait(10) == 0


# --- serve -------------------------------------------------------------------------------------------


#: The end of what `serve` prints.
LAST_LINE = re.compile(rb"export CLOUDINARY_URL=.+\n")


@contextmanager
def serving(
    command: list[str], cwd: Path, environ: dict[str, str], *, terminal: bool = False
) -> Iterator[tuple]:
    """A server that listens, with all it printed until then."""
    reader, writer = pty.openpty() if terminal else os.pipe()
    server = subprocess.Popen(command, cwd=cwd, env=environ, stdout=writer)
    os.close(writer)
    text = b""
    try:
        while not LAST_LINE.search(text):
            chunk = os.read(reader, 4096)
            assert chunk, "the server left"
            text += chunk
        yield server, text.decode().replace("\r\n", "\n")
    finally:
        server.terminate()
        server.wait(40)
        os.close(reader)


def test_secrets_are_shown_once_and_only_to_a_terminal(tmp_path: Path) -> None:
    command = [*REKPROXY, "serve", "--workers", "1", "--port", str(free_port())]
    environ = SETTINGS | {"REKPROXY_SURFACES": "delivery"}
    with serving(command, tmp_path, environ, terminal=True) as (_, first):
        key, secret = re.findall(r"curl -u '(\d{15}):([\w-]+)'", first)[0]
    with serving(command, tmp_path, environ, terminal=True) as (_, second):
        assert "credentials show" in second
        assert secret not in second
    shown = run("credentials", "show", cwd=tmp_path).stdout
    assert f"KEY='{key}'\nSECRET='{secret}'\n" in shown


def test_nothing_secret_goes_into_a_log(tmp_path: Path) -> None:
    command = [*REKPROXY, "serve", "--workers", "1", "--port", str(free_port())]
    with serving(command, tmp_path, SETTINGS | {"REKPROXY_SURFACES": "delivery"}) as (_, text):
        secret = re.findall(r"SECRET='(.+)'", run("credentials", "show", cwd=tmp_path).stdout)[0]
        assert secret not in text


def test_a_taken_port_says_what_to_type(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--embedded", "--port", str(port), cwd=tmp_path)
    assert done.returncode == 1
    assert f"Port {port} is taken. Type PORT={port + 1} make run" in done.stderr


def test_the_outside_needs_a_delivery_url(tmp_path: Path) -> None:
    done = run("serve", "--embedded", "--host", "0.0.0.0", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("rekproxy: REKPROXY_DELIVERY_URL must be set")


@pytest.mark.parametrize(
    ("host", "own"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)]
)
def test_loopback(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_addresses_behind_a_proxy(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, delivery_url="https://images.example.com")
    addresses = Addresses.of(settings, "::", 80)
    assert addresses.api == "http://[::1]:80"
    assert addresses.cloudinary_url("k", "s") == (
        "cloudinary://k:s@demo?upload_prefix=http://[::1]:80&secure=true&secure_distribution=images.example.com"
    )
    assert "https://images.example.com/demo/image/upload/w_400/photo.jpg" in announce(
        addresses, detector="", secrets=None, show="rekproxy credentials show"
    )


# --- the wheel ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, installed beside dependencies that are lent from this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, ROOT], check=True, timeout=120)
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    subprocess.run(
        [*pip, "--python", python, "install", "--no-deps", *folder.glob("*.whl")], check=True, timeout=60
    )
    (packages,) = (folder / "env" / "lib").glob("python3*/site-packages")
    lent = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "lent.pth").write_text("\n".join(lent))
    return folder / "env" / "bin" / "rekproxy"


def test_the_wheel_has_the_settings_file_and_types(installed: Path, tmp_path: Path) -> None:
    subprocess.run([installed, "init", "."], cwd=tmp_path, check=True, timeout=60)
    assert tomllib.loads((tmp_path / "rekproxy.toml").read_text()) == {}
    assert list(installed.parents[1].glob("lib/*/site-packages/rekproxy/py.typed"))


def test_the_wheel_has_the_named_policies(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed, "policy", "test"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert re.findall(r"^ok      (\w+)@", done.stdout, re.MULTILINE) == ["community", "dating", "marketplace"]


def test_what_serve_prints_can_be_pasted(installed: Path, tmp_path: Path, jpeg: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg)
    command = [str(installed), "serve", "--embedded", "--port", str(free_port())]
    environ = {"PATH": os.environ["PATH"], "REKPROXY_DATA_DIR": str(tmp_path / "a data folder")}
    with serving(command, tmp_path, environ) as (_, text):
        console, keys, upload, see, override, purge, sdk = re.findall(
            r"^  # .*\n((?:  [^#\n].*\n)+)", text, re.MULTILINE
        )
        down, up = override.splitlines()

        def paste(*lines: str) -> str:
            script = "\n".join(["set -e", keys, *lines])
            done = subprocess.run(
                ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        login = paste(f"curl -sf {console.strip()}")
        assert "Sign in with this link" in login
        style = re.search(r'href="([^"]+base.css)"', login)
        assert style
        assert "--ground" in paste(f"curl -sf {console.strip().partition('/console')[0]}{style[1]}")
        assert '"status":"approved"' in paste(upload)
        paste(see)
        for name, size in (("small.jpg", (400, 400)), ("square.jpg", (200, 200))):
            with Image.open(tmp_path / name) as image:
                assert image.size == size
        first_look = see.splitlines()[0].replace("curl -f", "curl -sw '%{http_code}'")
        assert paste(down, first_look).endswith("404")
        assert paste(up, first_look).endswith("200")
        assert '"purged":1' in paste(purge)
        assert paste(sdk, 'echo "$CLOUDINARY_URL"').startswith("cloudinary://")


def test_the_worker_leaves_with_a_server_that_was_killed(tmp_path: Path) -> None:
    command = [*REKPROXY, "serve", "--embedded", "--workers", "1", "--port", str(free_port())]
    with serving(command, tmp_path, SETTINGS) as (server, _):
        worker = _worker_of(server.pid)
        server.send_signal(signal.SIGKILL)
        server.wait()
        assert _gone(worker, within=10)


def test_a_worker_that_died_is_replaced_and_ends_with_its_server(tmp_path: Path) -> None:
    command = [*REKPROXY, "serve", "--embedded", "--workers", "1", "--port", str(free_port())]
    with serving(command, tmp_path, SETTINGS) as (server, _):
        first = _worker_of(server.pid)
        os.kill(first, signal.SIGKILL)
        assert _gone(first, within=10)
        second = _worker_of(server.pid)
        assert second != first
    assert _gone(second, within=1)


def _worker_of(parent: int) -> int:
    """The process id of the `work` that a server started, as soon as it is there."""
    for _ in range(100):
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True).stdout
        found = re.search(rf"^ *(\d+) +{parent} .* work --parent {parent}$", listed, re.MULTILINE)
        if found:
            return int(found[1])
        time.sleep(0.1)
    raise AssertionError("no worker")


def _gone(pid: int, *, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


# --- files that are only read here -------------------------------------------------------------------


def test_make_explains_itself() -> None:
    make = shutil.which("make")
    assert make
    text = subprocess.run(
        [make, "-s"], cwd=ROOT, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert [line.split()[1] for line in text.stdout.splitlines()] == ["run", "test", "bench", "soak", "clean"]


def test_make_says_how_to_get_python(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in ("make", "sh", "touch"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or "")
    done = subprocess.run(
        ["make", "run"], cwd=tmp_path, env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True
    )
    assert done.returncode
    assert "rekproxy needs Python 3.11 or later" in done.stderr
