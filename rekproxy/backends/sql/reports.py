"""The catalog's part about what people reported."""

from dataclasses import replace
from typing import Final

from sqlalchemy import RowMapping, bindparam, insert, literal, select

from ...domain import moderation
from ...domain.asset import Asset, EntryStatus, Hidden, Moderation, Status
from ...interfaces import NewVersion
from ...interfaces.reports import Report
from . import audit
from .engine import Database, Transaction
from .rows import entries_of, load_one
from .schema import asset_versions, moderations, reports
from .writing import change_entries, lock, set_standing

#: The latest version of an asset with some pixels: what waits on older ones was carried on or answered.
_ALIKE: Final = (
    select(asset_versions.c.version_id)
    .where(
        asset_versions.c.asset_id == bindparam("asset_id"),
        asset_versions.c.pixel_digest == bindparam("pixel_digest"),
    )
    .order_by(asset_versions.c.version.desc())
    .limit(1)
)


class Reports:
    """The part of the catalog about what people reported."""

    _database: Database

    def report(
        self, cloud: str, asset_id: str, report: Report, *, hide_after: int, actor: str
    ) -> Asset | None:
        """See `Catalog.report`."""
        with self._database.write() as tx:
            asset = lock(tx, cloud=cloud, asset_id=asset_id)
            if asset is None or asset.standing is not Status.APPROVED:
                return None
            entry = moderation.reported(asset.moderations)
            if _write(tx, asset.current.version_id, report, entry.detail["round"]):
                entry = moderation.with_reporter(entry, report.reason, hide_after=hide_after)
            _put(tx, asset, entry)
            standing = Hidden.REPORTED if moderation.hidden_by_reports([entry]) else Status.APPROVED
            if standing is Hidden.REPORTED:
                set_standing(tx, asset, standing)
            _note(tx, asset, entry, report, actor, standing)
            return load_one(tx.connection, asset_id=asset_id)


# --- within the registration of a version ----------------------------------------------------------


def carry_reports(tx: Transaction, before: Asset, new: NewVersion) -> tuple[NewVersion, str | None]:
    """A new version of a locked asset with what nobody has answered of the same pixels under its name, and
    the id of the version that this is about; other pixels that were there meanwhile have answered nothing."""
    alike = {"asset_id": before.asset_id, "pixel_digest": new.version.pixel_digest}
    version_id: str | None = tx.connection.scalar(_ALIKE, alike)
    entries = entries_of(tx.connection, version_id) if version_id is not None else ()
    for entry in entries:
        if entry.kind == moderation.REPORTED and entry.status is EntryStatus.PENDING:
            carried = replace(entry, seq=len(new.moderations))
            return replace(new, moderations=(*new.moderations, carried)), version_id
    return new, None


def copy_reports(tx: Transaction, version_id: str, to: str) -> None:
    """Who reported a version has reported another one with the same pixels: nobody is counted twice."""
    rest = [column for column in reports.c if column.name != "version_id"]
    said = select(literal(to), *rest).where(reports.c.version_id == version_id)
    names = ["version_id", *(column.name for column in rest)]
    tx.connection.execute(insert(reports).from_select(names, said))


# --- within a report -------------------------------------------------------------------------------


def _write(tx: Transaction, version_id: str, report: Report, number: int) -> bool:
    """Write what one reporter says in a round; tell whether they are new to it."""
    before = _said(tx, version_id, report.reporter)
    fresh = before is None or before["round"] != number
    said = {
        "reason": report.reason,
        "note": report.note,
        "round": number,
        "times": 1 if before is None or fresh else before["times"] + 1,
        "updated_at": tx.now,
    }
    own = {"version_id": version_id, "reporter": report.reporter, "created_at": tx.now}
    statement = tx.upsert(reports).values(own | said)
    key = list(reports.primary_key.columns)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=key, set_=said))
    return fresh


def _said(tx: Transaction, version_id: str, reporter: str) -> RowMapping | None:
    mine = (reports.c.version_id == version_id, reports.c.reporter == reporter)
    return tx.connection.execute(select(reports).where(*mine)).mappings().first()


def _put(tx: Transaction, asset: Asset, entry: Moderation) -> None:
    """Write the entry of reports. One that begins a round is as new to the queue as its first report."""
    version_id = asset.current.version_id
    before = {each.seq: each for each in asset.moderations}
    after = tuple({**before, entry.seq: entry}.values())
    change_entries(tx, asset, version_id, asset.moderations, after)
    known = before.get(entry.seq)
    if known is not None and known.status is not entry.status:
        mine = (moderations.c.version_id == version_id, moderations.c.seq == entry.seq)
        tx.connection.execute(moderations.update().where(*mine).values(created_at=tx.now))


def _note(
    tx: Transaction, asset: Asset, entry: Moderation, report: Report, actor: str, standing: Status | Hidden
) -> None:
    # who reported, and in which words, stands in a table that can be erased; a line of the audit cannot
    said = {} if report.reason is None else {"reason": report.reason}
    counted = {"count": entry.detail["count"], "round": entry.detail["round"]}
    audit.note(
        tx,
        asset.cloud,
        asset.asset_id,
        "reported",
        actor=actor,
        version_id=asset.current.version_id,
        before=asset.standing,
        after=standing,
        detail={**counted, **said},
    )
