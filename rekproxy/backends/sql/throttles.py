"""Rates that all processes share, and what was used by day."""

from collections.abc import Mapping

from .engine import Database


class Throttles:
    """The part of the catalog about rates and usage."""

    _database: Database

    def take_turn(self, name: str, calls: int, *, rate: float, burst: int, patience: float) -> float:
        """See `Catalog.take_turn`."""
        raise NotImplementedError

    def slow_down(self, name: str, *, rate: float) -> None:
        """See `Catalog.slow_down`."""
        raise NotImplementedError

    def use(self, cloud: str, name: str, amount: int = 1, *, most: int | None = None) -> bool:
        """See `Catalog.use`."""
        raise NotImplementedError

    def used(self, cloud: str, day: str | None = None) -> Mapping[str, int]:
        """See `Catalog.used`."""
        raise NotImplementedError
