"""The catalog's part about versions that can be brought back."""

from .engine import Database


class Backups:
    """The part of the catalog about versions that can be brought back."""

    _database: Database
