"""What the catalog must offer about what people reported."""

from dataclasses import dataclass
from typing import Protocol

from ..domain.asset import Asset


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says of a picture: `reporter` is an opaque name, `reason` a code of the settings."""

    reporter: str
    reason: str | None = None
    note: str | None = None


class Reports(Protocol):
    """The catalog's part about what people reported."""

    def report(
        self, cloud: str, asset_id: str, report: Report, *, hide_after: int, actor: str
    ) -> Asset | None:
        """Put a served asset into the queue `reported`, for the version that is current now.

        Reporters count once in each round, which a person's decision ends; a repeat is counted beside its
        reporter. As many different ones as `hide_after` (0 for never) hide the asset until a person decides.
        Audited. Gives the asset as it then stands; `None`, and nothing is written, if it is not served.
        """
