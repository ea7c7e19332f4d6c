"""Make a derived picture of approved assets, once per host, or find it where it was stored before."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import structlog

from ..domain import cachekeys, geometry
from ..domain.asset import Asset, Rendition, Version
from ..domain.coordinates import as_regions, within
from ..domain.envelope import seal, unseal
from ..domain.flags import KEEPING
from ..domain.onward import sent_headers, with_own_quality
from ..domain.outputs import output_format
from ..domain.renditions import copies_of
from ..domain.transformation import Transformation
from ..errors import (
    DamagedError,
    NotStoredError,
    StorageUnavailableError,
)
from ..interfaces import Catalog, Imager, Meter, Rendered, RenderJob, Storage
from ..interfaces.tiers import Made
from .flights import Flights
from .memory import Picture
from .noting import Notes
from .originals import Originals
from .renditions import Renditions

_log = structlog.get_logger()

#: The format of an answer that is no picture but facts about one.
INFO = "json"

#: A derived image is made from the smallest rendition that is at least this many times as large as wanted.
_HEADROOM = 1.25


@dataclass(frozen=True)
class Recipe:
    """What to make, of what: rows that the caller has proven approved, and will prove again afterwards."""

    epoch: str
    transformation: Transformation
    asked_format: str | None
    accept: str
    target: Asset
    layers: Mapping[str, Asset]

    @cached_property
    def format(self) -> str:
        """The output format. Raises `InvalidTransformationError` for one that is not delivered."""
        return output_format(self.target.current, self.transformation, self.asked_format, self.accept)

    @property
    def is_info(self) -> bool:
        """Whether facts about the picture are asked for, and not the picture."""
        return "getinfo" in self.transformation.flags

    @cached_property
    def key(self) -> str:
        """The storage key, which nothing finds any more after any part of it changed."""
        return cachekeys.derived_key(
            self.epoch,
            self.target.asset_id,
            self.target.revision,
            self.target.current.digest,
            self.transformation.text,
            self.format,
            tuple((layer.asset_id, layer.revision) for layer in self.layers.values()),
        )

    @cached_property
    def surrogate_keys(self) -> tuple[str, ...]:
        """Names under which an edge may purge the picture: of every asset it depends on."""
        names = []
        for asset in (self.target, *self.layers.values()):
            names.append(cachekeys.surrogate_key(asset.cloud, asset.type, asset.public_id))
            names.append(cachekeys.asset_key(asset.asset_id))
        return tuple(dict.fromkeys(names))

    @property
    def is_untouched(self) -> bool:
        """Whether the original itself is asked for."""
        return self.transformation.is_identity and self.format == self.target.current.format


@dataclass(frozen=True, slots=True)
class Derive:
    """Makes and stores derived pictures. Never asked but by the public door."""

    catalog: Catalog
    originals: Originals
    derived: Storage
    imager: Imager
    renditions: Renditions
    flights: Flights
    notes: Notes
    meter: Meter
    as_uploaded: bool = False

    def picture(self, recipe: Recipe) -> Picture:
        """The picture, from derived storage or made now.

        Raises `DamagedError` or `NotStoredError` where an original cannot be proven to be what was judged,
        `InvalidTransformationError`, `UnavailableError`, `ImagerError`.
        """
        stored = self._stored(recipe)
        if stored is not None:
            return stored
        name = recipe.key.rpartition("/")[2]
        return self.flights.join(name, lambda: self._stored(recipe), lambda: self._make(recipe))

    def once(self, recipe: Recipe) -> Picture:
        """The picture, from derived storage or made for this one look at it, and not stored.

        Raises as `picture` does.
        """
        stored = self._stored(recipe)
        if stored is not None:
            return stored
        rendered, tier = self._render(recipe)
        return self._finish(recipe, rendered.body, rendered.width, rendered.height, tier)

    def _stored(self, recipe: Recipe) -> Picture | None:
        try:
            facts, body = unseal(self.derived.get(recipe.key))
        except NotStoredError:
            return None
        except (DamagedError, StorageUnavailableError) as error:
            _log.warning("derived_unread", key=recipe.key, error=str(error))
            return None
        self.notes.use(recipe.key)
        return self._finish(recipe, body, int(facts["width"]), int(facts["height"]), "derived")

    def _make(self, recipe: Recipe) -> Picture:
        started = time.monotonic()
        rendered, tier = self._render(recipe)
        if recipe.is_info:
            rendered = replace(rendered, body=_info(recipe, rendered))
        self.meter.rendered(time.monotonic() - started)
        self._keep(recipe, rendered)
        return self._finish(recipe, rendered.body, rendered.width, rendered.height, tier)

    def _render(self, recipe: Recipe) -> tuple[Rendered, str]:
        version = recipe.target.current
        size = (version.width, version.height)
        if recipe.is_untouched and self.as_uploaded:
            body = self._original(recipe.target)
            return Rendered(body, version.format, version.width, version.height), "original"
        base, tier = self._base(recipe)
        layers = {
            name: (self._original(layer), (layer.current.width, layer.current.height))
            for name, layer in recipe.layers.items()
        }
        job = RenderJob(
            base=base,
            original_size=size,
            transformation=with_own_quality(recipe.transformation, recipe.target.quality_override).text,
            format=recipe.format,
            layers=layers,
            clean=recipe.is_untouched,
            is_copy=tier == "rendition",
            faces=within(version.faces, *size),
            custom=within(version.custom, *size),
        )
        return self.imager.render(job), tier

    def _base(self, recipe: Recipe) -> tuple[bytes, str]:
        """The smallest bytes that are good enough: a rendition, else the original."""
        version = recipe.target.current
        rendition = choose_rendition(version, recipe.transformation)
        if rendition is not None:
            body = self.renditions.read(version, rendition, lambda: self._original(recipe.target))
            if body is not None:
                return body, "rendition"
        return self._original(recipe.target), "original"

    def _original(self, asset: Asset) -> bytes:
        try:
            return self.originals.read(asset.current)
        except (DamagedError, NotStoredError) as error:
            self.originals.doubt(self.catalog, asset, error)
            raise

    def _keep(self, recipe: Recipe, rendered: Rendered) -> None:
        """Storing is a help for later requests: what stops it must not stop this answer.

        The file comes before its row. `Notes` removes one that the catalog does not remember: otherwise
        nothing would find it when an asset that it shows is erased.
        """
        data = seal(rendered.body, {"width": rendered.width, "height": rendered.height})
        try:
            self.derived.put(recipe.key, data, durable=False)
        except StorageUnavailableError as error:
            _log.warning("derived_not_kept", error=str(error))
            return
        made = Made(
            asset_id=recipe.target.asset_id,
            revision=recipe.target.revision,
            transformation=recipe.transformation.text,
            format=recipe.format,
            key=recipe.key,
            bytes=len(data),
            shows=tuple(layer.asset_id for layer in recipe.layers.values()),
        )
        self.notes.made(recipe.target.cloud, made)

    def _finish(self, recipe: Recipe, body: bytes, width: int, height: int, tier: str) -> Picture:
        return Picture(
            body=body,
            format=INFO if recipe.is_info else recipe.format,
            width=width,
            height=height,
            etag=hashlib.sha256(body).hexdigest()[:32],
            modified=recipe.target.version,
            keys=recipe.surrogate_keys,
            tier=tier,
            stored=recipe.key,
            extra=sent_headers(recipe.target.headers),
        )


def _info(recipe: Recipe, rendered: Rendered) -> bytes:
    """What `fl_getinfo` answers: sizes and formats of the original, and of the picture as it would leave."""
    version = recipe.target.current
    facts = {
        "input": {
            "width": version.width,
            "height": version.height,
            "bytes": version.bytes,
            "format": version.format,
        },
        "output": {
            "width": rendered.width,
            "height": rendered.height,
            "bytes": len(rendered.body),
            "format": rendered.format,
        },
    }
    return json.dumps(facts, separators=(",", ":")).encode()


def choose_rendition(version: Version, transformation: Transformation) -> Rendition | None:
    """The smallest copy with headroom for what is wanted; `None` if only the original will do."""
    copies = copies_of(version)
    if transformation.is_identity or transformation.as_stored or not copies:
        return None
    if transformation.flags & KEEPING:
        return None
    size = (version.width, version.height)
    faces, custom = (as_regions(within(regions, *size)) for regions in (version.faces, version.custom))
    scale = geometry.source_scale(transformation, size, faces, custom)
    wanted = scale * max(version.width, version.height) * _HEADROOM
    fitting: Callable[[Rendition], bool] = lambda r: max(r.width, r.height) >= wanted  # noqa: E731
    return min(filter(fitting, copies), key=lambda r: r.edge, default=None)
