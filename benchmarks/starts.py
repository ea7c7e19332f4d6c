"""A start: from the command to the first answer, in an empty folder and once more."""

import tempfile
import time
from pathlib import Path

from .installation import Installation
from .options import Options
from .report import Table, middle, ratio


def measure(options: Options) -> Table:
    """Each round a new folder: the first start makes keys and a catalog, the second finds them."""
    first, second, delivery = [], [], []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            installation = Installation(Path(folder))
            first.append(_seconds(installation))
            second.append(_seconds(installation))
            delivery.append(_seconds(Installation(Path(folder), {"REKPROXY_SURFACES": "delivery"})))
    base = middle(second)
    cells = tuple(
        (name, f"{middle(taken):.2f}", ratio(middle(taken), base))
        for name, taken in (
            ("first, in an empty folder", first),
            ("every other", second),
            ("every other, delivery only, without a detector", delivery),
        )
    )
    notes = ("`rekproxy serve` with one worker, to the first 200 of `/readyz`, which asks the catalog.",)
    return Table("A start", ("start", "seconds", "/ every other"), cells, notes)


def _seconds(installation: Installation) -> float:
    started = time.monotonic()
    with installation.serve("rekproxy"):
        return time.monotonic() - started
