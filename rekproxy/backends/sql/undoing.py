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
#: Why an undo shows nothing.
_WHY = "A person rejected these very pixels elsewhere."


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
    """What a person's last decision changed, if it was the last of all and still stands as it left it.

    What the same pixels withheld from an undo may be asked for once more.
    """
    newest = (
        select(lines.c.actor, lines.c.action, lines.c.detail)
        .where(lines.c.cloud == asset.cloud, lines.c.asset_id == asset.asset_id)
        .where(lines.c.action.in_(_DECIDING))
        .order_by(lines.c.id.desc())
        .limit(1)
    )
    line = tx.connection.execute(newest).first()
    if line is None or line.actor != actor or line.action not in ("overridden", "undone"):
        return None
    now = {entry.seq: entry.status.value for entry in asset.moderations}
    undone = line.action == "undone"
    changes: list[Mapping[str, Any]] = line.detail.get("withheld" if undone else "entries", [])
    return changes if changes and all(now.get(each["seq"]) == each["after"] for each in changes) else None


def _undo(tx: Transaction, asset: Asset, was: Sequence[Mapping[str, Any]], actor: str) -> Override:
    before, version_id = asset.moderations, asset.current.version_id
    statuses = {each["seq"]: each["before"] for each in was}
    back = moderation.restored(before, statuses, actor=actor, now=tx.now)
    if moderation.overall(back) is Status.APPROVED and asset.current.erased_at is not None:
        raise ErasedError("Its bytes were erased: it cannot be approved. Upload the image again.")
    after = _heeding_pixels(tx, asset, back, actor)
    changes, withheld = verdicts.changes(before, after), verdicts.changes(back, after)
    status = moderation.overall(after)
    change_entries(tx, asset, version_id, before, after)
    if status is not asset.status:
        set_version_status(tx, version_id, status)
    hidden = asset.hidden or (Hidden.REPORTED if moderation.hidden_by_reports(after) else None)
    set_standing(tx, asset, hidden or status)
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
        detail={"entries": changes, **({"withheld": withheld, "why": _WHY} if withheld else {})},
    )
    now = reread(tx, asset)
    changed = bool(changes) or not withheld
    if changed:
        verdicts.tell(tx, now, before, _told(now, entry), actor=actor)
    return Override(now, asset.status, changed)


def _heeding_pixels(
    tx: Transaction, asset: Asset, back: tuple[Moderation, ...], actor: str
) -> tuple[Moderation, ...]:
    """The entries as they were, after the person's word on the pixels is taken back; but approved only if
    no other rejection of these pixels holds."""
    status = moderation.overall(back)
    # an approval that comes back is the machine's word again, and says nothing of the same pixels elsewhere
    said = Status.PENDING if status is Status.APPROVED else status
    known.remember(tx, asset, said, actor, None)
    if status is not Status.APPROVED or not known.rejected(tx, asset, asset.current.version_id):
        return back
    return moderation.override(back, Status.REJECTED, actor=moderation.KNOWN_DECISION, now=tx.now)


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
