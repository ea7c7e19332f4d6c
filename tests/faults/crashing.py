"""A process that takes one upload and is killed at a step of it.

`python -m tests.faults.crashing STEP FOLDER FILE` kills itself by SIGKILL, as nothing can be tidied up after
that. It never comes to say "acknowledged".
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from rekproxy.app import Application
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.services.originals import Originals
from tests.conftest import ToldDetector, house_of, settings_for, upload


def kill(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    """Be killed instead of doing something."""
    setattr(owner, name, kill)


def after(owner: Any, name: str) -> None:
    """Be killed as soon as something is done."""
    original = getattr(owner, name)

    def patched(*given: Any, **more: Any) -> None:
        original(*given, **more)
        kill()

    setattr(owner, name, patched)


def before_commit_of(owner: Any, name: str) -> None:
    """Be killed when all of a write is said to the database, and it is not committed."""
    original = getattr(owner, name)

    def patched(*given: Any, **more: Any) -> Any:
        before(Connection, "commit")
        return original(*given, **more)

    setattr(owner, name, patched)


def _catalog(house: Application) -> Any:
    return type(house.catalog)


#: Each step of an upload, in order, and how to be killed there.
STEPS: dict[str, Callable[[Application], None]] = {
    "decoded": lambda house: before(_catalog(house), "want_blob"),
    "bytes announced": lambda house: after(_catalog(house), "want_blob"),
    "original written aside": lambda house: before(os, "replace"),
    "original stored": lambda house: after(Originals, "keep"),
    "row not committed": lambda house: before_commit_of(_catalog(house), "add_version"),
    "row committed": lambda house: after(_catalog(house), "add_version"),
    "detector asked": lambda house: before(ToldDetector, "detect"),
    "detector answered": lambda house: after(ToldDetector, "detect"),
    "verdict not committed": lambda house: before_commit_of(_catalog(house), "settle"),
    "verdict committed": lambda house: after(_catalog(house), "settle"),
    "not yet acknowledged": lambda house: after(type(house.ingest), "accept"),
}
#: The first step at which the upload is registered, and the first at which it is judged.
REGISTERED, JUDGED = "row committed", "verdict committed"


def main() -> None:
    """Take the upload, and be killed."""
    step, folder, file = sys.argv[1:]
    house = house_of(settings_for(Path(folder)), InProcessImager(25_000_000), ToldDetector())
    STEPS[step](house)
    upload(house, Path(file).read_bytes())
    print("acknowledged", flush=True)


if __name__ == "__main__":
    main()
