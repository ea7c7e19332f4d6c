"""An asset as it was at one moment, kept as JSON: what is told of an event must not change with the asset."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from ...domain.asset import Asset, EntryStatus, Hidden, Moderation, Status, Version

T = TypeVar("T")

#: What the evidence of a verdict says to everybody.
_SHOWN = ("coverage",)


def keep(asset: Asset, *, described: bool) -> dict[str, Any]:
    """What can be told of an asset, without what only serves us: pins, renditions, evidence and notes.

    Without `described` also without what the uploader said about it, so that this outlives nothing.
    """
    entries = tuple(replace(entry, detail=_shown(entry), note=None) for entry in asset.moderations)
    name = asset.current.original_filename if described else None
    facts = asset.current.facts if described else {}
    bare = replace(asset.current, pin=None, renditions=(), original_filename=name, facts=facts)
    kept = replace(asset, current=bare, moderations=entries, hold=None)
    return asdict(kept if described else replace(kept, tags=(), context={}, folder="", uploader=None))


def read(kept: Mapping[str, Any]) -> Asset:
    """The asset that was kept. Fields that another release wrote and we do not know are passed over."""
    asset = _make(
        Asset,
        {
            **kept,
            "status": Status(kept["status"]),
            "hidden": Hidden(kept["hidden"]) if kept.get("hidden") else None,
            "current": _make(Version, {**kept["current"], "status": Status(kept["current"]["status"])}),
            "moderations": tuple(
                _make(Moderation, {**entry, "status": EntryStatus(entry["status"])})
                for entry in kept["moderations"]
            ),
            "tags": tuple(kept["tags"]),
        },
    )
    return replace(asset, current=replace(asset.current, renditions=()))


def _shown(entry: Moderation) -> dict[str, Any]:
    return {name: entry.detail[name] for name in _SHOWN if name in entry.detail}


def _make(of: type[T], values: Mapping[str, Any]) -> T:
    known = {field.name for field in fields(of)}  # type: ignore[arg-type]
    return of(**{name: value for name, value in values.items() if name in known})
