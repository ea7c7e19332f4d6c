"""Named settings of uploads."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, delete, select, update

from ...domain.preset import Preset
from ...errors import ConflictError
from ...interfaces.presets import PresetPage
from . import audit
from .engine import Database, Transaction
from .schema import presets


class Presets:
    """The part of the catalog about named settings of uploads."""

    _database: Database

    def create_preset(
        self, cloud: str, name: str, unsigned: bool, settings: Mapping[str, Any], *, actor: str
    ) -> Preset:
        """See `Catalog.create_preset`."""
        with self._database.write() as tx:
            row: dict[str, Any] = {
                "name": name,
                "unsigned": unsigned,
                "settings": dict(settings),
                "created_at": tx.now,
                "updated_at": tx.now,
            }
            made = tx.upsert(presets).values(cloud=cloud, **row).on_conflict_do_nothing()
            if tx.connection.scalar(made.returning(presets.c.name)) is None:
                raise ConflictError(f"Upload preset {name} already exists")
            preset = Preset(**row)
            _note(tx, cloud, "preset_created", actor, None, preset)
        return preset

    def preset(self, cloud: str, name: str) -> Preset | None:
        """See `Catalog.preset`."""
        with self._database.read() as connection:
            row = connection.execute(select(presets).where(*_named(cloud, name))).mappings().first()
        return None if row is None else _preset(row)

    def list_presets(self, cloud: str, *, after: str | None = None, limit: int = 10) -> PresetPage:
        """See `Catalog.list_presets`."""
        query = select(presets).where(presets.c.cloud == cloud).order_by(presets.c.name).limit(limit + 1)
        if after is not None:
            query = query.where(presets.c.name > after)
        with self._database.read() as connection:
            found = [_preset(row) for row in connection.execute(query).mappings()]
        page = tuple(found[:limit])
        return PresetPage(page, page[-1].name if len(found) > limit else None)

    def update_preset(self, cloud: str, before: Preset, after: Preset, *, actor: str) -> Preset | None:
        """See `Catalog.update_preset`."""
        with self._database.write() as tx:
            found = _locked(tx, cloud, before.name)
            if found != before:
                return None
            changed: dict[str, Any] = {
                "unsigned": after.unsigned,
                "settings": dict(after.settings),
                # two changes of one millisecond are two
                "updated_at": max(tx.now, before.updated_at + 1),
            }
            tx.connection.execute(update(presets).where(*_named(cloud, before.name)).values(changed))
            preset = Preset(before.name, created_at=before.created_at, **changed)
            _note(tx, cloud, "preset_updated", actor, before, preset)
        return preset

    def drop_preset(self, cloud: str, name: str, *, actor: str) -> Preset | None:
        """See `Catalog.drop_preset`."""
        with self._database.write() as tx:
            found = _locked(tx, cloud, name)
            if found is not None:
                tx.connection.execute(delete(presets).where(*_named(cloud, name)))
                _note(tx, cloud, "preset_deleted", actor, found, None)
        return found


def _named(cloud: str, name: str) -> tuple[Any, ...]:
    return presets.c.cloud == cloud, presets.c.name == name


def _locked(tx: Transaction, cloud: str, name: str) -> Preset | None:
    query = select(presets).where(*_named(cloud, name)).with_for_update()
    row = tx.connection.execute(query).mappings().first()
    return None if row is None else _preset(row)


def _preset(row: RowMapping) -> Preset:
    return Preset(row["name"], row["unsigned"], row["settings"], row["created_at"], row["updated_at"])


def _note(
    tx: Transaction, cloud: str, action: str, actor: str, before: Preset | None, after: Preset | None
) -> None:
    """The line is no asset's: it stands under the preset's name."""
    name = (after or before or Preset("", False, {})).name
    detail = {"before": _told(before), "after": _told(after)}
    audit.note(tx, cloud, f"preset:{name}", action, actor=actor, detail=detail)


def _told(preset: Preset | None) -> dict[str, Any] | None:
    return None if preset is None else {"unsigned": preset.unsigned, "settings": dict(preset.settings)}
