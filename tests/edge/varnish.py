"""A real Varnish with the configuration that ships, in front of a port of the loopback."""

import http.client
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.serving import Answer, free_port, wait_until

VCL = Path(__file__).parents[2] / "config" / "varnish.vcl"
PROGRAM = shutil.which("varnishd") or shutil.which("varnishd", path="/usr/sbin:/usr/local/sbin")
SECRET = "known-to-both-sides"


def missing() -> str | None:
    """Why Varnish cannot be tested here, if it cannot."""
    if PROGRAM is None:
        return "varnishd is not installed"
    checked = subprocess.run([PROGRAM, "-C", "-f", str(VCL)], capture_output=True, text=True)
    return None if checked.returncode == 0 else f"varnishd does not take config/varnish.vcl: {checked.stderr}"


@dataclass(frozen=True)
class Varnish:
    """One that answers."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """A request of its own connection; header names with `_` for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            reply = connection.getresponse()
            return Answer(reply.status, dict(reply.getheaders()), reply.read())
        finally:
            connection.close()

    def age(self, path: str, **headers: str) -> int:
        """How old the copy is that it sends; 0 also for one that it has just fetched."""
        return int(self.get(path, **headers).headers.get("Age", 0))


@contextmanager
def varnish(backend: int, port: int | None = None, secret: str = SECRET) -> Iterator[Varnish]:
    """A Varnish before the port `backend`, ended with the block."""
    assert PROGRAM is not None
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="rekproxy-varnish-") as folder:
        Path(folder).chmod(0o755)  # its worker may run as another user
        vcl = Path(folder, "test.vcl")
        vcl.write_text(VCL.read_text().replace('.port = "8080"', f'.port = "{backend}"'))
        options = [
            "-n",
            f"{folder}/work",
            "-a",
            f"127.0.0.1:{port}",
            "-f",
            str(vcl),
            "-s",
            "malloc,64m",
            "-F",
        ]
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(
                [PROGRAM, *options], env=_environment(secret), stdout=log, stderr=subprocess.STDOUT
            )
            try:
                started = Varnish(port)
                wait_until(lambda: _answers(started, process), 30, lambda: Path(folder, "log").read_text())
                yield started
            finally:
                process.terminate()
                process.wait(20)


def _environment(secret: str) -> Mapping[str, str]:
    return {**os.environ, "REKPROXY_VARNISH_SECRET": secret}


def _answers(started: Varnish, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "varnishd has ended"
    try:
        return started.get("/", method="PURGE").status == 403
    except (OSError, http.client.HTTPException):
        return False
