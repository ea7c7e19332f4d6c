"""The catalog's part about who is looking at which pixels now."""

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update

from ...interfaces.looks import Looking
from . import throttles
from .engine import Database, Transaction, now_ms
from .schema import looks
from .writing import put_moderate

#: Looks that failed or were left this long ago are of no use to anybody, in milliseconds.
_FORGOTTEN = 600_000


class Looks:
    """The part of the catalog about who is looking at which pixels now."""

    _database: Database

    def claim_look(
        self, cloud: str, pixel_digest: str, provider: str, recipe: str, token: str, *, seconds: float
    ) -> str:
        """See `Catalog.claim_look`."""
        key = {"cloud": cloud, "pixel_digest": pixel_digest, "provider": provider, "recipe": recipe}
        with self._database.write() as tx:
            mine: dict[str, Any] = {"token": token, "until": tx.now + round(seconds * 1000), "failure": None}
            claim = tx.upsert(looks).values(key | mine)
            over = claim.on_conflict_do_update(
                index_elements=list(looks.primary_key.columns), set_=mine, where=looks.c.until <= tx.now
            )
            tx.connection.execute(over)
            holder = tx.connection.scalar(
                select(looks.c.token).where(_of(cloud, pixel_digest, provider, recipe))
            )
            return holder or ""

    def prolong_look(
        self, cloud: str, pixel_digest: str, provider: str, recipe: str, token: str, *, seconds: float
    ) -> None:
        """See `Catalog.prolong_look`."""
        with self._database.write() as tx:
            mine = update(looks).where(_of(cloud, pixel_digest, provider, recipe), looks.c.token == token)
            tx.connection.execute(mine.values(until=tx.now + round(seconds * 1000)))

    def end_look(
        self,
        cloud: str,
        pixel_digest: str,
        provider: str,
        recipe: str,
        token: str,
        *,
        failure: str | None = None,
        calls: int = 0,
    ) -> None:
        """See `Catalog.end_look`."""
        mine = and_(_of(cloud, pixel_digest, provider, recipe), looks.c.token == token)
        with self._database.write() as tx:
            if failure is None:
                tx.connection.execute(delete(looks).where(mine))
            else:
                tx.connection.execute(update(looks).where(mine).values(until=tx.now, failure=failure))
                tx.connection.execute(delete(looks).where(looks.c.until < tx.now - _FORGOTTEN))
            if calls:
                throttles.count(tx, cloud, f"calls:{provider}", calls)

    def look(self, cloud: str, pixel_digest: str, provider: str, recipe: str) -> Looking | None:
        """See `Catalog.look`."""
        running = (looks.c.until > now_ms()).label("running")
        query = select(looks.c.token, running, looks.c.failure).where(
            _of(cloud, pixel_digest, provider, recipe)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else Looking(row.token, bool(row.running), row.failure)

    def hand_over(self, cloud: str, version_id: str) -> None:
        """See `Catalog.hand_over`."""
        with self._database.write() as tx:
            put_moderate(tx, cloud, version_id, delay=0.0)


def done(tx: Transaction, cloud: str, pixel_digest: str, provider: str, recipe: str) -> None:
    """Nobody looks at these pixels any more: what was seen is kept, whoever saw it."""
    tx.connection.execute(delete(looks).where(_of(cloud, pixel_digest, provider, recipe)))


def _of(cloud: str, pixel_digest: str, provider: str, recipe: str) -> ColumnElement[bool]:
    return and_(
        looks.c.cloud == cloud,
        looks.c.pixel_digest == pixel_digest,
        looks.c.provider == provider,
        looks.c.recipe == recipe,
    )
