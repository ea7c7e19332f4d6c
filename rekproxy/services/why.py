"""Say why a delivery URL shows what it shows: to signed-in people, what a stranger must not know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from ..domain.access import CLOSED, stored_rules
from ..domain.asset import Asset, EntryStatus, Hidden, Moderation, Status
from ..domain.cachekeys import surrogate_key
from ..domain.moderation import counted
from ..domain.routes import Routes
from ..domain.token import Presented, tokens_among
from ..errors import InvalidRequestError, InvalidTransformationError, NotFoundError
from ..interfaces import AuditLine, Catalog
from .deliver import Asked, Deliver
from .derive import Recipe, choose_rendition

Fields = dict[str, Any]

#: Lines of the audit that are looked through for what became of a name.
_MOST_LINES: Final = 1000
_DONE_BY: Final = {
    Hidden.RESTRICTED: "restricted",
    Hidden.REPORTED: "reported",
    Hidden.DELETED: "destroyed",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A delivery URL as somebody pasted it: its path, still percent-encoded, the tokens in its query, and its
    host."""

    path: str
    tokens: tuple[str, ...] = ()
    host: str = ""

    @classmethod
    def read(cls, url: str) -> "Link":
        """Of a URL of any host, or of a path. Raises `InvalidRequestError` for what is neither."""
        try:
            parts = urlsplit(url.strip())
        except ValueError as error:
            raise InvalidRequestError("Invalid value for parameter url") from error
        # browsers show unescaped what they send escaped
        path = quote("/" + parts.path.lstrip("/"), safe="/%!$&'()*+,;=:@~-._")
        return cls(path, tokens_among(parts.query.split("&")), parts.netloc.rpartition("@")[2])

    def below(self, base: str) -> str:
        """The path without that of `base`, the address under which pictures are delivered."""
        prefix = urlsplit(base).path.rstrip("/")
        return self.path.removeprefix(prefix) if self.path.startswith(f"{prefix}/") else self.path


@dataclass(frozen=True, slots=True)
class Why:
    """Explains answers of the public door without opening a pixel.

    `routes` say whose a path is, `base` is the address that comes before paths, `max_age`
    the seconds that a cache may keep a picture.
    """

    catalog: Catalog
    deliver: Deliver
    routes: Routes
    base: str = ""
    max_age: int = 60

    def explain(self, cloud: str, link: Link) -> Fields:
        """`status` is what a stranger gets now, `causes` why, each with a `cause` and a sentence, `text`.

        Nothing is told of another cloud's pictures. Raises `UnavailableError`.
        """
        raw = link.below(self.base)
        try:
            resolved = self.routes.resolve(raw, link.host)
        except InvalidTransformationError as error:
            return _refused(400, _cause("transformation", str(error)))
        except InvalidRequestError as error:
            return _refused(400, _cause("malformed", str(error)))
        if resolved is None:
            return _refused(404, _cause("no_delivery_path", "This is no path of a delivered image"))
        path, named = resolved
        if named != cloud:
            text = f"It is of the cloud {named}, which this key does not open: nothing is told of it"
            return {"status": None, "causes": [_cause("wrong_cloud", text)]}
        asked = Asked(path, cloud, presented=lambda: Presented(link.tokens, raw, ""))
        return {**self._asked(asked), **self._answered(asked)}

    def _answered(self, asked: Asked) -> Fields:
        access = list(self._access(asked))
        shown, causes = self._pictures(asked)
        rules = list(self._rules(asked))
        if access or causes or rules:
            status = 404 if causes and not access else 401
            return {"status": status, "causes": [*access, *causes, *rules], "pictures": shown}
        try:
            recipe, in_memory = self.deliver.recipe(asked)
            tier = "memory" if in_memory else self._tier(recipe)
        except InvalidTransformationError as error:
            return {**_refused(400, _cause("transformation", str(error))), "pictures": shown}
        except NotFoundError:
            changed = _cause("changed", "It changed while this was written: ask again")
            return {**_refused(404, changed), "pictures": shown}
        return {
            "status": 200,
            "causes": [],
            "pictures": shown,
            "tier": tier,
            "format": recipe.format,
            "max_age": self.max_age,
            "surrogate_keys": list(recipe.surrogate_keys),
        }

    def _asked(self, asked: Asked) -> Fields:
        path = asked.path
        return {
            "cloud": asked.cloud,
            "type": path.type,
            "public_id": path.candidates[0][0],
            "transformation": str(path.transformation),
            "signed": path.signature is not None,
            "surrogate_keys": [surrogate_key(asked.cloud, path.type, name) for name, _ in path.candidates],
        }

    def _tier(self, recipe: Recipe) -> str:
        """Which tier would answer a request that finds nothing in the memory of this process."""
        if self.deliver.derive.derived.exists(recipe.key):
            return "derived"
        if recipe.is_untouched:
            return "original"
        return "rendition" if choose_rendition(recipe.target.current, recipe.transformation) else "original"

    # -- access -----------------------------------------------------------------------------------

    def _access(self, asked: Asked) -> Iterator[Fields]:
        path = asked.path
        signed = path.signature is not None
        if signed and not self.deliver.signs(asked):
            text = "The signature is not one of this cloud over any of the strings that it may cover"
            yield _cause("signature", text, string_to_sign=list(path.signed_texts))
        if signed:
            return
        if self.deliver.is_strict(asked):
            yield _cause("unsigned_transformation", "Only signed URLs may ask for transformations here")
        if path.is_closed:
            yield from self._token(asked)

    def _token(self, asked: Asked) -> Iterator[Fields]:
        shown, key = asked.presented and asked.presented(), self.deliver.token_keys.get(asked.cloud)
        if shown is None or not shown.tokens:
            yield _cause(
                "token_missing", "It needs a token" + (", or a signature" if asked.path.is_closed else "")
            )
        elif key is None:
            yield _cause("token", "This cloud has no token_key: no token opens anything")
        elif shown.until(key, self.deliver.now()) is None:
            for why_not in shown.refusals(key, self.deliver.now()):
                yield _cause("token", f"The token does not open it: {why_not}")

    def _rules(self, asked: Asked) -> Iterator[Fields]:
        """Whose access rules keep a stranger out now, and what of them could let one in."""
        for role, type, public_id in self._names(asked):
            asset = self.catalog.asset(asked.cloud, type, public_id)
            if asset is None or asset.access_control is None:
                continue
            rules = stored_rules(asset.access_control)
            if rules.open_until(self.deliver.now()) is not None:
                continue
            what: Fields = {"of": role, "type": type, "public_id": public_id}
            if rules == CLOSED:
                yield what | _cause("access_control", "Its access rules are not understood: nobody sees it")
            elif not rules.token:
                yield what | _cause("access_control", "It is outside of the times of its access rules")
            elif role == "overlay" and asked.path.signature is None:
                yield what | _cause("access_control", "A token opens an overlay only in a signed URL")
            else:
                yield from (what | each for each in self._token(asked))

    # -- pictures ---------------------------------------------------------------------------------

    def _pictures(self, asked: Asked) -> tuple[list[Fields], list[Fields]]:
        """What is shown, the picture before its overlays, and why any of it must not be."""
        shown: list[Fields] = []
        causes: list[Fields] = []
        for role, type, public_id in self._names(asked):
            asset = self.catalog.asset(asked.cloud, type, public_id)
            what: Fields = {"of": role, "type": type, "public_id": public_id}
            causes += [what | each for each in self._against(asked.cloud, type, public_id, asset)]
            shown.append(what | (_standing(asset) if asset else {"standing": "unknown"}))
        return shown, causes

    def _names(self, asked: Asked) -> Iterator[tuple[str, str, str]]:
        """The first name of the path that exists decides, as at the public door."""
        path = asked.path
        names = [(path.type, public_id) for public_id, _ in path.candidates]
        known = self.catalog.standing(asked.cloud, names).by_name
        type, public_id = next((name for name in names if name in known), names[0])
        yield "picture", type, public_id
        for layer in path.transformation.layers:
            yield "overlay", layer.type, layer.public_id

    def _against(self, cloud: str, type: str, public_id: str, asset: Asset | None) -> Iterator[Fields]:
        if asset is None:
            yield self._gone(cloud, type, public_id)
            return
        if asset.hidden is not None:
            yield self._hidden(asset, asset.hidden)
        if asset.current.erased_at is not None:
            when = _moment(asset.current.erased_at)
            yield _cause("erased", f"The bytes of its current version were erased at {when}", since=when)
        if asset.status is Status.PENDING:
            yield _pending(asset)
        if asset.status is Status.REJECTED:
            yield from map(_rejected, _entries(asset, EntryStatus.REJECTED))

    def _hidden(self, asset: Asset, why: Hidden) -> Fields:
        line = self._line(asset.cloud, _DONE_BY[why], asset.asset_id)
        said = _done(line) if line else {}
        if why is Hidden.RESTRICTED:
            said["restricted_to"] = asset.restricted_to
        return _cause(why.value, f"It is {why.value}{_by(said)}", **said)

    def _gone(self, cloud: str, type: str, public_id: str) -> Fields:
        """A name without an asset: never known, or taken away and only the audit remembers."""
        name = surrogate_key(cloud, type, public_id)
        for action in ("erased", "destroyed"):
            for line in self.catalog.lines_from(cloud, action=action, limit=_MOST_LINES):
                if line.detail.get("name") == name:
                    said = _done(line) | {"asset_id": line.asset_id}
                    cause = "deleted" if action == "destroyed" else "erased"
                    return _cause(cause, f"It was {cause}{_by(said)}", **said)
        return _cause("unknown", "There is no image of this name and type")

    def _line(self, cloud: str, action: str, asset_id: str) -> AuditLine | None:
        lines = self.catalog.lines_from(cloud, asset_id=asset_id, action=action, limit=1)
        return lines[0] if lines else None


def _refused(status: int, cause: Fields) -> Fields:
    return {"status": status, "causes": [cause]}


def _cause(cause: str, text: str, **more: Any) -> Fields:
    return {"cause": cause, "text": text, **more}


def _standing(asset: Asset) -> Fields:
    return {
        "asset_id": asset.asset_id,
        "version_id": asset.current.version_id,
        "standing": asset.standing.value,
        "revision": asset.revision,
    }


def _pending(asset: Asset) -> Fields:
    """Which entries wait, since when, and what went wrong the last time."""
    waiting = _entries(asset, EntryStatus.PENDING)
    kinds = ", ".join(entry.kind for entry in waiting) or "nothing"
    since = _moment(asset.current.created_at)
    entries = [_waiting(entry) for entry in waiting]
    return _cause("pending", f"It waits for {kinds} since {since}", since=since, waiting=entries)


def _waiting(entry: Moderation) -> Fields:
    said: Fields = {"kind": entry.kind, "policy": entry.policy}
    if entry.waits_for_machine and "failure" in entry.detail:
        said["last_failure"] = entry.detail["failure"]
        said["last_failure_text"] = entry.detail.get("message", "")
    return said


def _rejected(entry: Moderation) -> Fields:
    """By whom, for which reason, and for which labels above which level."""
    done = {"by": entry.decided_by, "at": _moment(entry.updated_at)}
    said = {**done, "reason": entry.reason, "note": entry.note}
    labels = [
        {name: label[name] for name in ("name", "confidence", "level", "source")}
        for label in entry.detail.get("explanation", ())
        if label.get("offending")
    ]
    seen = ", ".join(f"{each['name']} at {each['confidence']:g} (from {each['level']})" for each in labels)
    machine = f": {seen}" if seen and not entry.decided_by_person else ""
    return _cause(
        "rejected",
        f"{entry.kind} rejected it{_by(said)}{machine}",
        kind=entry.kind,
        policy=entry.policy,
        **{name: value for name, value in said.items() if value},
        **({"offending": labels} if labels else {}),
    )


def _entries(asset: Asset, status: EntryStatus) -> Sequence[Moderation]:
    return [entry for entry in counted(asset.moderations) if entry.status is status]


def _done(line: AuditLine) -> Fields:
    told = {name: line.detail[name] for name in ("reason", "note") if line.detail.get(name)}
    return {"by": line.actor, "at": _moment(line.at), **told}


def _by(said: Fields) -> str:
    """` by key:1 at 2026-01-01T00:00:00Z, reason nudity`, as far as it is known."""
    parts = [f" {word} {said[name]}" for word, name in (("by", "by"), ("at", "at")) if said.get(name)]
    return "".join(parts) + (f", reason {said['reason']}" if said.get("reason") else "")


def _moment(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
