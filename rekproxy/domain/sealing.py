"""How a batch of audit lines is sealed: what is hashed, what the key signs, and which line was altered.

Pure rules, so that anybody can check an export without this program: `docs/audit.md` has the recipe.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: Hex digits of a line's digest that its seal keeps.
MARK: Final = 32
#: What the first seal follows.
NOTHING: Final = ""

#: The fields of a line, in the order in which they are hashed.
FIELDS: Final = (
    "id",
    "at",
    "cloud",
    "asset_id",
    "version_id",
    "actor",
    "action",
    "before",
    "after",
    "detail",
)


@dataclass(frozen=True, slots=True)
class Seal:
    """One sealed batch: every line with an id from `first_id` to `last_id`, `lines` of them.

    `digest` is the SHA-256 of the lines as `written` writes them, one to a text line. `marks` are the first
    32 hex digits of the SHA-256 of each. `mac` is the HMAC-SHA256 of the rest, and of the seal before, under
    the key that `key_id` names. `sealed_at` is in milliseconds since 1970.
    """

    first_id: int
    last_id: int
    lines: int
    digest: str
    marks: str
    key_id: str
    sealed_at: int
    mac: str = ""


@dataclass(frozen=True)
class SealingKey:
    """The key that seals. `repr` does not show it."""

    secret: str = field(repr=False)

    @classmethod
    def derived(cls, secret_key: str) -> "SealingKey":
        """The key of an installation that has none of its own for the audit."""
        return cls(_hmac(secret_key.encode(), b"rekproxy audit seals 1"))

    @property
    def id(self) -> str:
        """16 hex digits that tell keys apart and tell nothing about them."""
        return _hmac(self.secret.encode(), b"rekproxy audit key id")[:16]

    def mac(self, seal: Seal, previous: str) -> str:
        """The MAC of a seal that follows the one whose MAC is `previous`."""
        signed = [seal.first_id, seal.last_id, seal.lines, seal.digest, seal.marks, seal.key_id]
        return _hmac(self.secret.encode(), _json([*signed, seal.sealed_at, previous]))

    def signs(self, seal: Seal, previous: str) -> bool:
        """Whether a seal is as it was made, and follows the one whose MAC is `previous`."""
        return hmac.compare_digest(self.mac(seal, previous).encode(), seal.mac.encode())


def written(line: Mapping[str, Any]) -> bytes:
    """A line as it is hashed: its fields in order, as JSON in ASCII without spaces, keys sorted."""
    return _json([line[name] for name in FIELDS])


def summarise(lines: Sequence[bytes]) -> tuple[str, str]:
    """(digest, marks) of written lines, in the order of their ids."""
    digest = hashlib.sha256(b"\n".join(lines)).hexdigest()
    return digest, "".join(hashlib.sha256(line).hexdigest()[:MARK] for line in lines)


def first_difference(seal: Seal, lines: Sequence[Mapping[str, Any]]) -> str:
    """In words, where lines stop being those that were sealed."""
    kept = [seal.marks[start : start + MARK] for start in range(0, len(seal.marks), MARK)]
    _, marks = summarise([written(line) for line in lines])
    found = [marks[start : start + MARK] for start in range(0, len(marks), MARK)]
    same = next((at for at, pair in enumerate(zip(kept, found, strict=False)) if pair[0] != pair[1]), None)
    place = min(len(kept), len(found)) if same is None else same
    ids = [line["id"] for line in lines]
    behind = f"behind line {ids[place - 1]}" if place else f"at the front, from line {seal.first_id} on"
    if len(found) < len(kept):
        if found[place:] == kept[place + len(kept) - len(found) :]:
            count = len(kept) - len(found)
            return f"{count} {'line is' if count == 1 else 'lines are'} missing {behind}"
    elif len(found) > len(kept) and kept[place:] == found[place + len(found) - len(kept) :]:
        return f"line {ids[place]} was put in later"
    if place < len(ids):
        return f"line {ids[place]} is not the one that was sealed"
    return f"lines are missing {behind}"


def _hmac(key: bytes, message: bytes) -> str:
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
