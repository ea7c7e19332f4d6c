"""Named settings of uploads."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import RowMapping, bindparam, delete, select, update

from ...domain.preset import Preset
from ...errors import ConflictError
from ...interfaces.presets import PresetPage
from . import audit
from .engine import Database, Transaction
from .schema import default_presets, presets

_KEY = [default_presets.c.cloud, default_presets.c.surface]
_DEFAULT: Final = (
    select(presets)
    .join_from(
        default_presets,
        presets,
        (presets.c.cloud == default_presets.c.cloud) & (presets.c.name == default_presets.c.preset),
    )
    .where(*(column == bindparam(column.name) for column in _KEY))
)


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
            if after.unsigned:
                _refuse_default(tx, cloud, before.name)
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
                _refuse_default(tx, cloud, name)
                tx.connection.execute(delete(presets).where(*_named(cloud, name)))
                _note(tx, cloud, "preset_deleted", actor, found, None)
        return found

    def default_preset(self, cloud: str, surface: str) -> Preset | None:
        """See `Catalog.default_preset`."""
        with self._database.read() as connection:
            row = connection.execute(_DEFAULT, {"cloud": cloud, "surface": surface}).mappings().first()
        return None if row is None else _preset(row)

    def default_presets(self, cloud: str) -> dict[str, str]:
        """See `Catalog.default_presets`."""
        query = select(default_presets.c.surface, default_presets.c.preset).where(
            default_presets.c.cloud == cloud
        )
        with self._database.read() as connection:
            return {row.surface: row.preset for row in connection.execute(query)}

    def set_default_preset(self, cloud: str, surface: str, name: str | None, *, actor: str) -> bool:
        """See `Catalog.set_default_preset`."""
        with self._database.write() as tx:
            found = None if name is None else _locked(tx, cloud, name)
            if name is not None and (found is None or found.unsigned):
                return False
            before = tx.connection.scalar(select(default_presets.c.preset).where(*_of(cloud, surface)))
            if name is None:
                tx.connection.execute(delete(default_presets).where(*_of(cloud, surface)))
            else:
                chosen = {"preset": name, "updated_at": tx.now}
                row = tx.upsert(default_presets).values(cloud=cloud, surface=surface, **chosen)
                tx.connection.execute(row.on_conflict_do_update(index_elements=_KEY, set_=chosen))
            if name != before:
                detail = {"surface": surface, "before": before, "after": name}
                audit.note(
                    tx, cloud, f"default_preset:{surface}", "default_preset", actor=actor, detail=detail
                )
        return True


def _refuse_default(tx: Transaction, cloud: str, name: str) -> None:
    """Uploads lean on a default without naming it: it stays what it is until another one is chosen."""
    query = select(default_presets.c.surface).where(
        default_presets.c.cloud == cloud, default_presets.c.preset == name
    )
    surface = tx.connection.scalar(query.limit(1))
    if surface is not None:
        raise ConflictError(f"Upload preset {name} is the default of the {surface}: choose another one first")


def _of(cloud: str, surface: str) -> tuple[Any, ...]:
    return default_presets.c.cloud == cloud, default_presets.c.surface == surface


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
