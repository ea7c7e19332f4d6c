"""Tokens by which whoever uploaded a picture may delete it for a little while, without a key."""

import binascii
import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..domain.asset import Asset
from ..errors import AuthenticationError
from .library import Destroyed, Library

#: Seconds that a token is good for.
LIFE: Final = 600
#: How the audit names whoever has a token.
ACTOR: Final = "token:delete"
_ID, _MOMENT, _SEAL = 16, 8, 32


@dataclass(frozen=True, slots=True)
class DeleteTokens:
    """Gives tokens and takes them. `secret` is `secret_key`; `clock` is in seconds since 1970.

    A token is for one version in one cloud, so that it deletes nothing that came after it. Nothing is kept
    of it: it holds the ids, its end and a seal of both.
    """

    library: Library
    secret: str
    clock: Callable[[], float] = time.time

    def give(self, asset: Asset) -> str:
        """A token for the current version of an asset."""
        ids = bytes.fromhex(asset.asset_id) + bytes.fromhex(asset.current.version_id)
        said = ids + int(self.clock() + LIFE).to_bytes(_MOMENT, "big")
        return urlsafe_b64encode(said + self._seal(asset.cloud, said)).decode()

    def redeem(self, cloud: str, token: str) -> Destroyed | None:
        """Delete what a token is for; `None` if it is gone or was overwritten.

        Raises `AuthenticationError` for a token that is none, is another cloud's, or is over.
        """
        try:
            given = urlsafe_b64decode(token.encode("ascii"))
        except (binascii.Error, ValueError):
            given = b""
        said, seal = given[:-_SEAL], given[-_SEAL:]
        whole = len(said) == 2 * _ID + _MOMENT and hmac.compare_digest(seal, self._seal(cloud, said))
        if not whole or int.from_bytes(said[2 * _ID :], "big") < self.clock():
            raise AuthenticationError("Invalid token")
        asset_id, version_id = said[:_ID].hex(), said[_ID : 2 * _ID].hex()
        return self.library.destroy_by_id(cloud, asset_id, actor=ACTOR, version_id=version_id)

    def _seal(self, cloud: str, said: bytes) -> bytes:
        key = hmac.digest(self.secret.encode(), b"rekproxy delete tokens", "sha256")
        return hmac.digest(key, json.dumps([cloud, said.hex()]).encode(), hashlib.sha256)
