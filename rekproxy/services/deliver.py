"""The public door to pixels: the standing first, then the tiers, then the standing once more."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..domain.access import stored_rules
from ..domain.asset import Asset, Standing, Standings, Status
from ..domain.cachekeys import definition_key, surrogate_key
from ..domain.naming import expanded
from ..domain.signature import verify_url
from ..domain.token import Presented
from ..domain.transformation import Transformation, reread
from ..domain.url import DeliveryPath, candidates, escape
from ..errors import AbsentError, AccessDeniedError, DamagedError, NotFoundError, NotStoredError
from ..interfaces import Catalog
from .arrivals import Arrivals
from .definitions import Definitions
from .derive import Derive, Recipe
from .memory import Picture, PictureCache

#: How often the world may change under a derivation before we say that it cannot be shown.
_TRIES = 3


class Asked(NamedTuple):
    """A delivery request, resolved as far as it can be without the catalog.

    `accept` are the modern formats that the client names (`avif,webp`, one of them or none); they matter, and
    are set, only where the format is `auto`. `presented` gives the tokens that came along, read only where
    one could matter. `vary` names the headers of the request that were read for it. `vouched` says until when
    (seconds since 1970) a key of the cloud vouches for all of it, where one does. `waited` says that what
    could be fetched was waited for.
    """

    path: DeliveryPath
    cloud: str
    accept: str = ""
    presented: Callable[[], Presented] | None = None
    vary: str = ""
    vouched: int | None = None
    waited: bool = False

    @property
    def name(self) -> str:
        """The public id as far as a path tells: without its extension."""
        return self.path.candidates[0][0]


class Terms(NamedTuple):
    """How an answer may be kept that is not for everybody at any time.

    `until` is in seconds since 1970. What is not `shared` is for the one client that asked.
    """

    until: float
    shared: bool = False


class Opened(NamedTuple):
    """A picture that may be sent, and the terms on which it may be kept; `None` where there are none."""

    picture: Picture
    terms: Terms | None = None


class Measures(NamedTuple):
    """What is told of a derived image that was made beforehand: all but its pixels."""

    width: int
    height: int
    bytes: int
    format: str


class _Found(NamedTuple):
    """A request whose every part is approved. `transformation` stands on no names any more; `missing` says
    that the target is shown instead of what was asked for."""

    asked: Asked
    epoch: str
    target: Standing
    extension: str | None
    layers: tuple[Standing, ...]
    transformation: Transformation
    missing: bool = False
    terms: Terms | None = None

    @property
    def has_rules(self) -> bool:
        """Whether anything that it shows has access rules."""
        if self.target.access is not None:
            return True
        return bool(self.layers) and any(layer.access is not None for layer in self.layers)

    @property
    def key(self) -> tuple[object, ...]:
        """What the finished picture is cached under: nothing finds it after any of these changed."""
        format = self.transformation.format or self.extension or ""
        return (
            self.epoch,
            self.target.asset_id,
            self.target.revision,
            self.transformation.text,
            f"{format}:{self.asked.accept}",
            tuple((layer.asset_id, layer.revision) for layer in self.layers),
            self.asked.path.candidates if self.missing else (),
            self.asked.path.transformation.names,
        )


@dataclass(frozen=True, slots=True)
class Deliver:
    """Serves approved pictures. `secrets` are each cloud's API secrets, which sign delivery URLs; `arrivals`
    tells what can be fetched that is not here.

    `token_keys` are what tokens of a cloud are made with, in hex digits; a cloud without one has no tokens.
    """

    catalog: Catalog
    derive: Derive
    memory: PictureCache
    secrets: Mapping[str, tuple[str, ...]]
    open_transformations: str = "safe"
    token_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    now: Callable[[], float] = time.time
    definitions: Definitions = field(default_factory=Definitions, repr=False)
    arrivals: Arrivals | None = field(default=None, repr=False)

    def cached(self, asked: Asked) -> Opened | None:
        """The picture, if it may be shown and lies in memory. Raises as `open_public` does."""
        found = self._find(asked)
        picture = self.memory.get(found.key)
        return None if picture is None else Opened(picture, found.terms)

    def open_public(self, asked: Asked) -> Opened:
        """The picture, if it and everything it depends on is approved, and may be seen by who asks.

        Raises `NotFoundError` (one answer for unknown, pending, rejected and deleted), `AccessDeniedError`,
        `InvalidTransformationError`, `UnavailableError`.
        """
        found = self._find(asked)
        for _ in range(_TRIES):
            picture = self.memory.get(found.key)
            if picture is not None:
                return Opened(picture, found.terms)
            assets = self._assets(found)
            if assets is not None:
                try:
                    picture = self._marked(found, self.derive.picture(self._recipe(found, assets)))
                except (DamagedError, NotStoredError):
                    raise self._unknown(asked) from None
            now = self._find(asked)
            if picture is not None and now.key == found.key:
                self.memory.put(found.key, replace(picture, tier="memory"))
                return Opened(picture, now.terms)
            found = now
        raise self._unknown(asked)

    def make(self, asset: Asset, transformation: str, format: str | None, *, keep: bool = True) -> Measures:
        """Have a derived image of an approved asset stored, without anybody asking; shows it to nobody.

        Without `keep` it is only measured.

        `transformation` is canonical text, `format` what the image is to be where that says nothing. Raises
        as `open_public` does, but for access: whoever may have it made says what may be made. Raises
        `DamagedError` and `NotStoredError` too.
        """
        wanted = reread(transformation)
        extension = None if wanted.format else format
        path = DeliveryPath(None, asset.type, "", (), wanted, None, ((asset.public_id, extension),))
        accept = format if wanted.format == "auto" and format in ("avif", "webp") else ""
        asked = Asked(path, asset.cloud, accept)
        found = self._approved_parts(asked)
        assets = self._assets(found)
        if assets is None or found.missing:
            raise self._unknown(asked)
        recipe = self._recipe(found, assets)
        picture = self.derive.picture(recipe) if keep else self.derive.once(recipe)
        if self._approved_parts(asked).key != found.key:
            raise self._unknown(asked)
        self.derive.notes.flush()  # whoever asked for it finds it listed when they are answered
        return Measures(picture.width, picture.height, len(picture.body), picture.format)

    def recipe(self, asked: Asked) -> tuple[Recipe, bool]:
        """What the picture would be made of, and whether it lies in memory; opens nothing.

        Raises as `open_public` does, but for access: that is not looked at.
        """
        found = self._approved_parts(asked)
        assets = self._assets(found)
        if assets is None:
            raise self._unknown(asked)
        recipe = self._recipe(found, assets)
        recipe.format  # noqa: B018 - refuses a format that is not delivered
        return recipe, self.memory.get(found.key) is not None

    def permit(self, asked: Asked) -> Terms | None:
        """Check what needs no catalog: signature, tokens, and what unsigned callers may ask for.

        Gives the terms on which a token opened it. Raises `AccessDeniedError`.
        """
        path = asked.path
        if asked.vouched is not None:
            return Terms(asked.vouched)
        signed = path.signature is not None
        if signed and not self.signs(asked):
            raise _denied()
        if not signed and (self.is_unsafe(path) or path.shows_closed):
            raise _denied()
        if not path.is_closed or signed:
            return None
        return Terms(self._opened_until(asked))

    def signs(self, asked: Asked) -> bool:
        """Whether the signature of a path is one of its cloud's."""
        path, secrets = asked.path, self.secrets.get(asked.cloud, ())
        return any(verify_url(path.signature or "", path.signed_texts, secret) for secret in secrets)

    def is_strict(self, asked: Asked) -> bool:
        """Whether this transformation is only for signed paths, unless an administrator lets it pass."""
        strict = self.open_transformations == "named" and asked.path.signature is None
        return strict and asked.vouched is None and not asked.path.transformation.is_identity

    def is_unsafe(self, path: DeliveryPath) -> bool:
        """Whether this transformation is only for signed paths because of what it could bring out."""
        return self.open_transformations == "safe" and path.is_hazardous

    def _opened_until(self, asked: Asked) -> int:
        """Until when a token opens the path; raises `AccessDeniedError` where none does."""
        key = self.token_keys.get(asked.cloud)
        until = asked.presented().until(key, self.now()) if asked.presented and key else None
        if until is None:
            raise _denied()
        return until

    # -- standing ---------------------------------------------------------------------------------

    def _find(self, asked: Asked) -> _Found:
        """One standing query for everything the picture depends on: all of it approved, or 404; and all of
        it open to who asks, or 401."""
        terms = self.permit(asked)
        found = self._approved_parts(asked)
        if self.arrivals is not None:
            self.arrivals.used(asked.cloud, asked.path.shown)
        if found.has_rules and asked.vouched is None:
            terms = self._ruled(found, terms)
        return found if terms is None else found._replace(terms=terms)

    def _ruled(self, found: _Found, terms: Terms | None) -> Terms | None:
        """The terms that access rules leave: for everybody within a window, for who has a token besides.

        What only a token opens is laid over others in signed paths only: a token for many paths must not
        open what its paths do not name.
        """
        now = self.now()
        kept = [] if terms is None else [terms]
        for place, standing in enumerate((found.target, *found.layers)):
            if standing.access is None:
                continue
            rules = stored_rules(standing.access)
            open_until = rules.open_until(now)
            if open_until is not None:
                kept.append(Terms(open_until, shared=True))
            elif rules.token and (place == 0 or found.asked.path.signature is not None):
                kept.append(Terms(self._opened_until(found.asked)))
            else:
                raise _denied()
        joined = Terms(min(each.until for each in kept), all(each.shared for each in kept))
        return None if joined == Terms(math.inf, shared=True) else joined

    def _approved_parts(self, asked: Asked) -> _Found:
        """What names stand for is remembered, read again with everything else, and believed only then."""
        path = asked.path
        strict = self.is_strict(asked)
        names = [*path.transformation.names, *([path.transformation.text] if strict else [])]
        if not names:
            return self._found(asked, path.transformation, self.catalog.standing(asked.cloud, path.shown))
        known = self.definitions.of(asked.cloud, names)
        for _ in range(_TRIES):
            wanted = self._expanded(path.transformation, known)
            standings = self.catalog.standing(asked.cloud, path.shown_by(wanted), names)
            if strict:
                self._pass_strictly(path.transformation, standings)
            found = {name: text for name, (text, _) in standings.definitions.items()}
            if not found.keys() >= set(path.transformation.names):
                self._target(asked, standings)  # a picture that is not there is a 404 whatever is asked of it
            if found == known:
                return self._found(asked, expanded(path.transformation, known), standings)
            known = self.definitions.remember(asked.cloud, found)
        raise self._unknown(asked)

    def _expanded(self, transformation: Transformation, known: Mapping[str, str]) -> Transformation:
        whole = all(name in known for name in transformation.names)
        return expanded(transformation, known) if whole else transformation

    def _pass_strictly(self, transformation: Transformation, standings: Standings) -> None:
        """An unsigned path may stand on allowed names, or be allowed as it is written."""
        allowed = {name for name, (_, allowed) in standings.definitions.items() if allowed}
        if transformation.text not in allowed and not (
            transformation.is_named and allowed.issuperset(transformation.names)
        ):
            raise _denied()

    def _found(self, asked: Asked, wanted: Transformation, standings: Standings) -> _Found:
        self._await(asked, wanted, standings)
        layers = [standings.by_name.get((layer.type, layer.public_id)) for layer in wanted.layers]
        approved = tuple(self._approved(asked, layer) for layer in layers)
        try:
            target, extension = self._target(asked, standings)
            return _Found(asked, standings.epoch, target, extension, approved, wanted)
        except NotFoundError:
            for public_id, extension in _default(wanted):
                standing = standings.by_name.get(("upload", public_id))
                if standing is not None and standing.status is Status.APPROVED:
                    extension = asked.path.candidates[0][1] or extension
                    return _Found(asked, standings.epoch, standing, extension, approved, wanted, missing=True)
            raise

    def _await(self, asked: Asked, wanted: Transformation, standings: Standings) -> None:
        """Raise `AbsentError` for what is not here and can be fetched, unless that was waited for."""
        if self.arrivals is None or asked.waited:
            return
        own = [(asked.path.type, public_id) for public_id, _ in asked.path.candidates]
        absent = [] if any(name in standings.by_name for name in own) else own[-1:]
        absent += [
            name
            for layer in wanted.layers
            if (name := (layer.type, layer.public_id)) not in standings.by_name
        ]
        if absent and self.arrivals.may(asked.cloud, absent):
            raise AbsentError(str(self._unknown(asked)), tuple(absent))

    def _target(self, asked: Asked, standings: Standings) -> tuple[Standing, str | None]:
        """The first name that exists decides, whatever its status."""
        for public_id, extension in asked.path.candidates:
            standing = standings.by_name.get((asked.path.type, public_id))
            if standing is not None:
                return self._approved(asked, standing), extension
        raise self._unknown(asked)

    def _approved(self, asked: Asked, standing: Standing | None) -> Standing:
        if standing is None or standing.status is not Status.APPROVED:
            raise self._unknown(asked)
        return standing

    def _unknown(self, asked: Asked) -> NotFoundError:
        return NotFoundError(f"Resource not found - {escape(asked.path.candidates[0][0])}")

    def _marked(self, found: _Found, picture: Picture) -> Picture:
        """Tagged with the names of transformations that its URL has, so that another meaning clears it; and a
        default image with the name that it stands for, so that an approval does."""
        asked = found.asked
        if asked.path.transformation.names:
            named = (definition_key(asked.cloud, name) for name in asked.path.transformation.names)
            picture = replace(picture, keys=(*picture.keys, *named))
        if not found.missing:
            return picture
        names = (surrogate_key(asked.cloud, asked.path.type, name) for name, _ in asked.path.candidates)
        return replace(picture, keys=(*picture.keys, *names), instead_of=str(self._unknown(asked)))

    # -- source -----------------------------------------------------------------------------------

    def _assets(self, found: _Found) -> tuple[Asset, ...] | None:
        """The target and its layers as rows; `None` if any is no longer what was just approved."""
        assets = []
        for standing in (found.target, *found.layers):
            asset = self.catalog.asset_by_id(found.asked.cloud, standing.asset_id)
            if asset is None or asset.revision != standing.revision or asset.standing is not Status.APPROVED:
                return None
            if asset.current.erased_at is not None:
                return None
            assets.append(asset)
        return tuple(assets)

    def _recipe(self, found: _Found, assets: tuple[Asset, ...]) -> Recipe:
        transformation = found.transformation
        return Recipe(
            epoch=found.epoch,
            transformation=transformation,
            asked_format=transformation.format or found.extension,
            accept=found.asked.accept,
            target=assets[0],
            layers=dict(zip((layer.name for layer in transformation.layers), assets[1:], strict=True)),
        )


def _denied() -> AccessDeniedError:
    return AccessDeniedError("deny or ACL failure")


def _default(transformation: Transformation) -> tuple[tuple[str, str | None], ...]:
    """The names that the default image may have."""
    return candidates(transformation.default) if transformation.default else ()
