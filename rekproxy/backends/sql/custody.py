"""The catalog's part about restrictions, legal holds, and erasing for good."""

from .engine import Database


class Custody:
    """The part of the catalog about restrictions, legal holds, and erasing for good."""

    _database: Database
