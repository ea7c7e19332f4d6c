"""The catalog's part about what waits for people. Queues are read in windows, so that none is read whole."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from ...domain.asset import Asset, EntryStatus, Hidden
from ...interfaces.leases import Claimed, Depth, Escalation, Place, Queue
from . import audit
from .engine import Database, Transaction, now_ms
from .rows import load_one
from .schema import asset_versions, assets, escalations, leases, moderations
from .writing import GRACE, lock_owner

#: Entries that a claim reads at once: first a few, which mostly are enough, then this many a time.
_FIRST = 16
_WINDOW = 200
_MOST_WINDOWS = 50

#: Leases that ran out this long ago are of no use to anybody, in milliseconds.
_FORGOTTEN = 3_600_000

_OUT_OF_REACH = (Hidden.DELETED.value, Hidden.RESTRICTED.value)


class Leases:
    """The part of the catalog about what waits for people."""

    _database: Database

    def claim_versions(
        self,
        cloud: str,
        queue: Queue,
        holder: str,
        *,
        seconds: float,
        limit: int = 1,
        after: Place | None = None,
        without: Collection[str] = (),
    ) -> tuple[Claimed, ...]:
        """See `Catalog.claim_versions`."""
        claimed: list[Claimed] = []
        for rows in self._windows(cloud, queue, holder, after):
            free = [row.version_id for row in rows if row.free and row.version_id not in without]
            claimed += self._lease(cloud, queue, free, holder, seconds, limit - len(claimed))
            if len(claimed) >= limit:
                break
        return tuple(claimed)

    def claim_version(self, cloud: str, version_id: str, holder: str, *, seconds: float) -> Claimed | None:
        """See `Catalog.claim_version`."""
        anything = Queue(("manual", "aws_rek", "reported"))
        with self._database.write() as tx:
            return _claim(tx, cloud, anything, version_id, holder, tx.now + round(seconds * 1000))

    def renew_leases(
        self, cloud: str, version_ids: Sequence[str], holder: str, *, seconds: float
    ) -> frozenset[str]:
        """See `Catalog.renew_leases`."""
        with self._database.write() as tx:
            longer = update(leases).where(_mine(cloud, version_ids, holder))
            longer = longer.values(until=tx.now + round(seconds * 1000))
            return frozenset(tx.connection.scalars(longer.returning(leases.c.version_id)))

    def release_leases(self, cloud: str, version_ids: Sequence[str], holder: str) -> None:
        """See `Catalog.release_leases`."""
        with self._database.write() as tx:
            tx.connection.execute(delete(leases).where(_mine(cloud, version_ids, holder)))

    def depth(self, cloud: str, queue: Queue, *, most: int = 1000) -> Depth:
        """See `Catalog.depth`."""
        # not an EXISTS: PostgreSQL would read the whole catalog in place of the index of what waits
        shown = _shown().scalar_subquery().is_not(None)
        waiting = _entries(cloud, queue, None, most, shown, _in_turn(queue)).subquery()
        with self._database.read() as connection:
            count, oldest = connection.execute(select(func.count(), func.min(waiting.c.at))).one()
            return Depth(count, oldest)

    def escalate(self, cloud: str, version_id: str, *, actor: str, note: str | None = None) -> bool:
        """See `Catalog.escalate`."""
        with self._database.write() as tx:
            asset = lock_owner(tx, cloud, version_id)
            if asset is None or not _waits(asset, version_id):
                return False
            said = {"version_id": version_id, "cloud": cloud, "by": actor, "note": note, "at": tx.now}
            row = tx.upsert(escalations).values(said).on_conflict_do_nothing()
            if tx.connection.execute(row).rowcount:
                # what was written stands in a table that can be erased; a line of the audit cannot
                _note(tx, asset, "escalated", actor)
            tx.connection.execute(delete(leases).where(_mine(cloud, [version_id], actor)))
            return True

    def recall_escalation(self, cloud: str, version_id: str, *, actor: str) -> bool:
        """See `Catalog.recall_escalation`."""
        with self._database.write() as tx:
            asset = lock_owner(tx, cloud, version_id)
            own = (escalations.c.version_id == version_id, escalations.c.by == actor)
            gone = tx.connection.execute(delete(escalations).where(*own, escalations.c.cloud == cloud))
            if asset is None or not gone.rowcount:
                return False
            _note(tx, asset, "escalation_recalled", actor)
            return True

    def _windows(
        self, cloud: str, queue: Queue, holder: str, after: Place | None
    ) -> Iterator[Sequence[Row[Any]]]:
        """The queue in its order, a piece at a time; each row tells whether its version is `free`."""
        for size in (_FIRST, *[_WINDOW] * _MOST_WINDOWS):
            with self._database.read() as connection:
                rows = connection.execute(_window(cloud, queue, holder, after, size)).all()
            yield rows
            if len(rows) < size:
                return
            after = rows[-1].at, rows[-1].version_id

    def _lease(
        self, cloud: str, queue: Queue, free: Sequence[str], holder: str, seconds: float, limit: int
    ) -> list[Claimed]:
        """Lease what is still free, `limit` at most; another may have been faster since it was read."""
        claimed: list[Claimed] = []
        if not free:
            return claimed
        with self._database.write() as tx:
            old = and_(leases.c.cloud == cloud, leases.c.until < tx.now - _FORGOTTEN)
            tx.connection.execute(delete(leases).where(old))
            until = tx.now + round(seconds * 1000)
            for version_id in dict.fromkeys(free):
                if one := _claim(tx, cloud, queue, version_id, holder, until):
                    claimed.append(one)
                if len(claimed) == limit:
                    break
        return claimed


# --- one lease -------------------------------------------------------------------------------------


def _claim(
    tx: Transaction, cloud: str, queue: Queue, version_id: str, holder: str, until: int
) -> Claimed | None:
    """Lease one version, if nobody else has it or takes it at this moment, and it waits as it did."""
    row = (
        select(asset_versions.c.asset_id)
        .join(assets, assets.c.asset_id == asset_versions.c.asset_id)
        .where(asset_versions.c.version_id == version_id, assets.c.cloud == cloud)
        .with_for_update(skip_locked=True, of=asset_versions)
    )
    asset_id = tx.connection.scalar(row)
    if asset_id is None or not _take(tx, cloud, version_id, holder, until):
        return None
    asset = load_one(tx.connection, asset_id=asset_id)
    claimed = _claimed(tx, asset, queue, version_id) if asset else None
    if claimed is None:
        tx.connection.execute(delete(leases).where(_mine(cloud, [version_id], holder)))
    return claimed


def _take(tx: Transaction, cloud: str, version_id: str, holder: str, until: int) -> bool:
    mine = {"holder": holder, "until": until}
    lease = tx.upsert(leases).values({"version_id": version_id, "cloud": cloud} | mine)
    lease = lease.on_conflict_do_update(
        index_elements=[leases.c.version_id],
        set_=mine,
        where=or_(leases.c.until <= tx.now, leases.c.holder == holder),
    )
    return tx.connection.scalar(lease.returning(leases.c.version_id)) is not None


def _claimed(tx: Transaction, asset: Asset, queue: Queue, version_id: str) -> Claimed | None:
    if not _waits(asset, version_id):
        return None
    entries = moderations.c
    query = select(entries.kind, entries.created_at).where(
        entries.version_id == version_id,
        entries.status == EntryStatus.PENDING.value,
        entries.kind.in_(queue.kinds),
    )
    entry = tx.connection.execute(query.order_by(entries.created_at)).first()
    said = select(escalations).where(escalations.c.version_id == version_id)
    row = tx.connection.execute(said).first()
    escalation = Escalation(row.by, row.at, row.note) if row else None
    return Claimed(asset, entry.kind, entry.created_at, escalation) if entry else None


def _waits(asset: Asset, version_id: str) -> bool:
    """Whether a person may be asked about a version."""
    return (
        asset.current.version_id == version_id
        and asset.hidden not in (Hidden.DELETED, Hidden.RESTRICTED)
        and any(entry.status is EntryStatus.PENDING for entry in asset.moderations)
    )


def _mine(cloud: str, version_ids: Sequence[str], holder: str) -> ColumnElement[bool]:
    return and_(leases.c.cloud == cloud, leases.c.version_id.in_(version_ids), leases.c.holder == holder)


def _note(tx: Transaction, asset: Asset, action: str, actor: str) -> None:
    audit.note(
        tx,
        asset.cloud,
        asset.asset_id,
        action,
        actor=actor,
        version_id=asset.current.version_id,
    )


# --- a queue ---------------------------------------------------------------------------------------


def _window(cloud: str, queue: Queue, holder: str, after: Place | None, size: int) -> Select[Any]:
    """(version_id, at, free) of the next entries of a queue, oldest first."""
    waiting = _entries(cloud, queue, after, size).subquery("waiting")
    version_id = waiting.c.version_id
    taken = exists().where(
        leases.c.version_id == version_id, leases.c.holder != holder, leases.c.until > now_ms()
    )
    free = [exists(_shown(version_id)), ~taken, _in_turn(queue, version_id)]
    if queue.category is not None:
        free.append(_labelled(version_id, queue.category))
    return select(version_id, waiting.c.at, and_(*free).label("free")).order_by(waiting.c.at, version_id)


def _entries(
    cloud: str, queue: Queue, after: Place | None, limit: int, *conditions: ColumnElement[bool]
) -> Select[Any]:
    """(version_id, at) of pending entries, oldest first; each kind by the index that has it in order."""
    at, version_id = moderations.c.created_at, moderations.c.version_id
    chosen = [moderations.c.cloud == cloud, moderations.c.status == EntryStatus.PENDING.value, *conditions]
    if queue.older_than:
        chosen.append(at <= now_ms() - round(queue.older_than * 1000))
    if queue.uploader is not None:
        chosen.append(moderations.c.uploader == queue.uploader)
    if queue.escalated:
        chosen.append(version_id.in_(select(escalations.c.version_id).where(escalations.c.cloud == cloud)))
    if after is not None:
        chosen.append(tuple_(at, version_id) > tuple_(*after))
    kinds = []
    for kind in queue.kinds:
        one = select(version_id, at.label("at")).where(*chosen, moderations.c.kind == kind)
        if kind == "aws_rek":
            one = one.where(_left_to_people())
        kinds.append(select(one.order_by(at, version_id).limit(limit).subquery()))
    every = union_all(*kinds).subquery()
    return select(every).order_by(every.c.at, every.c.version_id).limit(limit)


def _left_to_people() -> ColumnElement[bool]:
    """Of a machine's entry: that the machine has tried, or a person reopened it, or it is overdue."""
    tried = cast(moderations.c.detail, Text) != "{}"
    overdue = moderations.c.created_at <= now_ms() - round(GRACE * 1000)
    return or_(tried, moderations.c.decided_by.is_not(None), overdue)


def _shown(version_id: Any = moderations.c.version_id) -> Select[Any]:
    """The asset whose current version this is, if people may be asked about it."""
    return (
        select(assets.c.asset_id)
        .join(asset_versions, asset_versions.c.asset_id == assets.c.asset_id)
        .where(
            asset_versions.c.version_id == version_id,
            assets.c.version_id == version_id,
            assets.c.status.not_in(_OUT_OF_REACH),
        )
        .correlate(version_id.table)
    )


def _in_turn(queue: Queue, version_id: Any = moderations.c.version_id) -> ColumnElement[bool]:
    escalated = exists().where(escalations.c.version_id == version_id)
    return escalated if queue.escalated else ~escalated


def _labelled(version_id: Any, category: str) -> ColumnElement[bool]:
    """Whether a detector gave a version this label, as the kept explanation of its verdict says."""
    entries = moderations.alias("judged")
    # a label's name stands in the explanation as JSON writes it, and nowhere but as a name
    written = cast(entries.c.detail, Text)
    name = f'"name": {json.dumps(category)}'
    return exists().where(entries.c.version_id == version_id, written.contains(name, autoescape=True))
