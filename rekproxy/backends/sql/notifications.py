"""What is still to be told, one after the other for each asset and address; what was told, and the dead."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, delete, select, update

from ...domain.asset import Job
from ...errors import ConflictError, NotFoundError
from ...interfaces.notifications import Notification, NotificationPage
from . import audit, snapshots
from . import jobs as work
from .announcing import UNTOLD, make_due, put_job, whom, write
from .engine import Database, Transaction
from .schema import jobs, notifications
from .writing import GRACE

#: How many dead ones come back to life in one transaction.
_REPLAYED = 200


def _wake_next(tx: Transaction, ended: RowMapping) -> None:
    """What comes next about the same asset, to the same address, has waited long enough."""
    columns = notifications.c
    following = (
        select(columns.id, columns.type, columns.created_at)
        .where(
            columns.asset_id == ended["asset_id"],
            columns.uri == ended["uri"],
            columns.cloud == ended["cloud"],
            columns.id > ended["id"],
            UNTOLD,
        )
        .order_by(columns.id)
        .limit(1)
    )
    row = tx.connection.execute(following).first() if ended["asset_id"] else None
    if row is not None:
        # an upload may still wait for its verdict
        lately = row.created_at + round(GRACE * 1000) if row.type == "upload" else tx.now
        make_due(tx, [row.id], max(tx.now, lately))


def _read(row: RowMapping) -> Notification:
    kept = row["facts"]
    return Notification(
        id=row["id"],
        event_id=row["event_id"],
        cloud=row["cloud"],
        type=row["type"],
        uri=row["uri"],
        asset=snapshots.read(kept["asset"]) if kept["asset"] else None,
        facts=kept["said"],
        actor=kept["actor"],
        created_at=row["created_at"],
        attempts=row["attempts"],
        body=row["body"],
        delivered_at=row["delivered_at"],
        dead_at=row["dead_at"],
        error=row["error"],
    )


class Notifications:
    """The part of the catalog about what has not been told yet. Who wants to be told is in `triggers`."""

    _database: Database

    def announce_error(
        self,
        cloud: str,
        notification_url: str | None,
        facts: Mapping[str, Any],
        *,
        actor: str,
        lease: Job | None = None,
    ) -> None:
        """See `Catalog.announce_error`."""
        with self._database.write() as tx:
            if lease is None or work.end(tx, lease):
                kept = {"asset": None, "said": dict(facts), "actor": actor}
                write(tx, cloud, "", "error", whom(tx, cloud, "error", notification_url), kept)

    def notification(self, cloud: str, notification_id: int) -> Notification | None:
        """See `Catalog.notification`."""
        one = select(notifications).where(
            notifications.c.cloud == cloud, notifications.c.id == notification_id
        )
        with self._database.read() as connection:
            row = connection.execute(one).mappings().first()
        return None if row is None else _read(row)

    def is_next(self, notification: Notification) -> bool:
        """See `Catalog.is_next`."""
        with self._database.read() as connection:
            return notification.asset is None or not connection.scalar(
                _earlier(notification.cloud, notification.asset.asset_id, notification.uri, notification.id)
            )

    def fix_body(self, cloud: str, notification_id: int, body: str) -> str:
        """See `Catalog.fix_body`."""
        mine = (notifications.c.cloud == cloud, notifications.c.id == notification_id)
        with self._database.write() as tx:
            fixed = update(notifications).where(*mine, notifications.c.body.is_(None)).values(body=body)
            tx.connection.execute(fixed)
            kept: str | None = tx.connection.scalar(select(notifications.c.body).where(*mine))
        if kept is None:
            raise NotFoundError(f"Notification not found - {notification_id}")
        return kept

    def postpone_notification(self, job: Job, delay: float, *, behind: bool = False) -> None:
        """See `Catalog.postpone_notification`. It asks once more: what it waits for may be over by now."""
        with self._database.write() as tx:
            row = _row_of(tx, job)
            if row is None or not work.holds(tx, job):
                return
            earlier = _earlier(row["cloud"], row["asset_id"], row["uri"], row["id"])
            over = behind and tx.connection.scalar(earlier) is None
            _give_back(tx, job, tx.now if over else tx.now + round(delay * 1000), None)

    def end_notification(self, job: Job, error: str | None = None, *, again_in: float | None = None) -> bool:
        """See `Catalog.end_notification`."""
        with self._database.write() as tx:
            row = _row_of(tx, job)
            if row is None or not work.holds(tx, job):
                return False
            ended: dict[str, Any] = {"attempts": notifications.c.attempts + 1, "error": error}
            if error is None:
                ended["delivered_at"] = tx.now
            elif again_in is None:
                ended["dead_at"] = tx.now
            one = update(notifications).where(notifications.c.id == row["id"])
            tx.connection.execute(one.values(**ended))
            if error is not None and again_in is not None:
                _give_back(tx, job, tx.now + round(again_in * 1000), error)
            else:
                work.end(tx, job)
                _wake_next(tx, row)
            return True

    def list_notifications(
        self, cloud: str, *, dead: bool = False, after: int | None = None, limit: int = 10
    ) -> NotificationPage:
        """See `Catalog.list_notifications`."""
        columns = notifications.c
        query = select(notifications).where(columns.cloud == cloud).order_by(columns.id.desc())
        if dead:
            query = query.where(columns.dead_at.is_not(None))
        if after is not None:
            query = query.where(columns.id < after)
        with self._database.read() as connection:
            found = [_read(row) for row in connection.execute(query.limit(limit + 1)).mappings()]
        page = tuple(found[:limit])
        return NotificationPage(page, page[-1].id if len(found) > limit else None)

    def replay_notifications(self, cloud: str, notification_id: int | None = None, *, actor: str) -> int:
        """See `Catalog.replay_notifications`. All of them in chunks, so that nobody waits long."""
        if notification_id is not None:
            return self._replay_one(cloud, notification_id, actor)
        replayed, behind = 0, 0
        while chunk := self._replay_some(cloud, behind, actor):
            replayed, behind = replayed + len(chunk), max(chunk)
        return replayed

    def _replay_one(self, cloud: str, notification_id: int, actor: str) -> int:
        columns = notifications.c
        one = select(columns.dead_at).where(columns.cloud == cloud, columns.id == notification_id)
        with self._database.write() as tx:
            row = tx.connection.execute(one.with_for_update()).first()
            if row is None:
                raise NotFoundError(f"Notification not found - {notification_id}")
            if row.dead_at is None:
                raise ConflictError(f"Notification {notification_id} is not dead")
            _revive(tx, cloud, [notification_id], actor)
        return 1

    def _replay_some(self, cloud: str, behind: int, actor: str) -> list[int]:
        columns = notifications.c
        dead = select(columns.id).where(
            columns.cloud == cloud, columns.dead_at.is_not(None), columns.id > behind
        )
        with self._database.write() as tx:
            some = list(tx.connection.scalars(dead.order_by(columns.id).limit(_REPLAYED).with_for_update()))
            if some:
                _revive(tx, cloud, some, actor)
        return some

    def forget_notifications(self, *, days: int, limit: int = 500) -> int:
        """See `Catalog.forget_notifications`."""
        columns = notifications.c
        with self._database.write() as tx:
            old = select(columns.id).where(columns.delivered_at < tx.now - days * 86_400_000).limit(limit)
            ids = tx.connection.scalars(old).all()
            tx.connection.execute(delete(notifications).where(columns.id.in_(ids)))
        return len(ids)


def _earlier(cloud: str, asset_id: str, uri: str, notification_id: int) -> Any:
    """Something that is still to be told, before this, about the same asset to the same address."""
    columns = notifications.c
    about = (columns.cloud == cloud, columns.asset_id == asset_id, columns.asset_id != "", columns.uri == uri)
    return select(columns.id).where(*about, columns.id < notification_id, UNTOLD).limit(1)


def _row_of(tx: Transaction, job: Job) -> RowMapping | None:
    columns = notifications.c
    one = select(columns.id, columns.cloud, columns.asset_id, columns.uri).where(
        columns.cloud == job.cloud, columns.id == job.payload["notification"]
    )
    return tx.connection.execute(one).mappings().first()


def _give_back(tx: Transaction, job: Job, run_after: int, error: str | None) -> None:
    """What is counted is the notification's attempts; the job's own must not make it die first."""
    waiting = {
        "lease_token": None,
        "lease_until": None,
        "run_after": run_after,
        "error": error,
        "attempts": 0,
    }
    tx.connection.execute(update(jobs).where(jobs.c.id == job.id).values(**waiting))


def _revive(tx: Transaction, cloud: str, ids: Sequence[int], actor: str) -> None:
    alive = {"dead_at": None, "attempts": 0, "error": None}
    tx.connection.execute(update(notifications).where(notifications.c.id.in_(ids)).values(**alive))
    for number in ids:
        put_job(tx, cloud, number)
    detail = {"notifications": list(ids)}
    audit.note(tx, cloud, "", "notifications_replayed", actor=actor, detail=detail)
