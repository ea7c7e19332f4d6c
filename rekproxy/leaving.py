"""Whether the server that this process belongs to was told to stop: its processes share a file for that."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_VARIABLE: Final = "REKPROXY_LEAVING"


def share() -> None:
    """Have this process and those that it starts agree on the file."""
    folder = tempfile.mkdtemp(prefix="rekproxy-leaving-")
    os.environ[_VARIABLE] = str(Path(folder) / "leaving")
    atexit.register(_remove, folder, os.getpid())


def announce() -> None:
    """Say that the server is leaving."""
    if file := os.environ.get(_VARIABLE):
        Path(file).touch()


def announced() -> bool:
    """Whether the server is leaving."""
    file = os.environ.get(_VARIABLE)
    return file is not None and Path(file).exists()


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # forked workers inherit what runs at exit
        shutil.rmtree(folder, ignore_errors=True)
