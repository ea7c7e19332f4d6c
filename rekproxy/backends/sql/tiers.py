"""What each tier holds, and which stored bytes the catalog knows of."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, insert, select

from ...interfaces.tiers import Held
from .engine import Database
from .schema import asset_versions, blobs, stored


class Tiers:
    """The part of the catalog about bytes."""

    _database: Database

    def referenced(self, digests: Collection[str]) -> frozenset[str]:
        """See `Catalog.referenced`."""
        query = select(asset_versions.c.digest).where(
            asset_versions.c.digest.in_(digests), asset_versions.c.erased_at.is_(None)
        )
        with self._database.read() as connection:
            return frozenset(connection.scalars(query))

    def known_blobs(self, digests: Collection[str]) -> frozenset[str]:
        """See `Catalog.known_blobs`."""
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(blobs.c.digest).where(blobs.c.digest.in_(digests))))

    def held(self, cloud: str | None) -> Mapping[str, Held]:
        """See `Catalog.held`."""
        query = select(stored.c.tier, func.sum(stored.c.bytes), func.sum(stored.c.files))
        if cloud is not None:
            query = query.where(stored.c.cloud == cloud)
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(stored.c.tier)).all()
        return {tier: Held(int(size), int(files)) for tier, size, files in rows}

    def add_up(self) -> None:
        """See `Catalog.add_up`. Whoever reads meanwhile sees all of the changes, or their sum."""
        sums: dict[tuple[str, str], list[int]] = {}
        with self._database.write() as tx:
            for row in tx.connection.execute(delete(stored).returning(stored)).all():
                total = sums.setdefault((row.cloud, row.tier), [0, 0])
                total[0] += row.bytes
                total[1] += row.files
            rows = [
                {"cloud": cloud, "tier": tier, "bytes": size, "files": files}
                for (cloud, tier), (size, files) in sorted(sums.items())
            ]
            if rows:
                tx.connection.execute(insert(stored), rows)
