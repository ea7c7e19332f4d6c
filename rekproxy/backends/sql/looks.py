"""The catalog's part about who is looking at which pixels now."""

from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, delete, select, update

from ...interfaces.looks import Looking
from . import throttles
from .engine import Database, Transaction, insert_into, now_ms
from .schema import looks
from .writing import put_moderate

#: Looks that failed or were left this long ago are of no use to anybody, in milliseconds.
_FORGOTTEN = 600_000

_KEY: Final = tuple(column == bindparam(column.name) for column in looks.primary_key.columns)
_HOLDER: Final = select(looks.c.token).where(*_KEY)
_DONE: Final = delete(looks).where(*_KEY)


class Looks:
    """The part of the catalog about who is looking at which pixels now."""

    _database: Database

    def claim_look(
        self, cloud: str, pixel_digest: str, provider: str, recipe: str, token: str, *, seconds: float
    ) -> str:
        """See `Catalog.claim_look`."""
        key = {"cloud": cloud, "pixel_digest": pixel_digest, "provider": provider, "recipe": recipe}
        with self._database.write() as tx:
            mine = {"token": token, "until": tx.now + round(seconds * 1000), "failure": None}
            claim = _claiming(tx.on_postgresql)
            claimed = tx.connection.scalar(claim, {**key, **mine, "at": tx.now})
            return claimed or tx.connection.scalar(_HOLDER, key) or ""

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
    key = {"cloud": cloud, "pixel_digest": pixel_digest, "provider": provider, "recipe": recipe}
    tx.connection.execute(_DONE, key)


@cache
def _claiming(on_postgresql: bool) -> Any:
    """Claim a look that nobody has, or that is over; gives the token if that succeeds."""
    fresh = insert_into(on_postgresql, looks)
    mine = {name: fresh.excluded[name] for name in ("token", "until", "failure")}
    over = looks.c.until <= bindparam("at", type_=BigInteger())
    keys = list(looks.primary_key.columns)
    claim = fresh.on_conflict_do_update(index_elements=keys, set_=mine, where=over)
    return claim.returning(looks.c.token)


def _of(cloud: str, pixel_digest: str, provider: str, recipe: str) -> ColumnElement[bool]:
    return and_(
        looks.c.cloud == cloud,
        looks.c.pixel_digest == pixel_digest,
        looks.c.provider == provider,
        looks.c.recipe == recipe,
    )
