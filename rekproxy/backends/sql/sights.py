"""What was seen in which version, kept so that pictures are found by it."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert

from ...domain.asset import Moderation
from ...domain.taxonomy import fold
from .engine import Transaction
from .schema import seen

_FORGET: Final = delete(seen).where(seen.c.version_id == bindparam("version_id"))
_WRITE: Final = insert(seen)


def remember(tx: Transaction, cloud: str, version_id: str, entries: Sequence[Moderation]) -> None:
    """Write down what a detector saw in a version, in place of what it saw there before.

    `entries` are those that have changed: without a verdict of a machine among them nothing happens.
    """
    labels = [label for entry in entries for label in entry.detail.get("explanation", ())]
    if not any("explanation" in entry.detail for entry in entries):
        return
    tx.connection.execute(_FORGET, {"version_id": version_id})
    rows = [
        {"cloud": cloud, "label": name, "at": tx.now, "version_id": version_id} for name in _names(labels)
    ]
    if rows:
        tx.connection.execute(_WRITE, rows)


def key_of(label: str) -> str:
    """The form in which a label is kept and looked for: however it is spelt, and in whatever script."""
    return fold(label) or label.lower()


def _names(labels: Sequence[dict[str, Any]]) -> list[str]:
    """Every label and its parent once."""
    named = {key_of(str(label[name])) for label in labels for name in ("name", "parent_name")}
    return sorted(named - {""})
