"""Two doors to pixels: this reads the package, and fails if anything else opens an original or renders."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "rekproxy"

#: Who may call what. `what` is the end of the call as it is written: `self.originals.read(…)`.
DOORS = {
    # the public door, through what it derives; the restricted one; the machine's own look
    # and what finds out facts about a picture, for callers with a role
    "originals.read": {
        "services/derive.py", "services/review.py", "services/moderate.py", "services/facts.py",
    },
    # an uploader's own bytes that no version has yet: they are only taken in, and judged, later
    "originals.kept": {"services/later.py"},
    # pinned originals: as above by `originals`, and to judge a changed one anew
    "read_pin": {"services/originals.py", "services/importing.py"},
    # `original_key` is how bytes in our storage are addressed: to keep, to read and to erase them
    "original_key": {"services/originals.py", "services/jobs.py"},
    # pieces of a file that is sent: nobody but who joins them reads one
    "chunk_key": {"services/chunks.py"},
    "rendition_key": {"services/renditions.py", "services/ingest.py"},
    "derived_key": {"services/derive.py"},
    "derive.picture": {"services/deliver.py"},
    "derive.once": {"services/deliver.py"},
    # shows nothing: gives sizes, of what the public may see
    "deliver.make": {"services/eager.py", "services/breakpoints.py", "services/rebuild.py"},
    "deliver.open_public": {"web/delivery.py", "web/downloads.py"},
    "deliver.cached": {"web/gate.py"},
    # the restricted door: backups for moderators, exports by who runs the machine, the owner's preview,
    # small pictures for the console
    "review.open_restricted": {
        "services/backups.py", "services/export.py", "services/pictures.py", "services/preview.py",
    },
    "pictures.open": {"web/console/pictures.py"},
    "pictures.trial": {"web/console/pictures.py"},
    "backups.download": {"web/backups.py", "web/console/keeping.py"},
    "preview.open": {"web/preview.py"},
    # doctor renders a test card that it has drawn itself; what an incoming transformation makes of an
    # upload is stored and judged in its place, and answers nobody
    "imager.render": {
        "services/derive.py", "services/incoming.py", "services/pictures.py", "services/preview.py",
        "commands/doctor.py", "imaging/worker.py",
    },
}  # fmt: skip


def calls(source: str) -> Iterator[str]:
    """Every call as it is written, without its arguments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def callers(what: str) -> set[str]:
    """The modules that call something whose written form ends in `what`."""
    return {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if any(f".{call}".endswith(f".{what}") for call in calls(path.read_text(encoding="utf-8")))
    }


@pytest.mark.parametrize("what", DOORS)
def test_only_the_doors_reach_pixels(what: str) -> None:
    assert callers(what) == DOORS[what]


def test_the_reading_sees_a_new_door() -> None:
    assert "self.originals.read" in calls("def f(self):\n    return [self.originals.read(v) for v in x]")
