"""Derived images that exist: for listings and for what must follow a change; only ever a help."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, insert, select

from .engine import Database
from .schema import assets, derived, derived_deps

#: Derived images remembered of one revision: an open URL space must not fill the catalog.
MOST = 1000


class Derived:
    """The derived images' part of the catalog."""

    _database: Database

    def note_derived(
        self,
        cloud: str,
        asset_id: str,
        revision: int,
        transformation: str,
        format: str,
        key: str,
        size: int,
        dependencies: Iterable[str],
    ) -> bool:
        """See `Catalog.note_derived`."""
        current = select(assets.c.asset_id).where(
            assets.c.cloud == cloud, assets.c.asset_id == asset_id, assets.c.revision == revision
        )
        own = (derived.c.asset_id == asset_id, derived.c.revision == revision)
        row = {
            "asset_id": asset_id,
            "revision": revision,
            "transformation": transformation,
            "format": format,
            "transform_key": hashlib.sha256(transformation.encode()).hexdigest(),
            "key": key,
            "bytes": size,
        }
        needs = sorted(set(dependencies))
        parts = select(assets.c.asset_id).where(assets.c.cloud == cloud, assets.c.asset_id.in_(needs))
        with self._database.write() as tx:
            if tx.connection.scalar(current.with_for_update(read=True)) is None:
                return False
            there = tx.connection.scalars(parts.order_by(assets.c.asset_id).with_for_update(read=True)).all()
            if len(there) < len(needs):
                return False
            if (tx.connection.scalar(select(func.count()).where(*own)) or 0) >= MOST:
                return False
            statement = tx.upsert(derived).values(**row, created_at=tx.now).on_conflict_do_nothing()
            number = tx.connection.scalar(statement.returning(derived.c.id))
            rows = [{"derived_id": number, "dep_id": dep_id} for dep_id in needs]
            if number is not None and rows:
                tx.connection.execute(insert(derived_deps), rows)
            return True

    def derived(self, cloud: str, asset_id: str, limit: int = 10) -> tuple[Mapping[str, Any], ...]:
        """See `Catalog.derived`."""
        query = (
            select(derived.c.id, derived.c.transformation, derived.c.format, derived.c.bytes)
            .join(
                assets, (assets.c.asset_id == derived.c.asset_id) & (assets.c.revision == derived.c.revision)
            )
            .where(assets.c.cloud == cloud, assets.c.asset_id == asset_id)
            .order_by(derived.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(dict(row) for row in connection.execute(query).mappings())
