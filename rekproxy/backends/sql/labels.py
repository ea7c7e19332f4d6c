"""What detectors saw, as they said it: kept by pixels, so that a changed policy needs no second look."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ...interfaces import KeptLabels
from . import looks, throttles
from .engine import Database, now_ms
from .schema import labels

_DAY_MS = 86_400_000


class Labels:
    """The labels' part of the catalog."""

    _database: Database

    def keep_labels(
        self,
        cloud: str,
        pixel_digest: str,
        provider: str,
        model: str,
        recipe: str,
        floor: float,
        labels_json: str,
        coverage: Sequence[str] | None,
        *,
        calls: int = 0,
    ) -> None:
        """See `Catalog.keep_labels`."""
        said: dict[str, Any] = {
            "floor": floor,
            "labels": labels_json,
            "coverage": None if coverage is None else sorted(coverage),
        }
        key = {"cloud": cloud, "pixel_digest": pixel_digest, "provider": provider, "model": model}
        with self._database.write() as tx:
            said["created_at"] = tx.now
            statement = tx.upsert(labels).values(**key, adapter="", recipe=recipe, **said)
            tx.connection.execute(
                statement.on_conflict_do_update(index_elements=list(labels.primary_key.columns), set_=said)
            )
            looks.done(tx, cloud, pixel_digest, provider, recipe)
            if calls:
                throttles.count(tx, cloud, f"calls:{provider}", calls)

    def kept_labels(
        self,
        cloud: str,
        pixel_digest: str,
        provider: str,
        model: str | None,
        recipe: str,
        floor: float,
        *,
        days: int | None = None,
    ) -> KeptLabels | None:
        """See `Catalog.kept_labels`."""
        newest = (
            select(labels.c.model)
            .where(labels.c.provider == provider)
            .order_by(labels.c.created_at.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = select(labels).where(
            labels.c.cloud == cloud,
            labels.c.pixel_digest == pixel_digest,
            labels.c.provider == provider,
            labels.c.model == (newest if model is None else model),
            labels.c.adapter == "",
            labels.c.recipe == recipe,
            labels.c.floor <= floor,
        )
        if days is not None:
            query = query.where(labels.c.created_at > now_ms() - days * _DAY_MS)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        coverage = None if row.coverage is None else frozenset(row.coverage)
        return KeptLabels(row.floor, row.labels, coverage, row.created_at, row.model)
