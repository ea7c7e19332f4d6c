"""Names under which answers and bytes are kept, each beside the name by which they are purged."""

import hashlib
import json
from collections.abc import Iterable

from .asset import Asset

#: Part of every derived image's name: raise it whenever the same request may encode to other bytes.
ENCODER_VERSION = 3

_KEY_LENGTH = 16


def surrogate_key(cloud: str, type: str, public_id: str) -> str:
    """The tag on every public answer about a name, whether or not it exists: purge it, and they are gone.

    16 lower-case hex digits that tell nothing about the name.
    """
    return _digest("name", cloud, type, public_id)[:_KEY_LENGTH]


def asset_key(asset_id: str) -> str:
    """The tag on every picture that shows an asset, itself or in a layer. 16 lower-case hex digits."""
    return _digest("asset", asset_id)[:_KEY_LENGTH]


def definition_key(cloud: str, name: str) -> str:
    """The tag on every picture whose URL names a transformation. 16 lower-case hex digits."""
    return _digest("definition", cloud, name)[:_KEY_LENGTH]


def purge_keys(asset: Asset) -> tuple[str, str]:
    """The tags of every public answer about an asset's name, and of every picture that shows it."""
    return surrogate_key(asset.cloud, asset.type, asset.public_id), asset_key(asset.asset_id)


def derived_key(
    epoch: str,
    asset_id: str,
    revision: int,
    digest: str,
    text: str,
    format: str,
    dependencies: Iterable[tuple[str, int]] = (),
) -> str:
    """Storage key of a derived image; `derived_prefix` finds all of an asset's.

    Whatever could change the picture, or whether it may be shown, is in it: `digest` is the original's,
    `text` the canonical transformation, `dependencies` the (asset id, revision) of each layer in order.
    """
    name = _digest(epoch, asset_id, revision, digest, text, format, list(dependencies), ENCODER_VERSION)
    return f"{derived_prefix(asset_id)}{revision}/{name}"


def derived_prefix(asset_id: str) -> str:
    """What the keys of all derived images of an asset start with."""
    return f"derived/{asset_id}/"


def original_key(digest: str) -> str:
    """Storage key of an original by the SHA-256 of its bytes."""
    return f"originals/{digest[:2]}/{digest[2:4]}/{digest}"


def rendition_key(digest: str, edge: int, format: str) -> str:
    """Storage key of a smaller copy of an original; `rendition_prefix` finds all of them."""
    return f"{rendition_prefix(digest)}{edge}.{format}"


def rendition_prefix(digest: str) -> str:
    """What the keys of all renditions of an original start with."""
    return f"renditions/{digest}/"


def chunk_key(upload: str, start: int, digest: str) -> str:
    """Storage key of a piece of a file that is not whole yet; `chunk_prefix` finds all of a file's."""
    return f"{chunk_prefix(upload)}{start}-{digest}"


def chunk_prefix(upload: str) -> str:
    """What the keys of all pieces of a file start with."""
    return f"chunks/{upload}/"


def _digest(*parts: object) -> str:
    """SHA-256 of the parts, written so that no two lists of parts read alike."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
