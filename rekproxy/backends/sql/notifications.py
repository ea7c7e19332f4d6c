"""Who is told of what: written in the transaction of what happened, so none is lost and none invented."""

from collections.abc import Mapping
from typing import Any

from ...domain.asset import Asset
from .engine import Database, Transaction


def announce(tx: Transaction, asset: Asset, type: str, facts: Mapping[str, Any], *, actor: str) -> None:
    """Have everybody told who asked to be told of `type` (`moderation`, `upload`, …) about an asset.

    `facts` is what the body says besides what the asset itself tells. Writes nothing when nobody asked.
    """


class Notifications:
    """The part of the catalog about who is told of what, and what has not been told yet."""

    _database: Database
