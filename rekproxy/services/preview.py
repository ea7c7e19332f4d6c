"""A look for the owner: a small picture of a pending upload, by a link that is signed and soon over."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..domain.asset import Asset, Status, Version
from ..domain.transformation import parse
from ..errors import DamagedError, NotFoundError, NotStoredError
from ..interfaces import Catalog, Imager, Rendered, RenderJob
from .review import Review

#: How the audit names whoever has a link.
ACTOR: Final = "preview"
#: The longest side is 640 pixels at most; metadata is never rendered.
_TRANSFORMATION: Final = parse("c_limit,h_640,w_640").text


@dataclass(frozen=True, slots=True)
class Link:
    """What a preview link says; `expires` is in seconds since 1970, `signature` 64 hex digits."""

    asset_id: str
    version_id: str
    expires: int
    signature: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Gives links that live for `seconds` (0 for none), and opens them. `secret` is `secret_key`."""

    catalog: Catalog
    review: Review
    imager: Imager
    secret: str
    seconds: int
    clock: Callable[[], float] = time.time

    def link(self, asset: Asset) -> Link | None:
        """A link to the current version of an asset, if links are given and it is pending."""
        if not self.seconds or not _is_open(asset):
            return None
        version_id, expires = asset.current.version_id, int(self.clock()) + self.seconds
        return Link(
            asset.asset_id,
            version_id,
            expires,
            self._sign(asset.cloud, asset.asset_id, version_id, expires),
        )

    def open(self, cloud: str, link: Link) -> Rendered:
        """The picture, while that very version is current, and neither a person nor a machine has decided.

        Raises `NotFoundError` for whatever else, in the same words; `OverloadedError`, `ImagerError`.
        """
        if not self._is_valid(cloud, link):
            raise _nothing()
        asset = self._pending(cloud, link)
        try:
            data, _ = self.review.open_restricted(cloud, asset, actor=ACTOR, action="previewed")
        except (NotStoredError, DamagedError) as error:
            raise _nothing() from error
        picture = self.imager.render(_small(data, asset.current))
        self._pending(cloud, link)  # it may have been decided while it was made
        return picture

    def _pending(self, cloud: str, link: Link) -> Asset:
        asset = self.catalog.asset_by_id(cloud, link.asset_id)
        if asset is None or asset.current.version_id != link.version_id or not _is_open(asset):
            raise _nothing()
        return asset

    def _is_valid(self, cloud: str, link: Link) -> bool:
        right = self._sign(cloud, link.asset_id, link.version_id, link.expires)
        signed = hmac.compare_digest(right.encode(), link.signature.encode(errors="surrogatepass"))
        return bool(self.seconds) and signed and self.clock() < link.expires

    def _sign(self, cloud: str, asset_id: str, version_id: str, expires: int) -> str:
        key = hmac.digest(self.secret.encode(), b"rekproxy preview links", "sha256")
        text = json.dumps([cloud, asset_id, version_id, expires])
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _is_open(asset: Asset) -> bool:
    """Whether nothing but a verdict is missing, and no person has had a word on it yet."""
    return asset.standing is Status.PENDING and not any(
        entry.decided_by_person for entry in asset.moderations
    )


def _small(data: bytes, version: Version) -> RenderJob:
    size = (version.width, version.height)
    return RenderJob(data, size, _TRANSFORMATION, "png" if version.has_alpha else "jpg")


def _nothing() -> NotFoundError:
    return NotFoundError("Resource not found")
