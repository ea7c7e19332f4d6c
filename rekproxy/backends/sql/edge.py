"""Purges that edges are owed: written with every change of what they may hold."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import insert, select, update

from ...domain.asset import Asset, Job
from ...domain.cachekeys import purge_keys
from ...interfaces.edge import AGAIN, FIRST, Measured
from . import jobs
from .engine import Database, Transaction, now_ms
from .schema import jobs as table
from .schema import meta

#: Assets of one job: so few that its purge ends within the lease, at an edge that takes one key a request.
_TOGETHER: Final = 50
#: Where the takedown that was tried last is remembered: its seconds and its time, with a blank between.
_LAST_TAKEDOWN: Final = "last_takedown"


def put_purges(tx: Transaction, changed: Sequence[Asset], *, again: bool) -> None:
    """Have every edge purged of locked assets as they were, at once and, with `again`, once more later."""
    for group in _groups(changed):
        keys = [key for asset in group for key in purge_keys(asset)]
        for edge in tx.edges.names:
            payload = {"edge": edge, "keys": keys, "at": tx.now}
            _at_once(tx, group[0].cloud, _dedupe_key(FIRST, edge, group), payload)
            if again:
                later = {_dedupe_key(AGAIN, edge, group): payload}
                # its due time starts anew: what came before it is covered by the purge at once
                jobs.replace(tx, group[0].cloud, AGAIN, later, delay=tx.edges.again_after)


def put_purge_of(tx: Transaction, cloud: str, name: str, key: str) -> None:
    """Have every edge purged of what is tagged with `key`, now and once more later. `name` tells it apart."""
    for edge in tx.edges.names:
        payload = {"edge": edge, "keys": [key], "at": tx.now}
        _at_once(tx, cloud, f"{FIRST}:{edge}:{name}", payload)
        jobs.replace(tx, cloud, AGAIN, {f"{AGAIN}:{edge}:{name}": payload}, delay=tx.edges.again_after)


def _groups(assets: Sequence[Asset]) -> Iterator[Sequence[Asset]]:
    ordered = sorted(assets, key=lambda asset: asset.asset_id)
    for start in range(0, len(ordered), _TOGETHER):
        yield ordered[start : start + _TOGETHER]


def _dedupe_key(kind: str, edge: str, group: Sequence[Asset]) -> str:
    return _key(kind, edge, list(dict.fromkeys(asset.asset_id for asset in group)))


def _key(kind: str, edge: str, asset_ids: Sequence[str]) -> str:
    one = asset_ids[0] if len(asset_ids) == 1 else hashlib.sha256(",".join(asset_ids).encode()).hexdigest()
    return f"{kind}:{edge}:{one}"


def _at_once(tx: Transaction, cloud: str, key: str, payload: dict[str, Any]) -> None:
    """One that waits already does for both: it stays as old as it is, and is due now.

    The asset may have had another name when that was written: then it purges both.
    """
    waiting = update(table).where(table.c.dedupe_key == key, jobs.WAITING).values(run_after=tx.now)
    kept = tx.connection.execute(waiting.returning(table.c.id, table.c.payload)).all()
    if not kept:
        tx.connection.execute(insert(table).values(jobs.row(tx, cloud, FIRST, payload, key)))
    for row in kept:
        keys = list(dict.fromkeys([*row.payload["keys"], *payload["keys"]]))
        if len(keys) > len(row.payload["keys"]):
            both = update(table).where(table.c.id == row.id)
            tx.connection.execute(both.values(payload={**row.payload, "keys": keys}))


class Purges:
    """The edges' part of the catalog."""

    _database: Database

    def claim_purges(
        self, cloud: str, edge: str, asset_ids: Sequence[str], *, lease: float
    ) -> tuple[Job, ...]:
        """See `Purges.claim_purges`. They may have been written one by one, or together."""
        ordered = sorted(set(asset_ids))
        groups = [ordered[start : start + _TOGETHER] for start in range(0, len(ordered), _TOGETHER)]
        keys = {_key(FIRST, edge, group) for group in (*groups, *([each] for each in ordered))}
        waiting = (
            select(table.c.id)
            .where(table.c.dedupe_key.in_(keys), table.c.cloud == cloud, jobs.WAITING)
            .order_by(table.c.id)
            .with_for_update(skip_locked=True)
        )
        with self._database.write() as tx:
            chosen = tx.connection.scalars(waiting).all()
            return jobs.take(tx, chosen, lease) if chosen else ()

    def oldest_purge(self) -> float | None:
        """See `Purges.oldest_purge`."""
        found = []
        with self._database.read() as connection:
            for kind, allowed in ((FIRST, 0.0), (AGAIN, self._database.edges.again_after)):
                oldest = (
                    select(now_ms() - table.c.created_at)
                    .where(table.c.kind == kind, table.c.dead_at.is_(None))
                    .order_by(table.c.created_at)
                    .limit(1)
                )
                age = connection.scalar(oldest)
                found += [] if age is None else [age / 1000 - allowed]
        return max(found, default=None)

    def note_takedown(self, seconds: float) -> None:
        """See `Purges.note_takedown`."""
        with self._database.write() as tx:
            said = {"value": f"{seconds:.3f} {tx.now}"}
            row = tx.upsert(meta).values(name=_LAST_TAKEDOWN, **said)
            tx.connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=said))

    def last_takedown(self) -> Measured | None:
        """See `Purges.last_takedown`."""
        with self._database.read() as connection:
            said = connection.scalar(select(meta.c.value).where(meta.c.name == _LAST_TAKEDOWN))
        if said is None:
            return None
        seconds, _, at = said.partition(" ")
        return Measured(float(seconds), int(at))
