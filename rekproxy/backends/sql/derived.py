"""Derived images that exist: for listings, for what must follow a change, and for what is to make room."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, insert, select, update

from ...interfaces.tiers import Made, Resting
from .engine import Database, Transaction
from .schema import asset_versions, assets, derived, derived_deps

#: Derived images remembered of one revision: an open URL space must not fill the catalog.
MOST = 1000
#: Rows that one write changes, so that decisions do not wait for it.
_CHUNK = 200

_RESTING = (derived.c.key, derived.c.bytes, derived.c.used_at)


class Derived:
    """The derived images' part of the catalog."""

    _database: Database

    def note_derived(self, cloud: str, made: Sequence[Made]) -> tuple[str, ...]:
        """See `Catalog.note_derived`."""
        named = {asset_id for one in made for asset_id in (one.asset_id, *one.shows)}
        revisions = (
            select(assets.c.asset_id, assets.c.revision)
            .where(assets.c.cloud == cloud, assets.c.asset_id.in_(named))
            .order_by(assets.c.asset_id)
            .with_for_update(read=True)
        )
        with self._database.write() as tx:
            current = {row.asset_id: row.revision for row in tx.connection.execute(revisions)}
            left = []
            for one in sorted(made, key=lambda one: one.key):
                if current.get(one.asset_id) != one.revision or not current.keys() >= set(one.shows):
                    left.append(one.key)
                else:
                    left += _replace(tx, cloud, one)
            for owner in {(one.asset_id, one.revision) for one in made}:
                left += _make_room(tx, *owner)
            return tuple(left)

    def derived(
        self, cloud: str, asset_id: str, limit: int = 10, *, after: int = 0
    ) -> tuple[Mapping[str, Any], ...]:
        """See `Catalog.derived`."""
        query = (
            select(derived.c.id, derived.c.transformation, derived.c.format, derived.c.bytes)
            .join(
                assets, (assets.c.asset_id == derived.c.asset_id) & (assets.c.revision == derived.c.revision)
            )
            .join(asset_versions, asset_versions.c.version_id == assets.c.version_id)
            .where(assets.c.cloud == cloud, assets.c.asset_id == asset_id, derived.c.id > after)
            # the original itself, without metadata, is kept among them
            .where((derived.c.transformation != "") | (derived.c.format != asset_versions.c.format))
            .order_by(derived.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(dict(row) for row in connection.execute(query).mappings())

    def use_derived(self, uses: Mapping[str, int]) -> None:
        """See `Catalog.use_derived`."""
        counted = update(derived).where(derived.c.id == bindparam("number"))
        keys = list(uses)
        for start in range(0, len(keys), _CHUNK):
            with self._database.write() as tx:
                rows = _locked(tx, keys[start : start + _CHUNK])
                values = {"uses": derived.c.uses + bindparam("times"), "used_at": tx.now}
                times = [{"number": row.id, "times": uses[row.key]} for row in rows]
                if times:
                    tx.connection.execute(counted.values(values), times)

    def resting(self, limit: int) -> tuple[Resting, ...]:
        """See `Catalog.resting`."""
        query = select(*_RESTING).order_by(derived.c.used_at, derived.c.id).limit(limit)
        with self._database.read() as connection:
            return tuple(Resting(*row) for row in connection.execute(query))

    def forget_derived(self, resting: Sequence[Resting]) -> None:
        """See `Catalog.forget_derived`."""
        for start in range(0, len(resting), _CHUNK):
            noted = {one.key: one.used_at for one in resting[start : start + _CHUNK]}
            with self._database.write() as tx:
                rows = _locked(tx, noted)
                _forget(tx, derived.c.id.in_([row.id for row in rows if noted[row.key] == row.used_at]))

    def known_derived(self, keys: Collection[str]) -> frozenset[str]:
        """See `Catalog.known_derived`."""
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(derived.c.key).where(derived.c.key.in_(keys))))

    def derived_between(self, first: str, last: str, limit: int) -> tuple[Resting, ...]:
        """See `Catalog.derived_between`."""
        query = select(*_RESTING).where(derived.c.key > first, derived.c.key <= last)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(derived.c.key).limit(limit))
            return tuple(Resting(*row) for row in rows)


def _locked(tx: Transaction, keys: Collection[str]) -> Sequence[Row[Any, Any, Any]]:
    """Rows by key. Those that another transaction has are passed over: a decision must not wait in a ring."""
    query = select(derived.c.id, derived.c.key, derived.c.used_at).where(derived.c.key.in_(keys))
    return tx.connection.execute(query.with_for_update(skip_locked=True)).all()


def _replace(tx: Transaction, cloud: str, made: Made) -> tuple[str, ...]:
    """Remember one image, in place of one that shows other revisions of the same; gives the key of that."""
    name = hashlib.sha256(made.transformation.encode()).hexdigest()
    same = (
        (derived.c.asset_id == made.asset_id)
        & (derived.c.revision == made.revision)
        & (derived.c.transform_key == name)
        & (derived.c.format == made.format)
    )
    before: str | None = tx.connection.scalar(select(derived.c.key).where(same))
    if before == made.key:
        tx.connection.execute(update(derived).where(same).values(used_at=tx.now))
        return ()
    if before is not None:
        _forget(tx, same)
    row = {
        "cloud": cloud,
        "asset_id": made.asset_id,
        "revision": made.revision,
        "transformation": made.transformation,
        "format": made.format,
        "transform_key": name,
        "key": made.key,
        "bytes": made.bytes,
        "created_at": tx.now,
        "used_at": tx.now,
        "uses": 1,
    }
    statement = tx.upsert(derived).values(row).on_conflict_do_nothing()
    number = tx.connection.scalar(statement.returning(derived.c.id))
    rows = [{"derived_id": number, "dep_id": dep_id} for dep_id in sorted(set(made.shows))]
    if number is not None and rows:
        tx.connection.execute(insert(derived_deps), rows)
    return () if before is None else (before,)


def _make_room(tx: Transaction, asset_id: str, revision: int) -> Sequence[str]:
    """Forget what was used least recently of an asset that has more than `MOST`; gives the keys."""
    beyond = (
        select(derived.c.id, derived.c.key)
        .where(derived.c.asset_id == asset_id, derived.c.revision == revision)
        .order_by(derived.c.used_at.desc(), derived.c.id.desc())
        .offset(MOST)
    )
    rows = tx.connection.execute(beyond).all()
    if rows:
        _forget(tx, derived.c.id.in_([row.id for row in rows]))
    return [row.key for row in rows]


def _forget(tx: Transaction, which: ColumnElement[bool]) -> None:
    gone = select(derived.c.id).where(which)
    tx.connection.execute(delete(derived_deps).where(derived_deps.c.derived_id.in_(gone)))
    tx.connection.execute(delete(derived).where(which))
