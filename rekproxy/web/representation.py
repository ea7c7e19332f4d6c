"""Assets as the wire writes them: fields and their order are the wire's, sections 1.9, 1.14 and 2.3."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ..domain import moderation, url
from ..domain.asset import Asset, EntryStatus, Hidden, Moderation, Status, Version
from ..domain.reasons import Reasons
from ..interfaces import AuditLine
from ..services.evidence import told
from ..services.uploads import Accepted
from .auth import Caller, Keyring
from .facts import fact_fields

Fields = dict[str, Any]

#: What an item of a listing can be cut down to, besides `asset_id` and `public_id`, which it always has.
FIELDS: Final = frozenset(
    {
        "access_control", "access_mode", "aspect_ratio", "asset_folder", "asset_id", "backup_bytes", "bytes",
        "context", "created_at", "custom", "display_name", "etag", "filename", "folder", "format", "height",
        "metadata", "moderation", "pixels", "public_id", "resource_type", "secure_url", "signature", "status",
        "tags", "type", "uploaded_at", "url", "version", "version_id", "width",
    }
)  # fmt: skip

#: What a line of the history tells of the audit's detail.
_TOLD = ("kind", "policy_name", "reason", "note", "reporter", "why")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which fields of a listing were asked for besides those that every item has; or `fields` alone."""

    tags: bool = False
    context: bool = False
    metadata: bool = False
    moderations: bool = False
    fields: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Representation:
    """Writes assets for callers.

    `delivery_url` is the base of every `url`; without one it is `here`, the address that the request
    itself came to. What an asset's rows hold beyond the wire's fields is never written.
    """

    delivery_url: str | None
    keyring: Keyring
    reasons: Reasons = field(default_factory=Reasons)

    def uploaded(self, accepted: Accepted, caller: Caller | None, *, here: str) -> Fields:
        """The reply to an upload. To an unsigned one it names no key, and of a picture that was there before
        it tells nothing but that its name is taken: the picture may be one that nobody is to see."""
        asset = accepted.asset
        if caller is None and accepted.existing:
            return _taken(asset)
        version = asset.current
        signer = caller or self.keyring.first(asset.cloud)
        signature = self.keyring.sign_response(signer, asset.public_id, asset.version) if signer else None
        return {
            "asset_id": asset.asset_id,
            "public_id": asset.public_id,
            "version": asset.version,
            "version_id": version.version_id,
            **({"signature": signature} if signature else {}),
            "width": version.width,
            "height": version.height,
            "format": version.format,
            "resource_type": "image",
            "created_at": moment(asset.created_at),
            "tags": sorted(asset.tags),
            "pages": version.frames,
            "bytes": version.bytes,
            "type": asset.type,
            "etag": version.etag,
            "placeholder": False,
            **self.urls(asset, here),
            **_place(asset),
            "access_mode": asset.access_mode,
            **_access(asset),
            **_context(asset),
            **({"metadata": asset.metadata} if asset.metadata else {}),
            **({"existing": True} if accepted.existing else {}),
            **({"overwritten": True} if accepted.overwritten else {}),
            **self._moderation(asset),
            **_original_filename(asset),
            **({"api_key": caller.key} if caller else {}),
        }

    def item(
        self, asset: Asset, wanted: Wanted, *, here: str, listed: tuple[str, EntryStatus] | None = None
    ) -> Fields:
        """One item of a listing; `listed` is the moderation kind and status that the listing is of."""
        if wanted.fields is not None:
            kept = {"asset_id", "public_id", *wanted.fields}
            return {name: value for name, value in self.described(asset, here=here).items() if name in kept}
        return {
            **self._record(asset, here),
            **({"tags": sorted(asset.tags)} if wanted.tags else {}),
            **(_context(asset) if wanted.context else {}),
            **({"metadata": asset.metadata} if wanted.metadata else {}),
            **(self._moderation(asset, all_of_it=True) if wanted.moderations else {}),
            **({"moderation_kind": listed[0], "moderation_status": listed[1].value} if listed else {}),
        }

    def described(self, asset: Asset, *, here: str) -> Fields:
        """Every field that the wire can be asked for by its name."""
        version, record = asset.current, self._record(asset, here)
        signer = self.keyring.first(asset.cloud)
        signature = self.keyring.sign_response(signer, asset.public_id, asset.version) if signer else None
        return {
            **record,
            "filename": asset.public_id.rpartition("/")[2],
            "version_id": version.version_id,
            "signature": signature,
            "uploaded_at": moment(version.created_at),
            "backup_bytes": version.bytes if _is_kept(asset, "placeholder" in record) else 0,
            "aspect_ratio": round(version.width / version.height, 5),
            "pixels": version.width * version.height,
            "access_control": _access_rules(asset),
            "tags": sorted(asset.tags),
            "context": {"custom": dict(asset.context)} if asset.context else {},
            "metadata": asset.metadata,
            "custom": [list(region) for region in version.custom],
            "moderation": self._moderation(asset, all_of_it=True).get("moderation", []),
            "status": "active",
            "etag": version.etag,
        }

    def single(
        self,
        asset: Asset,
        derived: Sequence[Mapping[str, Any]],
        history: Sequence[AuditLine],
        *,
        here: str,
        explain: bool = False,
        versions: Sequence[Version] | None = None,
        facts: Collection[str] = (),
        following: Mapping[str, str] | None = None,
    ) -> Fields:
        """The full record of one asset, ours its history, and its derived images; its versions, if given.

        With `explain` each entry that a machine judged says what became of every label. `facts` are names
        of what was found out about it and is to be told, `following` what leads to more derived images.
        """
        return {
            **self.full(asset, here=here, explain=explain),
            "history": [_line(line) for line in history],
            **({} if versions is None else {"versions": [_version(version) for version in versions]}),
            **_facts(asset, facts),
            "derived": [self._derived(asset, image, here) for image in derived],
            **(following or {}),
            "last_updated": {
                **{name: moment(at) for name, at in sorted(asset.stamps.items())},
                "updated_at": moment(asset.updated_at),
            },
        }

    def full(self, asset: Asset, *, here: str, explain: bool = False) -> Fields:
        """What an asset is now: everything that its own rows tell, its moderation among it."""
        return {
            **self._record(asset, here),
            "etag": asset.current.etag,
            "version_id": asset.current.version_id,
            "revision": asset.revision,
            "pages": asset.current.frames,
            **_original_filename(asset),
            **({"tags": sorted(asset.tags)} if asset.tags else {}),
            **_context(asset),
            **({"metadata": asset.metadata} if asset.metadata else {}),
            **_access(asset),
            **({} if asset.quality_override is None else {"quality_override": asset.quality_override}),
            **self._moderation(asset, all_of_it=True, explain=explain),
            **_deciding(asset),
            **_custody(asset),
        }

    def _record(self, asset: Asset, here: str) -> Fields:
        version = asset.current
        away = asset.status is Status.REJECTED or asset.hidden is Hidden.DELETED
        return {
            "asset_id": asset.asset_id,
            "public_id": asset.public_id,
            "format": version.format,
            "version": asset.version,
            "resource_type": "image",
            "type": asset.type,
            **({"placeholder": True} if away else {}),
            "created_at": moment(asset.created_at),
            "bytes": 0 if away else version.bytes,
            "width": version.width,
            "height": version.height,
            **({} if asset.hidden is None else {"standing": asset.hidden.value}),
            **({"backup": True} if asset.older or _is_kept(asset, away) else {}),
            **_place(asset),
            "access_mode": asset.access_mode,
            **({} if asset.uploader is None else {"uploader": asset.uploader}),
            **self.urls(asset, here),
        }

    def _moderation(self, asset: Asset, *, all_of_it: bool = False, explain: bool = False) -> Fields:
        """The entries of an asset. Notes and reports (`all_of_it`) are for moderators alone."""
        shown = asset.moderations if all_of_it else moderation.counted(asset.moderations)
        return {"moderation": [self._entry(entry, all_of_it, explain) for entry in shown]} if shown else {}

    def _entry(self, entry: Moderation, all_of_it: bool, explain: bool) -> Fields:
        text, why = self.reasons.text(entry.reason), told(entry.detail) if explain else None
        reports = {name: entry.detail[name] for name in ("count", "reasons") if name in entry.detail}
        return {
            **({} if entry.response is None else {"response": entry.response}),
            "status": entry.status.value,
            "kind": entry.kind,
            # Ours: which categories the detector can see at all, where those are not all.
            **({"coverage": entry.detail["coverage"]} if "coverage" in entry.detail else {}),
            **({} if entry.updated_at is None else {"updated_at": moment(entry.updated_at)}),
            # Ours: why a person decided so, and what was reported.
            **({} if entry.reason is None else {"reason": entry.reason}),
            **({} if text is None else {"reason_text": text}),
            **({"note": entry.note} if all_of_it and entry.note else {}),
            **({"reports": reports} if entry.kind == moderation.REPORTED else {}),
            **({} if why is None else {"explanation": why}),
        }

    def _derived(self, asset: Asset, image: Mapping[str, Any], here: str) -> Fields:
        transformation, extension = str(image["transformation"]), str(image["format"])
        return {
            "transformation": transformation,
            "transformation_signature": hashlib.sha256(transformation.encode()).hexdigest()[:32],
            "format": extension,
            "bytes": image["bytes"],
            "id": f"{image['id']:032x}",
            **self.urls(asset, here, transformation, extension),
        }

    def urls(self, asset: Asset, here: str, transformation: str = "", extension: str | None = None) -> Fields:
        """Where the public finds an asset, or an image derived from it, once it is approved."""
        name = asset.cloud, asset.type, asset.public_id
        form = extension or asset.current.format
        return self.addresses(name, asset.version, form, here, transformation)

    def addresses(
        self, name: tuple[str, str, str], version: int, form: str, here: str, transformation: str = ""
    ) -> Fields:
        """The same of what a cloud, a type and a public id name."""
        path = url.delivery_path(*name, version=version, format=form, transformation=transformation)
        rest = (self.delivery_url or here).partition("://")[2].rstrip("/") + "/" + path.lstrip("/")
        return {"url": f"http://{rest}", "secure_url": f"https://{rest}"}


def moment(milliseconds: int) -> str:
    """A time as the wire writes it: `2024-06-25T09:25:44Z`."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_kept(asset: Asset, away: bool) -> bool:
    """Whether the bytes of the current version outlive what makes it unseen, or would."""
    return asset.current.erased_at is None and (away or asset.backup or asset.hold is not None)


def _custody(asset: Asset) -> Fields:
    """Ours: what decides whether the asset is served, and who or what holds on to it."""
    return {
        "standing": asset.standing.value,
        **({} if asset.restricted_to is None else {"restricted_to": asset.restricted_to}),
        **({} if asset.hold is None else {"legal_hold": True}),
    }


def _version(version: Version) -> Fields:
    return {
        "version_id": version.version_id,
        "version": version.number,
        "time": moment(version.created_at),
        "format": version.format,
        "size": version.bytes,
        "restorable": version.erased_at is None,
        # Ours: the verdict that comes back with it.
        "status": version.status.value,
    }


def _place(asset: Asset) -> Fields:
    return {
        "folder": asset.public_id.rpartition("/")[0],
        "asset_folder": asset.folder,
        "display_name": asset.display_name or asset.public_id.rpartition("/")[2],
    }


def _access_rules(asset: Asset) -> Any:
    """Who may see it, as the wire has it; nobody is told that there are none."""
    return json.loads(asset.access_control) if asset.access_control else None


def _access(asset: Asset) -> Fields:
    return {"access_control": _access_rules(asset)} if asset.access_control else {}


def _facts(asset: Asset, asked: Collection[str]) -> Fields:
    """What was found out about a picture and is asked for; where its regions are, whoever said so."""
    regions = {"faces": asset.current.faces, "custom": asset.current.custom}
    said = {kind: [list(region) for region in each] for kind, each in regions.items() if each}
    return {
        **fact_fields(asset, asset.current.facts, asked),
        **({"coordinates": said} if "coordinates" in asked and said else {}),
    }


def _taken(asset: Asset) -> Fields:
    """What a stranger learns of a name that is taken."""
    return {
        "public_id": asset.public_id,
        "resource_type": "image",
        "type": asset.type,
        "existing": True,
    }


def _context(asset: Asset) -> Fields:
    return {"context": {"custom": dict(asset.context)}} if asset.context else {}


def _original_filename(asset: Asset) -> Fields:
    name = asset.current.original_filename
    return {} if name is None else {"original_filename": name}


def _line(line: AuditLine) -> Fields:
    return {
        "at": moment(line.at),
        "actor": line.actor,
        "action": line.action,
        **({} if line.before is None else {"from": line.before}),
        **({} if line.after is None else {"to": line.after}),
        **{name: line.detail[name] for name in _TOLD if name in line.detail},
        **({"version_id": line.version_id} if line.version_id else {}),
    }


def _deciding(asset: Asset) -> Fields:
    entry = moderation.deciding(asset.moderations)
    return {} if entry is None else {"moderation_kind": entry.kind, "moderation_status": entry.status.value}
