"""What detectors saw, as they said it: kept by pixels, so that a changed policy needs no second look."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

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
            tx.connection.execute(
                tx.overwriting(labels, *said), {**key, "adapter": "", "recipe": recipe, **said}
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
        asked = {
            "cloud": cloud,
            "pixel_digest": pixel_digest,
            "provider": provider,
            "model": model,
            "recipe": recipe,
            "floor": floor,
            "since": None if days is None else days * _DAY_MS,
        }
        with self._database.read() as connection:
            row = connection.execute(_kept(model is None, days is None), asked).first()
        if row is None:
            return None
        coverage = None if row.coverage is None else frozenset(row.coverage)
        return KeptLabels(row.floor, row.labels, coverage, row.created_at, row.model)


@cache
def _kept(newest: bool, forever: bool) -> Select[Any]:
    """The labels of pixels by the provider's newest model or by a given one, however old or not too old."""
    model = (
        select(labels.c.model)
        .where(labels.c.provider == bindparam("provider"))
        .order_by(labels.c.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(labels).where(
        *(labels.c[name] == bindparam(name) for name in ("cloud", "pixel_digest", "provider", "recipe")),
        labels.c.model == (model if newest else bindparam("model")),
        labels.c.adapter == "",
        labels.c.floor <= bindparam("floor"),
    )
    if forever:
        return query
    return query.where(labels.c.created_at > now_ms() - bindparam("since", type_=BigInteger()))
