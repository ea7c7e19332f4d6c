"""Much that goes at once: assets, a few in a transaction, and images derived from them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from ...domain.asset import Asset, Hidden
from ...interfaces.deleting import Dropped
from .assets import take_away
from .engine import Database, Transaction
from .rows import BY_AGE, load
from .schema import assets, derived, derived_deps

#: Assets that one transaction takes away: short enough that no writer waits long behind it.
_TOGETHER = 25
#: Images that one statement names.
_CHUNK = 500


class Deleting:
    """The part of the catalog about taking much away at once."""

    _database: Database

    def destroy_each(
        self, cloud: str, asset_ids: Sequence[str], *, actor: str, notification_url: str | None = None
    ) -> tuple[Asset, ...]:
        """See `Catalog.destroy_each`."""

        def remove(ids: Sequence[str]) -> list[Asset]:
            with self._database.write() as tx:
                found = [asset for asset in _locked(tx, cloud, ids) if asset.hidden is not Hidden.DELETED]
                for asset in found:
                    take_away(tx, asset, actor, notification_url=notification_url)
                return found

        gone: list[Asset] = []
        for ids in _chunks(asset_ids, _TOGETHER):
            gone += self._database.at_any_cost(lambda some=ids: remove(some))  # type: ignore[misc]
        return tuple(gone)

    def derived_counts(self, cloud: str, asset_ids: Sequence[str]) -> Mapping[str, int]:
        """See `Catalog.derived_counts`."""
        query = (
            select(derived.c.asset_id, func.count().label("number"))
            .join(
                assets, and_(assets.c.asset_id == derived.c.asset_id, assets.c.revision == derived.c.revision)
            )
            .where(assets.c.cloud == cloud, assets.c.asset_id.in_(asset_ids))
            .group_by(derived.c.asset_id)
        )
        with self._database.read() as connection:
            return {row.asset_id: row.number for row in connection.execute(query)}

    def drop_derived(self, cloud: str, ids: Sequence[int]) -> tuple[Dropped, ...]:
        """See `Catalog.drop_derived`."""
        with self._database.write() as tx:
            return _drop(tx, cloud, derived.c.id.in_(ids))

    def drop_derived_of(
        self, cloud: str, asset_ids: Sequence[str], transformations: Sequence[tuple[str, str | None]]
    ) -> tuple[Dropped, ...]:
        """See `Catalog.drop_derived_of`."""
        made = or_(*(_made_by(text, format) for text, format in transformations))
        dropped: list[Dropped] = []
        for ids in _chunks(asset_ids, _CHUNK):
            with self._database.write() as tx:
                dropped += _drop(tx, cloud, and_(derived.c.asset_id.in_(ids), made))
        return tuple(dropped)


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Sorted, as whoever locks several assets does it in this order, so that nobody waits in a ring."""
    ordered = sorted(set(items))
    return (ordered[start : start + size] for start in range(0, len(ordered), size))


def _locked(tx: Transaction, cloud: str, ids: Sequence[str]) -> list[Asset]:
    mine = (assets.c.cloud == cloud, assets.c.asset_id.in_(ids))
    locked = select(assets.c.asset_id).where(*mine).order_by(assets.c.asset_id).with_for_update()
    there = tx.connection.scalars(locked).all()
    # a statement of its own: PostgreSQL would join the locked rows to others as they were before the wait
    return [asset for _, asset in load(tx.connection, select(*BY_AGE).where(assets.c.asset_id.in_(there)))]


def _made_by(text: str, format: str | None) -> ColumnElement[bool]:
    by = derived.c.transform_key == hashlib.sha256(text.encode()).hexdigest()
    return by if format is None else and_(by, derived.c.format == format)


def _drop(tx: Transaction, cloud: str, which: ColumnElement[bool]) -> tuple[Dropped, ...]:
    query = (
        select(derived.c.id, derived.c.asset_id, derived.c.key)
        .join(assets, assets.c.asset_id == derived.c.asset_id)
        .where(assets.c.cloud == cloud, which)
        .order_by(derived.c.id)
        .with_for_update(of=derived)
    )
    found = tuple(Dropped(*row) for row in tx.connection.execute(query))
    for start in range(0, len(found), _CHUNK):
        ids = [one.id for one in found[start : start + _CHUNK]]
        tx.connection.execute(delete(derived_deps).where(derived_deps.c.derived_id.in_(ids)))
        tx.connection.execute(delete(derived).where(derived.c.id.in_(ids)))
    return found
