"""A process that takes one upload and is killed at a step of it.

`python -m tests.faults.crashing` reads a line of JSON for each upload, forks a process that kills itself by
SIGKILL at a step of it, as nothing can be tidied up after that, and writes how that ended. Forking spares
each of them the imports.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from rekproxy.app import Application
from rekproxy.backends.rekognition import RekognitionDetector
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
    "detector asked": lambda house: before(type(house.detector), "detect"),
    "detector answered": lambda house: after(type(house.detector), "detect"),
    "labels kept": lambda house: after(_catalog(house), "keep_labels"),
    "verdict not committed": lambda house: before_commit_of(_catalog(house), "settle"),
    "verdict committed": lambda house: after(_catalog(house), "settle"),
    "not yet acknowledged": lambda house: after(type(house.ingest), "accept"),
}
#: The first step at which the upload is registered; at which nobody need look again; at which it is judged.
REGISTERED, LABELLED, JUDGED = "row committed", "labels kept", "verdict committed"


#: How a process ends that is never killed: it was acknowledged.
ACKNOWLEDGED = 0


def take(step: str, settings: dict[str, str], file: str, provider: dict[str, str]) -> None:
    """Take the upload, and be killed. `provider` are the variables by which boto3 finds one, if any."""
    os.environ |= provider
    detector: Any = RekognitionDetector() if provider else ToldDetector()
    kept = settings_for(Path(settings.pop("data_dir")), **settings)
    house = house_of(kept, InProcessImager(25_000_000), detector)
    STEPS[step](house)
    upload(house, Path(file).read_bytes())


def main() -> None:
    """A process for each line."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                take(**json.loads(line))
            finally:
                os._exit(ACKNOWLEDGED)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
