"""Rows to values and back: the one place that knows how an asset lies in the tables."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    BindParameter,
    Connection,
    RowMapping,
    Select,
    bindparam,
    exists,
    select,
)
from sqlalchemy.sql.selectable import Subquery

from ...domain.asset import Asset, EntryStatus, Hidden, Moderation, Pin, Rendition, Status, Version
from .schema import asset_versions, assets, moderations

#: A place in a listing: a time and what breaks a tie.
Place = tuple[int, str]

_HIDDEN = frozenset(Hidden)

_others = asset_versions.alias("others")

#: Whether an asset has versions besides the current one whose bytes are kept.
_OLDER = (
    exists()
    .where(
        _others.c.asset_id == assets.c.asset_id,
        _others.c.version_id != assets.c.version_id,
        _others.c.erased_at.is_(None),
    )
    .label("older")
)

#: A version's chain, in order.
_CHAIN: Final = (
    select(moderations).where(moderations.c.version_id == bindparam("version_id")).order_by(moderations.c.seq)
)
_OF_ENTRY: Final = tuple(field.name for field in fields(Moderation))

#: What a listing chooses of assets that it orders by their age.
BY_AGE = (assets.c.asset_id, assets.c.created_at.label("at"), assets.c.asset_id.label("tie"))


def said(limit: int) -> BindParameter[int]:
    """How many rows, written into the statement: PostgreSQL then plans it once, and not for each page."""
    return bindparam("rows", limit, unique=True, literal_execute=True)


def load(connection: Connection, chosen: Select[Any]) -> list[tuple[Place, Asset]]:
    """Whole assets in one statement, hence of one moment, newest first.

    `chosen` selects (asset_id, at, tie) of each; (at, tie) is its place.
    """
    page = chosen.subquery("page")
    by_place: dict[Place, list[RowMapping]] = {}
    for row in connection.execute(_whole(page)).mappings():
        by_place.setdefault((row[page.c.at], row[page.c.tie]), []).append(row)
    return [(place, _asset(rows)) for place, rows in by_place.items()]


def load_one(connection: Connection, **columns: str) -> Asset | None:
    """The asset with these values in these columns, if there is one."""
    rows = connection.execute(_one(tuple(columns)), columns).mappings().all()
    return _asset(list(rows)) if rows else None


@cache
def _one(columns: tuple[str, ...]) -> Select[Any]:
    """Written once: to write it anew costs more processor time than to run it."""
    conditions = (assets.c[name] == bindparam(name) for name in columns)
    return _whole(select(*BY_AGE).where(*conditions).limit(1).subquery("page"))


def _whole(page: Subquery) -> Select[Any]:
    return (
        select(page.c.at, page.c.tie, assets, asset_versions, moderations, _OLDER)
        .select_from(page)
        .join(assets, assets.c.asset_id == page.c.asset_id)
        .join(asset_versions, asset_versions.c.version_id == assets.c.version_id)
        .outerjoin(moderations, moderations.c.version_id == assets.c.version_id)
        .order_by(page.c.at.desc(), page.c.tie.desc(), moderations.c.seq)
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )


def _asset(rows: list[RowMapping]) -> Asset:
    row = rows[0]
    return Asset(
        asset_id=row[assets.c.asset_id],
        cloud=row[assets.c.cloud],
        type=row[assets.c.type],
        public_id=row[assets.c.public_id],
        revision=row[assets.c.revision],
        status=Status(row[asset_versions.c.status]),
        version=row[assets.c.version],
        current=version_from(row),
        moderations=tuple(entry_from(each) for each in rows if each[moderations.c.seq] is not None),
        tags=tuple(row[assets.c.tags]),
        context=row[assets.c.context],
        folder=row[assets.c.folder],
        access_mode=row[assets.c.access_mode],
        notification_url=row[assets.c.notification_url],
        uploader=row[assets.c.uploader],
        created_at=row[assets.c.created_at],
        updated_at=row[assets.c.updated_at],
        hidden=hidden_by(row[assets.c.status]),
        restricted_to=row[assets.c.restricted_to],
        hold=row[assets.c.hold],
        backup=row[assets.c.backup],
        older=bool(row["older"]),
        display_name=row[assets.c.display_name],
        access_control=row[assets.c.access_control],
        metadata=row[assets.c.metadata] or {},
        headers=row[assets.c.headers] or {},
        quality_override=row[assets.c.quality_override],
        stamps=row[assets.c.stamps] or {},
    )


def hidden_by(standing: str) -> Hidden | None:
    """What hides an asset, if its standing is not simply the verdict on its current version."""
    return Hidden(standing) if standing in _HIDDEN else None


def version_from(row: RowMapping) -> Version:
    """The version that a row of `asset_versions` holds."""
    columns = asset_versions.c
    return Version(
        version_id=row[columns.version_id],
        asset_id=row[columns.asset_id],
        digest=row[columns.digest],
        etag=row[columns.etag],
        pixel_digest=row[columns.pixel_digest],
        bytes=row[columns.bytes],
        width=row[columns.width],
        height=row[columns.height],
        format=row[columns.format],
        frames=row[columns.frames],
        has_alpha=row[columns.has_alpha],
        original_filename=row[columns.original_filename],
        pin=pin_from(row),
        renditions=tuple(Rendition(**rendition) for rendition in row[columns.renditions]),
        **_regions(row[columns.coordinates] or {}),
        status=Status(row[columns.status]),
        created_at=row[columns.created_at],
        number=row[columns.version],
        erased_at=row[columns.erased_at],
        facts=row[columns.facts] or {},
    )


def _regions(kept: Mapping[str, list[list[int]]]) -> dict[str, Any]:
    return {kind: tuple((x, y, w, h) for x, y, w, h in kept.get(kind, ())) for kind in ("faces", "custom")}


def pin_from(row: RowMapping) -> Pin | None:
    """The pin that a row of `asset_versions` holds."""
    columns = asset_versions.c
    if row[columns.pin_uri] is None:
        return None
    return Pin(
        uri=row[columns.pin_uri],
        size=row[columns.pin_size],
        etag=row[columns.pin_etag],
        version=row[columns.pin_version],
        mtime_ns=row[columns.pin_mtime_ns],
    )


def version_row(version: Version) -> dict[str, Any]:
    """What a version says of itself; whose it is, its number, status and time are the catalog's to add."""
    pin = version.pin
    return {
        "version_id": version.version_id,
        "digest": version.digest,
        "etag": version.etag,
        "pixel_digest": version.pixel_digest,
        "bytes": version.bytes,
        "width": version.width,
        "height": version.height,
        "format": version.format,
        "frames": version.frames,
        "has_alpha": version.has_alpha,
        "original_filename": version.original_filename,
        "pin_uri": pin.uri if pin else None,
        "pin_size": pin.size if pin else None,
        "pin_etag": pin.etag if pin else None,
        "pin_version": pin.version if pin else None,
        "pin_mtime_ns": pin.mtime_ns if pin else None,
        "renditions": [asdict(rendition) for rendition in version.renditions],
        "coordinates": {k: v for k, v in (("faces", version.faces), ("custom", version.custom)) if v} or None,
        "facts": version.facts or None,
    }


def entry_from(row: RowMapping) -> Moderation:
    """The entry that a row of `moderations` holds."""
    columns = moderations.c
    return Moderation(
        seq=row[columns.seq],
        kind=row[columns.kind],
        status=EntryStatus(row[columns.status]),
        policy=row[columns.policy],
        response=row[columns.response],
        detail=row[columns.detail],
        decided_by=row[columns.decided_by],
        reason=row[columns.reason],
        updated_at=row[columns.updated_at],
        policy_name=row[columns.policy_name],
        note=row[columns.note],
    )


def entry_row(entry: Moderation) -> dict[str, Any]:
    """What an entry says of itself, without its version, cloud and time of making."""
    return {name: getattr(entry, name) for name in _OF_ENTRY} | {"status": entry.status.value}


def entries_of(connection: Connection, version_id: str) -> tuple[Moderation, ...]:
    """A version's chain, in order."""
    rows: Iterable[RowMapping] = connection.execute(_CHAIN, {"version_id": version_id}).mappings()
    return tuple(entry_from(row) for row in rows)
