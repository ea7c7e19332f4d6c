"""Stored originals by digest: touched by each upload of the same bytes, forgotten when nobody has them."""

from sqlalchemy import delete, exists, or_, select

from .engine import Database, Transaction
from .schema import asset_versions, blobs

#: How long after the last upload of some bytes they stay, whoever has them, in seconds.
LATELY = 60.0


def touch(tx: Transaction, digest: str, size: int) -> None:
    """Remember that these bytes are stored and wanted now."""
    state = {"bytes": size, "state": "live", "touched_at": tx.now}
    statement = tx.upsert(blobs).values(digest=digest, **state)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=[blobs.c.digest], set_=state))


class Blobs:
    """The blobs' part of the catalog."""

    _database: Database

    def condemn_blob(self, cloud: str, digest: str) -> bool:
        """See `Catalog.condemn_blob`."""
        used = exists().where(asset_versions.c.digest == digest)
        with self._database.write() as tx:
            unwanted = delete(blobs).where(
                blobs.c.digest == digest, blobs.c.touched_at <= tx.now - round(LATELY * 1000), ~used
            )
            tx.connection.execute(unwanted)
            known = exists().where(blobs.c.digest == digest)
            return not tx.connection.scalar(select(or_(known, used)))
