"""Derived images that were asked for beforehand, as requests ask for them and as replies tell of them."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ..domain.asset import Asset
from ..domain.eager import Batch, read_eager
from ..services.eager import Image, told
from .representation import Fields, Representation


def read_batch(asked: Mapping[str, Any], *, at_once: bool) -> Batch | None:
    """The batch that checked parameters ask for, if they ask for one; `eager_async` has it made later.

    `at_once` says whether there is a caller who waits.
    """
    wanted = read_eager(asked.get("eager") or "", kept=True)
    if not wanted:
        return None
    return Batch(
        wanted=wanted,
        batch_id=asked.get("batch_id") or secrets.token_hex(32),
        notification_url=asked.get("eager_notification_url") or asked.get("notification_url"),
        at_once=at_once and not asked.get("eager_async"),
    )


def eager_fields(
    represent: Representation, asset: Asset, batch: Batch | None, images: Sequence[Image], *, here: str
) -> Fields:
    """`eager` of a reply; nothing where nothing was asked for, or nothing may be made."""
    if batch is None or not images:
        return {}
    waits = {"batch_id": batch.batch_id}
    return {
        "eager": [
            {**(waits if image.waits else {}), **eager_entry(represent, asset, told(image), here=here)}
            for image in images
        ]
    }


def eager_entry(represent: Representation, asset: Asset, said: Mapping[str, Any], *, here: str) -> Fields:
    """One image as the wire writes it; one that cannot be made has no address."""
    if said.get("status") == "failed":
        return dict(said)
    form = said.get("format") or said.get("extension")
    entry = {name: value for name, value in said.items() if name != "extension"}
    return {**entry, **represent.urls(asset, here, str(said["transformation"]), form)}
