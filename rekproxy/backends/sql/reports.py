"""The catalog's part about what people reported."""

from .engine import Database


class Reports:
    """The part of the catalog about what people reported."""

    _database: Database
