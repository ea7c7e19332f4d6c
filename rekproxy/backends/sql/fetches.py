"""Pictures that are fetched from other servers."""

import secrets
from typing import Any

from sqlalchemy import RowMapping, delete, or_, select, tuple_, update

from ...interfaces.fetches import Fetched
from .engine import Database, now_ms
from .schema import fetched


class Fetches:
    """The part of the catalog about what is fetched."""

    _database: Database

    def fetched(self, cloud: str, public_id: str) -> Fetched | None:
        """See `Catalog.fetched`."""
        query = select(fetched, now_ms().label("now")).where(*_of(cloud, public_id))
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _fetched(row)

    def begin_fetch(self, cloud: str, public_id: str, *, seconds: float) -> str | None:
        """See `Catalog.begin_fetch`."""
        token = secrets.token_hex(16)
        with self._database.write() as tx:
            held = {"token": token, "until": tx.now + round(seconds * 1000), "updated_at": tx.now}
            new = tx.upsert(fetched).values(cloud=cloud, public_id=public_id, fresh_until=0, **held)
            free = or_(fetched.c.until.is_(None), fetched.c.until < tx.now)
            key = [fetched.c.cloud, fetched.c.public_id]
            taken = new.on_conflict_do_update(index_elements=key, set_=held, where=free)
            found = tx.connection.scalar(taken.returning(fetched.c.token))
        return token if found == token else None

    def end_fetch(
        self,
        cloud: str,
        public_id: str,
        token: str,
        *,
        fresh: float,
        etag: str | None = None,
        last_modified: str | None = None,
        failed: str | None = None,
    ) -> bool:
        """See `Catalog.end_fetch`."""
        with self._database.write() as tx:
            row = {
                "etag": etag,
                "last_modified": last_modified,
                "failed": failed,
                "fresh_until": tx.now + round(fresh * 1000),
                "token": None,
                "until": None,
                "updated_at": tx.now,
            }
            mine = (*_of(cloud, public_id), fetched.c.token == token)
            return bool(tx.connection.execute(update(fetched).where(*mine).values(row)).rowcount)

    def forget_fetches(self, seconds: float, *, limit: int = 1000) -> int:
        """See `Catalog.forget_fetches`."""
        with self._database.write() as tx:
            free = or_(fetched.c.until.is_(None), fetched.c.until < tx.now)
            old = (
                fetched.c.failed.is_not(None),
                free,
                fetched.c.fresh_until < tx.now - round(seconds * 1000),
            )
            key = tuple_(fetched.c.cloud, fetched.c.public_id)
            some = select(fetched.c.cloud, fetched.c.public_id).where(*old).limit(limit)
            return int(tx.connection.execute(delete(fetched).where(key.in_(some), *old)).rowcount)


def _of(cloud: str, public_id: str) -> tuple[Any, ...]:
    return fetched.c.cloud == cloud, fetched.c.public_id == public_id


def _fetched(row: RowMapping) -> Fetched:
    return Fetched(
        etag=row["etag"],
        last_modified=row["last_modified"],
        failed=row["failed"],
        is_fresh=row["fresh_until"] > row["now"],
        is_held=row["until"] is not None and row["until"] >= row["now"],
    )
