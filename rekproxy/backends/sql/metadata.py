"""Fields of structured metadata."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from sqlalchemy import RowMapping, bindparam, delete, func, select, update

from ...domain.metadata import Entry, Field
from ...errors import InvalidRequestError
from . import audit, jobs
from .engine import Database, Transaction
from .revising import write_fields
from .schema import metadata_fields, metadata_values
from .writing import lock

#: What has a column of its own, and is not in the definition.
_APART: Final = ("external_id", "position", "created_at", "updated_at")

_ALL: Final = (
    select(metadata_fields)
    .where(metadata_fields.c.cloud == bindparam("cloud"), metadata_fields.c.deleted_at.is_(None))
    .order_by(metadata_fields.c.position, metadata_fields.c.external_id)
)


class MetadataFields:
    """The part of the catalog about fields of structured metadata."""

    _database: Database

    def metadata_fields(self, cloud: str) -> tuple[Field, ...]:
        """See `Catalog.metadata_fields`."""
        with self._database.read() as connection:
            return tuple(_field(row) for row in connection.execute(_ALL, {"cloud": cloud}).mappings())

    def metadata_field(self, cloud: str, external_id: str) -> Field | None:
        """See `Catalog.metadata_field`."""
        query = select(metadata_fields).where(*_named(cloud, external_id))
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _field(row)

    def add_metadata_field(self, cloud: str, field: Field, *, most: int, actor: str) -> Field:
        """See `Catalog.add_metadata_field`."""
        table = metadata_fields.c
        with self._database.write() as tx:
            there = select(func.count(table.deleted_at), func.count(), func.max(table.position))
            deleted, every, last = tx.connection.execute(there.where(table.cloud == cloud)).one()
            if every - deleted >= most:
                raise InvalidRequestError(f"Too many metadata fields. Maximum is {most}.")
            made = replace(field, position=(last or 0) + 1, created_at=tx.now, updated_at=tx.now)
            row = {"cloud": cloud, "external_id": made.external_id, **_columns(made), "created_at": tx.now}
            written = tx.upsert(metadata_fields).values(row).on_conflict_do_nothing()
            if tx.connection.scalar(written.returning(table.external_id)) is None:
                raise InvalidRequestError(f"External id {made.external_id} already exists")
            _note(tx, cloud, made.external_id, "metadata_field_created", actor, None, made)
        return made

    def change_metadata_field(
        self, cloud: str, external_id: str, change: Callable[[Field], Field], *, actor: str
    ) -> Field | None:
        """See `Catalog.change_metadata_field`."""
        with self._database.write() as tx:
            before = _locked(tx, cloud, external_id)
            if before is None:
                return None
            after = replace(change(before), updated_at=tx.now)
            changed = update(metadata_fields).where(*_named(cloud, external_id))
            tx.connection.execute(changed.values(_columns(after)))
            _note(tx, cloud, external_id, "metadata_field_updated", actor, before, after)
        return after

    def order_metadata_fields(self, cloud: str, external_ids: Sequence[str], *, actor: str) -> None:
        """See `Catalog.order_metadata_fields`."""
        table = metadata_fields.c
        with self._database.write() as tx:
            query = select(table.external_id).where(table.cloud == cloud, table.deleted_at.is_(None))
            there = tx.connection.scalars(query.order_by(table.position).with_for_update()).all()
            ordered = [name for name in external_ids if name in there]
            rest = [name for name in there if name not in ordered]
            for position, name in enumerate((*ordered, *rest), 1):
                moved = update(metadata_fields).where(*_named(cloud, name))
                tx.connection.execute(moved.values(position=position))
            detail = {"order": [*ordered, *rest]}
            audit.note(tx, cloud, "metadata_fields", "metadata_fields_ordered", actor=actor, detail=detail)

    def drop_metadata_field(self, cloud: str, external_id: str, *, actor: str) -> bool:
        """See `Catalog.drop_metadata_field`."""
        with self._database.write() as tx:
            before = _locked(tx, cloud, external_id)
            if before is not None:
                gone = update(metadata_fields).where(*_named(cloud, external_id))
                tx.connection.execute(gone.values(deleted_at=tx.now))
                jobs.put(tx, cloud, "forget_metadata", {"external_id": external_id})
                _note(tx, cloud, external_id, "metadata_field_deleted", actor, before, None)
        return before is not None

    def forget_metadata(self, cloud: str, external_id: str, *, most: int = 100) -> int:
        """See `Catalog.forget_metadata`."""
        value = metadata_values.c
        of_it = (value.cloud == cloud, value.external_id == external_id)
        with self._database.write() as tx:
            ids = tx.connection.scalars(select(value.asset_id).where(*of_it).distinct().limit(most)).all()
            for asset_id in sorted(ids):
                asset = lock(tx, cloud=cloud, asset_id=asset_id)
                if asset is not None:
                    kept = {name: said for name, said in asset.metadata.items() if name != external_id}
                    write_fields(tx, asset, {"metadata": kept})
                # also where the asset itself no longer knows of it: it is not to be found again
                tx.connection.execute(delete(metadata_values).where(*of_it, value.asset_id == asset_id))
        return len(ids)


def _named(cloud: str, external_id: str) -> tuple[Any, ...]:
    table = metadata_fields.c
    return table.cloud == cloud, table.external_id == external_id, table.deleted_at.is_(None)


def _locked(tx: Transaction, cloud: str, external_id: str) -> Field | None:
    query = select(metadata_fields).where(*_named(cloud, external_id)).with_for_update()
    row = tx.connection.execute(query).mappings().first()
    return None if row is None else _field(row)


def _columns(field: Field) -> dict[str, Any]:
    definition = {name: value for name, value in asdict(field).items() if name not in _APART}
    return {"definition": definition, "position": field.position, "updated_at": field.updated_at}


def _field(row: RowMapping) -> Field:
    definition: Mapping[str, Any] = row["definition"]
    entries = tuple(Entry(**entry) for entry in definition["entries"])
    return Field(**{**definition, "entries": entries, **{name: row[name] for name in _APART}})


def _note(
    tx: Transaction,
    cloud: str,
    external_id: str,
    action: str,
    actor: str,
    before: Field | None,
    after: Field | None,
) -> None:
    """The line is no asset's: it stands under the field's id. Entries of a list are told by their number."""
    detail = {"before": _told(before), "after": _told(after)}
    audit.note(tx, cloud, f"metadata_field:{external_id}", action, actor=actor, detail=detail)


def _told(field: Field | None) -> dict[str, Any] | None:
    return None if field is None else {**_columns(field)["definition"], "entries": len(field.entries)}
