"""The catalog's part that takes decisions back."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from ...domain import moderation
from ...domain.asset import Asset, Hidden, Moderation, Status
from ...errors import ErasedError, NotFoundError, StaleDecisionError
from ...interfaces import Override
from . import audit, known, verdicts
from .engine import Database, Transaction
from .schema import audit as lines
from .writing import change_entries, lock, reread, set_standing, set_version_status

#: What the last line of an asset's audit is about, where it is about its verdict.
_DECIDING = ("overridden", "undone", "judged", "reported")


class Undoing:
    """The part of the catalog that takes decisions back."""

    _database: Database

    def take_back(self, cloud: str, asset_id: str, *, actor: str, version_id: str, revision: int) -> Override:
        """See `Catalog.take_back`."""

        def undo() -> Override | None:
            with self._database.write() as tx:
                asset = lock(tx, cloud=cloud, asset_id=asset_id)
                if asset is None:
                    raise NotFoundError(f"Resource not found - {asset_id}")
                was = _before(tx, asset, actor)
                if was is None or (version_id, revision) != (asset.current.version_id, asset.revision):
                    _note_late(tx, asset, actor, version_id)
                    return None
                return _undo(tx, asset, was, actor)

        done = self._database.at_any_cost(undo)
        if done is None:
            raise StaleDecisionError("Something was decided since: nothing was undone.")
        return done


def _before(tx: Transaction, asset: Asset, actor: str) -> Sequence[Mapping[str, Any]] | None:
    """What a person's last decision changed, if it was the last of all and still stands as it left it."""
    newest = (
        select(lines.c.actor, lines.c.action, lines.c.detail)
        .where(lines.c.cloud == asset.cloud, lines.c.asset_id == asset.asset_id)
        .where(lines.c.action.in_(_DECIDING))
        .order_by(lines.c.id.desc())
        .limit(1)
    )
    line = tx.connection.execute(newest).first()
    if line is None or (line.actor, line.action) != (actor, "overridden"):
        return None
    now = {entry.seq: entry.status.value for entry in asset.moderations}
    changes: list[Mapping[str, Any]] = line.detail["entries"]
    return changes if changes and all(now.get(each["seq"]) == each["after"] for each in changes) else None


def _undo(tx: Transaction, asset: Asset, was: Sequence[Mapping[str, Any]], actor: str) -> Override:
    before, version_id = asset.moderations, asset.current.version_id
    statuses = {each["seq"]: each["before"] for each in was}
    after = moderation.restored(before, statuses, actor=actor, now=tx.now)
    status = moderation.overall(after)
    if status is Status.APPROVED and asset.current.erased_at is not None:
        raise ErasedError("Its bytes were erased: it cannot be approved. Upload the image again.")
    change_entries(tx, asset, version_id, before, after)
    if status is not asset.status:
        set_version_status(tx, version_id, status)
    hidden = asset.hidden or (Hidden.REPORTED if moderation.hidden_by_reports(after) else None)
    set_standing(tx, asset, hidden or status)
    # an approval that comes back is the machine's word again, and says nothing of the same pixels elsewhere
    known.remember(tx, asset, Status.PENDING if status is Status.APPROVED else status, actor, None)
    entry = next(each for each in after if each.seq in statuses)
    verdicts.note(
        tx,
        asset,
        version_id,
        "undone",
        entry,
        actor=actor,
        before=asset.status,
        after=status,
        detail={"entries": verdicts.changes(before, after)},
    )
    now = reread(tx, asset)
    verdicts.tell(tx, now, before, _told(now, entry), actor=actor)
    return Override(now, asset.status, True)


def _told(now: Asset, entry: Moderation) -> Moderation:
    """The entry as it is written now."""
    return next(each for each in now.moderations if each.seq == entry.seq)


def _note_late(tx: Transaction, asset: Asset, actor: str, version_id: str) -> None:
    audit.note(
        tx,
        asset.cloud,
        asset.asset_id,
        "stale",
        actor=actor,
        version_id=version_id,
        detail={"verdict": "undo", "why": "changed since it was looked at"},
    )
