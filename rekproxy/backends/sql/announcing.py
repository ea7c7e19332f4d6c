"""Write, in the transaction of what happened, who is to be told of it: none is lost and none invented."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, insert, or_, select, update

from ...domain.asset import Asset
from ...domain.notification import addresses
from . import jobs as work
from . import snapshots
from .engine import Transaction
from .schema import jobs, notifications, triggers
from .writing import GRACE

#: Notifications that are still to be told.
UNTOLD = and_(notifications.c.delivered_at.is_(None), notifications.c.dead_at.is_(None))

_OF_UPLOAD: Final = select(notifications.c.id).where(
    notifications.c.asset_id == bindparam("asset_id"),
    notifications.c.type == "upload",
    UNTOLD,
    notifications.c.attempts == 0,
)
_TRIGGERED: Final = (
    select(triggers.c.uri)
    .where(
        triggers.c.cloud == bindparam("cloud"),
        or_(triggers.c.event_type == bindparam("type"), triggers.c.event_type == "all"),
    )
    .order_by(triggers.c.created_at, triggers.c.id)
)


def announce(
    tx: Transaction,
    asset: Asset,
    type: str,
    facts: Mapping[str, Any],
    *,
    actor: str,
    notification_url: str | None = None,
) -> None:
    """Have everybody told who asked to be told of `type` (`moderation`, `upload`, …) about an asset.

    `facts` is what the body says besides what the asset itself tells; of two fields of one name it holds the
    one that counts. `asset` is the asset as it is now; `notification_url`, or else its own, is who is told,
    else the cloud's triggers are, else the cloud's own address. Writes nothing when nobody asked.

    An upload that a detector is still to judge is told a little later, so that its verdict can be told with
    it; or at once when the next thing is announced of the asset.
    """
    _hasten_upload(tx, asset)
    told = whom(tx, asset.cloud, type, notification_url or asset.notification_url)
    waits = type == "upload" and any(entry.waits_for_machine for entry in asset.moderations)
    if told:
        seen = snapshots.keep(asset, described=type == "upload")
        kept = {"asset": seen, "said": dict(facts), "actor": actor}
        write(tx, asset.cloud, asset.asset_id, type, told, kept, delay=GRACE if waits else 0.0)


def write(
    tx: Transaction,
    cloud: str,
    asset_id: str,
    type: str,
    told: Iterable[str],
    kept: Mapping[str, Any],
    *,
    delay: float = 0.0,
) -> list[int]:
    """Write an event for each address that is told of it, with a job each; gives their numbers."""
    event = {
        "event_id": secrets.token_hex(16),
        "cloud": cloud,
        "asset_id": asset_id,
        "type": type,
        "facts": kept,
        "attempts": 0,
        "created_at": tx.now,
    }
    ids = []
    for uri in told:
        row = insert(notifications).values(uri=uri, **event).returning(notifications.c.id)
        number = tx.connection.scalar(row)
        assert number is not None, "the database gives it"  # noqa: S101
        put_job(tx, cloud, number, delay)
        ids.append(number)
    return ids


def whom(tx: Transaction, cloud: str, type: str, notification_url: str | None) -> tuple[str, ...]:
    """Addresses that are told of a `type` of event: those named, else triggers', else the cloud's own."""
    if named := addresses(notification_url):
        return named
    wanted = tuple(dict.fromkeys(tx.connection.scalars(_TRIGGERED, {"cloud": cloud, "type": type})))
    return wanted or addresses(tx.notification_urls.get(cloud))


def _hasten_upload(tx: Transaction, asset: Asset) -> None:
    """What waits to be told of an asset's upload waited for this, or must not come after it."""
    make_due(tx, tx.connection.scalars(_OF_UPLOAD, {"asset_id": asset.asset_id}).all(), tx.now)


def _key(notification_id: int) -> str:
    return f"notify:{notification_id}"


def put_job(tx: Transaction, cloud: str, notification_id: int, delay: float = 0.0) -> None:
    """The job that tells; it starts after `delay` seconds."""
    payload = {"notification": notification_id}
    work.put(tx, cloud, "notify", payload, dedupe_key=_key(notification_id), delay=delay)


def make_due(tx: Transaction, ids: Sequence[int], at: int) -> None:
    """Have the waiting jobs of notifications run at `at` (milliseconds) if they would run later."""
    if ids:
        theirs = jobs.c.dedupe_key.in_([_key(number) for number in ids])
        due = update(jobs).where(theirs, jobs.c.lease_token.is_(None), jobs.c.run_after > at)
        tx.connection.execute(due.values(run_after=at))
