"""Named transformations, and those that strict mode lets pass."""

import hashlib
from dataclasses import asdict, replace
from typing import Any, Final

from sqlalchemy import RowMapping, bindparam, delete, exists, select, update

from ...domain.cachekeys import definition_key
from ...domain.naming import Definition
from ...errors import ConflictError
from ...interfaces.transformations import DefinitionPage, Made, Used
from . import audit
from .edge import put_purge_of
from .engine import Database, Transaction
from .schema import assets, derived, transformations

_CURRENT: Final = (assets.c.asset_id == derived.c.asset_id) & (assets.c.revision == derived.c.revision)
_NEXT_USED: Final = (
    select(derived.c.transform_key, derived.c.transformation)
    .join_from(derived, assets, _CURRENT)
    .where(
        assets.c.cloud == bindparam("of_cloud"),
        derived.c.transform_key > bindparam("behind"),
        derived.c.transformation != "",
    )
    .order_by(derived.c.transform_key)
    .limit(1)
)


class Transformations:
    """The part of the catalog about transformations that have a row of their own."""

    _database: Database

    def define(self, cloud: str, definition: Definition, *, actor: str) -> Definition:
        """See `Catalog.define`."""
        with self._database.write() as tx:
            made = replace(definition, revision=tx.revision(), created_at=tx.now, updated_at=tx.now)
            statement = tx.upsert(transformations).values(cloud=cloud, **_row(made)).on_conflict_do_nothing()
            if tx.connection.scalar(statement.returning(transformations.c.name)) is None:
                raise ConflictError(f"Transformation {made.name} already exists")
            _note(tx, cloud, "transformation_created", actor, None, made)
        return made

    def definition(self, cloud: str, name: str) -> Definition | None:
        """See `Catalog.definition`."""
        with self._database.read() as connection:
            row = connection.execute(select(transformations).where(*_called(cloud, name))).mappings().first()
        return None if row is None else _definition(row)

    def list_definitions(
        self, cloud: str, *, named: bool | None = None, after: str | None = None, limit: int = 10
    ) -> DefinitionPage:
        """See `Catalog.list_definitions`."""
        columns = transformations.c
        query = select(transformations).where(columns.cloud == cloud).order_by(columns.name).limit(limit + 1)
        if named is not None:
            query = query.where(columns.named.is_(named))
        if after is not None:
            query = query.where(columns.name > after)
        with self._database.read() as connection:
            found = [_definition(row) for row in connection.execute(query).mappings()]
        page = tuple(found[:limit])
        return DefinitionPage(page, page[-1].name if len(found) > limit else None)

    def redefine(
        self, cloud: str, name: str, *, text: str | None, allowed: bool | None, actor: str
    ) -> Definition | None:
        """See `Catalog.redefine`."""
        with self._database.write() as tx:
            before = _locked(tx, cloud, name)
            if before is None:
                return None
            after = replace(
                before,
                text=before.text if text is None else text,
                allowed=before.allowed if allowed is None else allowed,
                revision=tx.revision(),
                updated_at=tx.now,
            )
            tx.connection.execute(update(transformations).where(*_called(cloud, name)).values(_row(after)))
            _purge(tx, cloud, name)
            _note(tx, cloud, "transformation_updated", actor, before, after)
        return after

    def drop_definition(self, cloud: str, name: str, *, actor: str) -> Definition | None:
        """See `Catalog.drop_definition`."""
        with self._database.write() as tx:
            found = _locked(tx, cloud, name)
            if found is not None:
                tx.connection.execute(delete(transformations).where(*_called(cloud, name)))
                _purge(tx, cloud, name)
                _note(tx, cloud, "transformation_deleted", actor, found, None)
        return found

    def made_by(
        self, cloud: str, transformation: str, *, after: int = 0, limit: int = 10
    ) -> tuple[Made, ...]:
        """See `Catalog.made_by`."""
        asset, image = assets.c, derived.c
        columns = (image.id, asset.type, asset.public_id, asset.version, image.format, image.bytes)
        query = (
            select(*columns)
            .join_from(derived, assets, _CURRENT)
            .where(asset.cloud == cloud, image.transform_key == _key(transformation), image.id > after)
            .order_by(image.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(Made(*row) for row in connection.execute(query))

    def used_transformations(self, cloud: str, *, after: str = "", limit: int = 10) -> tuple[Used, ...]:
        """See `Catalog.used_transformations`."""
        found: list[Used] = []
        with self._database.read() as connection:
            while len(found) < limit:
                # one at a time: however many images there are of each, the index leads to the next one
                row = connection.execute(_NEXT_USED, {"of_cloud": cloud, "behind": after}).first()
                if row is None:
                    break
                found.append(Used(*row))
                after = found[-1].place
        return tuple(found)

    def is_derived(self, cloud: str, transformation: str) -> bool:
        """See `Catalog.is_derived`."""
        made = exists().where(
            derived.c.asset_id == assets.c.asset_id,
            assets.c.cloud == cloud,
            derived.c.transform_key == _key(transformation),
        )
        with self._database.read() as connection:
            return bool(connection.scalar(select(made)))


def _key(transformation: str) -> str:
    return hashlib.sha256(transformation.encode()).hexdigest()


def _called(cloud: str, name: str) -> tuple[Any, ...]:
    return transformations.c.cloud == cloud, transformations.c.name == name


def _locked(tx: Transaction, cloud: str, name: str) -> Definition | None:
    query = select(transformations).where(*_called(cloud, name)).with_for_update()
    row = tx.connection.execute(query).mappings().first()
    return None if row is None else _definition(row)


def _purge(tx: Transaction, cloud: str, name: str) -> None:
    """What edges hold under URLs of this name means something else from now on."""
    put_purge_of(tx, cloud, f"transformation:{cloud}:{name}", definition_key(cloud, name))


def _row(definition: Definition) -> dict[str, Any]:
    row = asdict(definition)
    text = row.pop("text")
    return {**row, "definition": text}


def _definition(row: RowMapping) -> Definition:
    return Definition(
        row["name"], row["definition"], row["allowed"], row["named"], row["revision"], row["created_at"],
        row["updated_at"],
    )  # fmt: skip


def _note(
    tx: Transaction, cloud: str, action: str, actor: str, before: Definition | None, after: Definition | None
) -> None:
    """The line is no asset's: it stands under the transformation's name."""
    name = (after or before or Definition("", "", False)).name
    detail = {"before": _told(before), "after": _told(after)}
    audit.note(tx, cloud, f"transformation:{name}", action, actor=actor, detail=detail)


def _told(definition: Definition | None) -> dict[str, Any] | None:
    return None if definition is None else {"text": definition.text, "allowed": definition.allowed}
