"""What the catalog must offer about rates that all processes share, and about what was used by day."""

from collections.abc import Mapping
from typing import Protocol


class Throttles(Protocol):
    """The catalog's part about rates and usage."""

    def take_turn(self, name: str, calls: int, *, rate: float, burst: int, patience: float) -> float:
        """Take `calls` turns of the rate `name`, of at most `rate` a second by the database's clock.

        Gives the seconds (0 or more) after which the turns have come. When that is more than `patience`
        nothing is taken, and the negative of these seconds is given. `burst` turns are there at once after a
        rest. A rate that was lowered by `slow_down` stays under `rate`, and comes back slowly.
        """

    def slow_down(self, name: str, *, rate: float) -> None:
        """The other side refused for our rate: halve it, once a second at most. `rate` is the full one."""

    def forget_turns(self) -> int:
        """Forget rates that nobody asked for in the last hour: they have rested, and start as new ones do.
        Gives how many."""

    def use(self, cloud: str, name: str, amount: int = 1, *, most: int | None = None) -> bool:
        """Count `amount` as used today (UTC) under `name`. With `most`: false, and nothing is counted, when
        that would be more than `most` today."""

    def count_calls(self, name: str, calls: int, hour: int) -> int:
        """Count calls in an hour (whole hours since 1970); gives how many that makes, these among them.

        A later hour begins at nothing; calls of an earlier one count in the latest.
        """

    def totals(self, cloud: str) -> tuple[int, int]:
        """How many assets of a cloud are not deleted, and how many derived images of them are stored."""

    def used(self, cloud: str, day: str | None = None) -> Mapping[str, int]:
        """What was used on a day (`2026-11-23`; today if `None`), by name."""
