"""Which index leads a listing of assets, and what is left for it to be asked of each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement

from .leading import TYPE_NUMBER, Lead
from .schema import assets, contexts, tags
from .writing import LONGEST_INDEXED

Condition = ColumnElement[bool]


def lead_of(
    cloud: str,
    *,
    type: str | None = None,
    prefix: str | None = None,
    tag: str | None = None,
    folder: str | None = None,
    context: tuple[str, str | None] | None = None,
    uploader: str | None = None,
    start_at: int | None = None,
    ascending: bool = False,
) -> Lead:
    """The index that narrows most of what is given.

    A prefix is answered in the order of names, everything else by age. `context` is a key, with the value
    that it must have, if one is given.
    """
    asked: dict[str, Condition] = {}
    if type is not None:
        asked["type"] = assets.c.type == type
    if uploader is not None:
        asked["uploader"] = assets.c.uploader == uploader
    if tag is not None:
        own = [tags.c.cloud == cloud, tags.c.tag == tag]
        return _by_age(tags.c, own, asked.values(), start_at, ascending)
    if context is not None:
        own, rest = _of_context(cloud, *context)
        return _by_age(contexts.c, own, [*rest, *asked.values()], start_at, ascending)
    if prefix:
        return _by_name(cloud, prefix, asked, start_at, ascending)
    own = [assets.c.cloud == cloud]
    if folder is not None:
        own.append(assets.c.folder == folder)
    elif asked:
        own.append(asked.pop("type" if uploader is None else "uploader"))
    return _by_age(assets.c, own, asked.values(), start_at, ascending)


def _by_age(columns: Any, own: Sequence[Condition], rest: Any, start_at: int | None, ascending: bool) -> Lead:
    key, at = columns.asset_id, columns.created_at
    since = [] if start_at is None else [at >= start_at if ascending else at <= start_at]
    return Lead(key, at, key, (*own, *since), tuple(rest), ascending=ascending)


def _by_name(
    cloud: str, prefix: str, asked: dict[str, Condition], start_at: int | None, ascending: bool
) -> Lead:
    own = [assets.c.cloud == cloud]
    own += [asked.pop("type")] if "type" in asked else []
    age = assets.c.created_at
    since = [] if start_at is None else [age >= start_at if ascending else age <= start_at]
    rest = (*asked.values(), *since)
    name = assets.c.public_id
    return Lead(assets.c.asset_id, TYPE_NUMBER, name, tuple(own), rest, prefix=prefix, ascending=ascending)


def _of_context(cloud: str, key: str, value: str | None) -> tuple[list[Condition], list[Condition]]:
    """What the index of context answers; of what it holds the beginning only, the asset is asked the rest."""
    own = [contexts.c.cloud == cloud, contexts.c.key == key[:LONGEST_INDEXED]]
    own += [] if value is None else [contexts.c.value == value[:LONGEST_INDEXED]]
    cut = len(key) > LONGEST_INDEXED or (value is not None and len(value) > LONGEST_INDEXED)
    if not cut:
        return own, []
    said = assets.c.context[key].as_string()
    return own, [said.is_not(None) if value is None else said == value]
