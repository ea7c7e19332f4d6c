"""The catalog's part about the sealed batches of the audit."""

from .engine import Database


class Seals:
    """The part of the catalog about the sealed batches of the audit."""

    _database: Database
