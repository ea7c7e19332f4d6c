"""Change what is said of a locked asset: its rows, its indexes, and what follows from it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, update

from ...domain.asset import Asset
from ...interfaces.changes import Change
from . import audit
from .announcing import whom, write
from .engine import Transaction
from .folders import ensure
from .schema import asset_versions, assets, contexts, tags
from .writing import insert_context, insert_tags, leave_behind, reread, set_metadata

#: What decides how, or to whom, a picture is shown: a change of it is a new revision.
SHOWN: Final = frozenset({"access_control", "access_mode", "headers", "quality_override", "faces", "custom"})
_REGIONS: Final = ("faces", "custom")
#: What is told of a change, by the field that changed; and what is remembered of when.
_EVENTS: Final = {
    "tags": "resource_tags_changed",
    "context": "resource_context_changed",
    "metadata": "resource_metadata_changed",
    "display_name": "resource_display_name_changed",
    "access_control": "access_control_changed",
}
#: What is kept as nothing when it is empty.
_MAY_LACK: Final = ("metadata", "headers")


def revise(
    tx: Transaction, asset: Asset, change: Change, *, actor: str, notification_url: str | None = None
) -> Asset:
    """Change a locked asset's fields; gives it as it is then. Moderations are the caller's to change."""
    fields = differing(asset, change.fields)
    if fields or change.renewed:
        write_fields(tx, asset, fields, renewed=change.renewed)
        note(tx, [(asset, fields)], actor)
        tell(tx, asset.cloud, [(asset, fields)], actor=actor, notification_url=notification_url)
    return reread(tx, asset)


def differing(asset: Asset, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What of `fields` is not so already."""
    wanted = {name: _kept(name, value) for name, value in fields.items()}
    return {name: value for name, value in wanted.items() if value != _said(asset, name)}


def write_fields(tx: Transaction, asset: Asset, fields: Mapping[str, Any], *, renewed: bool = False) -> None:
    """Write fields that differ, where they lie and where they are found by."""
    columns = {name: _column(name, value) for name, value in fields.items() if name not in _REGIONS}
    columns |= {"updated_at": tx.now, "stamps": _stamps(tx, asset, fields)}
    shown = renewed or not SHOWN.isdisjoint(fields)
    if shown:
        columns["revision"] = tx.revision()
    tx.connection.execute(update(assets).where(assets.c.asset_id == asset.asset_id).values(columns))
    _index(tx, asset, fields)
    if not fields.keys().isdisjoint(_REGIONS):
        _write_regions(tx, asset, fields)
    if shown:
        leave_behind(tx, [asset], {asset.asset_id: columns["revision"]}, doubted=renewed)


def note(tx: Transaction, changed: Sequence[tuple[Asset, Mapping[str, Any]]], actor: str) -> None:
    """Write an audit line for each asset: which fields were changed, and to which access rules."""
    audit.note_all(
        tx,
        [
            {
                "cloud": asset.cloud,
                "asset_id": asset.asset_id,
                "version_id": asset.current.version_id,
                "actor": actor,
                "action": "changed",
                "before": None,
                "after": None,
                "detail": {
                    "fields": sorted(fields),
                    **({"access": fields["access_control"]} if "access_control" in fields else {}),
                },
            }
            for asset, fields in changed
        ],
    )


def tell(
    tx: Transaction,
    cloud: str,
    changed: Sequence[tuple[Asset, Mapping[str, Any]]],
    *,
    actor: str,
    notification_url: str | None = None,
) -> None:
    """Have those told who asked for it, in one event of each kind."""
    for name, event in _EVENTS.items():
        of_it = [(asset, fields[name]) for asset, fields in changed if name in fields]
        told = whom(tx, cloud, event, notification_url) if of_it else ()
        if told:
            resources = {asset.public_id: _difference(_said(asset, name), after) for asset, after in of_it}
            said = {"source": "api", "resources": resources}
            write(tx, cloud, "", event, told, {"asset": None, "said": said, "actor": actor})


def _kept(name: str, value: Any) -> Any:
    """A value as an asset has it."""
    if name == "tags":
        return tuple(sorted(set(value)))
    if name in _REGIONS:
        return tuple(map(tuple, value))
    return dict(value) if isinstance(value, Mapping) else value


def _said(asset: Asset, name: str) -> Any:
    if name == "tags":
        return tuple(sorted(set(asset.tags)))
    return getattr(asset.current if name in _REGIONS else asset, name)


def _column(name: str, value: Any) -> Any:
    if name in _MAY_LACK:
        return value or None
    return list(value) if isinstance(value, tuple) else value


def _stamps(tx: Transaction, asset: Asset, fields: Mapping[str, Any]) -> dict[str, int]:
    return {**asset.stamps, **{f"{name}_updated_at": tx.now for name in fields if name in _EVENTS}}


def _index(tx: Transaction, asset: Asset, fields: Mapping[str, Any]) -> None:
    """Have the asset found by what it now has."""
    if "tags" in fields:
        tx.connection.execute(delete(tags).where(tags.c.asset_id == asset.asset_id))
        insert_tags(tx, asset.cloud, asset.asset_id, asset.created_at, fields["tags"])
    if "context" in fields:
        tx.connection.execute(delete(contexts).where(contexts.c.asset_id == asset.asset_id))
        insert_context(tx, asset.cloud, asset.asset_id, asset.created_at, fields["context"])
    if "folder" in fields:
        ensure(tx, asset.cloud, fields["folder"])
    if "metadata" in fields:
        set_metadata(tx, asset, fields["metadata"])


def _write_regions(tx: Transaction, asset: Asset, fields: Mapping[str, Any]) -> None:
    regions = {name: fields.get(name, _said(asset, name)) for name in _REGIONS}
    kept = {name: [list(region) for region in value] for name, value in regions.items() if value}
    current = asset_versions.c.version_id == asset.current.version_id
    tx.connection.execute(update(asset_versions).where(current).values(coordinates=kept or None))


def _difference(before: Any, after: Any) -> dict[str, list[Any]]:
    """What was added, removed and updated, as the wire tells it (its section 2.8)."""
    if isinstance(after, tuple):
        added, removed = sorted(set(after) - set(before)), sorted(set(before) - set(after))
        return {"added": added, "removed": removed, "updated": []}
    if not isinstance(after, Mapping):
        return {"added": [], "removed": [], "updated": [{"previous_value": before, "new_value": after}]}
    both = sorted(before.keys() & after.keys())
    return {
        "added": [{"name": name, "value": after[name]} for name in sorted(after.keys() - before.keys())],
        "removed": [{"name": name, "value": before[name]} for name in sorted(before.keys() - after.keys())],
        "updated": [
            {"name": name, "previous_value": before[name], "new_value": after[name]}
            for name in both
            if before[name] != after[name]
        ],
    }
