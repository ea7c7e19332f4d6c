"""Responsive breakpoints as replies tell of them (the wire's section 1.9)."""

from collections.abc import Sequence
from typing import Any

from ..domain.asset import Asset
from ..services.breakpoints import Rungs
from .representation import Fields, Representation


def breakpoint_fields(
    represent: Representation, asset: Asset, found: Sequence[Rungs], *, here: str
) -> Fields:
    """`responsive_breakpoints` of a reply; nothing where none were asked for, or none may be told."""
    items = [_item(represent, asset, rungs, here) for rungs in found]
    return {"responsive_breakpoints": items} if items else {}


def _item(represent: Representation, asset: Asset, rungs: Rungs, here: str) -> dict[str, Any]:
    ladder = rungs.ladder
    return {
        **({"transformation": ladder.transformation} if ladder.transformation else {}),
        "breakpoints": [
            {
                "width": each.width,
                "height": each.height,
                "bytes": each.bytes,
                **represent.urls(asset, here, ladder.at(each.width), each.format),
            }
            for each in rungs.measures
        ],
        **({"status": "failed", "reason": rungs.reason} if rungs.reason else {}),
    }
