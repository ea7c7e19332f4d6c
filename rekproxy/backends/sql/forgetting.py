"""Forget an asset: every row that tells something of it goes, but for its audit and what was decided."""

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select

from ...domain.asset import Asset, Hidden
from ...interfaces.custody import Erasure
from . import blobs, jobs
from .announcing import announce
from .engine import Transaction
from .rebuilding import eager_key
from .schema import (
    asset_versions,
    assets,
    contexts,
    derived,
    derived_deps,
    escalations,
    labels,
    leases,
    looks,
    metadata_values,
    moderations,
    notifications,
    reports,
    tags,
)
from .writing import leave_behind, moderate_key

#: Rows that one statement names.
_CHUNK = 500


def forget(
    tx: Transaction, asset: Asset, digests: tuple[str, ...], shared: tuple[str, ...], actor: str
) -> Erasure:
    """Remove a locked asset's rows, and those about pixels that it alone had; say what bytes are left."""
    rows = tx.connection.execute(
        select(asset_versions.c.version_id, asset_versions.c.pin_uri).where(_own(asset))
    ).all()
    containing = _forget_containing(tx, asset)
    _forget_pixels(tx, asset)
    for row in rows:
        jobs.drop(tx, moderate_key(row.version_id))
        jobs.drop(tx, f"reimport:{row.version_id}")
        jobs.drop(tx, eager_key(row.version_id))
    if asset.hidden is not Hidden.DELETED:
        announce(tx, asset, "delete", {}, actor=actor)
    _forget_rows(tx, asset)
    leave_behind(tx, [asset], {asset.asset_id: tx.revision()})
    # whatever an upload that was under way stored meanwhile goes once nobody wanted it for a day
    jobs.put(tx, asset.cloud, "sweep_original", {"digests": list(digests)}, delay=blobs.LATELY)
    pins = tuple(sorted({row.pin_uri for row in rows if row.pin_uri}))
    return Erasure(asset, len(rows), digests, shared, pins, containing)


def _forget_containing(tx: Transaction, asset: Asset) -> tuple[str, ...]:
    """Pictures of other assets that show this one: their storage keys."""
    showing = select(derived_deps.c.derived_id).where(derived_deps.c.dep_id == asset.asset_id)
    rows = tx.connection.execute(
        select(derived.c.id, derived.c.key).where(derived.c.id.in_(showing)).order_by(derived.c.id)
    ).all()
    for start in range(0, len(rows), _CHUNK):
        ids = [row.id for row in rows[start : start + _CHUNK]]
        tx.connection.execute(delete(derived_deps).where(derived_deps.c.derived_id.in_(ids)))
        tx.connection.execute(delete(derived).where(derived.c.id.in_(ids)))
    return tuple(row.key for row in rows)


def _forget_pixels(tx: Transaction, asset: Asset) -> None:
    """What detectors saw in pixels that no other asset of the cloud has."""
    own = select(asset_versions.c.pixel_digest).where(_own(asset))
    for table in (labels, looks):
        elsewhere = (
            exists()
            .where(asset_versions.c.pixel_digest == table.c.pixel_digest, ~_own(asset))
            .where(assets.c.asset_id == asset_versions.c.asset_id, assets.c.cloud == asset.cloud)
        )
        seen = delete(table).where(table.c.cloud == asset.cloud, table.c.pixel_digest.in_(own), ~elsewhere)
        tx.connection.execute(seen)


def _forget_rows(tx: Transaction, asset: Asset) -> None:
    """Rows of the asset itself, each before what it refers to. What is yet to be told is told first."""
    versions: Select[tuple[str]] = select(asset_versions.c.version_id).where(_own(asset))
    told = or_(notifications.c.delivered_at.is_not(None), notifications.c.dead_at.is_not(None))
    for table, rows in (
        (reports, reports.c.version_id.in_(versions)),
        (escalations, escalations.c.version_id.in_(versions)),
        (leases, leases.c.version_id.in_(versions)),
        (moderations, moderations.c.version_id.in_(versions)),
        (asset_versions, _own(asset)),
        (tags, tags.c.asset_id == asset.asset_id),
        (contexts, contexts.c.asset_id == asset.asset_id),
        (metadata_values, metadata_values.c.asset_id == asset.asset_id),
        (notifications, (notifications.c.asset_id == asset.asset_id) & told),
        (assets, assets.c.asset_id == asset.asset_id),
    ):
        tx.connection.execute(delete(table).where(rows))


def _own(asset: Asset) -> ColumnElement[bool]:
    return asset_versions.c.asset_id == asset.asset_id
