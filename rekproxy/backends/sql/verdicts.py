"""What is told of a verdict: the audit's line, and the facts of notifications."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...domain import moderation
from ...domain.asset import Asset, Moderation, Status
from . import audit
from .announcing import announce
from .engine import Transaction


def note(
    tx: Transaction,
    asset: Asset,
    version_id: str,
    action: str,
    entry: Moderation,
    *,
    actor: str,
    before: Status,
    after: Status,
    detail: Mapping[str, Any],
) -> None:
    """Write the audit's line: which entry ended how, why, and by what policy."""
    said = {
        "seq": entry.seq,
        "kind": entry.kind,
        "policy": entry.policy,
        "policy_name": entry.policy_name,
        "reason": entry.reason,
        "note": entry.note,
    }
    audit.note(
        tx,
        asset.cloud,
        asset.asset_id,
        action,
        actor=actor,
        version_id=version_id,
        before=before,
        after=after,
        detail={**detail, **{name: value for name, value in said.items() if value is not None}},
    )


def changes(before: Sequence[Moderation], after: Sequence[Moderation]) -> list[dict[str, Any]]:
    """Every entry whose status changed: its seq, kind, and the status before (`None` if new) and after."""
    was = {entry.seq: entry.status.value for entry in before}
    return [
        {"seq": entry.seq, "kind": entry.kind, "before": was.get(entry.seq), "after": entry.status.value}
        for entry in after
        if was.get(entry.seq) != entry.status
    ]


def tell(
    tx: Transaction, asset: Asset, before: Sequence[Moderation], entry: Moderation, *, actor: str
) -> None:
    """Announce how an entry of `asset` ended, and the summary when that was the last of several.

    Times are in milliseconds since 1970.
    """
    announce(tx, asset, "moderation", _facts(entry), actor=actor)
    chain = moderation.counted(asset.moderations)
    last = moderation.deciding(chain)
    if len(chain) < 2 or last is None or moderation.settled(before) or not moderation.settled(chain):
        return
    whole = {
        "moderation_status": moderation.overall(chain).value,
        "moderation": [_item(entry) for entry in chain],
    }
    announce(tx, asset, "moderation_summary", {**_facts(last), **whole}, actor=actor)


def _facts(entry: Moderation) -> dict[str, Any]:
    facts = {f"moderation_{name}": value for name, value in _item(entry).items()}
    return {**facts, "seq": entry.seq, **({"reason": entry.reason} if entry.reason else {})}


def _item(entry: Moderation) -> dict[str, Any]:
    item = {
        "kind": entry.kind,
        "status": entry.status.value,
        "response": entry.response,
        "updated_at": entry.updated_at,
    }
    return {name: value for name, value in item.items() if value is not None}
