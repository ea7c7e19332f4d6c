"""The peers: nginx, thumbor and libvips, configured to do the same as we. What cannot be had is skipped."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .processes import Server, free_port, running
from .report import SkippedError

#: Thumbor wants other versions of our dependencies, so it lives in an environment of its own.
_ENVIRONMENT = Path(".venv-bench")
#: pyvips-binary is no part of this project, nor of what it needs.
_VIPS_ENVIRONMENT = Path(".venv-bench-vips")
_VIPS_LOOP = Path(__file__).parent / "vipsloop.py"

_NGINX = """\
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=100;
  keepalive_requests 10000000;
  types {{ image/jpeg jpg; }}
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""

_THUMBOR = """\
LOADER = "thumbor.loaders.file_loader"
FILE_LOADER_ROOT_PATH = {root!r}
STORAGE = "thumbor.storages.no_storage"
RESULT_STORAGE = {storage}
RESULT_STORAGE_FILE_STORAGE_ROOT_PATH = {results!r}
RESULT_STORAGE_STORES_UNSAFE = True
ALLOW_UNSAFE_URL = True
MAX_PIXELS = 100000000
PROGRESSIVE_JPEG = False
AVIF_SPEED = 8
"""


def nginx(root: Path, folder: Path, path: str) -> AbstractContextManager[Server]:
    """nginx serving the files of `root`."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise SkippedError("nginx is not installed (Debian: apt-get install nginx-light)")
    port = free_port()
    user = "user root;\n" if os.geteuid() == 0 else ""
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(user=user, folder=folder, port=port, root=root))
    return running("nginx", [program, "-p", folder, "-c", config], port=port, path=path)


@dataclass(frozen=True, slots=True)
class Thumbor:
    """A thumbor that can be started."""

    program: Path

    def serve(self, root: Path, folder: Path, path: str, *, keep: bool) -> AbstractContextManager[Server]:
        """Thumbor on the files of `root`; with `keep`, its results are stored and found again."""
        folder.mkdir()
        storage = '"thumbor.result_storages.file_storage"' if keep else "None"
        config = folder / "thumbor.conf"
        config.write_text(_THUMBOR.format(root=str(root), results=str(folder / "results"), storage=storage))
        port = free_port()
        where = ["--ip", "127.0.0.1", "--port", str(port)]
        command: list[str | Path] = [self.program, *where, "--conf", config, "--processes", "1"]
        return running("thumbor", command, port=port, path=path)


def thumbor(given: Path | None) -> Thumbor:
    """The thumbor that was named, or one installed into an environment of its own. Raises `SkippedError`."""
    program = given or _ENVIRONMENT / "bin" / "thumbor"
    if given is None and not program.exists():
        _install(_ENVIRONMENT, "thumbor")
    if not program.exists():
        raise SkippedError(f"{program} is not there")
    return Thumbor(program.absolute())


@dataclass(frozen=True, slots=True)
class Vips:
    """libvips in a Python of its own, which makes one picture for each line that it is told."""

    process: subprocess.Popen[str]

    def take(self, file: Path, size: tuple[int, int | None], form: str, quality: int) -> float:
        """Make a picture of a file, `size` filled or as wide; gives the processor seconds that it took."""
        order = {"file": str(file), "width": size[0], "height": size[1], "format": form, "quality": quality}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


@contextmanager
def vips(given: Path | None) -> Iterator[Vips]:
    """libvips by pyvips, with one thread, in an environment of its own. Raises `SkippedError`."""
    python = given or _VIPS_ENVIRONMENT / "bin" / "python"
    if given is None and not python.exists():
        _install(_VIPS_ENVIRONMENT, "pyvips", "pyvips-binary")
    environ = {**os.environ, "VIPS_CONCURRENCY": "1"}
    with subprocess.Popen(
        [python, _VIPS_LOOP], text=True, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Vips(process)
        process.terminate()


def _install(environment: Path, *packages: str) -> None:
    commands = (
        [sys.executable, "-m", "venv", str(environment)],
        [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages],
    )
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        raise SkippedError(f"{packages[0]} cannot be installed into {environment}: {error}") from error
