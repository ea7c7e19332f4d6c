"""Small pictures for people who are signed in: of any asset, approved or not, through the restricted door."""

import hashlib
import threading
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

import structlog
from cachetools import TTLCache

from ..domain.asset import Asset, Status, Version
from ..domain.transformation import Transformation, parse, reread
from ..errors import (
    DamagedError,
    ForbiddenError,
    InvalidTransformationError,
    NotFoundError,
    NotStoredError,
)
from ..interfaces import Catalog, Imager, RenderJob
from .derive import choose_rendition
from .memory import Picture, PictureCache
from .renditions import Renditions
from .review import Review

_log = structlog.get_logger()

#: Pixels of the longest side, by the name of a size. Nothing is enlarged.
SIZES: Final = {"thumb": 240, "grid": 480, "review": 1200}
#: Bytes of small pictures that a process keeps. They are nowhere else, so that erasing has nothing to find.
KEPT_BYTES: Final = 32 << 20
#: Seconds in which a person's looks at one version are one line of the audit.
_ONE_LOOK: Final = 3600.0
_MOST_LOOKS: Final = 10_000


@dataclass(slots=True)
class Looks:
    """Whose look at what was written down in this process within the last hour."""

    _noted: TTLCache[tuple[str, str], bool] = field(default_factory=lambda: TTLCache(_MOST_LOOKS, _ONE_LOOK))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def noted(self, actor: str, version_id: str) -> bool:
        """Whether it is written down already."""
        with self._lock:
            return (actor, version_id) in self._noted

    def note(self, actor: str, version_id: str) -> None:
        """Remember that it is written down now."""
        with self._lock:
            self._noted[actor, version_id] = True


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person may look at, and how large. It says nothing yet about whether its bytes are there."""

    asset: Asset
    version: Version
    size: str

    @property
    def etag(self) -> str:
        """Names the picture before it is made: a version's bytes never change."""
        said = f"1:{self.version.version_id}:{self.version.digest}:{self.size}"
        return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Makes small pictures of versions, and tries transformations of them out."""

    catalog: Catalog
    review: Review
    renditions: Renditions
    imager: Imager
    memory: PictureCache = field(default_factory=lambda: PictureCache(KEPT_BYTES))
    looks: Looks = field(default_factory=Looks)

    def find(self, cloud: str, asset_id: str, version_id: str, size: str, *, roles: Collection[str]) -> Shown:
        """What the names stand for now, for somebody with `roles`.

        Raises `NotFoundError` for an unknown size, and for a version that is not the asset's or whose bytes
        are gone; `ForbiddenError` while the asset is restricted to a role that is not among `roles`.
        """
        asset = self.catalog.asset_by_id(cloud, asset_id)
        if asset is None or size not in SIZES:
            raise _nothing(asset_id)
        is_current = version_id == asset.current.version_id
        version = asset.current if is_current else self.catalog.version(cloud, version_id)
        if version is None or version.asset_id != asset_id or version.erased_at is not None:
            raise _nothing(version_id)
        if asset.restricted_to is not None and asset.restricted_to not in roles:
            raise ForbiddenError(f"This picture is restricted to the role {asset.restricted_to}.")
        return Shown(asset, version, size)

    def open(self, shown: Shown, *, actor: str, roles: Collection[str]) -> Picture:
        """The picture as JPEG. A look at what the public may not see is audited, once in an hour.

        Raises as `find` does, `InvalidImageError`, `UnavailableError`, `ImagerError`.
        """
        self._note(shown, actor)
        key = (shown.version.version_id, shown.size)
        kept = self.memory.get(key)
        if kept is not None:
            return kept
        edge = SIZES[shown.size]
        wanted = parse(f"c_limit,h_{edge},w_{edge}/q_80")
        made = replace(self._render(shown, wanted, "jpg", actor), etag=shown.etag)
        # it may have been erased or restricted while it was made
        self.find(shown.asset.cloud, shown.asset.asset_id, shown.version.version_id, shown.size, roles=roles)
        self.memory.put(key, made)
        return made

    def trial(self, shown: Shown, text: str, *, actor: str) -> Picture:
        """What a transformation makes of a picture, at most as large as `shown` says.

        Raises `InvalidTransformationError`, also for overlays, which are pictures with a standing of their
        own, and for named transformations. Else as `open`.
        """
        asked = parse(text)
        if asked.all_layers or asked.names:
            raise InvalidTransformationError("Overlays and names are not shown in a preview")
        edge = max(1, int(SIZES[shown.size] / asked.ratio))
        wanted = reread("/".join(filter(None, [asked.text, f"c_limit,h_{edge},w_{edge}"])))
        self._note(shown, actor)
        return self._render(shown, wanted, "png" if shown.version.has_alpha else "jpg", actor)

    def _render(self, shown: Shown, wanted: Transformation, format: str, actor: str) -> Picture:
        version = shown.version
        try:
            base, is_copy = self._base(shown, wanted, actor)
        except (NotStoredError, DamagedError) as error:
            _log.error("picture_in_doubt", version=version.version_id, error=str(error))
            raise _nothing(version.version_id) from error
        size = version.width, version.height
        made = self.imager.render(RenderJob(base, size, wanted.text, format, is_copy=is_copy))
        etag = hashlib.sha256(made.body).hexdigest()[:32]
        return Picture(
            made.body, made.format, made.width, made.height, etag, version.number, (), "restricted"
        )

    def _base(self, shown: Shown, wanted: Transformation, actor: str) -> tuple[bytes, bool]:
        """The smallest bytes that are good enough, and whether they are a rendition or else the original."""
        asset, version = shown.asset, shown.version

        def original() -> bytes:
            return self.review.open_restricted(asset.cloud, asset, actor=actor, version=version, action=None)[
                0
            ]

        rendition = choose_rendition(version, wanted)
        copy = self.renditions.read(version, rendition, original) if rendition else None
        return (original(), False) if copy is None else (copy, True)

    def _note(self, shown: Shown, actor: str) -> None:
        """Write a look down before there is anything to see."""
        asset, version = shown.asset, shown.version
        public = asset.standing is Status.APPROVED and version.version_id == asset.current.version_id
        if public or self.looks.noted(actor, version.version_id):
            return
        self.catalog.note(asset.cloud, replace(asset, current=version), actor=actor, action="viewed")
        self.looks.note(actor, version.version_id)


def _nothing(name: str) -> NotFoundError:
    return NotFoundError(f"Resource not found - {name}")
