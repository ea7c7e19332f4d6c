"""Stored originals by digest: wanted before they are stored, erased in the transaction that forgets them.

That order is what keeps an upload safe from a sweep of the same bytes: who wants them first stops the
erasure, who comes during it waits and stores them again.
"""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, exists, select

from ...errors import StorageUnavailableError
from .engine import Database, Transaction, now_ms
from .schema import asset_versions, blobs, jobs

#: How long after they were last wanted bytes stay, whoever refers to them, in seconds.
LATELY = 86_400.0

_STATE: Final = select(blobs.c.state).where(blobs.c.digest == bindparam("digest")).with_for_update(read=True)
#: A version that has its bytes in our storage.
HAS_BYTES: Final = (asset_versions.c.pin_uri.is_(None), asset_versions.c.erased_at.is_(None))


def awaited(connection: Connection, digests: Sequence[str]) -> set[str]:
    """Those of the digests that belong to uploads which are yet to be taken in, dead jobs among them."""
    if not digests:
        return set()
    digest = jobs.c.payload["digest"].as_string()
    return set(connection.scalars(select(digest).where(jobs.c.kind == "ingest", digest.in_(digests))))


def refuse_erased(tx: Transaction, digest: str) -> None:
    """Refuse bytes that were given up since they were stored: they may be gone by now.

    Raises `StorageUnavailableError`; whoever tries again stores them anew.
    """
    if tx.connection.scalar(_STATE, {"digest": digest}) == "erased":
        raise StorageUnavailableError("The same bytes were erased a moment ago. Try again.")


class Blobs:
    """The blobs' part of the catalog."""

    _database: Database

    def want_blob(self, cloud: str, digest: str, size: int) -> None:
        """See `Catalog.want_blob`."""
        with self._database.write() as tx:
            state = {"bytes": size, "state": "live", "touched_at": tx.now}
            tx.connection.execute(tx.overwriting(blobs, *state), {"digest": digest} | state)

    def loose_blobs(self, after: str, limit: int = 1000) -> tuple[tuple[str, ...], str | None]:
        """See `Catalog.loose_blobs`."""
        wanted = exists().where(asset_versions.c.digest == blobs.c.digest, *HAS_BYTES)
        lately = blobs.c.touched_at > now_ms() - round(LATELY * 1000)
        query = (
            select(blobs.c.digest, (wanted | lately).label("kept"))
            .where(blobs.c.digest > after)
            .order_by(blobs.c.digest)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            still_awaited = awaited(connection, [row.digest for row in rows if not row.kept])
        loose = tuple(row.digest for row in rows if not row.kept and row.digest not in still_awaited)
        return loose, rows[-1].digest if len(rows) == limit else None

    def free_blob(self, cloud: str, digest: str, erase: Callable[[], None]) -> bool:
        """See `Catalog.free_blob`."""
        used = exists().where(asset_versions.c.digest == digest, *HAS_BYTES)
        with self._database.write() as tx:
            if awaited(tx.connection, [digest]):
                return False
            unwanted = delete(blobs).where(
                blobs.c.digest == digest, blobs.c.touched_at <= tx.now - round(LATELY * 1000), ~used
            )
            if tx.connection.scalar(unwanted.returning(blobs.c.digest)) is None:
                known = exists().where(blobs.c.digest == digest)
                return not tx.connection.scalar(select(known | used))
            erase()
            return True
