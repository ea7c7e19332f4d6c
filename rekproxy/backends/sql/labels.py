"""What detectors saw, as they said it: kept by pixels, so that a changed policy needs no second look."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ...interfaces import KeptLabels
from .engine import Database
from .schema import labels


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

    def kept_labels(
        self, cloud: str, pixel_digest: str, provider: str, model: str, recipe: str, floor: float
    ) -> KeptLabels | None:
        """See `Catalog.kept_labels`."""
        query = select(labels.c.floor, labels.c.labels, labels.c.coverage, labels.c.created_at).where(
            labels.c.cloud == cloud,
            labels.c.pixel_digest == pixel_digest,
            labels.c.provider == provider,
            labels.c.model == model,
            labels.c.adapter == "",
            labels.c.recipe == recipe,
            labels.c.floor <= floor,
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        coverage = None if row.coverage is None else frozenset(row.coverage)
        return KeptLabels(row.floor, row.labels, coverage, row.created_at)
