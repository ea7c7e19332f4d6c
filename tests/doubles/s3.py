"""moto's S3 server as a process of its own, so that boto3 speaks over a real socket."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextlib.contextmanager
def moto_server() -> Iterator[str]:
    """Run it; gives its address. It lists ten keys a page, so that few keys make several pages.

    Skips the test if moto is not installed, unless `REKPROXY_REQUIRE` has `s3`.
    """
    program = shutil.which("moto_server", path=str(Path(sys.executable).parent))
    if program is None:
        if "s3" in os.environ.get("REKPROXY_REQUIRE", ""):
            pytest.fail("moto_server is not installed, and s3 is required")
        pytest.skip("moto_server is not installed")
    port = free_port()
    process = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)],
        env=os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": "10"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_port(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_port(port: int, process: "subprocess.Popen[bytes]", seconds: float = 30) -> None:
    """Wait until something listens; raises if the process ends or the time runs out."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on {port}")
