"""What was found out of pictures and their files, beside the version that it holds for."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from .engine import Database
from .schema import asset_versions
from .writing import lock_owner


class Facts:
    """The catalog's part about facts."""

    _database: Database

    def note_facts(self, cloud: str, version_id: str, facts: Mapping[str, Any]) -> None:
        """See `Catalog.note_facts`."""
        mine = (asset_versions.c.version_id == version_id, asset_versions.c.erased_at.is_(None))
        with self._database.write() as tx:
            if lock_owner(tx, cloud, version_id) is None:
                return
            known = tx.connection.scalar(select(asset_versions.c.facts).where(*mine)) or {}
            tx.connection.execute(update(asset_versions).where(*mine).values(facts={**known, **facts}))
