"""New revisions and new epochs: how everything cached becomes unfindable."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select, tuple_, update

from ...domain.asset import Asset
from . import audit
from .engine import Database, Transaction, now_ms
from .library import matching
from .rows import BY_AGE, Place, load
from .schema import assets, meta
from .writing import leave_behind

#: Assets that one transaction renews: short enough that no writer waits long behind it.
CHUNK = 200


class Renewal:
    """The purge's part of the catalog."""

    _database: Database

    def renew(
        self,
        cloud: str,
        *,
        public_ids: Sequence[str] | None = None,
        prefix: str | None = None,
        tag: str | None = None,
        asset_ids: Sequence[str] | None = None,
        actor: str,
    ) -> Iterator[Asset]:
        """See `Catalog.renew`. Oldest first; a transaction is committed before its assets are given."""
        chosen = matching(cloud, public_ids=public_ids, prefix=prefix, tag=tag)
        chosen = chosen if asset_ids is None else chosen.where(assets.c.asset_id.in_(asset_ids))
        with self._database.read() as connection:
            until = connection.scalar(select(now_ms()))
        # what is created while we go is fresh anyway
        chosen = chosen.where(chosen.selected_columns["at"] <= until)
        after: Place | None = (-1, "")
        while after is not None:
            with self._database.write() as tx:
                renewed, after = _renew_chunk(tx, cloud, chosen, after, actor)
            yield from renewed

    def new_epoch(self, *, actor: str) -> str:
        """See `Catalog.new_epoch`."""
        epoch = secrets.token_hex(16)
        with self._database.write() as tx:
            tx.connection.execute(update(meta).where(meta.c.name == "epoch").values(value=epoch))
            audit.note(tx, "", "", "purged", actor=actor, detail={"epoch": epoch})
        return epoch


def _renew_chunk(
    tx: Transaction, cloud: str, chosen: Select[Any], after: Place, actor: str
) -> tuple[list[Asset], Place | None]:
    """Renew the next assets behind `after`; gives them as they were, and where to go on."""
    at, tie = chosen.selected_columns["at"], chosen.selected_columns["tie"]
    chunk = chosen.where(tuple_(at, tie) > tuple_(*after)).order_by(at, tie).limit(CHUNK)
    rows = tx.connection.execute(chunk).all()
    if not rows:
        return [], None
    ids = [row.asset_id for row in rows]
    # whoever locks several assets does it in this order, so that nobody waits in a ring
    locked = select(assets.c.asset_id).where(assets.c.asset_id.in_(ids)).order_by(assets.c.asset_id)
    tx.connection.execute(locked.with_for_update()).all()
    found = [asset for _, asset in load(tx.connection, select(*BY_AGE).where(assets.c.asset_id.in_(ids)))]
    if found:  # they may all have gone while we waited for them
        _give_revisions(tx, found)
    audit.note_all(tx, [_line(cloud, asset, actor) for asset in found])
    last = rows[-1]
    return found, (last.at, last.tie) if len(rows) == CHUNK else None


def _give_revisions(tx: Transaction, found: Sequence[Asset]) -> None:
    revisions = dict(zip((asset.asset_id for asset in found), tx.revisions(len(found)), strict=True))
    tx.connection.execute(
        update(assets).where(assets.c.asset_id == bindparam("id")).values(revision=bindparam("drawn")),
        [{"id": asset_id, "drawn": revision} for asset_id, revision in revisions.items()],
    )
    leave_behind(tx, found, revisions, doubted=True)


def _line(cloud: str, asset: Asset, actor: str) -> dict[str, Any]:
    return {
        "cloud": cloud,
        "asset_id": asset.asset_id,
        "version_id": asset.current.version_id,
        "actor": actor,
        "action": "purged",
        "before": None,
        "after": None,
        "detail": {},
    }
