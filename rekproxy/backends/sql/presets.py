"""The catalog's part about named settings of uploads."""

from .engine import Database


class Presets:
    """The part of the catalog about named settings of uploads."""

    _database: Database
