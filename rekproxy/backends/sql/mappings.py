"""Folders whose pictures are fetched from elsewhere."""

from typing import Any

from sqlalchemy import delete, select, update

from ...errors import ConflictError
from ...interfaces.mappings import MappingPage, UploadMapping
from . import audit
from .engine import Database, Transaction
from .schema import upload_mappings


class Mappings:
    """The part of the catalog about upload mappings."""

    _database: Database

    def create_mapping(self, cloud: str, mapping: UploadMapping, *, actor: str) -> None:
        """See `Catalog.create_mapping`."""
        row = {"folder": mapping.folder, "template": mapping.template}
        with self._database.write() as tx:
            times = {"created_at": tx.now, "updated_at": tx.now}
            new = tx.upsert(upload_mappings).values(cloud=cloud, **row, **times).on_conflict_do_nothing()
            if tx.connection.scalar(new.returning(upload_mappings.c.folder)) is None:
                raise ConflictError(f"Upload mapping {mapping.folder} already exists")
            _note(tx, cloud, "mapping_created", mapping.folder, actor, after=mapping.template)

    def mapping(self, cloud: str, folder: str) -> UploadMapping | None:
        """See `Catalog.mapping`."""
        with self._database.read() as connection:
            row = connection.execute(select(upload_mappings).where(*_of(cloud, folder))).mappings().first()
        return None if row is None else UploadMapping(row["folder"], row["template"])

    def list_mappings(self, cloud: str, *, after: str | None = None, limit: int = 10) -> MappingPage:
        """See `Catalog.list_mappings`."""
        own = upload_mappings.c.cloud == cloud
        query = select(upload_mappings).where(own).order_by(upload_mappings.c.folder).limit(limit + 1)
        if after is not None:
            query = query.where(upload_mappings.c.folder > after)
        with self._database.read() as connection:
            found = [UploadMapping(row.folder, row.template) for row in connection.execute(query)]
        page = tuple(found[:limit])
        return MappingPage(page, page[-1].folder if len(found) > limit else None)

    def update_mapping(self, cloud: str, mapping: UploadMapping, *, actor: str) -> bool:
        """See `Catalog.update_mapping`."""
        with self._database.write() as tx:
            before = _locked(tx, cloud, mapping.folder)
            if before is None:
                return False
            new = {"template": mapping.template, "updated_at": tx.now}
            tx.connection.execute(update(upload_mappings).where(*_of(cloud, mapping.folder)).values(new))
            _note(tx, cloud, "mapping_updated", mapping.folder, actor, before, mapping.template)
        return True

    def drop_mapping(self, cloud: str, folder: str, *, actor: str) -> bool:
        """See `Catalog.drop_mapping`."""
        with self._database.write() as tx:
            before = _locked(tx, cloud, folder)
            if before is None:
                return False
            tx.connection.execute(delete(upload_mappings).where(*_of(cloud, folder)))
            _note(tx, cloud, "mapping_deleted", folder, actor, before)
        return True


def _of(cloud: str, folder: str) -> tuple[Any, ...]:
    return upload_mappings.c.cloud == cloud, upload_mappings.c.folder == folder


def _locked(tx: Transaction, cloud: str, folder: str) -> str | None:
    template: str | None = tx.connection.scalar(
        select(upload_mappings.c.template).where(*_of(cloud, folder)).with_for_update()
    )
    return template


def _note(
    tx: Transaction,
    cloud: str,
    action: str,
    folder: str,
    actor: str,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """The line is no asset's: it stands under the folder's name."""
    detail = {"before": before, "after": after}
    audit.note(tx, cloud, f"mapping:{folder}", action, actor=actor, detail=detail)
