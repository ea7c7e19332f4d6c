"""A picture in words: why it waits or was decided, what the detector saw, since when, by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...domain.asset import Asset, EntryStatus, Hidden, Moderation
from ...domain.moderation import REPORTED, deciding
from ...interfaces import AuditLine
from ...interfaces.leases import Claimed
from ...services.evidence import Fields, looked, told
from . import texts
from .door import to


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One label as a bar: how sure the detector is (0..100), the level that applied, `None` for ignored."""

    name: str
    parent: str
    confidence: float
    level: float | None
    offends: bool
    words: str


def picture(asset: Asset, size: str) -> str:
    """Where the picture is for people who are signed in: `thumb`, `grid` or `review`."""
    return to(f"/picture/{asset.asset_id}/{asset.current.version_id}/{size}.jpg")


def label_lines(said: Fields | None) -> list[LabelLine]:
    """What the detector saw, in the order of the explanation: strongest first."""
    return [_line(label) for label in said["labels"]] if said else []


def why_waiting(claimed: Claimed, said: Fields | None) -> str:
    """Why a person is asked, in a sentence or two."""
    entry = _entry(claimed.asset, claimed.kind)
    if entry is None:
        return ""
    if entry.kind == REPORTED:
        return _reports(entry)
    if entry.decided_by_person:
        return texts.WHY_REOPENED
    if entry.kind == "manual":
        return texts.WHY_MANUAL_AFTER if said else texts.WHY_MANUAL
    if "failure" in entry.detail:
        return texts.WHY_FAILED.format(message=entry.detail.get("message", entry.detail["failure"]))
    if said and "unseen" in said:
        return texts.WHY_UNSEEN.format(categories=", ".join(_spoken(key) for key in said["unseen"]))
    return texts.WHY_LATE


def why_decided(asset: Asset, kind: str) -> str:
    """Why an entry of this kind stands as it does, in a sentence."""
    entry = _entry(asset, kind) or deciding(asset.moderations)
    if entry is None:
        return ""
    if entry.kind == REPORTED and entry.status is EntryStatus.PENDING:
        return _reports(entry)
    if entry.decided_by_person:
        return texts.WHY_REOPENED if entry.status is EntryStatus.PENDING else _by_person(entry)
    said = told(entry.detail)
    offending = [line for line in label_lines(said) if line.offends]
    if offending and entry.status is EntryStatus.REJECTED:
        return "; ".join(f"{line.name} {line.confidence:.0f}: {line.words}" for line in offending[:3])
    if entry.detail.get("provider") == "person":
        return texts.WHY_KNOWN
    return texts.WHY_STATUS[entry.status.value]


def standing(asset: Asset) -> tuple[str, str, str]:
    """How an asset stands: a sign, the word, and the class of its colour."""
    return texts.STANDINGS[asset.standing.value]


def judged_by(asset: Asset, said: Fields | None) -> list[tuple[str, str]]:
    """Provider, model, policy and coverage, each with its name."""
    entry = looked(asset.moderations)
    if said is None:
        return [(texts.POLICY, entry.policy)] if entry else []
    covers = said.get("coverage")
    rows = [
        (texts.PROVIDER, said.get("provider")),
        (texts.MODEL, said.get("model")),
        (texts.POLICY, said.get("policy_name") or said["policy"]),
        (texts.FLOOR, said.get("floor_policy")),
        (texts.COVERAGE_ROW, ", ".join(_spoken(key) for key in covers) if covers is not None else None),
    ]
    return [(name, str(value)) for name, value in rows if value]


def history_line(line: AuditLine) -> str:
    """What a line of the audit tells, in a few words."""
    action = texts.ACTIONS.get(line.action, line.action)
    after = texts.STANDINGS[line.after][1] if line.after in texts.STANDINGS else ""
    changed = f": {after.lower()}" if after not in ("", action) and line.after != line.before else ""
    return f"{action}{changed}"


def who(actor: str) -> str:
    """An actor of the audit as people are called."""
    kind, _, name = actor.partition(":")
    return name if kind == "user" else texts.ACTORS.get(kind, "{name}").format(name=name or actor)


def uploader(name: str) -> str:
    """An uploader as people are called; one that an upload named itself stays as it is."""
    kind, _, rest = name.partition(":")
    return texts.UPLOADERS[kind].format(name=rest) if rest and kind in texts.UPLOADERS else name


def moment(milliseconds: int) -> str:
    """A time (milliseconds since 1970) as `2026-11-23 12:31 UTC`."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def age(milliseconds: int, now: float) -> str:
    """How long ago a time was: `3 min`; `now` in seconds since 1970."""
    seconds = max(0, int(now - milliseconds / 1000))
    for size, unit in texts.UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return texts.JUST_NOW


def _entry(asset: Asset, kind: str) -> Moderation | None:
    return next((entry for entry in asset.moderations if entry.kind == kind), None)


def _line(label: Mapping[str, Any]) -> LabelLine:
    level = None if label["level"] == "ignore" else 100 * float(label["level"])
    return LabelLine(
        name=label["name"],
        parent=label["parent_name"],
        confidence=float(label["confidence"]),
        level=level,
        offends=bool(label["offending"]),
        words=_judged(label, level),
    )


def _judged(label: Mapping[str, Any], level: float | None) -> str:
    """What became of a label, with the level that applied and where it comes from."""
    source = label["source"]
    if label.get("of") == "floor_policy":
        source = texts.FROM_FLOOR.format(source=source)
    if not label["judged"]:
        return texts.LABEL_SPARED[label["spared"]].format(source=source, by=label.get("by", ""))
    held_against = texts.LABEL_ABOVE if label["offending"] else texts.LABEL_BELOW
    return held_against.format(level=100 if level is None else level, source=source)


def _reports(entry: Moderation) -> str:
    count = int(entry.detail.get("count", 0))
    reasons: Mapping[str, int] = entry.detail.get("reasons", {})
    listed = ", ".join(f"{_spoken(code)} ({number})" for code, number in reasons.items())
    said = texts.WHY_REPORTED_ONE if count == 1 else texts.WHY_REPORTED.format(count=count)
    return f"{said}: {listed}." if listed else f"{said}."


def _by_person(entry: Moderation) -> str:
    parts = [texts.WHY_PERSON.format(who=who(entry.decided_by or ""))]
    parts += [texts.WHY_REASON.format(reason=_spoken(entry.reason))] if entry.reason else []
    parts += [entry.note] if entry.note else []
    return " ".join(parts)


def _spoken(key: str) -> str:
    return key.replace("_", " ")


def can_be_decided(asset: Asset) -> bool:
    """Whether a decision about it would mean anything to the public."""
    return asset.hidden is not Hidden.DELETED
