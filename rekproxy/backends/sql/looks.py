"""The catalog's part about who is looking at which pixels now."""

from .engine import Database


class Looks:
    """The part of the catalog about who is looking at which pixels now."""

    _database: Database
