"""What a run may be told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how often to measure. `photograph`, `thumbor` and `vips` name what is else fetched. `long`
    takes a million assets, ten thousand hot pictures and a million requests where it is quick otherwise."""

    rounds: int = 5
    seconds: float = 3.0
    requests: int = 2000
    photograph: Path | None = None
    thumbor: Path | None = None
    vips: Path | None = None
    long: bool = False
